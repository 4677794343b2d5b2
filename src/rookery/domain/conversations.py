"""Direct conversations: who takes part in one."""

from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import Final

import msgspec

from rookery.domain.ids import UserId
from rookery.domain.tweets import Tweet
from rookery.domain.users import UserView
from rookery.domain.visibility import TweetView

MEMBERS_HASH_BYTES: Final = 16


def members(tweet: Tweet) -> tuple[UserId, ...]:
    """Return who takes part in the conversation that a direct tweet belongs to, by their ids."""
    return tuple(sorted({tweet.author_id, *(mention.user_id for mention in tweet.mentions)}))


def members_hash(user_ids: Iterable[UserId]) -> bytes:
    """Return what tells one set of people from another, without telling who they are."""
    names = " ".join(str(user_id) for user_id in sorted(user_ids))
    return blake2b(names.encode(), digest_size=MEMBERS_HASH_BYTES).digest()


class Conversation(msgspec.Struct, frozen=True):
    """A direct conversation, as one of those who take part has it."""

    id: int
    last_tweet_id: int
    unread: bool


class ConversationView(msgspec.Struct, frozen=True):
    """A conversation with what is shown of it."""

    conversation: Conversation
    users: Sequence[UserView]
    """Those who take part, without the viewer; of a conversation with oneself the viewer."""
    last_tweet: TweetView
