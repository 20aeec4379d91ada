"""Indicators of fair exposure in a small world."""

import math
from types import SimpleNamespace

import numpy as np
import pytest

from sim.health import find

SECOND, THIRD = 1 / math.log2(3), 1 / math.log2(4)


def value(market: SimpleNamespace, name: str) -> float:
    return find(name).measure(market)


def show(market: SimpleNamespace, slate: list[list[int]]) -> None:
    today, count = market.today, len(slate)
    today.session_consumer = np.arange(count)
    today.session_line = np.zeros(count, dtype=int)
    today.session_category = np.zeros(count, dtype=int)
    today.slate, today.results = np.array(slate), np.full((count, 1), -1)
    today.exposure = None
    market.listings.shown_recently = np.zeros(6)


def test_treatment_is_exposure_for_relevance(market: SimpleNamespace) -> None:
    """Listings 0 and 3 are a small merchant's; a listing of quality 1 is e times as relevant."""
    market.books.size[:] = [0, 2, 2]
    market.listings.quality = np.full(6, 0.5)
    show(market, [[0, 1, 2]])
    small, others = 1.0 / 2, (SECOND + THIRD) / 4
    assert value(market, "small_merchant_treatment") == pytest.approx(small / others)
    market.listings.quality[[0, 3]] = 1.0
    assert value(market, "small_merchant_treatment") == pytest.approx(small / others / math.e)


def test_attention_is_equitable_where_it_follows_relevance(market: SimpleNamespace) -> None:
    market.listings.quality = np.full(6, 0.5)
    show(market, [[0, 1, 2], [1, 2, 0], [2, 0, 1]])
    assert value(market, "attention_inequity") == pytest.approx(0.0)
    show(market, [[0, 1, 2]])
    total = 1.0 + SECOND + THIRD
    by_hand = sum(abs(one / total - 1 / 3) for one in (1.0, SECOND, THIRD))
    assert value(market, "attention_inequity") == pytest.approx(by_hand)
    owed = np.zeros(6)
    owed[[1, 2]] = [1.0 - SECOND, 1.0 - THIRD]
    market.listings.shown_recently = owed
    assert value(market, "attention_inequity") == pytest.approx(0.0)


def test_where_nobody_came_there_is_nothing_to_measure(market: SimpleNamespace) -> None:
    show(market, [[-1, -1, -1]])
    market.today.session_consumer = np.empty(0, dtype=int)
    market.today.session_line = np.empty(0, dtype=int)
    market.today.session_category = np.empty(0, dtype=int)
    market.today.slate = np.empty((0, 3), dtype=int)
    market.today.results = np.empty((0, 1), dtype=int)
    assert math.isnan(value(market, "attention_inequity"))
    assert math.isnan(value(market, "small_merchant_treatment"))
