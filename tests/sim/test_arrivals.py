"""Which category a need is in."""

import numpy as np

from sim.arrivals import category_of


def test_a_need_is_in_the_first_category_whose_cumulative_share_exceeds_the_draw() -> None:
    rng = np.random.default_rng(5)
    cumulative = np.cumsum(rng.dirichlet(np.ones(6), size=40), axis=1)
    consumer, draw = rng.integers(0, 40, size=500), rng.random(500)
    plainly = np.minimum((cumulative[consumer] <= draw[:, None]).sum(axis=1), 5)
    np.testing.assert_array_equal(category_of(cumulative, consumer, draw), plainly)


def test_a_share_of_nothing_is_never_drawn_and_rounding_stays_within_the_last() -> None:
    cumulative = np.array([[0.0, 0.4, 0.4, 0.999999]])
    draws = np.array([1e-12, 0.4, 0.9999995])
    assert category_of(cumulative, np.zeros(3, np.int32), draws).tolist() == [1, 3, 3]
