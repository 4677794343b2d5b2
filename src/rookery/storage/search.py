"""The full-text index: tokens go in with their tweet, and ids of tweets that carry what is asked for come out.

Both engines only match tokens that `domain.search` has made. Results are in the order of `n`, the newest first, and are
looked for in windows that widen from the newest on: PostgreSQL's index has no order, so tokens that name a tweet's
epoch (`n` shifted) keep it from collecting every match there ever was.
"""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from rookery.domain.ids import ID_MAX, TweetId, UserId
from rookery.domain.search import documents, matching, words
from rookery.domain.search.queries import Query
from rookery.domain.search.words import Phrase
from rookery.domain.tweets import Tweet
from rookery.ports import Read, Row, Write
from rookery.sql import sql, sql_per_engine
from rookery.storage import tweets as tweet_records

NEWEST_WINDOW: Final = 4_096
"""The newest tweets, which are looked at one by one: a frequent word fills its page there."""
NEWEST_WINDOW_OF_PREFIXES: Final = 16_384
EPOCH_BITS: Final = (("b", 15), ("c", 18))
"""Epochs of 32,768 and 262,144 tweets."""

# SQLite: the view's trigger enters the row and its tokens at once. PostgreSQL: no tweet that goes meanwhile stays here.
_INSERT = sql_per_engine(
    postgres="""
        INSERT INTO search_tweets (n, tweet_id, norm_version, norm)
        SELECT k.n, :tweet_id, :norm_version,
            CAST(:norm AS TEXT) || '=b' || (k.n >> 15) || ' =c' || (k.n >> 18) || ' '
        FROM (SELECT id FROM tweets WHERE id = :tweet_id FOR KEY SHARE) t
        CROSS JOIN LATERAL (SELECT COALESCE(CAST(:n AS BIGINT), nextval('search_tweets_n')) AS n) k
        ON CONFLICT DO NOTHING
    """,
    sqlite="""
        INSERT INTO search_entries (n, tweet_id, norm_version, norm)
        VALUES (:n, :tweet_id, :norm_version, :norm)
    """,
)
_DELETE = sql("DELETE FROM search_tweets WHERE tweet_id = ANY(:tweet_ids)")
_ENTRIES = sql("SELECT tweet_id, n, norm_version FROM search_tweets WHERE tweet_id = ANY(:tweet_ids)")


async def insert(tx: Write, tweet: Tweet) -> None:
    """Let a new tweet be found."""
    if tweet.retweet_of_id is None:
        await tx.run(_INSERT, **_row(tweet, None))


async def insert_all(tx: Write, tweets: Sequence[Tweet]) -> None:
    """Let new tweets be found, in the order in which they came."""
    await _insert_all(tx, [(tweet, None) for tweet in tweets if tweet.retweet_of_id is None])


async def replace(tx: Write, tweets: Sequence[Tweet]) -> None:
    """Let tweets be found by what they say now, in their old places."""
    if not tweets:
        return
    places = {row[0]: row[1] for row in await tx.all(_ENTRIES, tweet_ids=[tweet.id for tweet in tweets])}
    await _replace(tx, [(tweet, places[tweet.id]) for tweet in tweets if tweet.id in places])


async def _replace(tx: Write, placed: Sequence[tuple[Tweet, int]]) -> None:
    await delete(tx, [tweet.id for tweet, _ in placed])
    await _insert_all(tx, placed)


async def delete(tx: Write, tweet_ids: Sequence[TweetId]) -> None:
    """Let tweets be found no more."""
    if tweet_ids:
        await tx.run(_DELETE, tweet_ids=tweet_ids)


async def _insert_all(tx: Write, placed: Sequence[tuple[Tweet, int | None]]) -> None:
    if placed:
        rows = [_row(tweet, n) for tweet, n in placed]
        await tx.many(_INSERT, [tuple(row[name] for name in _INSERT.names) for row in rows])


def _row(tweet: Tweet, n: int | None) -> dict[str, int | str | None]:
    norm = matching.spaced(documents.tokens(tweet))
    return {"n": n, "tweet_id": tweet.id, "norm_version": words.NORM_VERSION, "norm": norm}


_STATE = sql("SELECT norm_version, below_id FROM search_state WHERE part = 'tweets'")
_SAVE_STATE = sql("""
    INSERT INTO search_state (part, norm_version, below_id) VALUES ('tweets', :norm_version, :below_id)
    ON CONFLICT (part) DO UPDATE SET norm_version = excluded.norm_version, below_id = excluded.below_id
""")
# PostgreSQL: whoever edits one of them meanwhile waits, and then replaces what is entered here; whoever has begun before is
# waited for, and what is read after that is what they left.
_TWEETS_BELOW = sql_per_engine(
    postgres="""
        SELECT id FROM tweets WHERE id < :below AND retweet_of_id IS NULL ORDER BY id DESC LIMIT :limit FOR SHARE
    """,
    sqlite="SELECT id FROM tweets WHERE id < :below AND retweet_of_id IS NULL ORDER BY id DESC LIMIT :limit",
)
_LOWEST_N = sql("SELECT MIN(n) FROM search_tweets")


