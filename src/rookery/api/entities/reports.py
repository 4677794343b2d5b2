"""Reports: https://docs.joinmastodon.org/entities/Report/."""

import msgspec

from rookery.api.entities.accounts import Account


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What a user has told the administrators about another."""

    id: str
    action_taken: bool
    action_taken_at: str | None
    category: str
    comment: str
    forwarded: bool
    created_at: str
    status_ids: list[str]
    rule_ids: list[str]
    target_account: Account
