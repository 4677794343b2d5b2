"""Parameters from the path, the query and the body, in whichever of the forms that clients use.

Mastodon's clients send forms, multipart forms or JSON, and name nested values as Rails does: `media_ids[]`,
`poll[options][]`, `fields_attributes[0][name]`. What cannot be meant is refused here, with a sentence that names the
field, before any endpoint sees it: text that no database keeps, numbers that no column holds, bodies without an end.
"""

import math
import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, TypeVar
from urllib.parse import parse_qsl

import msgspec
from litestar.exceptions import HTTPException
from msgspec import inspect

from rookery.api.calls import AnyRequest
from rookery.api.uploads import UploadedFile, read_form
from rookery.domain.ids import ID_MAX
from rookery.domain.media import MediaLimits
from rookery.errors import BadRequest, Invalid, NotFound, RookeryError, TooLarge

ParametersT = TypeVar("ParametersT", bound=msgspec.Struct)

NESTING_MAX: Final = 8
"""Levels of lists and objects within one parameter."""
FIELDS_MAX: Final = 1000
INDEX_DIGITS_MAX: Final = 6
"""Digits of a list's index in a parameter's name."""

_KEY: Final = re.compile(r"\[([^\[\]]*)\]")
_WHERE: Final = re.compile(r"^(?P<what>.*?)(?: - at `(?P<path>[^`]+)`)?$", re.DOTALL)
_EXPECTED: Final = re.compile(r"^Expected `(?P<kinds>[^`]+)`(?P<rest>.*)$", re.DOTALL)
_MISSING: Final = re.compile(r"^Object missing required field `(?P<name>.+)`$")
_ENUM: Final = re.compile(r"^Invalid enum value ")
_HALF_PAIR: Final = re.compile(rb"\\u[dD][89a-fA-F]")
"""An escape in JSON that is one half of a character; alone it stands for nothing."""
_LENGTH: Final = re.compile(r"^, got|^ of length (?P<bound><=|>=) (?P<length>\d+)$")
_KINDS: Final = {
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "str": "text",
    "array": "a list",
    "object": "an object",
    "UploadedFile": "a file",
}
_FLAG_WORDS: Final = {"on": True, "t": True, "off": False, "f": False}
"""What Rails takes for a flag besides the words that msgspec knows."""


async def parse(
    request: AnyRequest,
    parameters: type[ParametersT],
    path: dict[str, Any],
    *,
    limits: MediaLimits,
    kept: ExitStack,
) -> ParametersT:
    """Join path, query and body and convert them; uploaded files live as long as `kept`.

    Raises Invalid naming the field, BadRequest when the body cannot be read, NotFound when an id in the path is none.
    """
    values: dict[str, Any] = {}
    if query := request.scope["query_string"]:
        values = nest(_pairs(query))
    # Mastodon.py sends some queries as JSON.
    if (
        request.method not in {"GET", "HEAD"}
        or (b"content-type", b"application/json") in request.scope["headers"]
    ):
        body = await _body(request, _plan(parameters).files, limits, kept)
        if not isinstance(body, dict):
            raise BadRequest("The body must be a JSON object")
        values.update(body)  # pyright: ignore[reportUnknownArgumentType]
    for name, value in values.items():
        _refuse_unkeepable(name, value, depth=0)
    if path:
        values.update(path)
    return convert(values, parameters, path)


def convert(values: dict[str, Any], parameters: type[ParametersT], path: dict[str, Any]) -> ParametersT:
    """Convert joined values to the struct; `path` holds those that came from the path and are not found when wrong."""
    plan = _plan(parameters)
    _adapt(values, plan)
    try:
        for name, value in path.items():
            _refuse_unkeepable(name, value, depth=0)
        converted = msgspec.convert(values, parameters, strict=False)
        for name in values:
            if (field := plan.numbers.get(name)) is not None:
                _refuse_unbounded(name, getattr(converted, field))
    except msgspec.ValidationError as error:
        raise _error(error, parameters, path) from None
    except Invalid as error:
        if error.field in path:
            raise NotFound from None
        raise
    return converted


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is to be known of a struct's fields before and after msgspec converts them."""

    lists: frozenset[str]
    flags: frozenset[str]
    blankable: frozenset[str]
    """Fields that may be left out and for which an empty text means just that."""
    nullable: frozenset[str]
    """Fields that may be left out and for which null means just that."""
    files: frozenset[str]
    """Fields that take an uploaded file."""
    numbers: dict[str, str]
    """Fields that hold numbers, themselves or further inside, by the names that clients use."""


