"""Price monitoring: listings whose price moves abnormally, against their past and their peers."""

from __future__ import annotations

from typing import ClassVar, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from policies.arrays import IntArray
from policies.monitoring.detectors import (
    MAX_DRIFT,
    MAX_RANGE,
    MONTH,
    QUARTER,
    SPAN,
    ages_of_moves,
    hampel_score,
    price_drift,
    price_range,
    price_step,
    range_or_drift,
)
from policies.monitoring.episodes import Episodes
from policies.monitoring.kernel_change import is_installed, kernel_change
from policies.monitoring.relative_prices import (
    FEWEST_PEERS,
    PriceWindow,
    by_category,
    medians,
    own_extremes,
    price_window,
    relative_extremes,
)
from policies.observations import Finding, InspectionObservation
from policies.params import PolicyParams

FENCE = 1.5
"""Interquartile ranges beyond the quartiles at which a price is out of line with its peers."""


class PriceMonitor:
    """Samples listings on a schedule and flags abnormal moves of what checkout asks for them.

    A move is abnormal where it is wide within a month or long over a quarter, and both by itself
    and against its category: costs that all pass on and sales that all hold are no moves. A move
    is a screen (grade C); it needs context (B) where the price now stands out of line with its
    peers as well. A screen shows no illegal gain. An abnormal state that goes on is one finding.

    Source: scheduled sampling of listings as in the European Commission's price sweeps (2022);
    detectors as their modules say; fences: Tukey (1977), "Exploratory Data Analysis", ch. 2.
    """

    family: ClassVar[str] = "rule"
    name: ClassVar[str] = "price_monitor"

    class Params(PolicyParams):
        """Schedule, detector and thresholds."""

        detector: Literal["range_or_drift", "step", "hampel", "kernel_change"] = Field(
            "range_or_drift",
            description="what a move is told by; all but the first are there for comparison, the "
            "last needs the extra `monitoring`",
        )
        turns: int = Field(
            7,
            ge=1,
            le=365,
            description="inspections in which each listing's turn comes once; 1: all every time",
        )
        max_range: float = Field(
            MAX_RANGE,
            ge=0.01,
            le=5.0,
            description="highest over lowest price of 30 days that is ordinary, log points",
        )
        max_drift: float = Field(
            MAX_DRIFT,
            ge=0.01,
            le=5.0,
            description="change of a fortnight's median in a quarter that is ordinary, log points",
        )
        max_step: float = Field(
            0.28,
            ge=0.01,
            le=5.0,
            description="change from one day to the next that is ordinary, log points",
        )
        max_deviation: float = Field(
            20.0,
            ge=1.0,
            le=1000.0,
            description="distance from the median of 30 days that is ordinary, robust standard "
            "deviations (Hampel)",
        )
        penalty: float = Field(
            18.0,
            ge=0.1,
            le=91.0,
            description="gain that a kernel change point must bring, days of the 91 looked at",
        )
        quiet_days: int = Field(
            30,
            ge=0,
            le=365,
            description="days without an alarm after which the next one is a new finding",
        )

        @model_validator(mode="after")
        def _detector_is_installed(self) -> Self:
            if self.detector == "kernel_change" and not is_installed():
                raise ValueError(
                    "detector = 'kernel_change' needs the library ruptures: pip install "
                    "-e '.[monitoring]'"
                )
            return self

    def __init__(self, params: Params) -> None:
        self.params = params
        self._inspections = 0
        self._episodes = Episodes()

    def inspect(self, observation: InspectionObservation) -> list[Finding]:
        """What today's turn shows, by listing."""
        params, listings, rows = self.params, observation.listings, observation.rows
        due = (rows + self._inspections) % params.turns == 0
        self._inspections += 1
        rows = rows[due & listings.on_sale[rows]]
        if len(rows) == 0:
            return []
        window = price_window(
            observation.prices.checkout,
            np.where(listings.on_sale, listings.checkout_price, 0),
            listings.category,
            self._ages(len(observation.prices.checkout)),
        )
        abnormal = self._excess(window, rows) > 1.0
        begun = self._episodes.begun(rows, abnormal, observation.day, params.quiet_days)
        found = rows[begun]
        if len(found) == 0:
            return []
        peers = _PeerPrices(window)
        return [
            Finding(
                rule=self.name,
                listing=listing,
                merchant=int(listings.merchant[listing]),
                grade="B" if peers.is_out_of_line(listing) else "C",
                illegal_gain=0,
                evidence=f"{move} {peers.standing(listing)}",
            )
            for listing, move in zip(found.tolist(), self._moves(window, found), strict=True)
        ]

    def _ages(self, days: int) -> list[int]:
        """Days ago whose category levels the detector and its evidence need."""
        deepest = {"step": 1, "hampel": MONTH, "kernel_change": QUARTER}.get(self.params.detector)
        wanted = set(ages_of_moves(days))
        return sorted(wanted | (set(range(min(deepest, days) + 1)) if deepest else set()))

    def _excess(self, window: PriceWindow, rows: IntArray) -> NDArray[np.float64]:
        """(R,) how far each listing has moved, in multiples of what is ordinary."""
        params = self.params
        if params.detector == "step":
            return price_step(window, rows) / params.max_step
        if params.detector == "hampel":
            return hampel_score(window, rows) / params.max_deviation
        if params.detector == "kernel_change":
            return kernel_change(window, rows) / params.penalty
        return range_or_drift(window, rows, params.max_range, params.max_drift)

    def _moves(self, window: PriceWindow, rows: IntArray) -> list[str]:
        """Each listing's move in figures: its drift where that was found, else its range."""
        params = self.params
        drift = np.abs(price_drift(window, rows)) / params.max_drift
        width = price_range(window, rows) / params.max_range
        drifted = (params.detector == "range_or_drift") & (drift > np.maximum(width, 1.0))
        sentence = np.empty(len(rows), dtype=object)
        sentence[drifted] = _drifts(window, rows[drifted])
        sentence[~drifted] = _ranges(window, rows[~drifted])
        return [str(one) for one in sentence]


