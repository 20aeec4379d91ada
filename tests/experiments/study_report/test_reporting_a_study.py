"""`weal report STUDY`: from runs to files, by name and by folder, the same bytes each time."""

import json
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from experiments import load_results, sweep
from experiments.cli import app
from experiments.study_report.writing import with_means, write_study_report

STUDY = """
name = "little"
scenario = "tiny"
days = 3
changes = { "consumers.count" = 60 }
[[levers]]
key = "policies.subsidy.share"
label = "Subsidy"
unit = "share"
levels = [0.0, 0.2]
[[outcomes]]
name = "surplus"
indicator = "consumer_surplus"
first_day = 1
[[outcomes]]
name = "profit"
indicator = "profit"
[replications]
count = 3
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the study was swept."""
    place = tmp_path_factory.mktemp("place")
    (place / "little.toml").write_text(STUDY)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        sweep("little.toml", workers=1)
    return place


def weal(*words: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, [*words])
    return done.exit_code, done.stdout, done.stderr


def test_a_report_is_made_by_name_and_by_folder_with_the_same_bytes(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(place)
    code, out, _ = weal("report", "little.toml", "--json")
    assert code == 0
    paths = json.loads(out)
    assert paths == {
        "report": "runs/study-little/report.html",
        "data": "runs/study-little/report.json",
    }
    before = [Path(path).read_bytes() for path in paths.values()]
    assert weal("report", "runs/study-little")[0] == 0
    assert [Path(path).read_bytes() for path in paths.values()] == before
    data = json.loads(before[1])
    assert data["runs"] == "6 of 6 runs"
    assert data["reproduction"]["sweep"] == "weal sweep little.toml"
    assert [side["label"] for side in data["sides"]][:2] == ["Consumers", "Small merchants"]


def test_means_are_those_of_the_deciding_window(place: Path) -> None:
    folder = place / "runs" / "study-little"
    results = with_means(load_results(folder), folder)
    assert len(results.means) == 6
    # The deciding outcome is itself the mean of that indicator over its window.
    assert results.means["consumer_surplus"].tolist() == pytest.approx(
        results.runs["surplus"].tolist()
    )


def test_what_is_neither_folder_nor_study_is_refused_with_the_nearest_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    code, _, told = weal("report", "smok")
    assert code == 2
    assert "no such folder" in told
    assert "did you mean smoke?" in told
    code, _, told = weal("report", "smoke")
    assert code == 2
    assert "weal sweep" in told


def test_without_weasyprint_a_pdf_is_refused_in_plain_words_and_nothing_is_written(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(place)
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    for file in Path("runs/study-little").glob("report.*"):
        file.unlink()
    code, _, told = weal("report", "little.toml", "--pdf")
    assert code == 2
    assert "weal[pdf]" in told
    assert not [*Path("runs/study-little").glob("report.*")]


@pytest.mark.slow
def test_a_pdf_is_made(place: Path) -> None:
    pytest.importorskip("weasyprint")
    paths = write_study_report(place / "runs" / "study-little", pdf=True)
    assert [one.name for one in paths] == ["report.html", "report.json", "report.pdf"]
    assert paths[2].read_bytes().startswith(b"%PDF-")
    assert paths[2].stat().st_size > 10_000