async def is_complete(tx: Read) -> bool:
    """Tell whether every tweet was indexed by the present rules."""
    state = await tx.one(_STATE)
    return state is not None and state[0] == words.NORM_VERSION and state[1] == 0


async def index_slice(tx: Write, *, limit: int) -> bool:
    """Index some tweets from before the index was made, or made by these rules, the newest first; False at the end."""
    state = await tx.one(_STATE)
    below = state[1] if state is not None and state[0] == words.NORM_VERSION else ID_MAX
    if below == 0:
        return False
    tweet_ids: list[TweetId] = [row[0] for row in await tx.all(_TWEETS_BELOW, below=below, limit=limit)]
    entries = {row[0]: row for row in await tx.all(_ENTRIES, tweet_ids=tweet_ids)} if tweet_ids else {}
    lowest = await tx.one(_LOWEST_N)
    n = min(0, lowest[0] if lowest is not None and lowest[0] is not None else 0)
    loaded = {tweet.id: tweet for tweet in await tweet_records.load(tx, tweet_ids)}
    new: list[tuple[Tweet, int]] = []
    stale: list[tuple[Tweet, int]] = []
    for tweet_id in tweet_ids:
        if (tweet := loaded.get(tweet_id)) is None:
            continue
        if (entry := entries.get(tweet_id)) is None:
            n -= 1
            new.append((tweet, n))
        elif entry[2] != words.NORM_VERSION:
            stale.append((tweet, entry[1]))
    # In growing order: SQLite's index writes a piece of its own for every row that comes before the last one.
    await _insert_all(tx, new[::-1])
    await _replace(tx, stale)
    more = len(tweet_ids) >= limit
    await tx.run(
        _SAVE_STATE, norm_version=words.NORM_VERSION, below_id=tweet_ids[-1] if more and tweet_ids else 0
    )
    return more


# SQLite folds small pieces of the index together, and with them what deleted tweets have left on the disk.
_MERGE = sql_per_engine(
    postgres="SELECT gin_clean_pending_list('search_tweets_tokens')",
    sqlite="INSERT INTO search_tokens (search_tokens, rank) VALUES ('merge', 500)",
)


async def tidy(tx: Write) -> None:
    """Bring the index into good order, a bounded piece of work."""
    await tx.run(_MERGE)


class Expression(NamedTuple):
    """A search in the words of both engines."""

    fts: str
    """For SQLite's FTS5."""
    tsquery: str
    """For PostgreSQL, without the epochs."""
    held: str
    """Patterns, one in each line, that a tweet's tokens fit all."""
    lacked: str
    """Patterns of which they fit none."""
    one_of: str
    """Patterns of which they fit one, where there are any."""
    mine: str
    """Patterns of which one lets the viewer find what not everybody finds."""
    has_prefix: bool


def expression(query: Query, viewer_id: UserId | None, *, hidden: bool = False) -> Expression | None:
    """Return what finds these tweets for the viewer, or None where an index is no use: nothing in it must be there.

    With `hidden` it finds also what is neither public nor by or to the viewer: among tweets that they have kept.
    """
    if not query.wanted and not query.any_of:
        return None
    mine: list[Phrase] = []
    if hidden:
        mine = [_ANY_AUTHOR]
    elif viewer_id is not None:
        mine = [Phrase((documents.author(viewer_id),)), Phrase((documents.addressee(viewer_id),))]
    return Expression(
        fts=_fts(query, mine, hidden=hidden),
        tsquery=_tsquery(query, mine, hidden=hidden),
        held=_lines(map(_pattern, query.wanted)),
        lacked=_lines(map(_pattern, query.unwanted)),
        one_of=_lines(map(_pattern, query.any_of)),
        mine=_lines(map(_pattern, mine)),
        has_prefix=any(phrase.is_prefix for phrase in query.wanted),
    )


_ANY_AUTHOR: Final = Phrase((documents.ANY_AUTHOR,), is_prefix=True)
"""What every tweet fits."""


def _fts(query: Query, mine: Sequence[Phrase], *, hidden: bool) -> str:
    needed = [_fts_phrase(phrase) for phrase in query.wanted]
    if query.any_of:
        needed.append(f"({' OR '.join(map(_fts_phrase, query.any_of))})")
    refused = [_fts_phrase(phrase) for phrase in query.unwanted]
    if not hidden:
        others = _fts_phrase(Phrase((documents.HIDDEN,)))
        refused.append(f"({others} NOT ({' OR '.join(map(_fts_phrase, mine))}))" if mine else others)
    found = f"({' AND '.join(needed)})"
    return f"{found} NOT ({' OR '.join(refused)})" if refused else found


