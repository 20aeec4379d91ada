"""Restocking by a forecast: when an order goes out, up to what, and what it gains."""

import numpy as np
import pytest
from quiet_markets import SELDOM, founded
from scipy import stats

from sim.health.merchants import stock_out_share
from sim.market import Marketplace
from sim.merchants.restocking import forecast_of, levels_by_forecast

FORECAST = 'merchants.restocking={method="smoothing", service_level=0.9, smoothing=0.001}'
RICH = ("merchants.capital_days=3650.0", "merchants.misconduct={}", "merchants.stock_minimum=1")


def with_past(units: int, *overrides: str) -> Marketplace:
    """A market 120 days old, each of whose listings sold so many units every day."""
    market = founded(SELDOM, FORECAST, *RICH, *overrides)
    market.day = 120
    market.units_history[:] = units
    return market


def test_orders_go_out_when_stock_no_longer_lasts_with_the_service_level() -> None:
    """Steady sales of two, and an exponential lead time of three days plus one to look again."""
    market = with_past(2, "merchants.lead_time_days=3.0", "merchants.stock_cover_days=7.0")
    low, goal = levels_by_forecast(market)
    # No day varies: of the lead time's demand, only the time is uncertain (and Poisson's part).
    mean, variance = 2.0 * 4.0, 2.0 * 4.0 + 2.0**2 * 9.0
    lasting = stats.nbinom(mean**2 / (variance - mean), mean / variance).ppf(0.9)
    assert np.abs(low - (lasting + 1)).max() <= 1
    assert (goal - low == 2 * 7 - 1).all()


def test_days_with_an_empty_shelf_are_no_days_without_demand() -> None:
    market = with_past(2)
    before = forecast_of(market).mean.copy()
    market.units_history[-30:, :5] = 0
    assert (forecast_of(market).mean[:5] < 0.8 * before[:5]).all()
    market.empty_shelf_history[-30:, :5] = True
    assert forecast_of(market).mean[:5] == pytest.approx(before[:5])


def test_a_shelf_counts_as_empty_only_if_nothing_was_sold_all_day() -> None:
    market = founded(SELDOM, "merchants.stock_cover_days=1.0", *RICH)
    for _ in range(4):
        market.step()
        empty, sold = market.empty_shelf_history[-1], market.units_history[-1]
        assert not (empty & (sold > 0)).any()
        assert (market.listings.stock[empty] == 0).all()
    assert market.empty_shelf_history.any()


def test_the_past_before_the_first_day_is_that_of_the_founding() -> None:
    market = founded(SELDOM, FORECAST, *RICH)
    assert forecast_of(market).mean == pytest.approx(market.founding_sales)


def test_newcomers_are_forecast_from_their_own_days_only() -> None:
    market = with_past(2)
    market.units_history[:110, 0] = 0
    market.listings.listed_on[0] = 110
    assert forecast_of(market).mean[0] == pytest.approx(2.0)


def test_of_what_spoils_no_more_is_ordered_than_sells_in_time() -> None:
    market = with_past(2, "merchants.stock_cover_days=30.0", "merchants.shelf_life_days={Pets=3}")
    low, goal = levels_by_forecast(market)
    pets = market.listings.category == market.category_names.index("Pets")
    assert (goal[pets] == 6).all()
    assert (low[pets] <= 6).all()
    assert (goal[~pets] > 60).all()


def test_a_market_restocks_by_forecast_while_merchants_enter() -> None:
    market = founded(SELDOM, FORECAST, "merchants.entry_rate=0.05")
    first = len(market.listings)
    for _ in range(5):
        market.step()
    assert len(market.listings) > first
    low, goal = levels_by_forecast(market)
    assert (goal + 1 >= low).all()
    assert market.listings.in_delivery.sum() > 0


@pytest.mark.slow
def test_forecasts_lower_stock_outs_at_no_more_stock() -> None:
    """Under the same luck, in each of four markets, against the rule by recent sales."""

    def lived(seed: int, *overrides: str) -> tuple[float, float]:
        market = founded(SELDOM, f"seed={seed}", *RICH, *overrides)
        out, stock = [], []
        for day in range(40):
            market.step()
            if day >= 15:
                out.append(stock_out_share(market))
                stock.append((market.listings.stock * market.listings.unit_cost).sum())
        return float(np.mean(out)), float(np.mean(stock))

    forecast = 'merchants.restocking={method="hierarchical", service_level=0.9}'
    for seed in (1, 2, 3, 4):
        by_forecast = lived(seed, forecast, "merchants.stock_cover_days=7.0")
        by_recent_sales = lived(seed, "merchants.stock_cover_days=16.0")
        assert by_forecast[1] <= by_recent_sales[1]
        assert by_forecast[0] < by_recent_sales[0]
