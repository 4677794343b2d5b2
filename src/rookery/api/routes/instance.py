"""The instance: https://docs.joinmastodon.org/methods/instance/."""

from typing import Final

import msgspec

import rookery
from rookery.api.endpoints import Access, Call, Json, endpoint
from rookery.api.entities.instances import (
    AccountLimits,
    ActiveUsers,
    ApiVersions,
    Configuration,
    ConfigurationV1,
    Contact,
    DomainBlock,
    ExtendedDescription,
    FeedAccess,
    Instance,
    InstanceV1,
    Language,
    MediaLimits,
    PollLimits,
    PrivacyPolicy,
    Rule,
    SignUp,
    StatisticsV1,
    StatusLimits,
    StreamingUrls,
    TermsOfService,
    Thumbnail,
    TimelinesAccess,
    TranslationSupport,
    UrlsV1,
    Usage,
    VapidKey,
)
from rookery.api.languages import NAMES
from rookery.api.timestamps import timestamp
from rookery.domain import polls, text
from rookery.domain.instance import Registrations
from rookery.domain.instance_texts import NO_PRIVACY_POLICY, TextKind, to_html
from rookery.domain.limits import LINK_CHARS
from rookery.usecases import instance, instance_texts, rules
from rookery.usecases.followed_hashtags import FEATURED_MAX

MASTODON_VERSION: Final = "4.5.0"
"""What clients compare with to know which calls they may make."""
API_VERSION: Final = 7
"""Mastodon's API version up to which clients look for features: quotes came with the seventh."""
SOURCE_URL: Final = ""
"""No public address of the source is known yet."""
MIME_TYPES: Final = [
    "image/jpeg", "image/png", "image/gif", "image/webp", "image/avif", "image/bmp",
    "video/webm", "video/mp4", "video/quicktime", "video/x-matroska",
    "audio/mpeg", "audio/mp3", "audio/ogg", "audio/wav", "audio/x-wav", "audio/flac", "audio/aac", "audio/m4a",
    "audio/x-m4a", "audio/mp4", "audio/webm",
]  # fmt: skip
"""What clients offer to upload; what a file is, its content tells."""
_POLLS: Final = PollLimits(
    max_options=polls.OPTIONS_MAX,
    max_characters_per_option=polls.OPTION_CHARS_MAX,
    min_expiration=polls.DURATION_S_MIN,
    max_expiration=polls.DURATION_S_MAX,
)
_OPEN: Final = FeedAccess(local="public", remote="public")
_ABSENT: Final = FeedAccess(local="disabled", remote="disabled")


@endpoint("GET", "/api/v2/instance", access=Access.ANYONE)
async def show(call: Call) -> Json[Instance]:
    """Tell what this instance is, what it allows and whom to ask."""
    about = call.services.instance
    statistics = await instance.instance_statistics(call.services)
    contact = await instance.contact_user(call.services)
    return Json.of(
        Instance(
            domain=about.domain,
            title=about.title,
            version=version(),
            source_url=SOURCE_URL,
            description=about.description,
            usage=Usage(ActiveUsers(statistics.users_active_month)),
            thumbnail=Thumbnail(_thumbnail(call)),
            icon=[],
            languages=list(about.languages),
            configuration=Configuration(
                urls=StreamingUrls(
                    _streaming_url(call),
                    about=f"{about.base_url}/about",
                    privacy_policy=f"{about.base_url}/privacy",
                    terms_of_service=f"{about.base_url}/terms"
                    if await instance_texts.list_terms(call.services)
                    else None,
                ),
                vapid=VapidKey(call.services.push.public_key),
                accounts=_account_limits(call),
                statuses=_status_limits(call),
                media_attachments=_media_limits(call),
                polls=_POLLS,
                translation=TranslationSupport(enabled=False),
                timelines_access=TimelinesAccess(
                    live_feeds=_OPEN, hashtag_feeds=_OPEN, trending_link_feeds=_ABSENT
                ),
                limited_federation=True,
            ),
            registrations=SignUp(
                enabled=about.registrations is not Registrations.CLOSED,
                approval_required=about.registrations is Registrations.APPROVAL,
                reason_required=about.registrations is Registrations.APPROVAL,
                message=None,
                min_age=call.services.limits.minimum_age_years or None,
                url=None,
            ),
            api_versions=ApiVersions(API_VERSION),
            contact=Contact(
                about.contact_email, call.present.account_entity(contact) if contact is not None else None
            ),
            rules=await _rules(call),
            has_users=await instance.has_users(call.services),
        )
    )


