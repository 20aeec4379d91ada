"""When stock is ordered and up to what: by recent sales, or by a forecast of demand.

By a forecast, an order goes out as soon as what is left no longer lasts, with the service level,
through the time that an order takes and the day until shelves are looked at again; it fills them to
that and the sales expected within the cover. Days on which a shelf was empty from morning to
evening are no days without demand, and count for nothing.

Source: Silver, Pyke & Thomas (2017), "Inventory and Production Management in Supply Chains", 4th
ed., section 7.9 ((R, s, S) policies); `models.demand` has those of the forecasts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from models.demand import DemandForecast, demand_quantile, forecast_demand
from sim.merchants.spoilage import shelf_life

if TYPE_CHECKING:
    from sim.market import Marketplace

Levels = tuple[NDArray[np.float64], NDArray[np.int64]]
"""(L,) units below which stock is ordered, and (L,) units up to which."""

REVIEW_DAYS = 1
"""Days between two looks at a shelf."""


def levels_by_forecast(market: Marketplace) -> Levels:
    """The levels of all listings by the scenario's method of forecasting."""
    settings = market.settings.merchants
    forecast = forecast_of(market)
    lead = settings.lead_time_days
    lasting = demand_quantile(
        forecast, settings.restocking.service_level, lead + REVIEW_DAYS, lead**2
    )
    cover = forecast.mean * settings.stock_cover_days
    minimum = np.full(len(lasting), settings.stock_minimum)
    goal = np.maximum(np.ceil(lasting + cover), minimum).astype(np.int64)
    if settings.shelf_life_days:
        life = shelf_life(market, market.listings.category)
        keeps = np.isinf(life)
        sold_in_time = np.maximum(np.ceil(forecast.mean * np.where(keeps, 0.0, life)), 1.0)
        most = np.where(keeps, goal, sold_in_time).astype(np.int64)
        goal, minimum = np.minimum(goal, most), np.minimum(minimum, most)
        lasting = np.minimum(lasting, most - 1)
    return np.maximum(lasting + 1.0, 0.5 * minimum), goal


def forecast_of(market: Marketplace) -> DemandForecast:
    """What each listing is expected to sell a day.

    Days before the market's first count as if its sales of the past had been sold evenly.
    """
    settings, listings = market.settings.merchants.restocking, market.listings
    window = settings.window_days
    units = market.units_history[-window:].astype(np.float64)
    day = market.day - len(units) + np.arange(len(units))
    units[day < 0] = market.founding_sales
    open_then = (day[:, None] >= listings.listed_on) | (listings.listed_on == 0)
    available = open_then & ~market.empty_shelf_history[-window:]
    return forecast_demand(
        units,
        settings.method,
        smoothing=settings.smoothing,
        available=available,
        group=listings.category,
    )
