"""The registry: complete, in words, and consistent with the index's defaults."""

import pytest

from sim.health import INDICATORS, describe, find
from sim.health.indicator import Indicator
from sim.settings.health import DIMENSIONS, IndexSettings


def test_names_are_unique_words() -> None:
    names = [one.name for one in INDICATORS]
    assert len(set(names)) == len(names)
    assert all(name.isidentifier() and name.islower() for name in names)


def test_every_dimension_has_indicators_in_order() -> None:
    seen = [one.dimension for one in INDICATORS]
    assert tuple(dict.fromkeys(seen)) == DIMENSIONS
    assert seen == sorted(seen, key=DIMENSIONS.index)


def test_every_indicator_says_what_it_is() -> None:
    for row in describe():
        assert all(row.values()), row
        assert row["sentence"].endswith("."), row["name"]


def test_the_best_goalpost_lies_where_the_indicator_is_better() -> None:
    for name, posts in IndexSettings().goalposts.items():
        assert find(name).better == ("higher" if posts.best > posts.worst else "lower"), name


def test_an_unknown_name_gets_the_nearest_known_one() -> None:
    with pytest.raises(ValueError, match="no indicator 'trsut'; did you mean 'trust'"):
        find("trsut")


def test_an_indicator_of_no_dimension_is_refused() -> None:
    with pytest.raises(ValueError, match="must be one of consumers"):
        Indicator("x", "joy", "", "none", "", "", lambda market: market.day)