@endpoint("GET", "/api/v1/instance", access=Access.ANYONE, deprecated=True)
async def show_v1(call: Call) -> Json[InstanceV1]:
    """Tell what this instance is, in the form that older apps ask for."""
    about = call.services.instance
    statistics = await instance.instance_statistics(call.services)
    contact = await instance.contact_user(call.services)
    return Json.of(
        InstanceV1(
            uri=about.domain,
            title=about.title,
            short_description=about.description,
            description=about.description,
            email=about.contact_email,
            version=version(),
            urls=UrlsV1(_streaming_url(call)),
            stats=StatisticsV1(statistics.users, statistics.tweets, 0),
            thumbnail=_thumbnail(call),
            languages=list(about.languages),
            registrations=about.registrations is not Registrations.CLOSED,
            approval_required=about.registrations is Registrations.APPROVAL,
            invites_enabled=False,
            configuration=ConfigurationV1(
                accounts=_account_limits(call),
                statuses=_status_limits(call),
                media_attachments=_media_limits(call),
                polls=_POLLS,
            ),
            contact_account=call.present.account_entity(contact) if contact is not None else None,
            rules=await _rules(call),
        )
    )


@endpoint("GET", "/api/v1/instance/rules", access=Access.ANYONE)
async def list_rules(call: Call) -> Json[list[Rule]]:
    """List the rules that people agree to, in their order."""
    return Json.of(await _rules(call))


async def _rules(call: Call) -> list[Rule]:
    return [Rule(str(each.id), each.text, each.hint, {}) for each in await rules.list_rules(call.services)]


@endpoint("GET", "/api/v1/instance/peers", access=Access.ANYONE)
async def peers(call: Call) -> Json[list[str]]:  # noqa: ARG001
    """List the servers that this one knows: none, as there is no federation."""
    return Json(b"[]")


@endpoint("GET", "/api/v1/instance/domain_blocks", access=Access.ANYONE)
async def domain_blocks(call: Call) -> Json[list[DomainBlock]]:  # noqa: ARG001
    """List the servers that are not let in: none, as there is no federation."""
    return Json(b"[]")


@endpoint("GET", "/api/v1/instance/extended_description", access=Access.ANYONE)
async def extended_description(call: Call) -> Json[ExtendedDescription]:
    """Return what the operator has written about the instance, or else its description, as HTML."""
    about = call.services.instance
    written = await instance_texts.get_text(call.services, TextKind.ABOUT)
    if written is None:
        return Json.of(ExtendedDescription(None, text.bio_to_html(about.description, about.base_url)))
    return Json.of(ExtendedDescription(timestamp(written.changed_ms), to_html(written.text, about.base_url)))


@endpoint("GET", "/api/v1/instance/privacy_policy", access=Access.ANYONE)
async def privacy_policy(call: Call) -> Json[PrivacyPolicy]:
    """Return how the operator treats personal data, as HTML; it says so when nobody has written that down."""
    written = await instance_texts.get_text(call.services, TextKind.PRIVACY)
    if written is None:
        return Json.of(PrivacyPolicy(None, f"<p>{NO_PRIVACY_POLICY}</p>"))
    content = to_html(written.text, call.services.instance.base_url)
    return Json.of(PrivacyPolicy(timestamp(written.changed_ms), content))


