"""Where a request comes from when proxies stand in between, each of which notes who came to it."""

import ipaddress
from collections.abc import Iterable

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def origin(peer: str, hops: Iterable[str], trusted: frozenset[Network]) -> str:
    """Return the address nearest to us that is no proxy of ours.

    `peer` is who has connected; `hops` are the entries of `X-Forwarded-For`, the nearest last. Whoever is not trusted
    could have written anything there, so nothing beyond the first such address is looked at, nor beyond an entry that
    is no address.
    """
    nearest = address_in(peer)
    if nearest is None:
        return peer
    for hop in reversed(list(hops)):
        if not any(nearest in network for network in trusted):
            break
        further = address_in(hop)
        if further is None:
            break
        nearest = further
    return str(nearest)


def address_in(hop: str) -> Address | None:
    """Return the IP address in an entry, which may carry a port (`192.0.2.1:80`, `[2001:db8::1]:80`), or None."""
    text = hop.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address
