"""What a piece of news looks like on the wire; made once, however many readers it goes to."""

from typing import Final

import msgspec

from rookery.api.presenting import Presenter
from rookery.domain.streams import News, NewsKind

EVENTS: Final = {
    NewsKind.POSTED: "update",
    NewsKind.EDITED: "status.update",
    NewsKind.DELETED: "delete",
    NewsKind.NOTIFIED: "notification",
    NewsKind.NOTIFICATIONS_MERGED: "notifications_merged",
    NewsKind.FILTERS_CHANGED: "filters_changed",
    NewsKind.CONVERSATION: "conversation",
    NewsKind.ANNOUNCEMENT: "announcement",
    NewsKind.ANNOUNCEMENT_REACTION: "announcement.reaction",
    NewsKind.ANNOUNCEMENT_DELETED: "announcement.delete",
}
"""Mastodon's names of events."""
SSE_GREETING: Final = b":)\n"
SSE_KEEP_ALIVE: Final = b":thump\n"
WEBSOCKET_KEEP_ALIVE: Final = '{"stream":[],"event":"keep_alive","payload":"{}"}'
"""The HTTP server offers no ping frames: this event, which clients do not know and skip, keeps proxies from hanging up."""
_UNDEFINED: Final = "undefined"
"""What server-sent events carry instead of nothing, since browsers skip events without data."""


class Words:
    """Puts news into Mastodon's words."""

    def __init__(self, present: Presenter) -> None:
        """Take what encodes statuses."""
        self._present = present

    def sse(self, news: News) -> bytes:
        """Return a server-sent event."""
        words = news.words.get("sse")
        if words is None:
            payload = self._payload(news)
            data = _UNDEFINED if payload is None else payload
            words = news.words["sse"] = f"event: {EVENTS[news.kind]}\ndata: {data}\n\n".encode()
        return words

    def message(self, news: News, wire: tuple[str, ...]) -> str:
        """Return a WebSocket message on a stream."""
        words = news.words.get(wire)
        if words is None:
            end = news.words.get("end")
            if end is None:
                payload = self._payload(news)
                written = "" if payload is None else f',"payload":{msgspec.json.encode(payload).decode()}'
                end = news.words["end"] = f',"event":"{EVENTS[news.kind]}"{written}}}'
            words = news.words[wire] = f'{{"stream":{msgspec.json.encode(wire).decode()}{end}'
        return words

    def _payload(self, news: News) -> str | None:
        """Return the JSON of what the news is about; ids stand as they are."""
        if news.kind in {NewsKind.POSTED, NewsKind.EDITED}:
            return self._present.status(news.subject, signed_in=True).decode()
        if news.subject is None:
            return None
        if isinstance(news.subject, bytes):
            return news.subject.decode()
        return str(news.subject)
