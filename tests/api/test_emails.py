"""E-mail through a real SMTP server: what is written, to whom, and what becomes of the links."""

import asyncio
import re
from collections.abc import AsyncGenerator, Awaitable, Callable
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from typing import Any

import httpx
import pytest
from aiosmtpd.smtp import SMTP

from rookery import tasks
from rookery.domain.users import UserState
from rookery.entrance import Visitor
from rookery.errors import NotFound
from rookery.usecases import sign_in, sign_up
from rookery.usecases.upkeep import sweep_expired
from rookery.workers import loop
from tests.api import forms
from tests.api.test_own_settings import web_client
from tests.world import World

OpenWorld = Callable[..., Awaitable[World]]
PASSWORD = "correct horse battery"
LINK = re.compile(r"https?://\S+")


class Mailbox:
    """What an SMTP server takes; `answers` are its next answers, then it takes everything."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.answers: list[str] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802  aiosmtpd's name
        if self.answers:
            return self.answers.pop(0)
        self.letters.append(BytesParser(policy=default).parsebytes(envelope.content))  # pyright: ignore[reportArgumentType]
        return "250 taken"


@pytest.fixture
async def mailbox() -> AsyncGenerator[tuple[Mailbox, str]]:
    box = Mailbox()
    server = await asyncio.get_running_loop().create_server(lambda: SMTP(box), "127.0.0.1", 0)
    async with server:
        yield box, f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}"


@pytest.fixture
async def mailing(open_worlds: OpenWorld, mailbox: tuple[Mailbox, str]) -> World:
    return await open_worlds(
        smtp_url=mailbox[1], email_from="Rookery <rookery@example.org>", email_confirmation="on"
    )


def link_in(letter: EmailMessage) -> str:
    found = LINK.search(letter.get_content())
    assert found is not None
    return found[0]


async def test_an_address_is_confirmed_by_the_letter(mailing: World, mailbox: tuple[Mailbox, str]):
    user = await sign_up.sign_up(
        mailing.services,
        username="ada",
        email="ada@example.org",
        password=PASSWORD,
        born_on="1990-01-01",
        reason="",
    )
    assert user.state is UserState.UNCONFIRMED
    await mailing.settle()
    [letter] = mailbox[0].letters
    assert letter["To"] == "ada@example.org"
    assert letter["From"] == "Rookery <rookery@example.org>"
    page = await mailing.anonymous().get(link_in(letter))
    assert "is confirmed" in page.text
    await sign_in.sign_in(mailing.services, login="ada", password=PASSWORD, visitor=Visitor("127.0.0.1"))


async def test_a_forgotten_password_is_replaced_once_and_everybody_signed_out(
    mailing: World, mailbox: tuple[Mailbox, str]
):
    ada = await mailing.user("ada", password=PASSWORD)
    client = await mailing.client(ada)
    browser = mailing.anonymous()
    for address in ("ada@example.org", "nobody@example.org"):
        answer = await submit(browser, "/auth/forgotten", email=address)
        assert "If an account here has that address" in answer.text
    await mailing.settle()
    [letter] = mailbox[0].letters
    link = link_in(letter)
    weak = await submit(browser, link, password="short")
    assert (weak.status_code, "too short" in weak.text) == (422, True)
    changed = await submit(browser, link, password="another good password")
    assert "Your password is changed" in changed.text
    assert (await client.get("/api/v1/accounts/verify_credentials")).status_code == 401
    again = await submit(browser, link, password="yet another password")
    assert again.status_code == 404
    await sign_in.sign_in(
        mailing.services, login="ada", password="another good password", visitor=Visitor("127.0.0.1")
    )
    await mailing.settle()
    assert "was changed" in mailbox[0].letters[1]["Subject"]


async def submit(browser: httpx.AsyncClient, page: str, **typed: str) -> httpx.Response:
    """Fill in the form on a page, with all that is hidden in it."""
    shown = await browser.get(page)
    action = httpx.URL(page).path
    return await browser.post(action, data={**forms.fields(shown.text, action), **typed})


async def test_a_link_for_a_new_password_ends_after_an_hour(mailing: World, mailbox: tuple[Mailbox, str]):
    await mailing.user("ada", password=PASSWORD)
    browser = mailing.anonymous()
    await submit(browser, "/auth/forgotten", email="ada@example.org")
    await mailing.settle()
    mailing.advance(seconds=3_600)
    late = await submit(browser, link_in(mailbox[0].letters[0]), password="another good password")
    assert late.status_code == 404


async def test_a_sign_in_from_an_unknown_place_is_written_about(mailing: World, mailbox: tuple[Mailbox, str]):
    await mailing.user("ada", password=PASSWORD)
    firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"
    for address, letters in (("192.0.2.1", 0), ("192.0.2.1", 0), ("198.51.100.7", 1), ("198.51.100.7", 1)):
        await sign_in.sign_in(
            mailing.services, login="ada", password=PASSWORD, visitor=Visitor(address, firefox)
        )
        await mailing.settle()
        assert len(mailbox[0].letters) == letters
    text = mailbox[0].letters[0].get_content()
    assert "Firefox on Linux, from 198.51.100.7" in text


async def test_a_mail_server_that_is_busy_is_tried_again_and_one_that_refuses_is_not(
    mailing: World, mailbox: tuple[Mailbox, str]
):
    ada = await mailing.user("ada", password=PASSWORD)
    mailbox[0].answers = ["451 later"]
    await sign_in.set_password(mailing.services, ada.id, password="another good password")
    await mailing.settle(failing=True)
    assert mailbox[0].letters == []
    mailing.advance(seconds=loop.RETRY_FIRST_S)
    await mailing.settle()
    assert len(mailbox[0].letters) == 1
    mailbox[0].answers = ["550 no such mailbox"]
    await sign_in.set_password(mailing.services, ada.id, password=PASSWORD)
    await mailing.settle()
    mailing.advance(days=1)
    await mailing.settle()
    assert len(mailbox[0].letters) == 1


async def test_a_title_cannot_add_headers(open_worlds: OpenWorld, mailbox: tuple[Mailbox, str]):
    world = await open_worlds(
        smtp_url=mailbox[1], email_from="rookery@example.org", title="Rookery\r\nBcc: eve@example.org"
    )
    ada = await world.user("ada", password=PASSWORD)
    await sign_in.set_password(world.services, ada.id, password="another good password")
    await world.settle()
    [letter] = mailbox[0].letters
    assert letter["Bcc"] is None
    assert "Bcc: eve@example.org" in letter["Subject"]


async def test_without_a_server_the_administrator_is_named(api: World):
    page = await api.anonymous().get("/auth/forgotten")
    assert "sends no e-mail" in page.text


async def test_a_link_for_a_new_password_is_good_once_though_two_use_it_at_once(
    mailing: World, mailbox: tuple[Mailbox, str]
):
    await mailing.user("ada", password=PASSWORD)
    await sign_in.ask_for_reset(mailing.services, email="ada@example.org", visitor=Visitor("127.0.0.1"))
    await mailing.settle()
    [letter] = mailbox[0].letters
    code = httpx.URL(link_in(letter)).params["token"]
    outcomes = await asyncio.gather(
        *(
            sign_in.reset_password(mailing.services, code=code, password=f"good password {n}")
            for n in range(3)
        ),
        return_exceptions=True,
    )
    assert [outcome is None for outcome in outcomes].count(True) == 1
    assert [isinstance(outcome, NotFound) for outcome in outcomes].count(True) == 2


async def test_a_new_address_counts_from_the_moment_it_is_confirmed_once_and_for_a_day(
    mailing: World, mailbox: tuple[Mailbox, str]
):
    await mailing.user("ada", password=PASSWORD)
    client = await web_client(mailing)
    wanted = {"email": "new@example.org", "password": PASSWORD}
    answer = await client.post("/api/v1/settings/email", json=wanted)
    assert answer.json() == {"email": "ada@example.org", "unconfirmed_email": "new@example.org"}
    await mailing.settle()
    letter = mailbox[0].letters[-1]
    assert letter["To"] == "new@example.org"
    link = link_in(letter)
    assert (await mailing.anonymous().get(link[:-9])).status_code == 404
    assert "is changed" in (await mailing.anonymous().get(link)).text
    assert (await mailing.anonymous().get(link)).status_code == 404
    assert (await client.get("/api/v1/settings/email")).json()["email"] == "new@example.org"
    await mailing.settle()
    told = mailbox[0].letters[-1]
    assert (told["To"], "was changed" in told["Subject"]) == ("ada@example.org", True)
    wanted = {"email": "third@example.org", "password": PASSWORD}
    assert (await client.post("/api/v1/settings/email", json=wanted)).status_code == 200
    await mailing.settle()
    mailing.advance(days=1)
    assert (await mailing.anonymous().get(link_in(mailbox[0].letters[-1]))).status_code == 404


async def test_who_wants_another_address_is_told_of_it_and_written_to_again(
    mailing: World, mailbox: tuple[Mailbox, str]
):
    await mailing.user("ada", password=PASSWORD)
    client = await web_client(mailing)
    assert (await client.post("/api/v1/settings/email/letter")).status_code == 404
    wanted = {"email": "new@example.org", "password": PASSWORD}
    await client.post("/api/v1/settings/email", json=wanted)
    waiting = {"email": "ada@example.org", "unconfirmed_email": "new@example.org"}
    assert (await client.get("/api/v1/settings/email")).json() == waiting
    assert (await client.post("/api/v1/settings/email/letter")).status_code == 429
    mailing.advance(seconds=60)
    assert (await client.post("/api/v1/settings/email/letter")).json() == waiting
    await mailing.settle()
    first, second = (link_in(letter) for letter in mailbox[0].letters)
    assert first != second
    kept = str(await mailing.rows("SELECT * FROM email_changes"))
    assert "new@example.org" not in kept
    assert httpx.URL(second).params["token"] not in kept
    assert "is changed" in (await mailing.anonymous().get(second)).text
    assert (await mailing.anonymous().get(first)).status_code == 404
    changed = {"email": "new@example.org", "unconfirmed_email": None}
    assert (await client.get("/api/v1/settings/email")).json() == changed
    await client.post("/api/v1/settings/email", json=wanted | {"email": "third@example.org"})
    mailing.advance(days=1)
    assert (await client.get("/api/v1/settings/email")).json() == changed
    mailing.advance(ms=1)
    await sweep_expired(mailing.services, tasks.SweepExpired())
    assert await mailing.rows("SELECT * FROM email_changes") == []
