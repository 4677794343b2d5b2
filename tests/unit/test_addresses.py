"""What addresses are counted under, and which page an address is of."""

import pytest

from rookery.api.addresses import page_links, status_on_page
from rookery.domain.addresses import network_of

HOME = "https://birds.example"


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2::", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("unknown", "unknown"),
        ("x" * 1_000, "x" * 100),
    ],
)
def test_an_ipv6_address_is_counted_with_its_network(address: str, network: str):
    assert network_of(address) == network


@pytest.mark.parametrize("path", ["/@ada/17", "/@ada/17/"])
def test_the_page_of_a_status_names_it(path: str):
    assert status_on_page(HOME, HOME + path) == 17


@pytest.mark.parametrize(
    "address",
    [
        f"{HOME}/@ada",
        f"{HOME}/@ada/17?x",
        f"{HOME}/@ada/{1 << 63}",
        f"{HOME}/tags/17",
        "https://other.example/@ada/17",
        "17",
        "",
    ],
)
def test_other_addresses_name_no_status(address: str):
    assert status_on_page(HOME, address) is None


def test_a_confirmation_leads_to_its_page():
    assert page_links(HOME).confirmation + "secret" == "https://birds.example/auth/confirm?token=secret"
