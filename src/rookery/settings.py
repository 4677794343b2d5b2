"""Settings: read once, from `rookery.toml` and the environment (`ROOKERY_…`, which wins)."""

import difflib
import ipaddress
import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta, inspect

from rookery.errors import Misconfigured

Switch = Literal["on", "off"]
BASE_URL: Final = "http://127.0.0.1:8000"
"""The default; as long as it stands, `rookery serve --port` moves it along."""
_WRONG: Final = re.compile(r" - at `\$\.(?P<name>\w+)`$")
_UNKNOWN: Final = re.compile(r"^Object contains unknown field `(?P<name>.*)`$")
_BASE_URL: Final = re.compile(r"https?://(?:\[[0-9A-Fa-f:.]+\]|[^\s/?#\[\]@:\\%\"'<>]+)(?::[0-9]{1,5})?")

_PREFIX: Final = "ROOKERY_"
_CONFIG: Final = "ROOKERY_CONFIG"
_OF_KUBERNETES: Final = re.compile(r"_SERVICE_HOST$|_SERVICE_PORT(_\w+)?$|_PORT(_[0-9]+_(TCP|UDP)(_\w+)?)?$")
"""What every container is told about services, such as one called "rookery-database"."""
_LIKENESS_MIN: Final = 0.85
"""From here on one name counts as another misspelt (difflib's ratio)."""


