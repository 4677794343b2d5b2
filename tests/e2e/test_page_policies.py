"""What browsers may fetch for a page, on a server that sends them to another one for files."""

from pathlib import Path

import httpx

from tests.ceph import bucket_url
from tests.processes import Process


def test_pages_may_show_what_lies_in_stores_that_sign_their_addresses(tmp_path: Path, sqlite_url: str):
    stores = {name: bucket_url(port, "birds") for name, port in (("media_url", 1), ("media_cold_url", 2))}
    with Process(tmp_path, database_url=sqlite_url, media_links="signed", **stores) as server:
        policy = httpx.get(f"{server.url}/about").headers["content-security-policy"]
    for rule in ("img-src", "media-src"):
        assert f"{rule} 'self' http://127.0.0.1:1 http://127.0.0.1:2;" in policy