def _fts_phrase(phrase: Phrase) -> str:
    return f'"{" ".join(phrase.tokens)}"' + (" *" if phrase.is_prefix else "")


def _tsquery(query: Query, mine: Sequence[Phrase], *, hidden: bool) -> str:
    needed = [
        _lexeme(token, is_prefix=phrase.is_prefix and place == len(phrase.tokens))
        for phrase in query.wanted
        for place, token in enumerate(phrase.tokens, start=1)
    ]
    if query.any_of:
        one_of = (_lexeme(phrase.tokens[0], is_prefix=phrase.is_prefix) for phrase in query.any_of)
        needed.append(f"({' | '.join(one_of)})")
    # A phrase that must not be there is left to the patterns: its words may well be.
    needed += [
        f"!{_lexeme(phrase.tokens[0], is_prefix=phrase.is_prefix)}"
        for phrase in query.unwanted
        if len(phrase.tokens) == 1
    ]
    if not hidden:
        seen = [f"!{_lexeme(documents.HIDDEN)}", *(_lexeme(phrase.tokens[0]) for phrase in mine)]
        needed.append(f"({' | '.join(seen)})")
    return " & ".join(dict.fromkeys(needed))


def _lexeme(token: str, *, is_prefix: bool = False) -> str:
    return f"'{token}'" + (":*" if is_prefix else "")


def _pattern(phrase: Phrase) -> str:
    text = " ".join(phrase.tokens).replace("_", "\\_")
    return f"% {text}%" if phrase.is_prefix else f"% {text} %"


def _lines(patterns: Iterable[str]) -> str:
    return "\n".join(patterns)


# PostgreSQL walks its key from the top until the page is full. CASE, and ANY of one, keep the planner from taking the
# range and what fits for a handful of rows while it has no statistics: it would fetch and sort the whole window.
_NEWEST = sql_per_engine(
    postgres="""
        SELECT n, tweet_id FROM search_tweets
        WHERE n < :before AND n > ANY (ARRAY[CAST(:after AS BIGINT)]) AND CASE
            WHEN norm LIKE ALL (string_to_array(:held, chr(10)))
            AND norm NOT LIKE ALL (string_to_array(:lacked, chr(10)))
            AND (CAST(:one_of AS TEXT) = '' OR norm LIKE ANY (string_to_array(:one_of, chr(10))))
            AND (norm NOT LIKE '% =v %' OR norm LIKE ANY (string_to_array(:mine, chr(10)))) THEN TRUE
        END
        AND CAST(:fts AS TEXT) <> '' AND CAST(:tsquery AS TEXT) <> ''
        ORDER BY n DESC LIMIT :limit
    """,
    sqlite="""
        SELECT s.n, s.tweet_id FROM search_tokens CROSS JOIN search_tweets s ON s.n = search_tokens.rowid
        WHERE search_tokens MATCH :fts AND search_tokens.rowid < :before AND search_tokens.rowid > :after
        AND :tsquery <> '' AND :held IS NOT NULL AND :lacked IS NOT NULL AND :one_of IS NOT NULL
        AND :mine IS NOT NULL
        ORDER BY search_tokens.rowid DESC LIMIT :limit
    """,
)
# PostgreSQL: `n + 0`, or the planner would walk the primary key and look at everything on its way.
_OLDER = sql_per_engine(
    postgres="""
        SELECT n, tweet_id FROM search_tweets
        WHERE array_to_tsvector(string_to_array(btrim(norm), ' ')) @@ CAST(CAST(:tsquery AS TEXT) AS tsquery)
        AND n + 0 < :before AND n + 0 > :after AND norm LIKE ALL (string_to_array(:held, chr(10)))
        AND norm NOT LIKE ALL (string_to_array(:lacked, chr(10)))
        AND CAST(:fts AS TEXT) <> '' AND CAST(:one_of AS TEXT) IS NOT NULL AND CAST(:mine AS TEXT) IS NOT NULL
        ORDER BY n + 0 DESC LIMIT :limit
    """,
    sqlite="""
        SELECT s.n, s.tweet_id FROM search_tokens CROSS JOIN search_tweets s ON s.n = search_tokens.rowid
        WHERE search_tokens MATCH :fts AND search_tokens.rowid < :before AND search_tokens.rowid > :after
        AND :tsquery <> '' AND :held IS NOT NULL AND :lacked IS NOT NULL AND :one_of IS NOT NULL
        AND :mine IS NOT NULL
        ORDER BY search_tokens.rowid DESC LIMIT :limit
    """,
)
_TOP = sql("SELECT MAX(n) FROM search_tweets")


