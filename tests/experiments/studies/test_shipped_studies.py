"""The studies that ship: they check clean, and do what they say."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from experiments.commands.listing import _studies
from experiments.studies.loading import LoadedStudy, load_study, shipped_names
from experiments.studies.schema import Study
from experiments.sweeping.planning import plan
from scenarios import find
from scenarios.writing import to_toml

SHIPPED = shipped_names()


@pytest.mark.parametrize("name", SHIPPED)
def test_it_checks_clean_and_without_a_note(name: str) -> None:
    loaded = load_study(name)
    assert loaded.notes() == ()
    assert loaded.study.name == name
    assert loaded.study.question


def test_the_issues_studies_ship_and_no_scenario_has_their_names() -> None:
    assert set(SHIPPED) >= {"cap_and_commission", "smoke", "subsidy_cap"}
    assert not set(SHIPPED) & set(find.shipped_names())
    assert [row["name"] for row in _studies()] == list(SHIPPED)


def test_the_cap_is_varied_in_eleven_steps_against_none() -> None:
    loaded = load_study("subsidy_cap", try_points=False)
    caps = [next(iter(one.values.values())) for one in loaded.layout.settings]
    assert caps == [0.0, 0.04, 0.08, 0.12, 0.16, 0.2, 0.24, 0.28, 0.32, 0.36, 0.4]
    assert caps[loaded.base_setting] == 0.4
    assert loaded.base.events[0].value["share"] == 0.4  # type: ignore[union-attr]


def test_a_study_reads_back_as_it_was_written(tmp_path: Path) -> None:
    from scenarios.loading import load_toml

    for name in SHIPPED:
        study = load_study(name, try_points=False).study
        (tmp_path / "again.toml").write_text(to_toml(study))
        assert load_toml(tmp_path / "again.toml", Study) == study


def test_the_documents_first_study_is_one(tmp_path: Path) -> None:
    document = Path(__file__).parents[3] / "docs" / "studies.md"
    text = document.read_text(encoding="utf-8").partition("```toml\n")[2].partition("```")[0]
    (tmp_path / "mine.toml").write_text(text, encoding="utf-8")
    loaded = load_study(tmp_path / "mine.toml")
    assert loaded.notes() == ()
    assert len(loaded.layout.points) == 3


def test_a_plan_counts_equal_runs_once_and_measures(
    load: Callable[..., LoadedStudy], tmp_path: Path
) -> None:
    text = '[[levers]]\nkey = "policies.price_regulation.max_share_of_price"\nlevels = [0.0, 0.2]\n'
    text += '[[uncertainties]]\nkey = "consumers.multi_homing"\nlevels = [0.5, 1.0]\n'
    text += "[replications]\ncount = 20\nhalf_width = 1.0\nat_most = 50\n"
    loaded = load("days = 2\n" + text)  # 1.0 is the scenario's own value
    found = plan(loaded, workers=3, out=tmp_path / "nowhere")
    assert (found.points, found.runs, found.distinct) == (6, 120, 80)
    assert (found.most_distinct, found.done, found.workers) == (200, 0, 3)
    (cost,) = found.costs
    assert min(cost.seconds, cost.file_bytes, cost.compacted_bytes) > 0
    assert cost.peak_memory_bytes > 50e6
    assert found.disk_bytes == 80 * cost.file_bytes
    assert found.seconds < found.most_seconds
    assert not (tmp_path / "nowhere").exists()


def test_checking_a_scenario_still_loads_nothing_that_compiles() -> None:
    code = (
        "import sys\n"
        "from experiments.commands.check import check_command\n"
        "assert check_command('tiny', [], [], as_json=True) == 0\n"
        "assert 'numba' not in sys.modules and 'torch' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
