"""What a user takes along, for the instance's own web client: an extension of Rookery's.

The files themselves are fetched by the browser in which the user is signed in, from the addresses given here.
"""

from rookery.api.addresses import ARCHIVE_FILE, EXPORT_PATH
from rookery.api.endpoints import Call, Json, endpoint
from rookery.api.entities.own_settings import Archive, ExportedList, Exports
from rookery.api.own_client import require_web_client
from rookery.api.timestamps import timestamp
from rookery.domain import archives as rules
from rookery.domain.archives import ExportKind
from rookery.usecases import archives


def _entity(call: Call, one: rules.Archive) -> Archive:
    address = f"{call.services.instance.base_url}{EXPORT_PATH}/{ARCHIVE_FILE}"
    return Archive(
        state=one.state.value,
        requested_at=timestamp(one.asked_ms),
        expires_at=timestamp(one.ends_ms) if one.ends_ms is not None else None,
        size=one.size_bytes,
        url=address if one.ready_ms is not None else None,
    )


@endpoint("GET", "/api/v1/settings/exports", scope="read:accounts")
async def index(call: Call) -> Json[Exports]:
    """List what the viewer may take along, and how far their archive is. For the web client only."""
    await require_web_client(call)
    base_url = call.services.instance.base_url
    archive = await archives.get_archive(call.services, call.viewer)
    return Json.of(
        Exports(
            lists=[
                ExportedList(name=kind.value, url=f"{base_url}{EXPORT_PATH}/{kind}.csv")
                for kind in ExportKind
            ],
            archive=_entity(call, archive) if archive is not None else None,
        )
    )


@endpoint("POST", "/api/v1/settings/archive", scope="write:accounts", status=202)
async def make_archive(call: Call) -> Json[Archive]:
    """Have an archive made of everything that is the viewer's, once a day; it is kept for a week.

    For the web client only.
    """
    await require_web_client(call)
    return Json.of(_entity(call, await archives.ask_for_archive(call.services, call.viewer)), status=202)
