"""Parameters from the path, the query and the body, in whichever of the forms that clients use.

Mastodon's clients send forms, multipart forms or JSON, and name nested values as Rails does: `media_ids[]`,
`poll[options][]`, `fields_attributes[0][name]`.
"""

import re
from typing import Any, Final, TypeVar
from urllib.parse import parse_qsl

import msgspec
from litestar import Request
from litestar.exceptions import HTTPException

from rookery.errors import BadRequest, Invalid, NotFound, TooLarge

ParametersT = TypeVar("ParametersT", bound=msgspec.Struct)

_KEY: Final = re.compile(r"\[([^\[\]]*)\]")
_WHERE: Final = re.compile(r"^(?P<what>.*?)(?: - at `(?P<path>[^`]+)`)?$", re.DOTALL)
NESTING_MAX: Final = 4
FIELDS_MAX: Final = 1000

AnyRequest = Request[Any, Any, Any]


async def parse(request: AnyRequest, parameters: type[ParametersT], path: dict[str, Any]) -> ParametersT:
    """Join path, query and body and convert them.

    Raises Invalid naming the field, BadRequest when the body cannot be read, NotFound when an id in the path is none.
    """
    values: dict[str, Any] = {}
    query: bytes = request.scope.get("query_string", b"")
    if query:
        values = nest(_pairs(query))
    if request.method != "GET":
        body = await _body(request)
        if not isinstance(body, dict):
            raise BadRequest("the body must be a JSON object")
        values.update(body)  # pyright: ignore[reportUnknownArgumentType]
    if path:
        values.update(path)
    try:
        return msgspec.convert(values, parameters, strict=False)
    except msgspec.ValidationError as error:
        raise _sentence(error, path) from None


def _pairs(encoded: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(encoded.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=FIELDS_MAX)
    except UnicodeDecodeError:
        raise BadRequest("the parameters are not valid UTF-8") from None
    except ValueError:
        raise BadRequest(f"there are more than {FIELDS_MAX} parameters") from None


async def _body(request: AnyRequest) -> Any:
    kind = request.headers.get("content-type", "").split(";", 1)[0].strip().lower()
    try:
        if kind == "multipart/form-data":
            form = await request.form()
            return nest([(key, value) for key, value in form.multi_items()])
        raw = await request.body()
    except HTTPException as error:
        if error.status_code == 413:
            raise TooLarge from None
        raise BadRequest("the body cannot be read as the form that it says it is") from None
    if not raw:
        return {}
    if kind == "application/json":
        try:
            return msgspec.json.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise BadRequest("the body is not valid JSON") from None
    if kind in {"application/x-www-form-urlencoded", ""}:
        try:
            return nest(_pairs(raw))
        except UnicodeDecodeError:
            raise BadRequest("the body is not a valid form") from None
    raise BadRequest(f"the content type {kind} is not understood; send a form or JSON")


def nest(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Turn Rails' names into nested values: `a[]` makes lists, `a[b]` objects, `a[0][b]` lists of objects."""
    values: dict[str, Any] = {}
    for key, value in pairs:
        head, bracket, _ = key.partition("[")
        steps = _KEY.findall(key) if bracket else []
        if len(steps) > NESTING_MAX:
            raise BadRequest(f"{head} is nested more deeply than {NESTING_MAX} levels")
        place: dict[str, Any] = values
        name = head
        for step in steps:
            inner = place.setdefault(name, {})
            if not isinstance(inner, dict):
                raise Invalid(f"{head} is given both as a value and as a list or object", field=head)
            place, name = inner, step or str(len(inner))  # pyright: ignore[reportUnknownVariableType]
        place[name] = value
    return {name: _listed(value) for name, value in values.items()}


def _listed(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    inner: dict[str, Any] = {name: _listed(item) for name, item in value.items()}  # pyright: ignore[reportUnknownVariableType]
    if inner and all(name.isdecimal() for name in inner):
        return [inner[name] for name in sorted(inner, key=int)]
    return inner


def _sentence(error: msgspec.ValidationError, path: dict[str, Any]) -> Exception:
    match = _WHERE.match(str(error))
    what, where = (match["what"], match["path"]) if match else (str(error), None)
    field = where.removeprefix("$.").removeprefix("$") if where else ""
    if field in path:
        return NotFound()
    missing = re.match(r"Object missing required field `(.+)`", what)
    if missing:
        return Invalid(f"{missing[1]} is missing", field=missing[1])
    plain = what.replace("`", "")
    plain = plain[:1].lower() + plain[1:]
    return Invalid(f"{field or 'the request'}: {plain}", field=field or None)


