"""Under which circumstances a setting fails: known boxes are found, chance is not told."""

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from studied import Values, studied

from experiments.discovery.discover import Discovery, discover
from experiments.discovery.failing import failing
from experiments.discovery.prim import Limit, find_box
from experiments.discovery.wording import sentences
from experiments.sensitivity.asking import SensitivityError
from experiments.sensitivity.sampled import sampled
from experiments.studies.results import StudyResults

CAP = {"key": "cap", "levels": [0.0, 0.2], "base": 0.0}
UNCERTAIN = [
    {"key": "chest", "low": 1e4, "high": 2e5, "label": "war chest", "unit": "EUR"},
    {"key": "price_sensitivity", "low": 0.0, "high": 1.0},
    {"key": "rivals", "low": 1, "high": 9},
    {"key": "mood", "levels": ["calm", "angry", "sad"]},
]
RED_LINE = [{"name": "trust", "indicator": "trust", "at_least": 0.6}]


def trust(x: Values, *_: int) -> float:
    """The cap fails with a large chest, except in calm moods."""
    bad = x.get("chest", 0.0) > 80_000 and x.get("mood") != "calm"
    return 0.4 if bad and x["cap"] > 0.0 else 0.7


def in_worlds(run: Any, replications: int = 2, samples: int = 150, **study: Any) -> StudyResults:
    return studied(
        run,
        replications,
        levers=[CAP],
        uncertainties=UNCERTAIN,
        design={"method": "grid", "worlds": "latin_hypercube", "world_samples": samples},
        **({"outcomes": RED_LINE} | study),
    )


@pytest.fixture(scope="module")
def caps() -> StudyResults:
    return in_worlds(trust)


@pytest.fixture(scope="module")
def found(caps: StudyResults) -> Discovery:
    return discover(caps, setting=1)


def test_a_known_box_in_three_of_six_factors_is_found() -> None:
    rng = np.random.default_rng(1)
    x = pd.DataFrame(rng.random((400, 6)), columns=list("abcdef"))
    fails = ((x["a"] > 0.5) & (x["c"] < 0.6) & (x["f"] > 0.2)).to_numpy()
    box = find_box(x, fails)
    assert box is not None
    ends = {(one.factor, "low" if one.low is not None else "high"): one.low or one.high
            for one in box.limits}  # fmt: skip
    truth = {("a", "low"): 0.5, ("c", "high"): 0.6, ("f", "low"): 0.2}
    assert set(ends) == set(truth)
    assert [ends[one] for one in truth] == pytest.approx([*truth.values()], abs=0.03)
    assert box.density > 0.95
    assert box.coverage > 0.95
    assert all(one.quasi_p < 0.05 for one in box.limits)


def test_the_circumstances_are_those_of_the_rule_in_their_own_units(found: Discovery) -> None:
    (box,) = found.boxes
    limits = {one.factor: one for one in box.limits}
    assert set(limits) == {"chest", "mood"}
    assert limits["chest"].low == pytest.approx(80_000, abs=2_000)
    assert limits["chest"].high is None
    assert set(limits["mood"].levels or ()) == {"angry", "sad"}
    assert (box.density, box.coverage) == (1.0, 1.0)
    assert found.reproduction is not None
    assert found.reproduction.holds_up
    assert found.reproduction.factors["rivals"] <= 0.2


def test_the_words_tell_how_often_where_and_how_sure(found: Discovery) -> None:
    told = " ".join(sentences(found))
    assert told.startswith("The setting cap = 0.2 fails where trust is below 0.60: ")
    assert f"{found.failures} of 150 worlds" in told
    assert "where war chest > " in told
    assert " EUR and mood is angry or sad: " in told
    assert "(100%) fail, which is 100% of all failures." in told
    assert "those that it told fail in 100% (over all" in told


def test_a_box_measured_again_by_its_limits_is_the_same(found: Discovery) -> None:
    (box,) = found.boxes
    inside = box.holds(found.sample.x)
    assert inside.sum() == box.inside
    assert found.failing.fails[inside].sum() == box.interesting


def test_failing_against_the_base_is_by_paired_differences() -> None:
    """Luck of 5 is common to both settings; the cap is 0.01 worse where it fails."""

    def outcome(x: Values, _: int, replication: int) -> float:
        worse = x["cap"] > 0.0 and x.get("chest", 0.0) > 80_000
        return 5.0 * replication - 0.01 * worse

    results = in_worlds(outcome, 3, samples=60)
    against = discover(results, setting=1, against="base")
    truth = against.sample.x["chest"].to_numpy(float) > 80_000
    assert (against.failing.fails == truth).all()
    assert not against.failing.unsure.any()
    assert not discover(results, setting=1, against="base", threshold=0.02).failures
    assert discover(results, setting=1, against="best").failures == truth.sum()


