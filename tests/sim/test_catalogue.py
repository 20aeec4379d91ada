"""The records that a market starts from refuse what does not fit together."""

from dataclasses import replace

import numpy as np
import pytest

from sim.catalogue import Catalogue, PurchaseHistory, category_reference_price


def three_listings() -> Catalogue:
    return Catalogue(
        title=("a", "b", "c"),
        description=("", "", ""),
        category=np.array([0, 0, 2], dtype=np.int32),
        category_names=("tea", "pots", "cups"),
        merchant=np.array([0, 1, 1], dtype=np.int32),
        merchant_names=("M", "N"),
        price=np.array([100, 300, 1000], dtype=np.int64),
        unit_cost=np.array([50, 100, 0], dtype=np.int64),
        quality=np.array([0.1, 0.5, 0.9]),
        appeal=np.zeros(3),
        attributes=np.eye(3),
        image=None,
    )


def test_reference_price_is_the_median_of_the_category_or_of_all() -> None:
    assert category_reference_price(three_listings()).tolist() == [200, 300, 1000]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"description": ("",)}, r"description has 1 rows, expected 3"),
        ({"category": np.array([0, 1, 3])}, r"category: indices must lie in 0\.\.2"),
        ({"price": np.array([1, 0, 5])}, "above 0 cents"),
        ({"unit_cost": np.array([1, -1, 5])}, "at least 0 cents"),
        ({"image": np.zeros((2, 4))}, "image has 2 rows"),
    ],
)
def test_a_catalogue_that_does_not_fit_together_is_refused(change: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(three_listings(), **change)


def test_taking_histories_keeps_each_consumers_order() -> None:
    history = PurchaseHistory(np.array([0, 2, 2, 5]), np.array([7, 3, 9, 8, 1], dtype=np.int32))
    taken = history.take(np.array([2, 1, 0, 2]))
    assert [taken.of(i).tolist() for i in range(4)] == [[9, 8, 1], [], [7, 3], [9, 8, 1]]
