"""The instance: https://docs.joinmastodon.org/entities/Instance/ and its first version."""

import msgspec

from rookery.api.entities.accounts import Account


class Rule(msgspec.Struct, frozen=True):
    """A rule that users agree to."""

    id: str
    text: str
    hint: str
    translations: dict[str, dict[str, str]]


class StreamingUrls(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where to go besides the API."""

    streaming: str
    status: str | None = None
    about: str | None = None
    privacy_policy: str | None = None
    terms_of_service: str | None = None


class VapidKey(msgspec.Struct, frozen=True):
    """The key that signs Web Push; empty while there is none."""

    public_key: str


class AccountLimits(msgspec.Struct, frozen=True, kw_only=True):
    """How much a profile holds."""

    max_featured_tags: int
    max_pinned_statuses: int
    max_display_name_length: int
    max_note_length: int
    max_profile_fields: int
    profile_field_name_limit: int
    profile_field_value_limit: int


class StatusLimits(msgspec.Struct, frozen=True, kw_only=True):
    """How much a status holds."""

    max_characters: int
    max_media_attachments: int
    characters_reserved_per_url: int


class MediaLimits(msgspec.Struct, frozen=True, kw_only=True):
    """What may be attached."""

    supported_mime_types: list[str]
    description_limit: int
    image_size_limit: int
    image_matrix_limit: int
    video_size_limit: int
    video_frame_rate_limit: int
    video_matrix_limit: int
    video_duration_limit: int
    """Seconds, of audio too (as what follows, an extension of Rookery's)."""
    animation_frame_limit: int
    """Frames of a GIF or another moving picture."""


class PollLimits(msgspec.Struct, frozen=True, kw_only=True):
    """How large a poll may be."""

    max_options: int
    max_characters_per_option: int
    min_expiration: int
    max_expiration: int


class TranslationSupport(msgspec.Struct, frozen=True):
    """Whether statuses can be translated."""

    enabled: bool


class FeedAccess(msgspec.Struct, frozen=True):
    """Who may read a kind of timeline: `public`, `authenticated` or `disabled`."""

    local: str
    remote: str


class TimelinesAccess(msgspec.Struct, frozen=True, kw_only=True):
    """Who may read which timelines."""

    live_feeds: FeedAccess
    hashtag_feeds: FeedAccess
    trending_link_feeds: FeedAccess


class Configuration(msgspec.Struct, frozen=True, kw_only=True):
    """What clients must know to write for this instance."""

    urls: StreamingUrls
    vapid: VapidKey
    accounts: AccountLimits
    statuses: StatusLimits
    media_attachments: MediaLimits
    polls: PollLimits
    translation: TranslationSupport
    timelines_access: TimelinesAccess
    limited_federation: bool


class ActiveUsers(msgspec.Struct, frozen=True):
    """Users seen lately."""

    active_month: int


class Usage(msgspec.Struct, frozen=True):
    """How much the instance is used."""

    users: ActiveUsers


class Thumbnail(msgspec.Struct, frozen=True, omit_defaults=True):
    """A picture of the instance."""

    url: str
    blurhash: str | None = None
    versions: dict[str, str] | None = None
    description: str | None = None


class Icon(msgspec.Struct, frozen=True):
    """The instance's icon in one size."""

    src: str
    size: str


class SignUp(msgspec.Struct, frozen=True, kw_only=True):
    """Who may sign up, and what is asked."""

    enabled: bool
    approval_required: bool
    reason_required: bool
    message: str | None
    min_age: int | None
    url: str | None


class ApiVersions(msgspec.Struct, frozen=True):
    """Which version of Mastodon's API is served."""

    mastodon: int


class Contact(msgspec.Struct, frozen=True):
    """Whom to write to."""

    email: str
    account: Account | None


class Instance(msgspec.Struct, frozen=True, kw_only=True):
    """The instance."""

    domain: str
    title: str
    version: str
    source_url: str
    description: str
    usage: Usage
    thumbnail: Thumbnail
    icon: list[Icon]
    languages: list[str]
    configuration: Configuration
    registrations: SignUp
    api_versions: ApiVersions
    contact: Contact
    rules: list[Rule]
    has_users: bool
    """Whether anybody has signed up: where not, a client greets the first one. Mastodon does not know it."""


class UrlsV1(msgspec.Struct, frozen=True):
    """Where streaming is."""

    streaming_api: str


class StatisticsV1(msgspec.Struct, frozen=True):
    """How large the instance is."""

    user_count: int
    status_count: int
    domain_count: int


class ConfigurationV1(msgspec.Struct, frozen=True, kw_only=True):
    """What clients must know to write for this instance."""

    accounts: AccountLimits
    statuses: StatusLimits
    media_attachments: MediaLimits
    polls: PollLimits


class InstanceV1(msgspec.Struct, frozen=True, kw_only=True):
    """The instance, in the form that older apps ask for."""

    uri: str
    title: str
    short_description: str
    description: str
    email: str
    version: str
    urls: UrlsV1
    stats: StatisticsV1
    thumbnail: str | None
    languages: list[str]
    registrations: bool
    approval_required: bool
    invites_enabled: bool
    configuration: ConfigurationV1
    contact_account: Account | None
    rules: list[Rule]


class ExtendedDescription(msgspec.Struct, frozen=True):
    """What the operator has to say about the instance, as HTML."""

    updated_at: str | None
    content: str


class PrivacyPolicy(msgspec.Struct, frozen=True):
    """How the operator treats personal data, as HTML."""

    updated_at: str | None
    content: str


class TermsOfService(msgspec.Struct, frozen=True):
    """On which terms the instance is used, as HTML, from a day on until another version holds."""

    effective_date: str
    effective: bool
    content: str
    succeeded_by: str | None


class Language(msgspec.Struct, frozen=True):
    """A language that a status may be marked with."""

    code: str
    name: str


class DomainBlock(msgspec.Struct, frozen=True):
    """A server whose people are not let in; without federation there is none."""

    domain: str
    digest: str
    severity: str
    comment: str | None
