"""Searches: on surfaces that are known, and on a small market."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from in_process import InProcess, Stopped, StopsAfter
from numpy.typing import NDArray
from scipy import stats

from experiments.searching.optimising import (
    Goal,
    SearchError,
    SearchSettings,
    best_trials,
    look_for,
)
from experiments.searching.retesting import retest, welch
from experiments.searching.search import goal_of, search
from experiments.searching.space import Dimension, Space
from experiments.statistics.red_lines import RedLine
from experiments.studies.loading import load_study
from experiments.studies.schema import Lever

pytest.importorskip("optuna")

FloatArray = NDArray[np.float64]
BASE = {"x": 0.5, "n": 5, "kind": "plain"}

SPACE = Space(
    (
        Dimension(Lever(key="x", low=0.0, high=1.0), False, BASE["x"]),
        Dimension(Lever(key="n", low=1, high=100, scale="log"), True, BASE["n"]),
        Dimension(Lever(key="kind", levels=("plain", "better", "worse")), False, BASE["kind"]),
    )
)


def truth(values: Mapping[str, Any]) -> float:
    kind = {"plain": 0.0, "better": 0.1, "worse": -0.1}[values["kind"]]
    return kind - (values["x"] - 0.7) ** 2 - 0.02 * abs(np.log(values["n"] / 20.0))


def surface(noise: float, seed: int = 0) -> Callable[[Sequence[Mapping[str, Any]], range], Any]:
    """A surface whose noise has a part that all settings share, and one of each setting's own."""

    def evaluate(points: Sequence[Mapping[str, Any]], replications: range) -> FloatArray:
        rows = []
        for values in points:
            own = [round(values["x"] * 1e9), values["n"], len(values["kind"]), seed]
            runs = []
            for replication in replications:
                shared = np.random.default_rng([seed, replication]).normal()
                alone = np.random.default_rng([*own, replication]).normal()
                runs.append([truth(values) + noise * (0.3 * shared + alone), values["x"]])
            rows.append(runs)
        return np.array(rows)

    return evaluate


def test_without_noise_the_optimum_is_found() -> None:
    trials = look_for(SPACE, Goal(0, True), surface(0.0), SearchSettings(trials=80, seed=3))
    best = best_trials(trials, True, 1)[0]
    assert best.values["kind"] == "better"
    assert best.values["x"] == pytest.approx(0.7, abs=0.15)
    assert best.score > 0.07


def test_the_base_is_tried_first_and_the_same_seed_gives_the_same_search() -> None:
    settings = SearchSettings(trials=24, replications=2, seed=4)
    first = look_for(SPACE, Goal(0, True), surface(0.1), settings)
    assert dict(first[0].values) == BASE
    assert first == look_for(SPACE, Goal(0, True), surface(0.1), settings)
    assert first != look_for(SPACE, Goal(0, True), surface(0.1), SearchSettings(24, 2, seed=5))


def test_a_longer_search_begins_as_the_shorter_one() -> None:
    short = look_for(SPACE, Goal(0, True), surface(0.1), SearchSettings(trials=16))
    longer = look_for(SPACE, Goal(0, True), surface(0.1), SearchSettings(trials=24))
    assert longer[:16] == short


def test_finalists_keep_the_red_lines() -> None:
    goal = Goal(0, True, ((1, RedLine(at_most=0.4)),))
    trials = look_for(SPACE, goal, surface(0.0), SearchSettings(trials=60))
    assert any(one.broken > 0.0 for one in trials)
    found = best_trials(trials, True, 5)
    assert found
    assert all(one.values["x"] <= 0.4 for one in found)
    late = [one.values["x"] for one in trials[30:]]
    assert np.median(late) < 0.45


def test_settings_that_fail_are_told_and_never_finalists() -> None:
    def fails(points: Sequence[Mapping[str, Any]], replications: range) -> FloatArray:
        values = surface(0.0)(points, replications)
        bad = np.array([one["kind"] == "better" for one in points])
        values[bad, 0] = np.nan
        return values

    trials = look_for(SPACE, Goal(0, True), fails, SearchSettings(trials=40))
    assert any(np.isnan(one.score) for one in trials)
    assert all(one.values["kind"] != "better" for one in best_trials(trials, True, 10))


@pytest.mark.parametrize("higher", [True, False])
def test_the_search_promises_too_much_and_fresh_seeds_do_not(higher: bool) -> None:
    """Over 30 searches with much noise and two replications a setting."""
    sign = 1.0 if higher else -1.0
    promised, told, optimism = [], [], []
    for seed in range(30):
        noisy = surface(0.2, seed)

        def evaluate(points: Any, replications: range, noisy: Any = noisy) -> FloatArray:
            return noisy(points, replications) * [sign, 1.0]

        goal = Goal(0, higher)
        settings = SearchSettings(trials=30, replications=2, sampler="random", seed=seed)
        best = best_trials(look_for(SPACE, goal, evaluate, settings), higher, 1)
        found = retest(goal, BASE, best, evaluate, 2, 20)
        winner = found.finalists[-1]
        promised.append(sign * winner.in_search.mean - truth(winner.values))
        told.append(sign * winner.fresh.mean - truth(winner.values))
        optimism.append(winner.optimism.mean)
    assert np.mean(promised) > 0.15
    assert abs(np.mean(told)) < 3.0 * np.std(told, ddof=1) / np.sqrt(30)
    assert np.mean(optimism) == pytest.approx(np.mean(promised) - np.mean(told))


