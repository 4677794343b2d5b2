"""The catalogue of endpoints: each is a function that takes a call and its parameters and returns JSON.

The routes, the scopes' enforcement, `openapi.json` and the list of operations in the documentation all come from it.
"""

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from types import UnionType
from typing import Any, Final, Generic, Literal, TypeVar, get_args, get_origin, get_type_hints

import msgspec

from rookery.api.calls import Call
from rookery.domain.media import MediaLimits

T = TypeVar("T")
Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
EntityT = TypeVar("EntityT")


class Access(Enum):
    """Who may call."""

    ANYONE = "anyone"
    """A token is welcome and not needed."""
    APP = "app"
    """A token is needed; that of an app without a user will do."""
    USER = "user"
    """A user's token is needed."""
    UNFINISHED = "unfinished"
    """A user's token is needed, and the user need not be confirmed or approved yet."""
    CLIENT = "client"
    """No token is looked at: the endpoint checks an app's own name and secret, wherever they stand."""


@dataclass(frozen=True, slots=True)
class RateLimit:
    """How often one address may call an endpoint, beside the limit on all its requests."""

    name: str
    """Endpoints of the same name share the count."""
    requests_max: int
    window_ms: int


class Json(Generic[T]):
    """An answer: bytes of JSON that describe a `T`."""

    __slots__ = ("body", "headers", "status")

    def __init__(self, body: bytes, *, status: int = 200, headers: dict[str, str] | None = None) -> None:
        """Take the encoded body."""
        self.body = body
        self.status = status
        self.headers = headers

    @staticmethod
    def of(value: EntityT, *, status: int = 200, headers: dict[str, str] | None = None) -> "Json[EntityT]":
        """Encode an entity."""
        return Json(msgspec.json.encode(value), status=status, headers=headers)


class Nothing(msgspec.Struct, frozen=True):
    """An empty object: parameters of endpoints that take none, and answers that say only that it is done."""


Handler = Callable[..., Awaitable[Json[Any]]]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One operation of the API."""

    method: Method
    path: str
    """With `{name}` for parameters in the path."""
    handler: Handler
    parameters: type[msgspec.Struct]
    result: Any
    """The type that the answer's JSON describes."""
    status: int
    access: Access
    scope: str | None
    deprecated: bool
    limit: RateLimit | None = None
    also: int | None = None
    """Another status of success: what was asked for is not finished yet."""
    uploads: Callable[[MediaLimits], int] | None = None
    """How many bytes of files may come with it; None: it takes no files."""
    admits: Callable[[Call], Awaitable[None]] | None = None
    """Refuses a call by an error before its body is read."""

    @property
    def needs_user(self) -> bool:
        """Whether an app's own token is not enough."""
        return self.access in {Access.USER, Access.UNFINISHED}

    @property
    def results(self) -> tuple[Any, ...]:
        """What the answer's JSON may describe: more than one where the annotation names several."""
        return get_args(self.result) if isinstance(self.result, UnionType) else (self.result,)

    @property
    def summary(self) -> str:
        """The handler's docstring."""
        return inspect.getdoc(self.handler) or ""

    @property
    def operation_id(self) -> str:
        """A name that is unique in the contract."""
        module = self.handler.__module__.rsplit(".", 1)[-1]
        return f"{module}.{self.handler.__name__}"


ENDPOINTS: Final[list[Endpoint]] = []

_HandlerT = TypeVar("_HandlerT", bound=Handler)


def endpoint(
    method: Method,
    path: str,
    *,
    access: Access = Access.USER,
    scope: str | None = None,
    status: int = 200,
    deprecated: bool = False,
    limit: RateLimit | None = None,
    also: int | None = None,
    uploads: Callable[[MediaLimits], int] | None = None,
    admits: Callable[[Call], Awaitable[None]] | None = None,
) -> Callable[[_HandlerT], _HandlerT]:
    """Enter a function `(call) -> Json[T]` or `(call, parameters) -> Json[T]` in the catalogue.

    Parameters from the path, the query and the body (form or JSON) are joined and converted to the struct that the
    function asks for. The answer's type is the `T` of its annotation.
    """

    def enter(handler: _HandlerT) -> _HandlerT:
        hints = get_type_hints(handler)
        result = hints.pop("return")
        if get_origin(result) is not Json:
            raise TypeError(f"{handler.__qualname__} must return Json[…]")
        hints.pop("call")
        parameters = hints.popitem()[1] if hints else Nothing
        ENDPOINTS.append(
            Endpoint(
                method,
                path,
                handler,
                parameters,
                get_args(result)[0],
                status,
                access,
                scope,
                deprecated,
                limit,
                also,
                uploads,
                admits,
            )
        )
        return handler

    return enter


__all__ = ["ENDPOINTS", "Access", "Call", "Endpoint", "Json", "Nothing", "RateLimit", "endpoint"]
