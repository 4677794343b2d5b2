"""Every answer of the API is held against its contract: the type that the endpoint declares, and the OpenAPI description."""

import re
from functools import cache
from typing import Any

import httpx
import msgspec
from jsonschema import Draft202012Validator

from rookery.api.endpoints import ENDPOINTS, Endpoint
from rookery.api.errors import Error
from rookery.api.openapi import document


def endpoint_for(method: str, path: str) -> Endpoint | None:
    """Return the endpoint that answers such a request; fixed segments win over parameters."""
    found = [
        endpoint
        for endpoint in ENDPOINTS
        if endpoint.method == method and _pattern(endpoint.path).fullmatch(path)
    ]
    return min(found, key=lambda endpoint: endpoint.path.count("{"), default=None)


@cache
def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path)) + "/?")


async def check_response(response: httpx.Response) -> None:
    """Raise AssertionError when an answer is not what the contract says."""
    if not response.headers.get("content-type", "").startswith("application/json"):
        return
    if response.request.method == "HEAD":
        assert not await response.aread(), "HEAD was answered with a body"
        return
    body = await response.aread()
    request = response.request
    what = f"{request.method} {request.url.path} → {response.status_code}: {body[:1000].decode(errors='replace')}"
    endpoint = endpoint_for(request.method, request.url.path)
    failed = response.status_code >= 400
    if failed:
        _check_type(body, (Error,), what)
        assert msgspec.json.decode(body).get("error"), f"an error without a sentence: {what}"
    if endpoint is None:
        return
    if not failed:
        _check_type(body, endpoint.results, what)
    _check_description(endpoint, response.status_code, body, what)


def _check_type(body: bytes, kinds: tuple[Any, ...], what: str) -> None:
    problems: list[str] = []
    for kind in kinds:
        try:
            msgspec.json.decode(body, type=kind)
        except msgspec.ValidationError as error:
            problems.append(f"not a {kind}: {error}")
    assert len(problems) < len(kinds), f"{problems}\n{what}"


def _check_description(endpoint: Endpoint, status: int, body: bytes, what: str) -> None:
    _check_status(endpoint, status, what)
    errors = list(
        _validator(endpoint.path, endpoint.method.lower(), str(status)).iter_errors(msgspec.json.decode(body))
    )
    assert not errors, f"{errors[0].json_path}: {errors[0].message}\n{what}"


def _check_status(endpoint: Endpoint, status: int, what: str) -> None:
    described = _document()["paths"][endpoint.path][endpoint.method.lower()]["responses"]
    assert str(status) in described, f"this status is not in the OpenAPI description: {what}"


@cache
def _document() -> dict[str, Any]:
    return document()


@cache
def _validator(path: str, method: str, status: str) -> Any:
    described = _document()["paths"][path][method]["responses"][status]
    if reference := described.get("$ref"):
        described = _document()["components"]["responses"][reference.rsplit("/", 1)[-1]]
    schema = described["content"]["application/json"]["schema"]
    return Draft202012Validator(closed({**schema, "components": _document()["components"]}))


def closed(schema: Any) -> Any:
    """Return the schema with every object refusing fields that it does not describe."""
    if isinstance(schema, list):
        return [closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {name: closed(value) for name, value in schema.items()}
    if isinstance(schema.get("properties"), dict) and schema.get("type") == "object":
        inner.setdefault("additionalProperties", False)
    return inner
