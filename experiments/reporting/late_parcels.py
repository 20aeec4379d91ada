"""Where and when parcels came late, in words and small tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from experiments.numerals import number, percent
from experiments.reporting.driven import HOUR, is_late
from sim.event_tables import OrderStatus

SHOPS_TOLD = 5
"""Shops in the table of the longest waits."""

FEWEST_PARCELS = 10
"""Parcels that a shop needs to be in that table: of fewer, a mean says little."""


@dataclass(frozen=True, slots=True)
class HourRow:
    """An hour of the day, over the whole run."""

    hour: int
    delivered: int
    late: int
    by: float  # minutes, mean of the late ones; nan where none was late


@dataclass(frozen=True, slots=True)
class ShopRow:
    """A shop whose parcels wait."""

    name: str
    parcels: int
    waits: float  # minutes from ready to fetched, mean
    late: float  # share of its parcels


@dataclass(frozen=True, slots=True)
class LateParcels:
    """What the tables of a run say about late parcels."""

    told: str
    hours: tuple[HourRow, ...]  # with parcels delivered
    shops: tuple[ShopRow, ...]  # the longest waits first


def late_parcels(tables: Mapping[str, pd.DataFrame]) -> LateParcels:
    """Lateness by hour of arrival, and the shops where parcels wait longest for a courier.

    Args:
        tables: of a run: deliveries and merchants.
    """
    deliveries = tables["deliveries"]
    done = deliveries[deliveries["status"] == OrderStatus.DELIVERED]
    late = is_late(done)
    by = (done["delivered"] - done["due"])[late]
    hour = np.floor_divide(done["delivered"].to_numpy(np.float64), HOUR).astype(np.int64) % 24
    rows = tuple(
        HourRow(
            one,
            int((hour == one).sum()),
            int(late[hour == one].sum()),
            float(by[hour[late] == one].mean()),
        )
        for one in np.unique(hour).tolist()
    )
    return LateParcels(_told(rows, by), rows, _shops(tables, done, late))


def _told(rows: tuple[HourRow, ...], by: pd.Series) -> str:
    delivered = sum(row.delivered for row in rows)
    if delivered == 0:
        return "Couriers delivered no parcels."
    if by.empty:
        return f"All {delivered:,} parcels that couriers delivered came by their promised minute."
    most = max(rows, key=lambda row: row.late)
    many = max(FEWEST_PARCELS, delivered // 100)
    busy = [row for row in rows if row.delivered >= many] or [most]
    share = max(busy, key=lambda row: row.late / row.delivered)
    told = (
        f"Of the {delivered:,} parcels that couriers delivered, {len(by):,} "
        f"({percent(len(by) / delivered)}) came after the promised minute, half of "
        f"them by more than {_long(float(by.median()))}. Most late parcels arrived between "
        f"{_clock(most.hour)}: {most.late:,}, which is {percent(most.late / most.delivered)} of "
        f"what was delivered then"
    )
    if share.hour != most.hour:
        told += (
            f"; the share was highest between {_clock(share.hour)}, "
            f"{percent(share.late / share.delivered)} of {share.delivered:,}"
        )
    return f"{told}."


def _long(minutes: float) -> str:
    if minutes < 2 * HOUR:
        return f"{minutes:.0f} minutes"
    return f"{number(minutes / HOUR)} hours"


def _clock(hour: int) -> str:
    return f"{hour:02d}:00 and {hour + 1:02d}:00"


def _shops(
    tables: Mapping[str, pd.DataFrame], done: pd.DataFrame, late: pd.Series
) -> tuple[ShopRow, ...]:
    waits = (done["picked_up"] - done["ready"]).clip(lower=0.0)
    by_shop = pd.DataFrame({"merchant": done["merchant"], "waits": waits, "late": late}).groupby(
        "merchant"
    )
    found = by_shop.agg(parcels=("waits", "size"), waits=("waits", "mean"), late=("late", "mean"))
    found = found[found["parcels"] >= FEWEST_PARCELS]
    found = found.sort_values("waits", ascending=False, kind="stable").head(SHOPS_TOLD)
    names = tables["merchants"]["name"].to_numpy()[found.index.to_numpy()]
    columns = (found[name].tolist() for name in ("parcels", "waits", "late"))
    return tuple(ShopRow(str(name), *row) for name, *row in zip(names, *columns, strict=True))
