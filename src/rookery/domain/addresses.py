"""Addresses of the internet, as far as limits are counted by them."""

import ipaddress
from functools import lru_cache
from typing import Final

_CHARS_MAX: Final = 100
"""What is no address is counted under so much of its text."""
_SUBSCRIBER_BITS: Final = 64
"""Of an IPv6 address, what names the subscriber (RFC 6177): they choose among the 2^64 addresses behind it."""


@lru_cache(maxsize=4_096)
def network_of(address: str) -> str:
    """Return the address, of IPv6 the subscriber's network."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return address[:_CHARS_MAX]
    if ip.version == 4:
        return str(ip)
    if ip.ipv4_mapped is not None:
        return str(ip.ipv4_mapped)
    return str(ipaddress.ip_network((int(ip), _SUBSCRIBER_BITS), strict=False))
