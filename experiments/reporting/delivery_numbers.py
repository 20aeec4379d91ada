"""Deliveries in a few numbers: the indicators that dispatch, roads and carriers are judged by."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from experiments.headline import change
from experiments.numerals import measured, unit_beside
from scenarios.schema import Scenario
from sim.health import find

TOLD = {
    "on_time_share": "Orders on time",
    "click_to_door": "From order to door, mean",
    "click_to_door_p90": "From order to door, nine of ten take at most",
    "orders_per_hour": "Parcels delivered a courier-hour",
    "bundle_size": "Parcels fetched a visit to a shop",
    "km_per_order": "Kilometres driven an order",
    "empty_share": "Driven without a parcel on board",
    "co2_per_order": "CO2 an order",
    "cost_per_order": "Cost of delivery an order",
    "duplicate_trips": "Trips where another courier comes within 15 minutes",
    "congestion": "Minutes on the road against empty roads",
}
"""Indicators and what the report calls them."""

AMONG_CARRIERS = "duplicate_trips"
"""Is told where there are several carriers, who may send two couriers where one would do."""


@dataclass(frozen=True, slots=True)
class DeliveryNumber:
    """An indicator of deliveries, in words and numbers."""

    name: str  # as tables and commands call it
    title: str
    ends: tuple[str, str]  # means of the first days and of the last
    mean: str  # of the run
    unit: str


def delivery_numbers(indicators: pd.DataFrame, scenario: Scenario) -> list[DeliveryNumber]:
    """The indicators of deliveries that a run has: none without couriers.

    Args:
        indicators: (days, indicators); those of traffic are empty in a run without.
        scenario: the run's.
    """
    if not scenario.couriers.count:
        return []
    rows = []
    for name, title in TOLD.items():
        column, unit = indicators[name], find(name).unit
        if column.isna().all() or (name == AMONG_CARRIERS and scenario.couriers.carriers == 1):
            continue
        ends = change(indicators, name)
        rows.append(
            DeliveryNumber(
                name=name,
                title=title,
                ends=(measured(ends.first, unit), measured(ends.last, unit)),
                mean=measured(float(column.mean()), unit),
                unit=unit_beside(unit),
            )
        )
    return rows
