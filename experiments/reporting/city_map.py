"""The map of a run: streets, shops by size, and how punctual parcels were, address by address."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.offsetbox import AnchoredText
from numpy.typing import NDArray

from experiments.numerals import number, percent
from experiments.reporting.charts import INK, ORANGE, RED, SKY, Chart, as_svg, styled
from sim.event_tables import OrderStatus

LATENESS = (
    (0.05, SKY, "under 5 % late"),
    (0.20, ORANGE, "5 to 20 % late"),
    (np.inf, RED, "over 20 % late"),
)
"""Classes of addresses by the late share of their parcels: below what, colour, name."""

SHOPS = ((0, "small", 9.0), (1, "medium", 24.0), (2, "large", 60.0))
"""Sizes of merchants and the areas of their squares, in square points."""

STREET = "#c3c8ce"
WIDTH = 7.2
"""Inches; the height follows the city's shape."""

INNER = (0.005, 0.995)
"""Quantiles of shops' and parcels' places between which the map lies, with a margin around."""

MARGIN = 0.04
"""Part of the longer side that is left free around."""

DPI = 150
"""Resolution of what is drawn as pixels: streets and dots, of which there are thousands."""


def city_map(
    streets: pd.DataFrame,
    places: pd.DataFrame,
    merchants: pd.DataFrame,
    deliveries: pd.DataFrame,
    attribution: str,
) -> Chart:
    """Streets, shops by size, and a dot an address: larger the more parcels, coloured by lateness.

    Args:
        streets: a row a street, from (x0, y0) to (x1, y1), metres.
        places: (x, y) of each place of the market, metres.
        merchants: with size and place.
        deliveries: with dropoff (a place), delivered, due (minutes) and status.
        attribution: whom the map must name; empty: nobody.

    Returns:
        The map; where places are not known (nan), a line that says so.
    """
    done = deliveries[deliveries["status"] == OrderStatus.DELIVERED]
    late = done["delivered"] > done["due"]
    addresses = late.groupby(done["dropoff"]).agg(["size", "mean"])
    at = places[["x", "y"]].to_numpy(np.float64) / 1000.0
    if not np.isfinite(at).all():
        return _without_places()
    used = np.concatenate([merchants["place"].to_numpy(), addresses.index.to_numpy()])
    low, high = _frame(at[used] if len(used) else at)
    wide, tall = high - low
    with styled():
        figure = Figure(figsize=(WIDTH, WIDTH * min(max(tall / wide, 0.4), 1.4)))
        axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
        axes.set_axis_off()
        axes.set_xlim(low[0], high[0])
        axes.set_ylim(low[1], high[1])
        axes.set_aspect("equal")
        ends = streets[["x0", "y0", "x1", "y1"]].to_numpy(np.float64).reshape(-1, 2, 2) / 1000.0
        seen = ((ends.max(axis=1) >= low) & (ends.min(axis=1) <= high)).all(axis=1)
        axes.add_collection(
            LineCollection(ends[seen], colors=STREET, linewidths=0.6, rasterized=True, zorder=1)
        )
        _dots(axes, at, addresses)
        for size, _, area in SHOPS:
            shops = at[merchants.loc[merchants["size"] == size, "place"]]
            axes.scatter(
                shops[:, 0],
                shops[:, 1],
                s=area,
                marker="s",
                facecolor="white",
                edgecolor=INK,
                linewidths=0.9,
                rasterized=True,
                zorder=3 + size,
            )
        _scale_bar(axes, low, high)
        if attribution:
            credit = AnchoredText(
                attribution, loc="lower right", pad=0.25, borderpad=0.3, prop={"fontsize": 8}
            )
            credit.patch.set(linewidth=0, alpha=0.85)
            credit.set_zorder(10)
            axes.add_artist(credit)
        svg = as_svg(figure, "map", dpi=DPI)
    return Chart(svg, _told(merchants, late, addresses, wide, tall))


def _without_places() -> Chart:
    """What stands for a map of streets that are known by their lengths only."""
    told = "The file of these streets names no coordinates, so that there is no map."
    with styled():
        figure = Figure(figsize=(WIDTH, 0.6))
        figure.text(0.5, 0.5, told, ha="center", va="center", color=INK)
        return Chart(as_svg(figure, "map", dpi=DPI), told)


def _frame(used: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Lower left and upper right corner of the map, kilometres."""
    low, high = np.quantile(used, INNER[0], axis=0), np.quantile(used, INNER[1], axis=0)
    around = MARGIN * max(float((high - low).max()), 0.5)
    return low - around, high + around


def _dots(axes: Axes, at: NDArray[np.float64], addresses: pd.DataFrame) -> None:
    """A dot an address; the busiest cover a fixed area, so that any run's map is legible."""
    most = float(addresses["size"].max()) if len(addresses) else 1.0
    at_least = 0.0
    for below, colour, _ in LATENESS:
        own = addresses[(addresses["mean"] >= at_least) & (addresses["mean"] < below)]
        where = at[own.index]
        axes.scatter(
            where[:, 0],
            where[:, 1],
            s=6.0 + 40.0 * own["size"] / most,
            color=colour,
            alpha=0.75,
            linewidths=0,
            rasterized=True,
            zorder=2,
        )
        at_least = below


def _scale_bar(axes: Axes, low: NDArray[np.float64], high: NDArray[np.float64]) -> None:
    """A bar of a round length, about a fifth of the map's width, at its lower left."""
    wanted = float(high[0] - low[0]) / 5.0
    power = 10.0 ** np.floor(np.log10(wanted))
    length = max(step * power for step in (1.0, 2.0, 5.0) if step * power <= wanted)
    x, y = low + 0.02 * (high - low)
    axes.plot([x, x + length], [y, y], color=INK, linewidth=3.0, solid_capstyle="butt", zorder=9)
    text = f"{length:g} km" if length >= 1.0 else f"{1000.0 * length:g} m"
    axes.annotate(
        text,
        (x, y),
        (0, 6),
        textcoords="offset points",
        fontsize=11,
        zorder=8,  # the box about it must not cover the bar
        bbox={"facecolor": "white", "alpha": 0.85, "linewidth": 0, "pad": 1.5},
    )


def _told(
    merchants: pd.DataFrame, late: pd.Series, addresses: pd.DataFrame, wide: float, tall: float
) -> str:
    shops = ", ".join(
        f"{int((merchants['size'] == size).sum()):,} {name}" for size, name, _ in SHOPS
    )
    start = f"Map of {number(wide)} by {number(tall)} kilometres with the shops ({shops})"
    if late.empty:
        return f"{start}; no parcels were delivered by couriers."
    return (
        f"{start} and the {len(addresses):,} addresses to which {len(late):,} parcels were "
        f"brought; {percent(float(late.mean()))} of the parcels came late."
    )
