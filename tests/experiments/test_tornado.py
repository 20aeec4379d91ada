"""A tornado: one uncertainty at a time, paired by luck, on outcomes and on their differences."""

import numpy as np
import pytest
from studied import Values, studied

from experiments.sensitivity.asking import SensitivityError
from experiments.sensitivity.tornado import TornadoBar, tornado
from experiments.studies.results import StudyResults

CAP = {"key": "cap", "levels": [0.0, 1.0], "base": 0.0}
UNCERTAIN = [
    {"key": "chest", "levels": [30, 10], "label": "war chest"},
    {"key": "mood", "levels": [-5, 0, 5]},
    {"key": "noise", "low": 0.0, "high": 1.0, "steps": 2},
]


def outcome(x: Values, _: int, replication: int) -> float:
    """The chest works through the cap alone, mood on all settings alike, noise on nothing."""
    chest, cap = x.get("chest", 20), x["cap"]
    return float(100 * replication**2 + cap * chest + x.get("mood", 1) * (10 + replication))


@pytest.fixture(scope="module")
def results() -> StudyResults:
    return studied(outcome, 6, levers=[CAP], uncertainties=UNCERTAIN)


def by_key(bars: tuple[TornadoBar, ...]) -> dict[str, TornadoBar]:
    return {bar.key: bar for bar in bars}


def test_what_holds_for_both_settings_leaves_their_difference_exactly_alone(
    results: StudyResults,
) -> None:
    found = tornado(results, setting=1, base=0)
    bars = by_key(found.bars)
    assert found.nominal_difference.mean == pytest.approx(20.0)
    for end in bars["mood"].ends:
        assert (end.change_of_difference.low, end.change_of_difference.high) == (0.0, 0.0)
    # 10 more, or less, through the cap: the same in each pair, so without width.
    low, high = bars["chest"].low, bars["chest"].high
    assert [low.value, high.value] == [10, 30]
    assert [low.change_of_difference.mean, high.change_of_difference.mean] == [-10.0, 10.0]
    assert low.difference.mean == pytest.approx(10.0)
    assert bars["noise"].swing == bars["noise"].swing_of_difference == 0.0
    assert found.bars[0].key == "chest"
    assert bars["chest"].label == "war chest"


def test_intervals_are_those_of_paired_changes(results: StudyResults) -> None:
    """Common luck, up to 2500 apart, cancels; what is left follows the replication."""
    found = tornado(results, setting=0, base=0)
    assert found.bars[0].key == "mood"
    high = by_key(found.bars)["mood"].high
    changes = 4.0 * (10 + np.arange(6.0))
    assert high.change.mean == pytest.approx(changes.mean())
    assert changes.min() < high.change.low < changes.mean() < high.change.high < changes.max()
    assert high.change.n == 6
    assert by_key(found.bars)["mood"].swing == pytest.approx(10.0 * 12.5)


def test_a_world_without_runs_has_no_intervals(results: StudyResults) -> None:
    gone = results.runs[results.runs["world"] != 1]
    fewer = StudyResults(results.loaded, results.model, gone, (), results.planned)
    bar = by_key(tornado(fewer, setting=1, base=0).bars)["chest"]
    assert bar.high.change.n == 0
    assert np.isnan(bar.high.change.mean)
    assert bar.swing == pytest.approx(10.0)


def test_what_cannot_be_asked_is_refused_in_words(results: StudyResults) -> None:
    with pytest.raises(SensitivityError, match="setting 2: must be 0 to 1"):
        tornado(results, setting=2, base=0)
    crossed = studied(
        outcome,
        2,
        levers=[CAP],
        uncertainties=UNCERTAIN,
        design={"method": "grid", "worlds": "crossed"},
    )
    with pytest.raises(SensitivityError, match="this one is a grid over crossed worlds"):
        tornado(crossed, base=0)
    certain = studied(outcome, 2, levers=[CAP])
    with pytest.raises(SensitivityError, match="no uncertainties"):
        tornado(certain, base=0)
