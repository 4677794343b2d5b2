"""Discovery: what kind of server this is, and where a user's profile is."""

from typing import Annotated, Final

import msgspec
from msgspec import Meta

import rookery
from rookery.api.endpoints import Access, Call, Json, endpoint
from rookery.api.entities.nodeinfo import (
    Link,
    Links,
    NeighbourServices,
    NodeInfo,
    NodeUsage,
    Software,
    UserCounts,
    WebFinger,
)
from rookery.domain.instance import Registrations
from rookery.errors import NotFound
from rookery.usecases import instance, users

SCHEMA: Final = "http://nodeinfo.diaspora.software/ns/schema/2.0"


@endpoint("GET", "/.well-known/nodeinfo", access=Access.ANYONE)
async def discover(call: Call) -> Json[Links]:
    """Tell where nodeinfo is."""
    return Json.of(Links([Link(SCHEMA, f"{call.services.instance.base_url}/nodeinfo/2.0")]))


@endpoint("GET", "/nodeinfo/2.0", access=Access.ANYONE)
async def show(call: Call) -> Json[NodeInfo]:
    """Tell what kind of server this is."""
    about = call.services.instance
    statistics = await instance.instance_statistics(call.services)
    return Json.of(
        NodeInfo(
            version="2.0",
            software=Software("rookery", rookery.__version__),
            protocols=[],
            services=NeighbourServices([], []),
            open_registrations=about.registrations is Registrations.OPEN,
            usage=NodeUsage(
                UserCounts(
                    statistics.users, statistics.users_active_month, statistics.users_active_half_year
                ),
                statistics.tweets,
            ),
            metadata={"nodeName": about.title, "nodeDescription": about.description},
        )
    )


class Resource(msgspec.Struct, frozen=True, kw_only=True):
    """What WebFinger is asked about."""

    resource: Annotated[str, Meta(min_length=1, max_length=2048)]


@endpoint("GET", "/.well-known/webfinger", access=Access.ANYONE)
async def webfinger(call: Call, asked: Resource) -> Json[WebFinger]:
    """Tell where the profile of `acct:name@host` is."""
    about = call.services.instance
    profiles = f"{about.base_url}/@"
    if asked.resource.startswith(profiles):
        address = asked.resource.removeprefix(profiles)
    else:
        address = asked.resource.removeprefix("acct:").removeprefix("@")
        if "@" not in address:
            raise NotFound
    found = await users.find_user(call.services, None, address)
    url = call.present.account_url(found.user.username)
    return Json.of(
        WebFinger(
            f"acct:{found.user.username}@{about.domain}",
            [url],
            [Link("http://webfinger.net/rel/profile-page", url, "text/html")],
        )
    )
