"""The way into the web client, and the server's own pages on it."""

from playwright.async_api import expect

from tests.web.conftest import PASSWORD, OpenWindow, Service, Window, axe


async def test_one_signs_in_at_the_real_pages_and_sees_the_own_home(service: Service, signed_in: OpenWindow):
    ada = service.person("ada")
    page = await signed_in(ada)
    assert page.url == f"{service.url}/"
    await page.reload()
    await expect(page.get_by_role("button", name=f"Account @{ada}")).to_be_visible()


async def test_signing_out_at_the_servers_page_signs_the_client_out(service: Service, signed_in: OpenWindow):
    ada = service.person("ada")
    page = await signed_in(ada)
    elsewhere = await signed_in(ada)
    await page.goto("/settings/account")
    await page.get_by_role("button", name="Sign out", exact=True).first.click()
    await page.wait_for_url("/")
    await expect(page.get_by_role("alert")).to_be_visible()
    await elsewhere.reload()
    await expect(elsewhere.get_by_role("button", name=f"Account @{ada}")).to_be_visible()


async def test_without_script_the_servers_page_is_read(service: Service, window: Window):
    service.person("bert")
    page = await window(java_script_enabled=False)
    await page.goto("/")
    await expect(page.get_by_role("link", name="Sign up")).to_be_visible()
    assert await page.get_by_role("main").evaluate("main => getComputedStyle(main).maxWidth") != "none"


async def test_the_servers_pages_are_accessible_in_both_themes(service: Service, window: Window):
    ada = service.person("ada")
    page = await window()

    async def look_at(*paths: str) -> None:
        for path in paths:
            await page.goto(path)
            for scheme in ("light", "dark"):
                await page.emulate_media(color_scheme=scheme)
                await axe(page)

    await look_at("/auth/sign_in", "/auth/sign_up", "/auth/forgotten", "/about", "/privacy", "/terms")
    await page.goto("/auth/sign_in?next=/settings/account")
    await page.get_by_label("User name or e-mail address").fill(ada)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in", exact=True).click()
    await page.wait_for_url("/settings/account")
    await look_at("/settings/account", "/settings/two_factor", "/settings/passkeys")
