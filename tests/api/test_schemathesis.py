"""Requests made up from the contract: whatever is sent to any operation, the answer is one that the contract describes."""

import asyncio
import threading
from collections.abc import Coroutine, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import httpx
import hypothesis
import pytest
import requests
import schemathesis
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from rookery.api.openapi import document
from rookery.settings import Settings
from tests.world import World, open_world

T = TypeVar("T")

EXAMPLES = 8
"""Requests of each kind (as the contract says, and not) for each operation."""
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
SCHEMA = schemathesis.openapi.from_dict(document())
OPERATIONS = {
    f"{operation.method.upper()} {operation.path}": operation
    for operation in (result.ok() for result in SCHEMA.get_all_operations())
}
UNDESCRIBED = 405
"""A value with a slash may lead to another path, where the method is not known."""


@dataclass(frozen=True)
class Served:
    """A world that runs in a thread of its own, so that synchronous strategies can drive it."""

    loop: asyncio.AbstractEventLoop
    client: httpx.AsyncClient
    tokens: list[str | None]
    """A user's more often than an app's or none."""
    user_ids: list[str]
    tweet_ids: list[str]

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine in the world's thread."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(timeout=120)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Generator[Served]:
    file = tmp_path_factory.mktemp("schemathesis") / "rookery.db"
    ready: list[Served] = []
    started, ending = threading.Event(), asyncio.Event()
    thread = threading.Thread(target=lambda: asyncio.run(_serve(file, ready, started, ending)))
    thread.start()
    started.wait()
    try:
        yield ready[0]
    finally:
        ready[0].loop.call_soon_threadsafe(ending.set)
        thread.join()


async def _serve(file: Path, ready: list[Served], started: threading.Event, ending: asyncio.Event) -> None:
    try:
        async with open_world(Settings(database_url=f"sqlite:///{file}", rate_limits="off")) as world:
            ready.append(await _populate(world))
            started.set()
            await ending.wait()
    finally:
        started.set()


async def _populate(world: World) -> Served:
    ada, bob, eve = await world.user("ada"), await world.user("bob"), await world.user("eve", locked=True)
    await world.follow(ada, bob, eve)
    tweets = [
        view.tweet.id for author in (ada, bob) for view in await world.tweets(author, 20, "#birds @bob")
    ]
    transport = httpx.ASGITransport(world.application, raise_app_exceptions=False)
    client = httpx.AsyncClient(transport=transport, base_url=world.settings.base_url)
    return Served(
        asyncio.get_running_loop(),
        client,
        [*[await world.token(ada)] * 4, await _app_token(client), None],
        [str(user.id) for user in (ada, bob, eve)],
        [str(tweet_id) for tweet_id in tweets],
    )


async def _app_token(client: httpx.AsyncClient) -> str:
    app = {"client_name": "Fuzz", "redirect_uris": "urn:ietf:wg:oauth:2.0:oob", "scopes": "read write"}
    known = (await client.post("/api/v1/apps", data=app)).json()
    asked = {"grant_type": "client_credentials", "scope": "read write", "redirect_uri": app["redirect_uris"]}
    asked |= {"client_id": known["client_id"], "client_secret": known["client_secret"]}
    return (await client.post("/oauth/token", data=asked)).json()["access_token"]


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_every_answer_is_one_that_the_contract_describes(served: Served, name: str):
    operation = OPERATIONS[name]
    modes = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
    cases = st.one_of([operation.as_strategy(generation_mode=mode) for mode in modes])

    ids = served.user_ids if "account" in name else served.tweet_ids

    @hypothesis.given(case=cases, known=st.sampled_from([None, *ids]), token=st.sampled_from(served.tokens))
    @hypothesis.settings(
        derandomize=True,
        max_examples=2 * EXAMPLES,
        deadline=None,
        database=None,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    def send(case: Case, known: str | None, token: str | None) -> None:
        _use_known_id(case, known)
        headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
        kwargs = case.as_transport_kwargs(base_url="http://127.0.0.1:8000", headers=headers)
        kwargs.pop("verify", None)
        request = requests.Request(**kwargs).prepare()
        response = served.run(_sent(served.client, request))
        if response.status_code != UNDESCRIBED:
            case.validate_response(response, checks=CHECKS)

    send()


def _use_known_id(case: Case, known: str | None) -> None:
    """Put an id that exists in the path's place for one, so that more than 404s are seen."""
    if known is not None:
        for parameter in case.path_parameters or {}:
            if parameter.endswith("id"):
                case.path_parameters[parameter] = known


async def _sent(client: httpx.AsyncClient, request: requests.PreparedRequest) -> httpx.Response:
    body = request.body.encode() if isinstance(request.body, str) else request.body
    return await client.request(
        request.method or "", request.url or "", content=body, headers=list(request.headers.items())
    )
