"""What is known of items and visitors, as of the evening before."""

from typing import Any

import numpy as np
import pytest

from models.search_ranking.behaviour import DECAY, Behaviour, Views

ITEMS = 6
CATEGORY = np.arange(ITEMS) % 2
LOOKS = np.eye(ITEMS, 4, dtype=np.float32)


def day(behaviour: Behaviour, visitor: list[int], item: list[int], **given: Any) -> None:
    """A day on which each visitor saw her items on one page."""
    count = len(item)
    columns = {
        "page": np.array(visitor),
        "visitor": np.array(visitor),
        "item": np.array(item),
        "query": np.full(count, -1),
        "log_price": np.zeros(count),
        "look": np.ones(count),
        "clicked": np.zeros(count, bool),
        "bought": np.zeros(count, bool),
    }
    columns |= {name: np.array(value) for name, value in given.items() if name != "ratings"}
    rated = given.get("ratings", ([], []))
    behaviour.observe(
        Views(**columns),
        (LOOKS,),
        CATEGORY,
        2,
        (np.array(rated[0], dtype=np.int64), np.array(rated[1], dtype=np.float64)),
    )


def test_rates_are_counted_and_shrunk() -> None:
    behaviour = Behaviour()
    day(behaviour, [1] * 4, [0, 0, 1, 1], clicked=[True, True, False, False], ratings=([1], [0.1]))
    rate, _, _, rating, ratings = behaviour.of_items(np.array([0, 1, 2, 99])).T
    assert rate[0] > rate[2] > rate[1]
    assert rate[2] == rate[3]
    assert rating[1] < rating[0]
    assert ratings[1] > 0 == ratings[0]


def test_a_place_that_is_seldom_looked_at_counts_as_less_than_a_view() -> None:
    one, other = Behaviour(), Behaviour()
    day(one, [1, 1], [0, 1], clicked=[False, True])
    day(other, [1, 1], [0, 1], clicked=[False, True], look=[1.0, 0.25])
    assert other.of_items(np.array([1]))[0, 0] > one.of_items(np.array([1]))[0, 0]


def test_taste_is_what_was_taken_less_what_stood_beside_it() -> None:
    behaviour = Behaviour()
    day(behaviour, [7, 7], [0, 1], clicked=[True, False])

    def taste(visitor: int, item: int) -> float:
        seen = np.array([item])
        return float(behaviour.of_visitors(np.array([visitor]), seen, np.zeros(1), (LOOKS,))[0, 2])

    assert taste(7, 0) > 0 > taste(7, 1)
    assert taste(7, 0) == -taste(7, 1)
    assert taste(7, 2) == taste(8, 0) == 0.0
    before = taste(7, 0)
    day(behaviour, [8, 8], [2, 3])
    assert taste(7, 0) == pytest.approx(before * DECAY * 3.0 / (DECAY + 2.0))
    day(behaviour, [7, 7], [0, 1], bought=[True, False])
    assert taste(7, 0) > before


def test_what_was_bought_and_at_which_prices_is_remembered() -> None:
    behaviour = Behaviour()
    day(behaviour, [7, 7], [0, 1], bought=[False, True], log_price=[0.0, 1.0])
    told = behaviour.of_visitors(
        np.array([7, 7, 7, 9]), np.array([1, 0, 0, 1]), np.array([1.0, 0.5, -1.0, 1.0]), (LOOKS,)
    )
    assert told[:, 1].tolist() == [1.0, 0.0, 0.0, 0.0]
    assert told[1, 0] > told[2, 0]
    assert told[3, 0] == 0.0


def test_queries_are_known_by_the_categories_that_their_clicks_fell_on() -> None:
    behaviour = Behaviour()
    day(behaviour, [1, 2], [0, 1], query=[3, 4], clicked=[True, False])
    share = behaviour.of_queries(np.array([3, 3, 4]), np.array([0, 1, 1]))
    assert share[0] > share[1] == share[2] == 0.0