def _drifts(window: PriceWindow, rows: IntArray) -> list[str]:
    now = medians(window, rows, 0, SPAN - 1)
    then = medians(window, rows, QUARTER - SPAN, QUARTER - 1)
    own, relative = now.own / then.own - 1.0, now.relative / then.relative - 1.0
    return [
        f"The median price of {SPAN} days went from {then.own[i] / 100:.2f} to "
        f"{now.own[i] / 100:.2f} within {QUARTER} days ({own[i]:+.0%}; against its category "
        f"{relative[i]:+.0%})."
        for i in range(len(rows))
    ]


def _ranges(window: PriceWindow, rows: IntArray) -> list[str]:
    lowest, highest = own_extremes(window, rows, 0, MONTH - 1)
    low, high = relative_extremes(window, rows, 0, MONTH - 1)
    return [
        f"The price ranged from {lowest[i] / 100:.2f} to {highest[i] / 100:.2f} within {MONTH} "
        f"days, a factor of {highest[i] / lowest[i]:.2f} (against its category "
        f"{high[i] / low[i]:.2f})."
        for i in range(len(rows))
    ]


class _PeerPrices:
    """Where today's prices stand among those of their category."""

    def __init__(self, window: PriceWindow) -> None:
        self._window = window
        self._by_category = by_category(window.today, window.category)
        self._kind = window.category[self._by_category]
        self._known: dict[int, tuple[NDArray[np.int64], float, float]] = {}

    def _peers(self, listing: int) -> tuple[NDArray[np.int64], float, float]:
        """Prices of what the listing's category has on sale, ascending, and their two fences."""
        window, kind = self._window, int(self._window.category[listing])
        if kind not in self._known:
            first, end = np.searchsorted(self._kind, (kind, kind + 1)).tolist()
            peers = np.sort(window.today[self._by_category[first:end]])
            low, high = np.quantile(np.log(peers), (0.25, 0.75))
            room = FENCE * (high - low)
            self._known[kind] = peers, float(np.exp(low - room)), float(np.exp(high + room))
        return self._known[kind]

    def is_out_of_line(self, listing: int) -> bool:
        """Whether the listing's price lies beyond the fences of its category's log prices."""
        peers, lowest, highest = self._peers(listing)
        within = lowest <= self._window.today[listing] <= highest
        return len(peers) > FEWEST_PEERS and not within

    def standing(self, listing: int) -> str:
        """Today's price among its peers, in a sentence."""
        peers, price = self._peers(listing)[0], int(self._window.today[listing])
        cheaper = int(np.searchsorted(peers, price))
        return f"It asks {price / 100:.2f} today, more than {cheaper} of {len(peers) - 1} peers do."
