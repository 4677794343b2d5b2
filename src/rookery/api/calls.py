"""One call of the API: who calls, with which token, through which services."""

from dataclasses import dataclass

from rookery.api.presenting import Presenter
from rookery.domain.ids import AppId, TokenId, UserId
from rookery.domain.users import UserState
from rookery.errors import Unauthorized
from rookery.services import Services


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a valid token says."""

    token_id: TokenId
    app_id: AppId
    user_id: UserId | None
    user_state: UserState | None
    scopes: tuple[str, ...]


class Call:
    """What an endpoint knows of its caller."""

    __slots__ = ("client_address", "credentials", "headers", "present", "services")

    def __init__(
        self,
        services: Services,
        present: Presenter,
        credentials: Credentials | None,
        *,
        client_address: str,
        headers: dict[str, str],
    ) -> None:
        """Take the parts; endpoints get it ready-made."""
        self.services = services
        self.present = present
        self.credentials = credentials
        self.client_address = client_address
        self.headers = headers
        """Request headers, names in lower case."""

    @property
    def viewer(self) -> UserId:
        """The user who calls; raises Unauthorized when nobody is signed in."""
        if self.credentials is None or self.credentials.user_id is None:
            raise Unauthorized
        return self.credentials.user_id

    @property
    def viewer_or_none(self) -> UserId | None:
        """The user who calls, or None."""
        return self.credentials.user_id if self.credentials is not None else None
