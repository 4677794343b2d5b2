"""Lists: people whose tweets somebody reads on a timeline of their own."""

from collections.abc import Set as AbstractSet
from enum import StrEnum

import msgspec

from rookery.domain.ids import UserId
from rookery.domain.visibility import (
    STRANGER,
    Standings,
    TweetView,
    is_followed_for_language,
    is_quiet,
    may_see,
)


class Replies(StrEnum):
    """Which answers to others a list shows."""

    NONE = "none"
    LIST = "list"
    """Those to others on the list."""
    FOLLOWED = "followed"
    """Those to anybody whom the list's owner follows."""


class UserList(msgspec.Struct, frozen=True):
    """A list."""

    id: int
    user_id: UserId
    title: str
    replies: Replies = Replies.LIST
    exclusive: bool = False
    """Whether its members' tweets stay off the owner's home."""


def on_list(of: UserList, view: TweetView, standings: Standings, members: AbstractSet[UserId]) -> bool:
    """Tell whether a member's tweet belongs on the list's timeline."""
    viewer_id = of.user_id
    tweet = view.tweet
    standing = standings.get(tweet.author_id, STRANGER)
    if tweet.retweet_of_id is not None and not standing.shows_retweets:
        return False
    if not is_followed_for_language(view, standing):
        return False
    answered = tweet.reply_to_author_id
    if tweet.reply_to_id is not None and answered not in {tweet.author_id, viewer_id}:
        # Whoever has left (None) is followed by nobody.
        to = standings.get(answered, STRANGER) if answered is not None else STRANGER
        shown = {
            Replies.NONE: False,
            Replies.LIST: answered in members,
            Replies.FOLLOWED: to.follows,
        }
        if not shown[of.replies] or to.blocks or to.mutes:
            return False
    return may_see(view, viewer_id, standings) and is_quiet(view, viewer_id, standings)
