"""Who may see what, said a second time: as sets of names, without a database, timelines or caches."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

Visibility = Literal["public", "unlisted", "private", "direct"]


@dataclass(eq=False)
class Post:
    """A tweet or a retweet as the model knows it."""

    id: str
    author: str
    visibility: Visibility = "public"
    mentioned: frozenset[str] = frozenset()
    words: set[str] = field(default_factory=set)
    """The words that only this tweet's versions hold: where one shows, the tweet was shown."""
    topic: str = ""
    retweet_of: "Post | None" = None
    deleted: bool = False
    quoted_by: set[str] = field(default_factory=set)
    """Filters do not touch what somebody has written themselves, with what it quotes."""


@dataclass
class Model:
    """What has happened so far, as far as sight depends on it."""

    people: set[str] = field(default_factory=set)
    posts: dict[str, Post] = field(default_factory=dict)
    word_owners: dict[str, Post] = field(default_factory=dict)
    follows: set[tuple[str | None, str]] = field(default_factory=set)
    blocks: set[tuple[str, str | None]] = field(default_factory=set)
    mutes: set[tuple[str, str | None]] = field(default_factory=set)
    hidden_topics: set[tuple[str, str]] = field(default_factory=set)
    """Whose filters hide which topics, everywhere."""

    def may_see(self, viewer: str | None, post: Post) -> bool:
        """Tell whether the post may be shown to this person (None: signed out) at all."""
        if post.deleted or post.author not in self.people:
            return False
        if post.retweet_of is not None and not self.may_see(viewer, post.retweet_of):
            return False
        if viewer == post.author:
            return True
        shut_out = (post.author, viewer) in self.blocks
        addressed = viewer in post.mentioned
        follows = post.visibility == "private" and (viewer, post.author) in self.follows
        return not shut_out and (post.visibility in {"public", "unlisted"} or addressed or follows)

    def is_welcome(self, viewer: str | None, post: Post) -> bool:
        """Tell whether the post may come to this person unasked: on a timeline, as a notification, live or by push."""
        if not self.may_see(viewer, post):
            return False
        if viewer is None or post.author == viewer:
            return True
        if {(viewer, post.author)} & (self.blocks | self.mutes):
            return False
        return (viewer, post.topic) not in self.hidden_topics or viewer in post.quoted_by

    def add(self, post: Post, words: Iterable[str] = ()) -> None:
        """Note a post and the words that show it."""
        self.posts[post.id] = post
        for word in words:
            post.words.add(word)
            self.word_owners[word] = post

    def standing(self) -> list[Post]:
        """Return the posts that are still there."""
        return [post for post in self.posts.values() if not post.deleted and post.author in self.people]