class Window(NamedTuple):
    """A range of `n` that is looked through at once: after < n < before."""

    before: int
    after: int
    epochs: str
    """What a tsquery needs in addition; empty for the newest, which are looked at one by one."""
    newest: bool


async def top(tx: Read) -> int:
    """Return a number above every `n` there is."""
    row = await tx.one(_TOP)
    return row[0] + 1 if row is not None and row[0] is not None else 1


def windows(before: int, after: int, *, has_prefix: bool) -> list[Window]:
    """Cut a range, from the top down, into windows that widen."""
    size = NEWEST_WINDOW_OF_PREFIXES if has_prefix else NEWEST_WINDOW
    found = [Window(before, max(after, before - 1 - size), "", newest=True)]
    # The index collects every word with a beginning before it looks at epochs: once is enough.
    for letter, bits in () if has_prefix else EPOCH_BITS:
        low = found[-1].after
        if low <= after:
            return found
        epoch = low >> bits
        floor = max(after, ((epoch - 1) << bits) - 1)
        if floor < low:
            epochs = f"({_lexeme(f'={letter}{epoch}')} | {_lexeme(f'={letter}{epoch - 1}')})"
            found.append(Window(low + 1, floor, epochs, newest=False))
    if found[-1].after > after:
        found.append(Window(found[-1].after + 1, after, "", newest=False))
    return found


async def find(tx: Read, asked: Expression, window: Window, *, limit: int) -> Sequence[Row]:
    """Return (n, tweet id) of those within the window that fit, the newest first."""
    tsquery = f"{asked.tsquery} & {window.epochs}" if window.epochs else asked.tsquery
    return await tx.all(
        _NEWEST if window.newest else _OLDER,
        fts=asked.fts,
        tsquery=tsquery,
        held=asked.held,
        lacked=asked.lacked,
        one_of=asked.one_of,
        mine=asked.mine,
        before=window.before,
        after=window.after,
        limit=limit,
    )


_N_FROM = sql("""
    SELECT n FROM search_tweets WHERE tweet_id >= :tweet_id ORDER BY tweet_id LIMIT 1
""")


async def n_from(tx: Read, tweet_id: int) -> int | None:
    """Return the place of the tweet, or of the next newer one where it is gone; None when there is none."""
    row = await tx.one(_N_FROM, tweet_id=tweet_id)
    return row[0] if row is not None else None


_OWN = sql("""
    SELECT id FROM tweets WHERE author_id = :user_id AND id < :before AND id > :after AND retweet_of_id IS NULL
    ORDER BY id DESC LIMIT :limit
""")
_FAVORITED = sql("""
    SELECT tweet_id FROM favorites WHERE user_id = :user_id AND tweet_id < :before AND tweet_id > :after
    ORDER BY tweet_id DESC LIMIT :limit
""")
_BOOKMARKED = sql("""
    SELECT tweet_id FROM bookmarks WHERE user_id = :user_id AND tweet_id < :before AND tweet_id > :after
    ORDER BY tweet_id DESC LIMIT :limit
""")


class Shelf(NamedTuple):
    """Which of somebody's tweets are asked for."""

    own: bool = False
    favorited: bool = False
    bookmarked: bool = False


async def kept_by(
    tx: Read, user_id: UserId, shelf: Shelf, *, before: int, after: int, limit: int
) -> list[TweetId]:
    """Return what somebody wrote, favorited or bookmarked, the newest tweet first."""
    found: set[TweetId] = set()
    for statement, is_asked in zip((_OWN, _FAVORITED, _BOOKMARKED), shelf, strict=True):
        if is_asked:
            rows = await tx.all(statement, user_id=user_id, before=before, after=after, limit=limit)
            found.update(row[0] for row in rows)
    return sorted(found, reverse=True)[:limit]


_KEPT_AMONG = sql("""
    SELECT t.id FROM tweets t WHERE t.id = ANY(:tweet_ids) AND (
        (t.author_id = :user_id AND CAST(:own AS BOOLEAN))
        OR (CAST(:favorited AS BOOLEAN) AND EXISTS (
            SELECT 1 FROM favorites f WHERE f.user_id = :user_id AND f.tweet_id = t.id))
        OR (CAST(:bookmarked AS BOOLEAN) AND EXISTS (
            SELECT 1 FROM bookmarks b WHERE b.user_id = :user_id AND b.tweet_id = t.id)))
""")


async def kept_among(tx: Read, user_id: UserId, shelf: Shelf, tweet_ids: Sequence[TweetId]) -> set[TweetId]:
    """Return those of the tweets that somebody wrote, favorited or bookmarked."""
    rows = await tx.all(_KEPT_AMONG, user_id=user_id, tweet_ids=tweet_ids, **shelf._asdict())
    return {row[0] for row in rows}