@cache
def _plan(parameters: type[msgspec.Struct]) -> _Plan:
    info = inspect.type_info(parameters)
    assert isinstance(info, inspect.StructType)  # noqa: S101  # msgspec answers a struct for a struct
    kinds = {field.encode_name: tuple(_kinds(field.type)) for field in info.fields}

    def holding(*wanted: type[inspect.Type]) -> frozenset[str]:
        return frozenset(
            name for name, each in kinds.items() if any(isinstance(kind, wanted) for kind in each)
        )

    optional = frozenset(field.encode_name for field in info.fields if not field.required)
    return _Plan(
        lists=holding(inspect.ListType, inspect.CollectionType, inspect.VarTupleType),
        flags=holding(inspect.BoolType),
        blankable=optional - holding(inspect.StrType, inspect.AnyType),
        nullable=optional - holding(inspect.NoneType, inspect.AnyType),
        files=frozenset(
            name
            for name, each in kinds.items()
            if any(isinstance(kind, inspect.CustomType) and kind.cls is UploadedFile for kind in each)
        ),
        numbers={
            field.encode_name: field.name
            for field in info.fields
            if any(
                isinstance(kind, inspect.IntType | inspect.FloatType | inspect.StructType)
                for kind in _inner_kinds(field.type)
            )
        },
    )


def _kinds(kind: inspect.Type) -> Iterator[inspect.Type]:
    if isinstance(kind, inspect.Metadata):
        yield from _kinds(kind.type)
    elif isinstance(kind, inspect.UnionType):
        for each in kind.types:
            yield from _kinds(each)
    else:
        yield kind


def _inner_kinds(kind: inspect.Type) -> Iterator[inspect.Type]:
    for each in _kinds(kind):
        if isinstance(each, inspect.CollectionType):
            yield from _inner_kinds(each.item_type)
        else:
            yield each


def _adapt(values: dict[str, Any], plan: _Plan) -> None:
    """Read values as Rails does: one value for a list of one, empty text and null for what is left out."""
    for name in list(values):
        value = values[name]
        if value is None:
            if name in plan.nullable:
                del values[name]
        elif name in plan.lists:
            values[name] = _as_list(value, keeps_blanks=name not in plan.blankable)
        elif value == "" and name in plan.blankable:
            del values[name]
        elif name in plan.flags and isinstance(value, str):
            values[name] = _FLAG_WORDS.get(value.lower(), value)


def _as_list(value: Any, *, keeps_blanks: bool) -> Any:
    if isinstance(value, dict):
        return _listed(value)
    if not isinstance(value, list):
        value = [value]
    # Rails' forms send an empty text for a list without entries.
    return value if keeps_blanks else [item for item in value if item != ""]  # pyright: ignore[reportUnknownVariableType]


def _refuse_unkeepable(field: str, value: Any, *, depth: int) -> None:
    if isinstance(value, str):
        if "\0" in value:
            raise Invalid(f"{field} contains the character NUL, which no text may", field=field)
        if not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
            raise BadRequest(f"{field} is not valid UTF-8", field=field)
    elif isinstance(value, dict | list):
        if depth == NESTING_MAX:
            raise BadRequest(f"{field} is nested more deeply than {NESTING_MAX} levels", field=field)
        items: Any = value.values() if isinstance(value, dict) else value  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
        for item in items:
            _refuse_unkeepable(field, item, depth=depth + 1)


def _refuse_unbounded(field: str, value: Any) -> None:
    if isinstance(value, int):
        if not -ID_MAX <= value <= ID_MAX:
            raise Invalid(f"{field} is not a number between {-ID_MAX} and {ID_MAX}", field=field)
    elif isinstance(value, float):
        if not math.isfinite(value):
            raise Invalid(f"{field} must be a finite number", field=field)
    elif isinstance(value, list | tuple):
        for item in value:  # pyright: ignore[reportUnknownVariableType]
            _refuse_unbounded(field, item)
    elif isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            _refuse_unbounded(f"{field}.{name}", getattr(value, name))


def _pairs(encoded: bytes) -> list[tuple[str, str]]:
    try:
        # Bytes that are not UTF-8 stay recognisable, so that the field can be named.
        pairs = parse_qsl(
            encoded.decode("utf-8", "surrogateescape"),
            keep_blank_values=True,
            errors="surrogateescape",
            max_num_fields=FIELDS_MAX,
        )
    except ValueError:
        raise BadRequest(f"There are more than {FIELDS_MAX} parameters") from None
    for name, _ in pairs:
        _refuse_unkeepable("A parameter's name", name, depth=0)
    return pairs


async def _body(request: AnyRequest, files: frozenset[str], limits: MediaLimits, kept: ExitStack) -> Any:
    kind = request.headers.get("content-type", "").split(";", 1)[0].strip().lower()
    try:
        if kind == "multipart/form-data":
            content_type = request.headers.get("content-type", "")
            fields = await read_form(request.stream(), content_type, wanted=files, limits=limits, kept=kept)
            return nest(fields)
        raw = await request.body()
    except (HTTPException, ValueError, LookupError) as error:
        raise _unreadable(error) from None
    if not raw:
        return {}
    if kind == "application/json" or kind.endswith("+json"):
        return _decoded(raw)
    if kind in {"application/x-www-form-urlencoded", ""}:
        return nest(_pairs(raw))
    raise BadRequest(f"The content type {kind[:100]} is not understood; send a form or JSON")