def test_pure_chance_is_not_told_as_circumstances() -> None:
    told = 0
    for seed in range(4):
        rng = np.random.default_rng(seed)
        results = in_worlds(lambda *_: float(rng.standard_normal()), 1, samples=60)  # noqa: B023
        told += bool(discover(results, setting=1, threshold=0.0).boxes)
    assert told <= 1


def test_too_little_to_tell_is_said_in_words(caps: StudyResults) -> None:
    assert discover(caps, setting=0).why_none == "it fails in none of 150 worlds"
    assert discover(caps, threshold=2.0).why_none == "it fails in all 150 worlds"
    few = in_worlds(trust, samples=8)
    assert "too few to tell circumstances apart" in discover(few, setting=1).why_none
    rare = in_worlds(lambda x, *_: 0.1 if x.get("chest", 0.0) > 196_000 else 0.7)
    assert "it fails in only 3 worlds" in discover(rare, setting=1).why_none


def test_a_drawn_design_has_the_levers_among_the_circumstances() -> None:
    results = studied(
        lambda x, *_: 0.4 if x["cap"] > 0.5 and x["chest"] > 0.3 else 0.7,
        levers=[{"key": "cap", "low": 0.0, "high": 1.0}],
        uncertainties=[{"key": one, "low": 0.0, "high": 1.0} for one in ("chest", "mood")],
        design={"method": "latin_hypercube", "samples": 150},
        outcomes=RED_LINE,
    )
    found = discover(results)
    assert {one.factor for one in found.boxes[0].limits} == {"cap", "chest"}
    assert sentences(found)[0].startswith("A point fails where trust is below 0.60")
    with pytest.raises(SensitivityError, match="a setting can be chosen in a grid only"):
        discover(results, setting=1)
    with pytest.raises(SensitivityError, match="settings are compared in a grid only"):
        discover(results, against="best")


def test_what_cannot_be_asked_is_refused_in_words(caps: StudyResults) -> None:
    with pytest.raises(SensitivityError, match="cannot be worse than itself"):
        discover(caps, against="base")
    with pytest.raises(SensitivityError, match="setting 7: must be 0 to 1"):
        discover(caps, setting=7)
    alone = studied(trust, levers=[CAP], uncertainties=UNCERTAIN[3:], outcomes=RED_LINE)
    with pytest.raises(SensitivityError, match="several uncertainties vary together"):
        discover(alone)
    plain = in_worlds(trust, samples=20, outcomes=[{"name": "trust", "indicator": "trust"}])
    with pytest.raises(SensitivityError, match="has no red line: give a threshold"):
        discover(plain, setting=1)


def test_worlds_without_runs_are_left_out(caps: StudyResults) -> None:
    kept = caps.runs[caps.runs["world"] != 5]
    fewer = StudyResults(caps.loaded, caps.model, kept, (), caps.planned)
    found = discover(fewer, setting=1)
    assert found.worlds == 149
    assert found.boxes[0].coverage == 1.0


def test_two_red_lines_fail_on_either_side() -> None:
    line = [{"name": "trust", "indicator": "trust", "at_least": 0.2, "at_most": 0.8}]

    def outcome(x: Values, *_: int) -> float:
        return float(x.get("price_sensitivity", 0.5))

    sample = sampled(in_worlds(outcome, samples=50, outcomes=line))
    told = failing(sample, sample.results.loaded.study.outcome("trust"), 1)
    values = sample.x["price_sensitivity"].to_numpy(float)
    assert (told.fails == ((values < 0.2) | (values > 0.8))).all()
    assert not told.unsure.any()


@settings(max_examples=6, deadline=None)
@given(st.floats(-1e3, 1e3), st.floats(0.01, 1e3))
def test_a_box_does_not_depend_on_the_units_of_factors(add: float, by: float) -> None:
    rng = np.random.default_rng(3)
    x = pd.DataFrame(rng.random((80, 2)), columns=["a", "b"])
    fails = (x["a"] > 0.6).to_numpy()
    here, there = find_box(x, fails), find_box(x.assign(a=add + by * x["a"]), fails)
    assert here is not None
    assert there is not None
    assert (here.inside, here.density) == (there.inside, there.density)
    (limit,) = there.limits
    assert isinstance(limit, Limit)
    assert limit.low is not None
    assert math.isclose((limit.low - add) / by, 0.6, abs_tol=0.05)