class TermsDate(msgspec.Struct, frozen=True, kw_only=True):
    """From which day on the terms hold."""

    date: str


@endpoint("GET", "/api/v1/instance/terms_of_service", access=Access.ANYONE)
async def terms_of_service(call: Call) -> Json[TermsOfService]:
    """Return the terms that hold, or else those that will, as HTML; 404 when there are none."""
    return Json.of(_terms(call, await instance_texts.get_terms(call.services)))


@endpoint("GET", "/api/v1/instance/terms_of_service/{date}", access=Access.ANYONE)
async def terms_of_service_from(call: Call, wanted: TermsDate) -> Json[TermsOfService]:
    """Return the terms that hold from a day on (2026-12-31), as HTML."""
    return Json.of(_terms(call, await instance_texts.get_terms(call.services, wanted.date)))


def _terms(call: Call, terms: instance_texts.Terms) -> TermsOfService:
    return TermsOfService(
        effective_date=terms.written.effective_on,
        effective=terms.effective,
        content=to_html(terms.written.text, call.services.instance.base_url),
        succeeded_by=terms.succeeded_by,
    )


@endpoint("GET", "/api/v1/instance/languages", access=Access.ANYONE)
async def languages(call: Call) -> Json[list[Language]]:  # noqa: ARG001
    """List the languages that a status may be marked with; Mastodon serves this without describing it."""
    return Json.of([Language(code, name) for code, name in NAMES.items()])


@endpoint("GET", "/api/v1/peers/search", access=Access.ANYONE)
async def search_peers(call: Call) -> Json[list[str]]:  # noqa: ARG001
    """Find servers that this one knows: none, as there is no federation; Mastodon does not describe this either."""
    return Json(b"[]")


@endpoint("GET", "/api/v1/instance/translation_languages", access=Access.ANYONE)
async def translation_languages(call: Call) -> Json[dict[str, list[str]]]:  # noqa: ARG001
    """List from which language into which statuses can be translated: none."""
    return Json(b"{}")


def version() -> str:
    """Return Mastodon's version that this program is compatible with, and its own."""
    return f"{MASTODON_VERSION} (compatible; Rookery {rookery.__version__})"


def _thumbnail(call: Call) -> str:
    return f"{call.services.instance.base_url}/static/header.png"


def _streaming_url(call: Call) -> str:
    """Return where WebSockets connect: http becomes ws, https wss."""
    return "ws" + call.services.instance.base_url.removeprefix("http")


def _account_limits(call: Call) -> AccountLimits:
    limits = call.services.limits
    return AccountLimits(
        max_featured_tags=FEATURED_MAX,
        max_pinned_statuses=limits.pins_max,
        max_display_name_length=limits.display_name_chars_max,
        max_note_length=limits.bio_chars_max,
        max_profile_fields=limits.profile_fields_max,
        profile_field_name_limit=limits.profile_field_chars_max,
        profile_field_value_limit=limits.profile_field_chars_max,
    )


def _status_limits(call: Call) -> StatusLimits:
    return StatusLimits(
        max_characters=call.services.limits.tweet_chars_max,
        max_media_attachments=call.services.limits.media.tweet_media_max,
        characters_reserved_per_url=LINK_CHARS,
    )


def _media_limits(call: Call) -> MediaLimits:
    limits = call.services.limits.media
    return MediaLimits(
        supported_mime_types=MIME_TYPES,
        description_limit=limits.description_chars_max,
        image_size_limit=limits.image_bytes_max,
        image_matrix_limit=limits.image_pixels_max,
        video_size_limit=limits.video_bytes_max,
        video_frame_rate_limit=limits.video_frames_per_second_max,
        video_matrix_limit=limits.video_pixels_max,
        video_duration_limit=limits.video_duration_ms_max // 1_000,
        animation_frame_limit=limits.animation_frames_max,
    )
