"""Conversations: https://docs.joinmastodon.org/entities/Conversation/."""

import msgspec

from rookery.api.entities.accounts import Account
from rookery.api.entities.statuses import Status


class Conversation(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation of direct statuses."""

    id: str
    unread: bool
    accounts: list[Account]
    last_status: Status | None
