"""The contract: an OpenAPI 3.1 description of the catalogue's endpoints, for `openapi.json` and the tests.

`python -m rookery.api.openapi > openapi.json` writes it.
"""

import copy
import re
import sys
from collections.abc import Iterable
from typing import Any, Final

import msgspec

import rookery
from rookery.api import scopes
from rookery.api.endpoints import ENDPOINTS, Access, Endpoint
from rookery.api.errors import Error
from rookery.api.paging import Paging
from rookery.api.server import load_routes
from rookery.api.streaming import channels
from rookery.api.uploads import UploadedFile

Schema = dict[str, Any]

_REFERENCE: Final = "#/components/schemas/{name}"
_PATH_PARAMETER: Final = re.compile(r"\{(\w+)\}")
_ID_NAME: Final = re.compile(r"(^|_)ids?$")
_ID: Final[Schema] = {"type": "string", "pattern": "^[0-9]{1,19}$"}
"""How an id travels: as text, since JavaScript's numbers would round it."""
_ORDER: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")

_FAILURES: Final = {
    400: "The request cannot be read.",
    401: "The access token is missing or not valid.",
    403: "The token's scopes, the user's state or the rules do not allow this.",
    404: "There is no such thing, or the caller may not see it.",
    409: "This conflicts with what is already there.",
    410: "This is no longer there.",
    413: "The request is too large.",
    422: "A parameter is wrong; the sentence names it.",
    429: "Too many requests; `X-RateLimit-Reset` says when to come back.",
    503: "The service is busy or a part of it is down; `Retry-After` says when to come back.",
}
_WRITING_FAILURES: Final = frozenset((409, 413))
"""What only requests with a body, or that change something, are answered."""
_HEADERS: Final[dict[str, Schema]] = {
    "Link": {
        "description": 'Addresses of the neighbouring pages, `rel="next"` (older) and `rel="prev"` (newer).',
        "schema": {"type": "string"},
    },
    "X-RateLimit-Limit": {"description": "Requests in a window of time.", "schema": {"type": "integer"}},
    "X-RateLimit-Remaining": {"description": "Requests left in this window.", "schema": {"type": "integer"}},
    "X-RateLimit-Reset": {
        "description": "When the window ends.",
        "schema": {"type": "string", "format": "date-time"},
    },
    "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}},
}
_LIMIT_HEADERS: Final = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")
_IDEMPOTENCY_KEY: Final[Schema] = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "The same key again returns what the first request made.",
    "schema": {"type": "string", "maxLength": 255, "pattern": "^[!-~]*$"},
}
_REQUEST_HEADERS: Final = {("POST", "/api/v1/statuses"): [_IDEMPOTENCY_KEY]}


def document() -> Schema:
    """Return the description of every endpoint, the same for every instance and in a stable order."""
    load_routes()
    endpoints = sorted(ENDPOINTS, key=lambda each: (each.path, _ORDER.index(each.method)))
    results = [result for each in endpoints for result in each.results]
    types = [*[each.parameters for each in endpoints], Error, *results]
    schemas, components = msgspec.json.schema_components(
        types, schema_hook=_schema_of_file, ref_template=_REFERENCE
    )
    described = iter(schemas[len(endpoints) + 1 :])
    paths: dict[str, Schema] = {}
    for position, endpoint in enumerate(endpoints):
        parameters = _resolved(schemas[position], components)
        alternatives = [next(described) for _ in endpoint.results]
        result = alternatives[0] if len(alternatives) == 1 else {"anyOf": alternatives}
        operation = _operation(endpoint, result=result, parameters=parameters)
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = operation
    paths = dict(sorted((paths | _streams()).items()))
    responses = {_failure_name(status): _failure(status, schemas[len(endpoints)]) for status in _FAILURES}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Rookery",
            "version": rookery.__version__,
            "summary": "The part of Mastodon's client API that Rookery serves.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": _reachable({"paths": paths, "responses": responses}, components),
            "responses": responses,
            "headers": _HEADERS,
            "securitySchemes": {"oauth": _security_scheme()},
        },
    }


