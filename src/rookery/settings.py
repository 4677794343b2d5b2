"""Settings: read once, from `rookery.toml` and the environment (`ROOKERY_…`, which wins)."""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta

from rookery.errors import Misconfigured

Switch = Literal["on", "off"]
BASE_URL: Final = "http://127.0.0.1:8000"
"""The default; as long as it stands, `rookery serve --port` moves it along."""


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
    media_url: Annotated[str, _doc("Where photos and videos live: `file:///PATH` or `s3://BUCKET…`.")] = (
        "file:///data/media"
    )
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
    email_confirmation: Annotated[Switch, _doc("Whether a new user must prove the e-mail address first.")] = (
        "off"
    )
    minimum_age_years: Annotated[int, Meta(ge=0, le=120), _doc("How old one must be to sign up.")] = 16
    rate_limits: Annotated[Switch, _doc("Whether requests are limited per user and address.")] = "on"
    rate_limit_factor: Annotated[
        float, Meta(gt=0), _doc("Multiplies every rate limit: 2 allows twice as many requests.")
    ] = 1.0
    trusted_proxies: Annotated[
        str, _doc("Addresses, separated by commas, whose `X-Forwarded-For` is believed.")
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
    named = environment.get("ROOKERY_CONFIG") or None
    path = file or Path(named or "rookery.toml")
    values: dict[str, Any] = {}
    if named is not None or path.exists():
        try:
            values = tomllib.loads(path.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
            raise Misconfigured(f"cannot read {path}: {error}") from error
    for name in Settings.__struct_fields__:
        if (value := environment.get(f"ROOKERY_{name.upper()}")) is not None:
            values[name] = value
    for name in ("rate_limits", "email_confirmation"):
        if isinstance(values.get(name), bool):
            values[name] = "on" if values[name] else "off"
    try:
        settings = msgspec.convert(values, Settings, strict=False)
    except msgspec.ValidationError as error:
        raise Misconfigured(f"a setting is wrong: {error}") from error
    if not settings.base_url.startswith(("http://", "https://")):
        raise Misconfigured("base_url must begin with http:// or https://")
    if settings.base_url.endswith("/"):
        settings = msgspec.structs.replace(settings, base_url=settings.base_url.rstrip("/"))
    return settings
