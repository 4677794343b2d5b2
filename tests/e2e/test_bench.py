"""`rookery bench` at a hundredth of its size: every part that needs no process of its own runs to its end."""

import json
from pathlib import Path

import pytest

from rookery.bench.report import Report
from rookery.cli import run


@pytest.mark.parametrize(
    ("part", "rows"), [("growth", 5), ("deliveries", 3), ("strategies", 3), ("for-you", 4)], ids=str
)
def test_a_quick_run_measures_and_writes_numbers(
    part: str, rows: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    file = tmp_path / "figures.json"
    assert run(["bench", part, "--quick", "--json", str(file)]) == 0
    [section] = json.loads(file.read_text(encoding="utf-8"))
    assert "Measuring" in capsys.readouterr().out
    assert len(section["rows"]) == rows
    for row in section["rows"]:
        name, *figures = row.values()
        assert isinstance(name, str)
        assert figures
        assert all(isinstance(figure, int | float) and figure >= 0 for figure in figures)


def test_a_part_that_does_not_exist_is_refused(capsys: pytest.CaptureFixture[str]):
    assert run(["bench", "everything"]) == 1
    assert "growth" in capsys.readouterr().err


def test_figures_are_rounded_for_the_eye_only():
    report = Report()
    report.section("Title", "what", "value").add("reads", 1234.5678)
    assert report.as_json()[0]["rows"] == [{"what": "reads", "value": 1234.5678}]


def test_a_quick_run_opens_streams_and_hears_what_is_posted(tmp_path: Path):
    file = tmp_path / "figures.json"
    assert run(["bench", "streams", "--quick", "--json", str(file)]) == 0
    idle, news = json.loads(file.read_text(encoding="utf-8"))
    assert [row["connections"] for row in idle["rows"]] == [50, 50, 50]
    assert all(row["events delivered"] >= 50 for row in news["rows"])
    assert not any("lost" in note for note in news["notes"])


def test_a_quick_run_converts_photos_and_a_video_and_uploads_a_file(tmp_path: Path):
    file = tmp_path / "figures.json"
    assert run(["bench", "media", "--quick", "--json", str(file)]) == 0
    conversions, upload = json.loads(file.read_text(encoding="utf-8"))
    assert [row["pieces"] for row in conversions["rows"]][:2] == [2, 1]
    assert all(row["MB out"] > 0 for row in conversions["rows"])
    assert upload["rows"][0]["MB sent"] == 2.0


def test_a_quick_run_searches_in_both_engines_and_finds_the_same(tmp_path: Path, shared_postgres: int):
    file = tmp_path / "figures.json"
    url = f"postgresql://postgres@127.0.0.1:{shared_postgres}/postgres"
    assert run(["bench", "search", "--quick", "--postgres", url, "--json", str(file)]) == 0
    sections = {section["title"]: section["rows"] for section in json.loads(file.read_text(encoding="utf-8"))}
    index = sections["The index of 10,000 tweets"]
    assert [(row["engine"], row["not found at once"]) for row in index] == [("SQLite", 0), ("PostgreSQL", 0)]
    assert all(row["index bytes per tweet"] > 50 for row in index)
    [same] = sections["The same answers"]
    assert same["searches"] > 250
    assert same["first pages that differ between the engines"] == 0


def test_a_quick_run_replays_traffic_until_a_burst_trends(tmp_path: Path):
    file = tmp_path / "figures.json"
    assert run(["bench", "trends", "--quick", "--json", str(file)]) == 0
    [section] = json.loads(file.read_text(encoding="utf-8"))
    assert [row["refreshes until the burst trends"] for row in section["rows"]] == [1]
