"""Yearly reports as clients see them."""

from tests.world import World


async def test_a_report_is_asked_for_made_shown_and_read(api: World):
    ada, bob = await api.user("ada"), await api.user("bob")
    tweet = await api.tweet(ada, "Hello #rooks")
    client = await api.client(ada)
    base = "/api/v1/annual_reports"
    assert (await client.get(f"{base}/2026/state")).json() == {"state": "ineligible"}
    await (await api.client(bob)).post(f"/api/v1/statuses/{tweet.tweet.id}/reblog")
    api.advance(days=200)
    assert (await client.get(f"{base}/2026/state")).json() == {"state": "eligible"}
    assert (await client.get(f"{base}/2026")).status_code == 404
    assert (await client.post(f"{base}/2026/generate")).json() == {}
    assert (await client.get(f"{base}/2026/state")).json() == {"state": "generating"}
    await api.settle()
    assert (await client.get(f"{base}/2026/state")).json() == {"state": "available"}
    shown = (await client.get(f"{base}/2026")).json()
    assert shown == (await client.get(base)).json()
    [report] = shown["annual_reports"]
    assert (report["year"], report["schema_version"], report["account_id"]) == (2026, 2, str(ada.id))
    assert report["data"] == {
        "archetype": "lurker",
        "top_statuses": {"by_reblogs": str(tweet.tweet.id), "by_favourites": None, "by_replies": None},
        "time_series": [{"month": 12, "statuses": 1, "followers": 0}],
        "top_hashtags": [{"name": "rooks", "count": 1}],
    }
    assert [one["id"] for one in shown["statuses"]] == [str(tweet.tweet.id)]
    assert [one["acct"] for one in shown["accounts"]] == ["ada"]
    assert (await client.post(f"{base}/2026/read")).json() == {}
    assert (await client.get(base)).json() == {"annual_reports": [], "accounts": [], "statuses": []}
    assert (await client.post(f"{base}/2020/read")).status_code == 404
    assert (await (await api.client(bob)).get(f"{base}/2026")).status_code == 404
