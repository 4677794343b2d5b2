"""Where a request comes from: `X-Forwarded-For` as far as proxies of ours have written it."""

import ipaddress

import pytest

from rookery.domain.forwarding import address_in, origin

TRUSTED = frozenset(ipaddress.ip_network(network) for network in ("127.0.0.1", "10.0.0.0/8", "::1"))


@pytest.mark.parametrize(
    ("peer", "hops", "expected"),
    [
        ("9.9.9.9", ["1.1.1.1"], "9.9.9.9"),
        ("127.0.0.1", [], "127.0.0.1"),
        ("127.0.0.1", ["1.1.1.1"], "1.1.1.1"),
        ("127.0.0.1", ["1.1.1.1", " 9.9.9.9"], "9.9.9.9"),
        ("127.0.0.1", ["1.1.1.1", "9.9.9.9", "10.1.2.3"], "9.9.9.9"),
        ("127.0.0.1", ["10.1.2.3"], "10.1.2.3"),
        ("127.0.0.1", ["9.9.9.9:1234"], "9.9.9.9"),
        ("127.0.0.1", ["[2001:db8::1]:5", "[::1]:5"], "2001:db8::1"),
        ("127.0.0.1", ["1.1.1.1", "unknown"], "127.0.0.1"),
        ("127.0.0.1", ["nonsense", "9.9.9.9"], "9.9.9.9"),
        ("127.0.0.1", [""], "127.0.0.1"),
        ("::ffff:127.0.0.1", ["::ffff:9.9.9.9"], "9.9.9.9"),
        ("", ["1.1.1.1"], ""),
    ],
)
def test_the_nearest_address_that_is_no_proxy_of_ours_counts(peer: str, hops: list[str], expected: str):
    assert origin(peer, hops, TRUSTED) == expected


def test_what_is_no_address_is_none():
    for hop in ("", "unknown", "_hidden", "1.2.3", "1.2.3.4.5", "[", "a:b", "::1::", "9" * 5000):
        assert address_in(hop) is None, hop
