"""What the regulator looks at when its means are limited."""

from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest

from sim.selection import risk, select
from sim.settings.platform import RegulatorSettings

Make = Callable[..., SimpleNamespace]

NO_CASES = np.empty(0, np.int64)


def town(make: Make, **regulator: object) -> SimpleNamespace:
    """400 offers of 40 merchants."""
    return make(listings=400, merchants=40, regulator=RegulatorSettings(**regulator))


def accuse(market: SimpleNamespace, merchant: int, day: int, times: int = 1) -> None:
    nothing = dict.fromkeys(market.findings.schema, 0)
    for _ in range(times):
        market.findings.append(**(nothing | {"day": day, "merchant": merchant}))


def picked(market: SimpleNamespace, days: int) -> np.ndarray:
    """(L,) how often each listing is inspected in some days."""
    count = np.zeros(len(market.listings), dtype=np.int64)
    for day in range(market.day, market.day + days):
        market.day = day
        count[select(market, NO_CASES).listings] += 1
    return count


def test_without_limit_all_offers_of_open_shops_are_inspected(market_stand_in: Make) -> None:
    market = town(market_stand_in)
    market.books.is_open[3] = False
    selection = select(market, NO_CASES)
    assert len(selection.listings) == selection.spent == 390
    assert not (market.listings.merchant[selection.listings] == 3).any()


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_the_means_are_spent_and_nothing_is_inspected_twice(
    market_stand_in: Make, share: float
) -> None:
    market = town(market_stand_in, inspections_per_day=37, risk_share=share)
    selection = select(market, NO_CASES)
    assert selection.spent == len(np.unique(selection.listings)) == 37
    assert (np.diff(selection.listings) > 0).all()


def test_those_with_a_record_and_complaints_are_inspected_more_often(
    market_stand_in: Make,
) -> None:
    market = town(market_stand_in, inspections_per_day=40, risk_share=0.5)
    accuse(market, 7, day=9)
    market.listings.complaints_recently[11] = 5.0
    count = picked(market, 40)
    known = market.listings.merchant == 7
    ordinary = ~known
    ordinary[11] = False
    assert count[known].min() == count[11] == 40
    assert count[ordinary].mean() < 6


def test_at_random_a_record_does_not_matter(market_stand_in: Make) -> None:
    market = town(market_stand_in, inspections_per_day=40, risk_share=0.0)
    clean = picked(market, 20)
    market.day = 10
    accuse(market, 7, day=9, times=9)
    assert (picked(market, 20) == clean).all()


def test_risk_is_forgotten_and_grows_with_findings(market_stand_in: Make) -> None:
    market = town(market_stand_in, risk_memory_days=5)
    everything = np.arange(400)
    assert (risk(market, everything) == 0.0).all()
    accuse(market, 7, day=8)
    accuse(market, 8, day=8, times=5)
    first, second = (risk(market, everything)[merchant] for merchant in (7, 8))
    assert second > first > 0.0
    market.day = 14
    assert (risk(market, everything) == 0.0).all()


def test_what_is_drawn_at_random_does_not_depend_on_other_offers(market_stand_in: Make) -> None:
    market = town(market_stand_in, inspections_per_day=50, risk_share=0.0)
    before = select(market, NO_CASES).listings
    market.books.is_open[5] = False
    after = select(market, NO_CASES).listings
    assert len(np.setdiff1d(before, after)) == (market.listings.merchant[before] == 5).sum()