def _doc(sentence: str) -> Meta:
    return Meta(description=sentence)


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Every setting with its sentence; `docs/reference/settings.md` is written from here."""

    database_url: Annotated[
        str,
        _doc(
            "Where the records live: `sqlite:///PATH` (one more slash for an absolute path) or `postgresql://…`."
        ),
    ] = "sqlite:///data/rookery.db"
    redis_url: Annotated[
        str,
        _doc(
            "A Redis server for home timelines and rate limits shared by many processes; empty: this process's memory."
        ),
    ] = ""
    secret_keys: Annotated[
        str,
        _doc(
            "Keys with which personal data in the database is encrypted, separated by commas: the first encrypts, all "
            "decrypt. `rookery keys new` prints one. Empty: they are in `secret_key_file`."
        ),
    ] = ""
    secret_key_file: Annotated[
        str,
        _doc(
            "The file that holds such keys, one per line. Empty: a file that is made at the first start, beside an "
            "SQLite database (`data/rookery.keys`), for PostgreSQL at `~/.local/state/rookery/secret.keys`; processes "
            "on several machines need the same keys."
        ),
    ] = ""
    media_url: Annotated[
        str,
        _doc(
            "Where photos and videos live: `file:///PATH` (one more slash for an absolute path) or "
            "`s3://[KEY:SECRET@]BUCKET[/PREFIX][?endpoint=URL&region=NAME]`; without a key the usual AWS environment counts."
        ),
    ] = "file:///data/media"
    media_cold_url: Annotated[
        str,
        _doc(
            "A second store, written like `media_url`: what is older than 90 days and was not read for 90 days moves there, "
            "and comes back when it is read often. Empty: none."
        ),
    ] = ""
    media_other_url: Annotated[
        str,
        _doc(
            "A further store in which files are looked for and removed: while all of them are moved from one store to "
            "another (docs/moving-media.md). Empty: none."
        ),
    ] = ""
    media_links: Annotated[
        str,
        _doc(
            "Where clients fetch photos and videos: empty for this server itself, `signed` to send them on to the object "
            "store with an address that holds for an hour, or the base URL of a content delivery network in front of it."
        ),
    ] = ""
    media_gigabytes_max: Annotated[
        int, Meta(ge=0), _doc("How much all photos and videos may take together; 0: no bound.")
    ] = 0
    image_megabytes_max: Annotated[int, Meta(ge=1, le=1_000), _doc("How large a picture may be.")] = 16
    video_megabytes_max: Annotated[
        int, Meta(ge=1, le=100_000), _doc("How large a video or a piece of audio may be.")
    ] = 200
    media_user_megabytes_max: Annotated[
        int,
        Meta(ge=0),
        _doc("How much the photos and videos of one user may take together; 0: no bound."),
    ] = 0
    media_user_processing_max: Annotated[
        int,
        Meta(ge=1, le=1_000),
        _doc("How many files of one user may wait for their conversion or be converted at a time."),
    ] = 12
    image_pixels_max: Annotated[
        int,
        Meta(ge=1_000_000, le=100_000_000),
        _doc("How many pixels a picture may have: its width times its height."),
    ] = 33_177_600
    animation_frames_max: Annotated[
        int, Meta(ge=2, le=10_000), _doc("How many frames a GIF or another moving picture may have.")
    ] = 2_000
    video_pixels_max: Annotated[
        int,
        Meta(ge=100_000, le=33_177_600),
        _doc("How many pixels a frame of a video may have: its width times its height."),
    ] = 8_294_400
    video_frames_per_second_max: Annotated[
        int, Meta(ge=1, le=240), _doc("How many frames a second of a video may have.")
    ] = 120
    video_minutes_max: Annotated[int, Meta(ge=1, le=600), _doc("How long a video or audio may be.")] = 30
    tweet_media_max: Annotated[
        int, Meta(ge=1, le=20), _doc("How many photos and videos a tweet may carry.")
    ] = 4
    smtp_url: Annotated[
        str,
        _doc(
            "The server that sends e-mail: `smtp://NAME:PASSWORD@HOST:587` (encrypted where the server offers it) or "
            "`smtps://…`. Empty: no e-mail is sent, and administrators pass links on by `rookery user`."
        ),
    ] = ""
    email_from: Annotated[
        str, _doc("The address that e-mails come from, as in `Rookery <rookery@example.org>`.")
    ] = ""
    push_private_addresses: Annotated[
        Switch,
        _doc(
            "Whether Web Push may go to addresses in private networks: `off`, since an endpoint is whatever a client "
            "says it is."
        ),
    ] = "off"
    link_previews: Annotated[
        Switch, _doc("Whether pages that tweets link to are fetched, to show their titles with the tweets.")
    ] = "on"
    preview_private_addresses: Annotated[
        Switch,
        _doc(
            "Whether pages in private networks are fetched for that: `off`, since a link is whatever somebody writes."
        ),
    ] = "off"
    for_you: Annotated[
        Switch,
        _doc(
            "Whether people find a ranked home, For you, among their lists (docs/for-you.md). Home itself is newest first."
        ),
    ] = "on"
    base_url: Annotated[
        str, _doc("Scheme and host under which people reach the instance; every link begins with it.")
    ] = BASE_URL
    title: Annotated[str, _doc("The instance's name.")] = "Rookery"
    description: Annotated[str, _doc("A sentence or two about the instance.")] = ""
    contact_email: Annotated[str, _doc("Where people reach the administrator.")] = ""
    registrations: Annotated[
        Literal["open", "approval", "closed"],
        _doc("Who may sign up: everybody, whom an administrator lets in, or nobody."),
    ] = "open"
    email_confirmation: Annotated[
        Switch,
        _doc(
            "Whether a new user must prove the e-mail address first. As long as Rookery sends no mail, an administrator "
            "hands out the links that `rookery user list --pending` prints."
        ),
    ] = "off"
    minimum_age_years: Annotated[int, Meta(ge=0, le=120), _doc("How old one must be to sign up.")] = 16
    rate_limits: Annotated[Switch, _doc("Whether requests are limited per user and address.")] = "on"
    rate_limit_factor: Annotated[
        float, Meta(gt=0), _doc("Multiplies every rate limit: 2 allows twice as many requests.")
    ] = 1.0
    trusted_proxies: Annotated[
        str,
        _doc(
            "Addresses or networks (`10.0.0.0/8`), separated by commas, whose `X-Forwarded-For` is believed."
        ),
    ] = "127.0.0.1,::1"
    tweet_chars_max: Annotated[
        int, Meta(ge=1, le=100_000), _doc("How long a tweet may be, in characters.")
    ] = 500
    languages: Annotated[str, _doc("Main languages of the instance, ISO 639-1, separated by commas.")] = "en"
    timeline_strategy: Annotated[
        Literal["hybrid", "push", "pull"],
        _doc("How home timelines are made; `push` and `pull` are for comparison (`rookery bench`)."),
    ] = "hybrid"
    hot_user_followers: Annotated[
        int,
        Meta(ge=0),
        _doc("Tweets of authors with more followers are merged at reading instead of delivered."),
    ] = 10_000
    inactive_after_days: Annotated[
        int, Meta(ge=1), _doc("Home timelines unread for so long are not kept; they are rebuilt on return.")
    ] = 30
    timeline_entries_max: Annotated[
        int, Meta(ge=20), _doc("Tweets in a kept home timeline; older pages come from the records.")
    ] = 800
    log_format: Annotated[Literal["text", "json"], _doc("How log lines are written.")] = "text"
    metrics: Annotated[
        Literal["private", "everybody", "nobody"],
        _doc("Who may read `/metrics`: callers from private addresses, everybody, or nobody."),
    ] = "private"


def load(environment: Mapping[str, str] | None = None, *, file: Path | None = None) -> Settings:
    """Read the settings. Raises Misconfigured with a sentence that names the setting."""
    environment = os.environ if environment is None else environment
    named = environment.get(_CONFIG) or None
    path = file or Path(named or "rookery.toml")
    _refuse_misspelt(environment)
    values: dict[str, Any] = {}
    if named is not None or path.exists():
        try:
            values = tomllib.loads(path.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
            raise Misconfigured(f"cannot read {path}: {error}") from error
    for name in Settings.__struct_fields__:
        if (value := environment.get(f"{_PREFIX}{name.upper()}")) is not None:
            values[name] = value
    for name in ("rate_limits", "email_confirmation"):
        if isinstance(values.get(name), bool):
            values[name] = "on" if values[name] else "off"
    try:
        settings = msgspec.convert(values, Settings, strict=False)
    except msgspec.ValidationError as error:
        raise Misconfigured(_sentence(error)) from error
    networks_in(settings.trusted_proxies)
    return msgspec.structs.replace(settings, base_url=_origin(settings.base_url))


def _refuse_misspelt(environment: Mapping[str, str]) -> None:
    """Raise Misconfigured for a variable that is nearly one of ours: ignored, it would leave a door open."""
    known = {f"{_PREFIX}{name.upper()}" for name in Settings.__struct_fields__} | {_CONFIG}
    for variable in environment:
        if not variable.startswith(_PREFIX) or variable in known or _OF_KUBERNETES.search(variable):
            continue
        if near := difflib.get_close_matches(variable, sorted(known), n=1, cutoff=_LIKENESS_MIN):
            raise Misconfigured(f"there is no setting {variable}; did you mean {near[0]}?")


def networks_in(addresses: str) -> frozenset[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    """Return the networks in a list of addresses and networks; raises Misconfigured for what is neither."""
    networks: list[ipaddress.IPv4Network | ipaddress.IPv6Network] = []
    for entry in filter(None, (part.strip() for part in addresses.split(","))):
        try:
            networks.append(ipaddress.ip_network(entry, strict=False))
        except ValueError:
            raise Misconfigured(
                f"trusted_proxies must hold addresses or networks such as 10.0.0.0/8, and {entry!r} is neither"
            ) from None
    return frozenset(networks)


def _origin(base_url: str) -> str:
    """Return scheme and host without a slash behind them; raises Misconfigured when there is less or more."""
    origin = base_url.rstrip("/")
    if _BASE_URL.fullmatch(origin) is None:
        raise Misconfigured(
            f"base_url must be http:// or https:// and a host, as in https://birds.example, not {base_url!r}"
        )
    return origin


def _sentence(error: msgspec.ValidationError) -> str:
    """Return what is wrong in a person's words, with the setting's name."""
    if (unknown := _UNKNOWN.match(str(error))) is not None:
        return f"there is no setting {unknown['name']}"
    wrong = _WRONG.search(str(error))
    info = inspect.type_info(Settings)
    assert isinstance(info, inspect.StructType)  # noqa: S101  msgspec answers a struct for a struct
    kinds = {field.name: field.type for field in info.fields}
    if wrong is None or wrong["name"] not in kinds:
        return f"a setting is wrong: {error}"
    return f"{wrong['name']} must be {_wanted(kinds[wrong['name']])}"


def _wanted(kind: inspect.Type) -> str:
    if isinstance(kind, inspect.Metadata):
        return _wanted(kind.type)
    if isinstance(kind, inspect.LiteralType):
        *others, last = [str(value) for value in kind.values]
        return f"{', '.join(others)} or {last}"
    if isinstance(kind, inspect.IntType | inspect.FloatType):
        said = "a whole number" if isinstance(kind, inspect.IntType) else "a number"
        bounds = (("from", kind.ge), ("to", kind.le), ("above", kind.gt), ("below", kind.lt))
        return " ".join([said, *[f"{word} {bound:g}" for word, bound in bounds if bound is not None]])
    return "text"
