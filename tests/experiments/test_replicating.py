"""`weal replicate`: the table, the verdict, the folder and the page."""

from __future__ import annotations

import json
import math
import time
from multiprocessing import active_children
from pathlib import Path
from typing import ClassVar

import pandas as pd
import pytest
from matplotlib.figure import Figure

from experiments.commands.replicate import replicate_command
from experiments.replications import register
from experiments.replications.page import ours_in_words
from experiments.replications.protocol import Outcome, Row
from experiments.replications.study import Study, Tell, each
from experiments.reporting.charts import Chart, as_svg, styled


class Orders:
    """A replication of nothing: how many orders the small market has on its first day."""

    name: ClassVar[str] = "orders"
    title: ClassVar[str] = "Orders <come>"
    scenario: ClassVar[str] = "tiny"
    source: ClassVar[str] = "nobody"
    method: ClassVar[tuple[str, ...]] = ("Counting.",)
    replications: ClassVar[int] = 2

    def measure(self, study: Study, tell: Tell) -> Outcome:
        counts = []
        for number in range(study.replications):
            counts.append(float(len(study.lived(days=1, seed=number).orders)))
            tell(number + 1, study.replications)
        with styled():
            figure = Figure(figsize=(2, 1))
            figure.add_subplot().plot(counts)
            svg = as_svg(figure, "counts")
        mean = sum(counts) / len(counts)
        return Outcome(
            rows=(
                Row.between("orders", "some", mean, 1.0, 100.0, source="nobody", error=0.5),
                Row.close("orders", 12.0, 12.001, 0.01, source="nobody"),
            ),
            charts=(Chart(svg, "Orders & more", "How many"),),
            data={"counts": pd.DataFrame({"orders": counts})},
        )


@pytest.fixture(autouse=True)
def orders(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(register.MODULES, "orders", f"{Orders.__module__}:Orders")


def replicated(folder: Path, *overrides: str, name: str = "orders") -> int:
    return replicate_command(name, None, list(overrides), folder, as_json=False)


def test_a_replication_leaves_table_data_manifest_and_page(tmp_path, capsys) -> None:
    folder = tmp_path / "r"
    assert replicated(folder) == 0
    printed = capsys.readouterr().out
    assert "All 2 reproduced." in printed
    table = pd.read_csv(folder / "results.csv")
    assert list(table["reproduced"]) == [True, True]
    assert 1.0 <= table["ours"][0] <= 100.0
    assert len(pd.read_csv(folder / "counts.csv")) == 2
    manifest = json.loads((folder / "replication.json").read_text())
    assert manifest["command"] == "weal replicate orders --replications 2"
    assert json.loads((folder / "results.json").read_text())["reproduced"] is True
    assert 'name = "tiny"' in (folder / "scenario.toml").read_text()


def test_the_page_is_escaped_closed_and_has_words_for_its_figure(tmp_path) -> None:
    replicated(tmp_path / "r")
    page = (tmp_path / "r" / "report.html").read_text()
    assert "Orders &lt;come&gt;" in page
    assert "default-src 'none'" in page
    assert 'aria-label="Orders &amp; more"' in page
    assert "<script" not in page
    assert "weal replicate orders --replications 2" in page


def test_the_same_replication_gives_the_same_bytes(tmp_path) -> None:
    replicated(tmp_path / "a")
    replicated(tmp_path / "b")
    files = sorted(path.name for path in (tmp_path / "a").iterdir())
    for name in files:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes(), name


def test_what_is_not_reproduced_ends_with_1_and_is_said(tmp_path, capsys) -> None:
    folder = tmp_path / "r"
    assert replicated(folder, "commerce.population.visits_per_day=2.0") == 1
    assert "1 of 2 values were not" in capsys.readouterr().out
    assert "not reproduced" in (folder / "report.html").read_text()
    assert "commerce.population.visits_per_day=2.0" in (folder / "report.html").read_text()


def test_an_unknown_name_is_refused_with_the_nearest(capsys) -> None:
    assert replicate_command("logit_bertrnd", None, [], None, as_json=False) == 2
    assert "did you mean logit_bertrand?" in capsys.readouterr().err


def test_an_exact_replication_cannot_be_repeated(capsys) -> None:
    assert replicate_command("logit_bertrand", 5, [], None, as_json=False) == 2
    assert "nothing in logit_bertrand is left to chance" in capsys.readouterr().err


def test_a_wrong_setting_is_refused_before_anything_runs(tmp_path, capsys) -> None:
    assert replicated(tmp_path / "r", "consumers.cuont=3") == 2
    assert "consumers.cuont" in capsys.readouterr().err
    assert not (tmp_path / "r").exists()


def test_a_folder_of_something_else_is_left_alone(tmp_path, capsys) -> None:
    (tmp_path / "mine.txt").write_text("dear diary")
    assert replicated(tmp_path) == 2
    assert "left alone" in capsys.readouterr().err
    assert (tmp_path / "mine.txt").read_text() == "dear diary"


def test_without_a_name_they_are_listed(capsys) -> None:
    assert replicate_command(None, None, [], None, as_json=True) == 0
    listed = json.loads(capsys.readouterr().out)
    assert {"logit_bertrand"} <= {one["name"] for one in listed}


@pytest.mark.parametrize(
    ("ours", "reproduced"),
    [(0.5, True), (0.6, True), (0.61, False), (math.nan, False), (math.inf, False)],
)
def test_a_value_is_reproduced_within_its_tolerance_only(ours: float, reproduced: bool) -> None:
    assert Row.close("x", 0.5, ours, 0.1, source="").reproduced is reproduced


def test_an_order_must_be_strict() -> None:
    assert not Row.above_zero("a over b", "a > b", 0.0, source="").reproduced
    assert Row.above_zero("a over b", "a > b", 1e-9, source="").reproduced


def test_our_value_has_the_decimals_of_the_published_one() -> None:
    row = Row.close("x", 1.472927, 1.47292, 1e-4, source="", digits=6, error=0.00002)
    assert ours_in_words(row) == "1.472920 (0.000020)"


def _square(value: int) -> int:
    return value * value


def test_results_come_in_order_whatever_the_number_of_processes() -> None:
    told: list[tuple[int, int]] = []
    assert each(_square, [3, 1, 2], workers=1) == [9, 1, 4]
    assert each(_square, [3, 1, 2], workers=2, tell=lambda *at: told.append(at)) == [9, 1, 4]
    assert told == [(1, 3), (2, 3), (3, 3)]


def _sleep_or_fail(seconds: float) -> float:
    if seconds == 0.0:
        raise RuntimeError("this one fails")
    time.sleep(seconds)
    return seconds


def test_a_failure_does_not_wait_for_what_nobody_needs_any_more() -> None:
    start = time.monotonic()
    with pytest.raises(RuntimeError, match="this one fails"):
        each(_sleep_or_fail, [0.0, 300.0, 300.0, 300.0], workers=2)
    assert time.monotonic() - start < 100.0
    assert not active_children()


def test_a_user_s_setting_holds_over_that_of_a_row() -> None:
    study = Study("tiny", overrides=("days=2", "consumers.count=50"))
    scenario, _ = study.resolved("consumers.count=70", days=9, seed=4)
    assert (scenario.days, scenario.consumers.count, scenario.seed) == (2, 50, 5)


def test_a_folder_that_cannot_be_written_is_refused_first(tmp_path, capsys) -> None:
    (tmp_path / "file").write_text("")
    assert replicated(tmp_path / "file" / "r") == 2
    assert "no folder" in capsys.readouterr().err
