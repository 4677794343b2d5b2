"""What only the instance's own web client may do: an app that somebody lets in must not be able to end the others."""

from rookery.api.calls import Call
from rookery.errors import Forbidden, Unauthorized
from rookery.usecases import apps


async def require_web_client(call: Call) -> None:
    """Raise Forbidden unless it is the instance's own web client that calls."""
    if call.credentials is None:
        raise Unauthorized
    if not (await apps.get_app(call.services, call.credentials.app_id)).is_web_client:
        raise Forbidden("Only this instance's own web client may do this")
