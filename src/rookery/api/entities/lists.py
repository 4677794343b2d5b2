"""Lists: https://docs.joinmastodon.org/entities/List/."""

import msgspec


class List(msgspec.Struct, frozen=True):
    """A named choice of accounts."""

    id: str
    title: str
    replies_policy: str
    exclusive: bool
