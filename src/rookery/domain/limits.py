"""Every limit has a name and a unit. Settings may change those that an operator has reason to."""

from typing import Final

import msgspec

from rookery.domain.media import MediaLimits


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """The bounds this instance runs within."""

    tweet_chars_max: int = 500
    """Characters in a tweet, counted as Mastodon does (a link is 23, a mention counts without its host)."""
    bio_chars_max: int = 500
    display_name_chars_max: int = 30
    username_chars_max: int = 30
    profile_fields_max: int = 4
    profile_field_chars_max: int = 255
    pins_max: int = 5
    password_chars_min: int = 8
    password_chars_max: int = 256
    minimum_age_years: int = 16
    hot_user_followers: int = 10_000
    """Authors with more followers than this are not pushed; their tweets are merged when home is read."""
    inactive_after_days: int = 30
    """Home timelines unread for so long are not kept."""
    timeline_entries_max: int = 800
    """Ids in one kept home timeline; older pages come from the records."""
    timelines_kept_max: int = 100_000
    """Home timelines kept in one process's memory; the least recently read leave first."""
    timeline_ids_kept_max: int = 20_000_000
    """Ids in all of these together: 8 bytes each where they were delivered, 40 where they were pulled."""
    fan_out_slice_followers: int = 5_000
    request_body_bytes_max: int = 1_048_576
    requests_in_flight_max: int = 1_000
    """Requests one process answers at a time; from half of this on it turns writes away, reads at the whole."""
    write_delay_ms_max: int = 400
    """Writes are turned away while work waits this long for its turn on the event loop."""
    read_delay_ms_max: int = 1_000
    """Reads are turned away as well while work waits this long."""
    media: MediaLimits = MediaLimits()
    media_bytes_max: int = 0
    """Bytes that all photos and videos may take; 0: as many as there is room for."""
    media_user_bytes_max: int = 0
    """Bytes that one user's photos and videos may take; 0: as many as there is room for."""
    media_user_processing_max: int = 12
    """Files of one user that wait for their conversion or are converted."""
    follows_max: int = 7_500
    """How many users one may follow while fewer than this follow back; then 1.1 times one's followers."""


LINK_CHARS: Final = 23
"""What a link counts as, however long it is."""
HASHTAG_CHARS_MAX: Final = 100
PLACE_NAME_CHARS_MAX: Final = 100
IDEMPOTENCY_KEY_CHARS_MAX: Final = 255
PAGE_DEFAULT: Final = 20
PAGE_MAX: Final = 40
"""Tweets on a page of a timeline."""
USER_PAGE_MAX: Final = 80
"""Users on a page of a list of users."""
