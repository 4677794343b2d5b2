"""Connections that lead to public addresses only, for whoever goes where users say."""

import asyncio
import ipaddress
import socket
import ssl
from typing import Any


def public_pool(*, private_addresses: bool, connections_max: int = 64) -> Any:
    """Return a pool of HTTP connections; to private networks they lead only if `private_addresses` says so.

    A host's address is looked up once, checked, and that address is connected to: also after each redirect.
    """
    import httpcore  # noqa: PLC0415  heavy, and few need it
    from httpcore import AnyIOBackend  # noqa: PLC0415

    class PublicOnly(AnyIOBackend):
        async def connect_tcp(self, host: str, port: int, *args: Any, **options: Any) -> Any:
            if private_addresses:
                return await super().connect_tcp(host, port, *args, **options)
            address = await _public_address(host, port)
            return await super().connect_tcp(address, port, *args, **options)

    return httpcore.AsyncConnectionPool(
        ssl_context=ssl.create_default_context(),
        max_connections=connections_max,
        keepalive_expiry=30,
        network_backend=PublicOnly(),
    )


async def _public_address(host: str, port: int) -> str:
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    for *_, address in found:
        if is_public(str(address[0])):
            return str(address[0])
    raise OSError(f"{host} is in no public network")


def is_public(address: str) -> bool:
    """Tell whether an IP address is reachable by everybody, also as an IPv4 address that IPv6 wraps."""
    found = ipaddress.ip_address(address)
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour
        if inner is not None:
            found = inner
        elif found in _NAT64:
            found = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
    return found.is_global and not found.is_multicast


_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
