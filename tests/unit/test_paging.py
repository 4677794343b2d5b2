"""From `max_id`, `since_id` and `min_id` to a page, and from a page to its neighbours' links."""

import pytest

from rookery.api.paging import Paging, link_header, page_of
from rookery.domain.ids import ID_MAX
from rookery.domain.timelines import PageRequest
from rookery.errors import Invalid

BASE = "https://birds.example"


class Search(Paging, frozen=True, kw_only=True):
    id: int | None = None
    only_media: bool = False
    any: list[str] = []  # noqa: RUF012  msgspec copies it


def test_without_parameters_it_is_the_newest_page():
    assert page_of(Paging()) == PageRequest(before=ID_MAX, after=0, limit=20, oldest=False)


def test_max_id_ends_below_and_since_id_begins_above():
    assert page_of(Paging(max_id=9, since_id=4)) == PageRequest(before=9, after=4, limit=20)


def test_min_id_asks_for_the_oldest_above_it():
    assert page_of(Paging(min_id=4)) == PageRequest(after=4, limit=20, oldest=True)


def test_min_id_wins_over_since_id():
    assert page_of(Paging(min_id=4, since_id=2)).after == 4


def test_a_limit_above_the_largest_is_the_largest():
    assert page_of(Paging(limit=1000)).limit == 40
    assert page_of(Paging(limit=1000), limit_max=80).limit == 80


def test_an_id_beyond_the_largest_is_the_largest():
    assert page_of(Paging(max_id=2**70)).before == ID_MAX


@pytest.mark.parametrize("paging", [Paging(limit=0), Paging(limit=-1), Paging(max_id=-1), Paging(min_id=-5)])
def test_what_makes_no_sense_is_refused(paging: Paging):
    with pytest.raises(Invalid):
        page_of(paging)


def test_links_lead_to_both_neighbours():
    assert link_header(BASE, "/api/v1/x", Paging(), newest_id=9, oldest_id=4) == {
        "Link": f'<{BASE}/api/v1/x?max_id=4>; rel="next", <{BASE}/api/v1/x?min_id=9>; rel="prev"'
    }


def test_an_empty_page_has_no_links():
    assert link_header(BASE, "/api/v1/x", Paging(), newest_id=None, oldest_id=None) == {}


def test_links_keep_the_other_parameters_and_drop_the_old_place():
    asked = Search(max_id=7, limit=5, only_media=True, any=["a b", "ü"])
    link = link_header(BASE, "/api/v1/x", asked, newest_id=None, oldest_id=4)["Link"]
    query = link.split("?")[1].split(">")[0]
    assert "max_id=7" not in query
    assert {"limit=5", "only_media=true", "any%5B%5D=a+b", "any%5B%5D=%C3%BC", "max_id=4"} == set(
        query.split("&")
    )


def test_links_fill_in_what_the_path_names():
    link = link_header(BASE, "/api/v1/x/{id}/y", Search(id=3), newest_id=9, oldest_id=None)["Link"]
    assert link == f'<{BASE}/api/v1/x/3/y?min_id=9>; rel="prev"'
