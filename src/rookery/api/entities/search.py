"""What a search finds: https://docs.joinmastodon.org/entities/Search/."""

import msgspec

from rookery.api.entities.accounts import Account
from rookery.api.entities.statuses import Status
from rookery.api.entities.tags import Tag


class Found(msgspec.Struct, frozen=True):
    """Accounts, statuses and hashtags that fit."""

    accounts: list[Account]
    statuses: list[Status]
    hashtags: list[Tag]
