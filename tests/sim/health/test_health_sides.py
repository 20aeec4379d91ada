"""The daily rows of groups and sizes add up to the market as a whole."""

import numpy as np
import pytest

from experiments.running import resolve
from scenarios.build import build


def test_groups_and_sizes_add_up_to_the_whole_every_day() -> None:
    scenario, folder = resolve("tiny", overrides=["events=[]"])
    market = build(scenario, folder=folder)
    for day in range(5):
        market.step()
        groups, sizes, today = market.consumer_groups, market.merchant_sizes, market.today
        own = groups["day"] == day
        assert groups["members"][own].sum() == len(market.crowd)
        assert groups["active"][own].sum() == market.crowd.active.sum()
        assert groups["visits"][own].sum() == len(today.visitors)
        assert groups["surplus"][own].sum() == pytest.approx(today.session_surplus.sum(), rel=1e-4)
        of_day = sizes["day"] == day
        orders = market.orders
        value = (orders["unit_price"] * orders["quantity"])[today.orders].sum()
        assert sizes["sales"][of_day].sum() == value
        assert sizes["open"][of_day].sum() == market.books.is_open.sum()
        assert sizes["revenue"][of_day].sum() == market.books.revenue.sum()
    assert (np.bincount(groups["day"]) == len(market.group_names)).all()
