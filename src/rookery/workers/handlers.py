"""From a task to the use case that carries it out. A test holds this table against the catalogue."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from rookery import tasks
from rookery.ports import Write
from rookery.services import Services
from rookery.usecases import (
    announcements,
    annual_reports,
    archives,
    conversions,
    deletion,
    edits,
    emails,
    fan_out,
    instance,
    media_removals,
    media_stores,
    notifications,
    polls,
    previews,
    push,
    scheduled_tweets,
    search,
    trends,
    tweets,
    upkeep,
    user_search,
)

HANDLERS: Final[dict[type[tasks.Task], Callable[[Services, Any], Awaitable[None]]]] = {
    tasks.FanOutTweet: fan_out.deliver_tweet,
    tasks.ConvertPhoto: conversions.convert_media,
    tasks.ConvertVideo: conversions.convert_media,
    tasks.RemoveObjects: media_removals.remove_objects,
    tasks.SweepMedia: media_removals.sweep_media,
    tasks.MakeArchive: archives.make_archive,
    tasks.RemoveArchive: archives.remove_archive,
    tasks.MoveMedia: media_stores.move_media,
    tasks.TellOfEdit: edits.tell_of_edit,
    tasks.TellQuotersOfEdit: edits.tell_quoters_of_edit,
    tasks.EndPoll: polls.end_poll,
    tasks.TellOfVotes: polls.tell_of_votes,
    tasks.ClearVotes: polls.clear_votes,
    tasks.PushNotification: push.push_notification,
    tasks.PostScheduled: scheduled_tweets.post_scheduled,
    tasks.SendEmail: emails.send_email,
    tasks.SendPush: push.send_push,
    tasks.RingBells: notifications.ring_bells,
    tasks.ClearNotifications: notifications.clear_notifications,
    tasks.TellOfAnnouncement: announcements.tell_of_announcement,
    tasks.ClearAnnouncement: announcements.clear_announcement,
    tasks.ClearDeletedTweet: tweets.clear_deleted_tweet,
    tasks.CountYear: annual_reports.count_year,
    tasks.DeleteUser: deletion.clear_deleted_user,
    tasks.FetchPreview: previews.fetch_preview,
    tasks.RefreshTrends: trends.refresh_trends,
    tasks.TrimDeliveries: upkeep.trim_deliveries,
    tasks.IndexTweets: search.index_tweets,
    tasks.IndexUsers: user_search.index_users,
    tasks.SweepExpired: upkeep.sweep_expired,
    tasks.CountInstance: instance.count_instance,
}
GIVEN_UP: Final[dict[type[tasks.Task], Callable[[Services, Write, Any], Awaitable[None]]]] = {
    tasks.ConvertPhoto: conversions.give_up,
    tasks.ConvertVideo: conversions.give_up,
    tasks.MakeArchive: archives.give_up,
}
"""What is to be written when a task is not tried any more, in the transaction that says so."""