def _schema_of_file(kind: type) -> Schema:
    if kind is not UploadedFile:
        raise NotImplementedError
    return {"type": "string", "format": "binary"}


def encoded() -> bytes:
    """Return the description as the text of `openapi.json`."""
    return msgspec.json.format(msgspec.json.encode(document()), indent=2) + b"\n"


def _operation(endpoint: Endpoint, *, result: Schema, parameters: Schema) -> Schema:
    in_path = _PATH_PARAMETER.findall(endpoint.path)
    properties: dict[str, Schema] = {
        name: _as_parameter(name, schema) for name, schema in parameters.get("properties", {}).items()
    }
    required = frozenset(parameters.get("required", ()))
    rest = {name: schema for name, schema in properties.items() if name not in in_path}
    listed = [
        {"name": name, "in": "path", "required": True, "schema": properties.get(name, {"type": "string"})}
        for name in in_path
    ]
    operation: Schema = {
        "operationId": endpoint.operation_id,
        "tags": [endpoint.operation_id.split(".", 1)[0]],
        "summary": " ".join(endpoint.summary.split("\n\n", 1)[0].split()),
        "security": _security(endpoint),
    }
    if endpoint.deprecated:
        operation["deprecated"] = True
    if endpoint.method in {"GET", "DELETE"}:
        listed += [_query_parameter(name, schema, required=name in required) for name, schema in rest.items()]
    elif rest:
        operation["requestBody"] = _body(rest, required=sorted(required & rest.keys()))
    listed += _REQUEST_HEADERS.get((endpoint.method, endpoint.path), [])
    if listed:
        operation["parameters"] = listed
    operation["responses"] = _responses(endpoint, result)
    return operation


def _streams() -> dict[str, Schema]:
    """Describe what is served in front of the catalogue's endpoints: live updates."""
    streams = {operation.path: {"get": _stream(operation)} for operation in channels.OPERATIONS}
    health: Schema = {
        "operationId": "streaming.health",
        "tags": ["streaming"],
        "summary": "Tell that live updates are served.",
        "security": [{}],
        "responses": {
            "200": {"description": "OK", "content": {"text/plain": {"schema": {"type": "string"}}}},
            **_failures((404,)),
        },
    }
    return {**streams, channels.HEALTH: {"get": health}}


def _stream(operation: channels.Operation) -> Schema:
    name = operation.path.removeprefix(f"{channels.PATH}/").replace("/", "_")
    described: Schema = {
        "operationId": f"streaming.{name}",
        "tags": ["streaming"],
        "summary": operation.summary,
        "security": [{"oauth": [operation.scope] if operation.scope is not None else []}],
        "parameters": [
            {"name": parameter, "in": "query", "required": required, "schema": {"type": "string"}}
            for parameter, required in operation.parameters.items()
        ],
        "responses": {
            "200": {
                "description": "Server-sent events, as long as the client listens.",
                "content": {"text/event-stream": {"schema": {"type": "string"}}},
            },
            **_failures((400, 401, 403, 404, 429, 503)),
        },
    }
    if not operation.parameters:
        del described["parameters"]
    return described


def _query_parameter(name: str, schema: Schema, *, required: bool) -> Schema:
    parameter: Schema = {"name": name, "in": "query", "schema": schema}
    if schema.get("type") == "array":
        parameter |= {"name": f"{name}[]", "style": "form", "explode": True}
    elif schema.get("type") == "object" or "$ref" in schema:
        parameter |= {"style": "deepObject", "explode": True}
    if required:
        parameter["required"] = True
    return parameter


def _body(properties: dict[str, Schema], *, required: list[str]) -> Schema:
    schema: Schema = {"type": "object", "properties": properties}
    if required:
        schema["required"] = required
    kinds = ("application/json", "application/x-www-form-urlencoded", "multipart/form-data")
    return {"required": bool(required), "content": {kind: {"schema": schema} for kind in kinds}}