def test_where_nothing_is_better_no_finalist_is_told_to_be() -> None:
    def flat(points: Sequence[Mapping[str, Any]], replications: range) -> FloatArray:
        rng = np.random.default_rng([len(points), replications.start])
        return rng.normal(size=(len(points), len(replications), 1))

    trials = look_for(SPACE, Goal(0, True), flat, SearchSettings(trials=20))
    found = retest(Goal(0, True), BASE, best_trials(trials, True, 4), flat, 5, 30)
    assert found.best.in_set[0]
    assert all(one.gain.low <= 0.0 for one in found.finalists)


@given(
    st.lists(st.floats(-100, 100), min_size=2, max_size=20),
    st.lists(st.floats(-100, 100), min_size=2, max_size=20),
)
def test_the_interval_of_optimism_holds_its_mean(first: list[float], second: list[float]) -> None:
    found = welch(np.array(first), np.array(second))
    assert found.mean == pytest.approx(np.mean(first) - np.mean(second), abs=1e-9)
    assert found.low <= found.mean + 1e-9
    assert found.high >= found.mean - 1e-9


def test_the_interval_of_optimism_is_welchs() -> None:
    rng = np.random.default_rng(1)
    first, second = rng.normal(1.0, 2.0, 5), rng.normal(0.0, 1.0, 20)
    found = welch(first, second)
    theirs = stats.ttest_ind(first, second, equal_var=False).confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((theirs.low, theirs.high))


def test_levels_of_numbers_are_searched_in_order() -> None:
    ordered = Dimension(Lever(key="a", levels=(3, 1, 2)), False, 1)
    assert ordered.ordered == (1, 2, 3)
    assert not ordered.is_categorical
    assert ordered.parameter(2) == 1
    assert ordered.parameter(5) is None
    switches = Dimension(Lever(key="b", levels=(True, False)), False, True)
    assert switches.is_categorical


STUDY = """
scenario = "tiny"
days = 2
[changes]
"consumers.count" = 60
[design]
method = "latin_hypercube"
[[levers]]
key = "policies.subsidy.share"
low = 0.0
high = 0.5
[[levers]]
key = "policies.recommendation.name"
levels = ["popularity", "random"]
[[outcomes]]
name = "spend"
indicator = "subsidy_spend"
better = "lower"
[[outcomes]]
name = "sales"
indicator = "gmv"
at_least = 1.0
"""


@pytest.fixture
def study(tmp_path: Path) -> Path:
    path = tmp_path / "small.toml"
    path.write_text(STUDY)
    return path


SETTINGS = SearchSettings(trials=6, replications=2, batch=3)


def found_in(folder: Path) -> Any:
    return json.loads((folder / "search.json").read_text())


def test_a_market_is_searched_and_a_search_cut_short_goes_on(study: Path, tmp_path: Path) -> None:
    loaded = load_study(study)
    whole, cut = InProcess(), StopsAfter(5)
    first = search(loaded, SETTINGS, executor=whole, finalists=2, fresh=3, out=tmp_path / "a")
    assert len(whole.done) == len(set(whole.done)) == first.made
    with pytest.raises(Stopped):
        search(loaded, SETTINGS, executor=cut, finalists=2, fresh=3, out=tmp_path / "b")
    rest = InProcess()
    again = search(loaded, SETTINGS, executor=rest, finalists=2, fresh=3, out=tmp_path / "b")
    assert not set(rest.done) & set(cut.done)
    assert again.made == first.made - 5
    assert found_in(tmp_path / "a") == found_in(tmp_path / "b")
    third = search(loaded, SETTINGS, executor=rest, finalists=2, fresh=3, out=tmp_path / "b")
    assert third.made == 0
    told = found_in(tmp_path / "a")
    assert told["looked_for"] == {"outcome": "spend", "better": "lower", "unit": "currency a day"}
    assert told["finalists"][0]["name"] == "base"
    assert all(one["fresh"]["n"] == 3 for one in told["finalists"])


def test_what_cannot_be_searched_is_told(study: Path) -> None:
    study.write_text(STUDY.replace('better = "lower"', 'better = "none"'))
    with pytest.raises(SearchError, match="neither way is better"):
        goal_of(load_study(study).study)
    with pytest.raises(SearchError, match="fresh = 1: must be at least 2"):
        search(load_study(study), SETTINGS, executor=InProcess(), fresh=1)
