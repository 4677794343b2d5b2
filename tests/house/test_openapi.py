"""The contract in the repository is the one that the program serves."""

import inspect
import re
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from rookery.api import openapi, scopes
from rookery.api.endpoints import ENDPOINTS
from scripts import operations
from tests.house.rules import ROOT

DOCUMENT = openapi.document()
NOTHING = ('return Json(b"[]")', 'return Json(b"{}")')
"""How the source of a handler ends that never has anything to tell."""
OPERATIONS = [
    (path, method, each) for path, methods in DOCUMENT["paths"].items() for method, each in methods.items()
]


def test_openapi_json_is_what_the_program_describes():
    committed = (ROOT / "openapi.json").read_bytes()
    assert committed == openapi.encoded(), "run: make openapi"


def test_the_description_comes_out_the_same_each_time():
    assert openapi.encoded() == openapi.encoded()


def test_every_reference_leads_somewhere_and_every_schema_is_one():
    for reference in _references(DOCUMENT):
        place: Any = DOCUMENT
        for step in reference.removeprefix("#/").split("/"):
            assert step in place, reference
            place = place[step]
    for schema in DOCUMENT["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_every_parameter_of_a_path_is_described():
    for path, method, operation in OPERATIONS:
        described = {each["name"] for each in operation.get("parameters", ()) if each["in"] == "path"}
        assert described == set(re.findall(r"\{(\w+)\}", path)), f"{method} {path}"


def test_operations_that_change_something_take_forms_and_json():
    kinds = {"application/json", "application/x-www-form-urlencoded", "multipart/form-data"}
    for path, method, operation in OPERATIONS:
        if "requestBody" in operation:
            assert method in {"post", "put", "patch"}, path
            assert set(operation["requestBody"]["content"]) == kinds, path


def test_only_known_scopes_are_asked_for():
    for path, method, operation in OPERATIONS:
        for way in operation["security"]:
            assert set(way.get("oauth", ())) <= scopes.ALL, f"{method} {path}"


def test_ids_travel_as_text():
    described = DOCUMENT["paths"]["/api/v1/statuses/{id}"]["get"]["parameters"][0]["schema"]
    assert described == {"type": "string", "pattern": "^[0-9]{1,19}$"}
    assert DOCUMENT["components"]["schemas"]["Status"]["properties"]["id"] == {"type": "string"}


def test_pages_are_described_with_their_links_and_limits():
    answer = DOCUMENT["paths"]["/api/v1/timelines/home"]["get"]["responses"]["200"]
    assert set(answer["headers"]) == {
        "Link",
        "X-RateLimit-Limit",
        "X-RateLimit-Remaining",
        "X-RateLimit-Reset",
    }


def test_the_page_of_operations_is_what_the_program_serves():
    assert operations.PAGE.read_text(encoding="utf-8") == operations.client_api(), "run: make docs"


def test_every_published_operation_is_on_the_page_once():
    names = [operation.name for operation in operations.published()]
    assert len(names) == len(set(names)) == 210


def test_an_operation_that_is_absent_without_a_reason_is_noticed():
    unknown = operations.Operation("GET /api/v9/nothing", "nothing", "-", "", deprecated=False)
    with pytest.raises(LookupError, match="does not say why"):
        operations.reason(unknown, is_served=False)


def test_whatever_some_app_uses_is_served_or_waits_for_an_issue_of_its_own():
    here = operations.served()
    missing = {
        operation.name: operations.reason(operation, is_served=False)
        for operation in operations.published()
        if operation.need in {"S", "C", "U"} and operation.shape not in here
    }
    assert {name: reason for name, reason in missing.items() if reason not in operations.ALLOWED} == {}


def test_no_reason_is_kept_for_what_is_served_or_unheard_of():
    here = operations.served()
    absent = [
        operation.shape.partition(" ")[2]
        for operation in operations.published()
        if operation.shape not in here
    ]
    for path in operations.ABSENT:
        assert any(each == path or each.startswith(f"{path}/") for each in absent), path
    for shape in operations.REMARKS:
        assert shape in here, shape


def test_what_always_answers_that_there_is_nothing_says_why():
    published = {operation.shape for operation in operations.published()}
    empty = {
        re.sub(r"\{\w+\}", "{}", f"GET {endpoint.path}")
        for endpoint in ENDPOINTS
        if endpoint.method == "GET" and inspect.getsource(endpoint.handler).rstrip().endswith(NOTHING)
    }
    streams = {shape for shape in operations.EMPTY if shape.startswith("GET /api/v1/streaming/")}
    assert set(operations.EMPTY) - streams == empty & published
    assert streams <= set(operations.served())


def _references(part: Any) -> list[str]:
    if isinstance(part, dict):
        own = [part["$ref"]] if isinstance(part.get("$ref"), str) else []
        return own + [each for value in part.values() for each in _references(value)]
    return [each for item in part for each in _references(item)] if isinstance(part, list) else []