def _responses(endpoint: Endpoint, result: Schema) -> Schema:
    headers: list[str] = list(_LIMIT_HEADERS)
    if issubclass(endpoint.parameters, Paging):
        headers.insert(0, "Link")
    responses: Schema = {
        str(endpoint.status): {
            "description": "Done.",
            "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in headers},
            "content": {"application/json": {"schema": result}},
        }
    }
    if endpoint.also is not None:
        done = responses[str(endpoint.status)]
        responses[str(endpoint.also)] = {**done, "description": "Begun, and not finished yet."}
    for status in _FAILURES:
        if endpoint.method != "GET" or status not in _WRITING_FAILURES:
            responses[str(status)] = {"$ref": f"#/components/responses/{_failure_name(status)}"}
    return responses


def _failures(statuses: Iterable[int]) -> Schema:
    return {str(status): {"$ref": f"#/components/responses/{_failure_name(status)}"} for status in statuses}


def _failure_name(status: int) -> str:
    return f"Failure{status}"


def _failure(status: int, error: Schema) -> Schema:
    headers = {429: _LIMIT_HEADERS, 503: ("Retry-After",)}.get(status, ())
    failure: Schema = {"description": _FAILURES[status], "content": {"application/json": {"schema": error}}}
    if headers:
        failure["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in headers}
    return failure


def _security(endpoint: Endpoint) -> list[dict[str, list[str]]]:
    if endpoint.access is Access.CLIENT:
        return [{}]
    held = [endpoint.scope] if endpoint.scope is not None else []
    return [{}, {"oauth": held}] if endpoint.access is Access.ANYONE else [{"oauth": held}]


def _security_scheme() -> Schema:
    described = {scope: _scope_sentence(scope) for scope in sorted(scopes.ALL)}
    return {
        "type": "oauth2",
        "flows": {
            "authorizationCode": {
                "authorizationUrl": "/oauth/authorize",
                "tokenUrl": "/oauth/token",
                "scopes": described,
            },
            "clientCredentials": {"tokenUrl": "/oauth/token", "scopes": described},
        },
    }


def _scope_sentence(scope: str) -> str:
    kind, _, noun = scope.partition(":")
    sentences = {
        "read": f"Read {noun or 'everything the user may see'}.",
        "write": f"Change {noun or 'everything the user may change'}.",
        "follow": "Read and change follows, blocks and mutes (deprecated).",
        "push": "Receive notifications by Web Push.",
        "profile": "Read who the user is, and nothing else.",
    }
    return sentences[kind]


def _as_parameter(name: str, schema: Schema) -> Schema:
    """Return the schema of a parameter: null means left out, and ids travel as text."""
    shown = copy.deepcopy(schema)
    if "anyOf" in shown:
        kinds = [kind for kind in shown.pop("anyOf") if kind != {"type": "null"}]
        shown |= kinds[0] if len(kinds) == 1 else {"anyOf": kinds}
    if shown.get("default", ...) is None:
        del shown["default"]
    if _ID_NAME.search(name):
        if shown.get("type") == "integer":
            return {key: value for key, value in shown.items() if key == "description"} | _ID
        if shown.get("type") == "array" and shown.get("items", {}).get("type") == "integer":
            shown["items"] = dict(_ID)
    return shown


def _resolved(schema: Schema, components: dict[str, Any]) -> Schema:
    reference = schema.get("$ref")
    return components[reference.rsplit("/", 1)[1]] if reference else schema


def _reachable(root: Any, components: dict[str, Any]) -> dict[str, Schema]:
    """Return the components that something in the document refers to, by name."""
    found: dict[str, Schema] = {}
    waiting = list(_references(root))
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = components[name]
            waiting += _references(components[name])
    return dict(sorted(found.items()))


def _references(part: Any) -> Iterable[str]:
    prefix = _REFERENCE.format(name="")
    if isinstance(part, dict):
        for key, value in part.items():  # pyright: ignore[reportUnknownVariableType]
            if key == "$ref" and isinstance(value, str) and value.startswith(prefix):
                yield value.removeprefix(prefix)
            else:
                yield from _references(value)
    elif isinstance(part, list):
        for item in part:  # pyright: ignore[reportUnknownVariableType]
            yield from _references(item)


if __name__ == "__main__":
    sys.stdout.buffer.write(encoded())
