"""Mastodon.py, unmodified: searching people, hashtags and statuses; what was written nearby, which it does not know, over HTTP."""

from pathlib import Path

import httpx
import pytest
from mastodon import Mastodon, MastodonAPIError

from tests import samples
from tests.e2e.test_mastodon_py import create_user, sign_in_by_token
from tests.e2e.test_mastodon_py_media import DONE_S
from tests.processes import Process
from tests.servers import wait_until


def test_search_from_an_app(tmp_path: Path, database_url: str):
    for name in ("ada", "grace_hopper"):
        create_user(tmp_path, database_url, name)
    media_url = f"file:///{tmp_path / 'media'}"
    with Process(tmp_path, database_url=database_url, media_url=media_url, rate_limits="off") as server:
        ada, grace = [
            sign_in_by_token(server, tmp_path, database_url, name) for name in ("ada", "grace_hopper")
        ]
        check_people(ada, grace)
        check_statuses(ada, grace)
        check_pages(ada, grace)
        check_nearby(ada, grace, server.url)


def people(searcher: Mastodon, text: str, **more: bool) -> list[str]:
    return [account.acct for account in searcher.account_search(text, **more)]


def check_people(ada: Mastodon, grace: Mastodon) -> None:
    ada.account_update_credentials(display_name="Ada Lovelace")
    for text in ("ada", "@ada", "lovelace", "Ada Lovelcae", "lovelase"):
        assert people(grace, text) == ["ada"]
        assert [account.acct for account in grace.search(text, result_type="accounts").accounts] == ["ada"]
    assert people(ada, "grace hoper") == ["grace_hopper"]
    assert people(ada, "gracehopper", following=True) == []
    ada.account_follow(ada.account_lookup("grace_hopper"))
    assert people(ada, "gracehopper", following=True) == ["grace_hopper"]
    assert people(grace, "nobody") == []


def statuses(searcher: Mastodon, text: str, **more: object) -> list[str]:
    found = searcher.search(text, result_type="statuses", **more).statuses
    return [status.content.removeprefix("<p>").removesuffix("</p>") for status in found]


def check_statuses(ada: Mastodon, grace: Mastodon) -> None:
    photo = ada.media_post(samples.photo(), "image/jpeg", "A rook on a roof", file_name="rook.jpg")
    assert wait_until(lambda: ada.media(photo).url is not None, timeout_s=DONE_S)
    shown = ada.status_post("Café with rooks", media_ids=[photo], language="en")
    secret = ada.status_post("Rooks for @grace_hopper alone", visibility="direct")
    ada.status_post("東京の鳥 rooks")
    assert [status.id for status in grace.search("roof").statuses] == [shown.id]
    assert statuses(grace, "CAFE") == ["Café with rooks"]
    assert statuses(grace, "京の鳥") == ["東京の鳥 rooks"]
    for text in ("rooks has:media", "rooks has:image", "rooks -東京 from:ada language:en", '"with rooks"'):
        assert [status.id for status in grace.search(text).statuses] == [shown.id], text
    assert [status.id for status in grace.search("mentions:me").statuses] == [secret.id]
    assert grace.search("from:grace_hopper rooks").statuses == []
    ada.status_update(shown, "Café with crows", media_ids=[photo])
    assert statuses(grace, "has:image") == ["Café with crows"]
    assert [status.id for status in grace.search(shown.url).statuses] == [shown.id]
    ada.status_delete(shown)
    assert statuses(grace, "has:image") == []
    with pytest.raises(MastodonAPIError, match="no date"):
        grace.search("since:soon")


def check_pages(ada: Mastodon, grace: Mastodon) -> None:
    made = [ada.status_post(f"nanosecond {number} #compilers").id for number in range(5)]
    first = grace.search("nanosecond", result_type="statuses", max_id=made[3]).statuses
    assert [status.id for status in first] == made[2::-1]
    assert [
        status.id for status in grace.search("nanosecond", result_type="statuses", offset=3).statuses
    ] == [
        made[1],
        made[0],
    ]
    assert [tag.name for tag in grace.search("#compil", result_type="hashtags").hashtags] == ["compilers"]
    everything = grace.search("nanosecond")
    assert (everything.accounts, len(everything.statuses)) == ([], 5)


def check_nearby(ada: Mastodon, grace: Mastodon, address: str) -> None:
    with httpx.Client(base_url=address) as browser:

        def near(latitude: float, longitude: float, radius: float, by: Mastodon | None = None) -> list[str]:
            headers = {"Authorization": f"Bearer {by.access_token}"} if by is not None else {}
            parameters = {"lat": latitude, "lon": longitude, "radius": radius}
            answer = browser.get("/api/v1/timelines/nearby", params=parameters, headers=headers)
            return [status["id"] for status in answer.raise_for_status().json()]

        places = ((51.5049, -0.0197), (51.5101, -0.1163), (-17.8, 179.99))
        headers = {"Authorization": f"Bearer {ada.access_token}"}
        made: list[str] = []
        for latitude, longitude in places:
            location = {"latitude": latitude, "longitude": longitude}
            body = {"status": "Here", "location": location}
            answer = browser.post("/api/v1/statuses", json=body, headers=headers)
            made.append(answer.raise_for_status().json()["id"])
        assert near(51.5, -0.1, 10) == [made[1], made[0]]
        assert near(51.51, -0.12, 2) == [made[1]]
        assert near(-17.8, -179.99, 5) == [made[2]]
        grace.account_mute(grace.account_lookup("ada"))
        assert near(51.5, -0.1, 10, grace) == []
