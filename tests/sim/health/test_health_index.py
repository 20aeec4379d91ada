"""The composite index: bounds, monotony, aggregation, and what is missing."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from sim.health import composite_index
from sim.health.index import score
from sim.settings.health import DIMENSIONS, Goalposts, IndexSettings

HOW = ("arithmetic", "geometric", "minimum")
NAMES = ("trust", "hhi", "ndcg")  # of three dimensions; hhi is better when lower
UNIT = {
    "trust": Goalposts(worst=0.0, best=1.0),
    "hhi": Goalposts(worst=1.0, best=0.0),
    "ndcg": Goalposts(worst=0.0, best=1.0),
}
unit = st.floats(0.0, 1.0)
values = st.fixed_dictionaries(dict.fromkeys(NAMES, unit))


def settings(how: str, **more: object) -> IndexSettings:
    return IndexSettings(aggregation=how, goalposts=UNIT, **more)


def test_scores_between_goalposts_in_either_direction() -> None:
    assert score(5.0, Goalposts(worst=0.0, best=10.0)) == 0.5
    assert score(400.0, Goalposts(worst=1000.0, best=0.0)) == pytest.approx(0.6)
    assert score(-1.0, Goalposts(worst=0.0, best=10.0)) == 0.0
    assert score(99.0, Goalposts(worst=0.0, best=10.0)) == 1.0


def test_each_aggregation_by_hand() -> None:
    given_ = {"trust": 0.9, "hhi": 0.6, "ndcg": 0.4}
    parts = (0.9, 0.4, 0.4)
    assert composite_index(given_, settings("arithmetic")).value == pytest.approx(1.7 / 3)
    assert composite_index(given_, settings("minimum")).value == pytest.approx(0.4)
    geometric = math.prod(part + 0.01 for part in parts) ** (1 / 3) - 0.01
    assert composite_index(given_, settings("geometric")).value == pytest.approx(geometric)


def test_the_index_carries_its_parts() -> None:
    result = composite_index({"trust": 0.9, "hhi": 0.6, "ndcg": 0.4}, settings("minimum"))
    assert result.indicators == pytest.approx({"trust": 0.9, "hhi": 0.4, "ndcg": 0.4})
    expected = {"consumers": 0.9, "merchants": 0.4, "recommendation": 0.4}
    assert result.dimensions == pytest.approx(expected)
    assert result.missing == ()


@pytest.mark.parametrize("how", HOW)
@given(values)
def test_the_index_lies_from_0_to_1(how: str, given_: dict[str, float]) -> None:
    assert 0.0 <= composite_index(given_, settings(how)).value <= 1.0


@pytest.mark.parametrize("how", HOW)
@given(values, st.sampled_from(NAMES), unit)
def test_a_better_part_never_lowers_the_index(
    how: str, given_: dict[str, float], name: str, other: float
) -> None:
    low, high = sorted((given_[name], other), reverse=name == "hhi")
    worse = composite_index(given_ | {name: low}, settings(how)).value
    better = composite_index(given_ | {name: high}, settings(how)).value
    assert worse <= better + 1e-12


@given(values, st.fixed_dictionaries(dict.fromkeys(DIMENSIONS, st.floats(0.1, 10.0))))
def test_minimum_below_geometric_below_arithmetic(
    given_: dict[str, float], weights: dict[str, float]
) -> None:
    least, middle, most = (
        composite_index(given_, settings(how, weights=weights)).value
        for how in ("minimum", "geometric", "arithmetic")
    )
    assert least <= middle + 1e-9
    assert middle <= most + 1e-9


def test_one_dimension_at_zero_neither_vanishes_nor_hides_the_others() -> None:
    bad = composite_index({"trust": 0.0, "hhi": 0.2, "ndcg": 0.8}, settings("geometric")).value
    worse = composite_index({"trust": 0.0, "hhi": 0.6, "ndcg": 0.8}, settings("geometric")).value
    assert 0.0 < worse < bad < 0.3


def test_weights_scale_up_where_a_dimension_is_missing_and_it_is_reported() -> None:
    weights = {"consumers": 1.0, "merchants": 3.0, "recommendation": 6.0}
    result = composite_index(
        {"trust": 1.0, "hhi": 1.0, "ndcg": math.nan}, settings("arithmetic", weights=weights)
    )
    assert result.value == pytest.approx(1 / 4)
    assert result.missing == ("ndcg",)
    assert "recommendation" not in result.dimensions


def test_weights_of_indicators_within_a_dimension() -> None:
    posts = {
        "trust": Goalposts(worst=0.0, best=1.0, weight=3.0),
        "conversion": Goalposts(worst=0.0, best=1.0),
        "active_share": Goalposts(worst=0.0, best=1.0, weight=0.0),
    }
    values_ = {"trust": 1.0, "conversion": 0.2, "active_share": 0.0}
    result = composite_index(values_, IndexSettings(goalposts=posts))
    assert result.dimensions["consumers"] == pytest.approx(0.8)
    without = composite_index({"conversion": 0.2}, IndexSettings(goalposts=posts))
    assert without.dimensions["consumers"] == pytest.approx(0.2)


@pytest.mark.parametrize("how", HOW)
def test_without_any_value_there_is_no_index(how: str) -> None:
    result = composite_index({}, settings(how))
    assert math.isnan(result.value)
    assert result.missing == NAMES


def test_a_dimension_without_weight_does_not_count_and_is_still_shown() -> None:
    result = composite_index(
        {"trust": 0.1, "hhi": 0.5, "ndcg": 0.5}, settings("minimum", weights={"merchants": 1.0})
    )
    assert result.value == pytest.approx(0.5)
    assert result.dimensions["consumers"] == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"goalposts": {"trusst": Goalposts(worst=0.0, best=1.0)}}, "did you mean 'trust'"),
        ({"weights": {"happiness": 1.0}}, "'happiness' is no dimension"),
        ({"weights": {"consumers": -1.0}}, "must be from 0 to 1000"),
        ({"weights": {"consumers": 0.0}}, "at least one dimension"),
    ],
)
def test_settings_of_the_index_say_what_is_wrong(wrong: dict[str, object], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        IndexSettings(**wrong)


def test_goalposts_must_differ() -> None:
    with pytest.raises(ValidationError, match="must differ"):
        Goalposts(worst=1.0, best=1.0)
