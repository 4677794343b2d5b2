"""The order in which a conversation is read."""

from collections.abc import Sequence
from typing import NamedTuple

from rookery.domain.ids import TweetId, UserId


class Reply(NamedTuple):
    """An answer's place in its conversation."""

    id: TweetId
    reply_to_id: TweetId
    author_id: UserId
    reply_to_author_id: UserId | None

    @property
    def continues(self) -> bool:
        """Whether an author goes on with their own tweet."""
        return self.author_id == self.reply_to_author_id


def in_reading_order(root_id: TweetId, replies: Sequence[Reply]) -> list[TweetId]:
    """Return the replies, each followed by the answers to it: the author's own first, then the earliest."""
    answers: dict[TweetId, list[Reply]] = {}
    for reply in replies:
        answers.setdefault(reply.reply_to_id, []).append(reply)
    ordered: list[TweetId] = []
    waiting = [root_id]
    while waiting:
        tweet_id = waiting.pop()
        if tweet_id != root_id:
            ordered.append(tweet_id)
        below = sorted(answers.get(tweet_id, ()), key=lambda reply: (not reply.continues, reply.id))
        waiting += [reply.id for reply in reversed(below)]
    return ordered