def _unreadable(error: Exception) -> RookeryError:
    if isinstance(error, HTTPException) and error.status_code == 413:
        return TooLarge()
    if isinstance(error, UnicodeError | LookupError):
        return BadRequest("A field of the form is not valid UTF-8")
    return BadRequest("The body cannot be read as the form that it says it is")


def _decoded(raw: bytes) -> Any:
    try:
        return msgspec.json.decode(raw)
    except RecursionError:
        raise BadRequest("The body is nested too deeply") from None
    except UnicodeDecodeError:
        raise BadRequest("The body is not valid UTF-8") from None
    except msgspec.DecodeError as error:
        if _HALF_PAIR.search(raw):
            # The decoder takes such an escape for the text's end.
            raise BadRequest(
                "The body is not valid JSON: it ends too early, or a \\u escape is half of a surrogate pair"
            ) from None
        raise BadRequest(f"The body is not valid JSON: {_plain(str(error))}") from None


def nest(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Turn Rails' names into nested values: `a[]` makes lists, `a[b]` objects, `a[0][b]` and `a[][b]` lists of objects."""
    values: dict[str, Any] = {}
    for key, value in pairs:
        head, bracket, _ = key.partition("[")
        steps: list[str] = _KEY.findall(key) if bracket else []
        if len(steps) > NESTING_MAX:
            raise BadRequest(f"{head} is nested more deeply than {NESTING_MAX} levels", field=head)
        place: dict[str, Any] = values
        name = head
        for position, step in enumerate(steps):
            inner = place.setdefault(name, {})
            if not isinstance(inner, dict):
                raise Invalid(f"{head} is given both as a value and as a list or object", field=head)
            following = steps[position + 1] if position + 1 < len(steps) else None
            place, name = inner, step or _next_index(inner, following)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        place[name] = value
    return {name: _listed(value) for name, value in values.items()}


def _next_index(entries: dict[str, Any], following: str | None) -> str:
    """Return the index that `[]` stands for: the last object while it lacks the field that follows, else a new one."""
    if following and entries:
        last = next(reversed(entries))
        entry = entries[last]
        if isinstance(entry, dict) and following not in entry:
            return last
    index = len(entries)
    while str(index) in entries:
        index += 1
    return str(index)


def _listed(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    inner: dict[str, Any] = {name: _listed(item) for name, item in value.items()}  # pyright: ignore[reportUnknownVariableType]
    if inner and all(name.isdecimal() and len(name) <= INDEX_DIGITS_MAX for name in inner):
        return [inner[name] for name in sorted(inner, key=int)]
    return inner


def _error(
    error: msgspec.ValidationError, parameters: type[msgspec.Struct], path: dict[str, Any]
) -> RookeryError:
    match = _WHERE.match(str(error))
    what, where = (match["what"], match["path"]) if match else (str(error), None)
    field = where.removeprefix("$.").removeprefix("$") if where else ""
    name = re.split(r"[.\[]", field, maxsplit=1)[0]
    if name in path:
        return NotFound()
    missing = _MISSING.match(what)
    if missing:
        absent = f"{field}.{missing['name']}" if field else missing["name"]
        return Invalid(f"{absent} is missing", field=name or missing["name"])
    if _ENUM.match(what) and (words := _words(parameters, field)):
        return Invalid(f"{field} must be one of {', '.join(words)}", field=name or None)
    return Invalid(f"{field or 'the request'} {_demand(what)}", field=name or None)


def _words(parameters: type[msgspec.Struct], field: str) -> list[str]:
    """Return the words among which a field chooses, by its name as in `source.privacy`."""
    kinds: list[inspect.Type] = [inspect.type_info(parameters)]
    for step in re.sub(r"\[[^\]]*\]", "", field).split("."):
        kinds = [
            kind
            for outer in kinds
            if isinstance(outer, inspect.StructType)
            for inner in outer.fields
            if inner.encode_name == step
            for kind in _inner_kinds(inner.type)
        ]
    return [
        word
        for kind in kinds
        if isinstance(kind, inspect.LiteralType)
        for word in kind.values
        if isinstance(word, str) and word
    ]


def _demand(what: str) -> str:
    """Return the rest of a sentence that begins with a field's name, from msgspec's message."""
    expected = _EXPECTED.match(what)
    if expected is None:
        return f"is not acceptable: {_plain(what)}"
    kinds = [kind for kind in expected["kinds"].split(" | ") if kind != "null"]
    wanted = " or ".join(_KINDS.get(kind, kind) for kind in kinds)
    length = _LENGTH.match(expected["rest"])
    if length is None:
        return f"must be {wanted}{_plain(expected['rest'])}"
    if length["bound"] is None:
        return f"must be {wanted}"
    unit = "entries" if "array" in kinds else "characters"
    return f"must have {'at most' if length['bound'] == '<=' else 'at least'} {length['length']} {unit}"


def _plain(text: str) -> str:
    text = text.replace("`", "").removeprefix("JSON is ")
    return text[:1].lower() + text[1:]
