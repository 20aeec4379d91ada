"""Concentration: few sellers come to hold much of a category, of the platform, or of the market."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from policies.arrays import FloatArray, IntArray
from policies.compiled import compiled
from policies.monitoring.episodes import Episodes
from policies.monitoring.herfindahl import MONOPOLY, hhi
from policies.observations import NO_LISTING, PLATFORM, Finding, InspectionObservation
from policies.params import PolicyParams

OUR_PLATFORM = ("our platform", "the rival")


class Concentration:
    """Alerts where sales are highly concentrated, or one seller is large, and became so of late.

    Sales are compared with those of a quarter ago, or of the first days of a younger market. The
    index is the sum of the squared percentage shares. An alert is a screen (grade C): it names no
    breach, and is addressed to the platform as the place where the market is. It is raised for a
    category, for the platform's sellers as a whole, and for the platform against its rival.

    Source: US Department of Justice & FTC, Merger Guidelines (2023), guideline 1: an index above
    1,800 or a share above 30 %, with a rise of the index by more than 100.
    """

    family: ClassVar[str] = "rule"
    name: ClassVar[str] = "concentration"

    class Params(PolicyParams):
        """Thresholds of the alert."""

        high_index: float = Field(
            1800.0,
            ge=0.0,
            le=MONOPOLY,
            description="Herfindahl-Hirschman index above which sales are highly concentrated, "
            "points",
        )
        large_share: float = Field(
            0.30, ge=0.0, le=1.0, description="share above which one seller is large"
        )
        rise: float = Field(
            100.0, ge=0.0, le=MONOPOLY, description="rise of the index that makes an alert, points"
        )
        every_days: int = Field(
            7, ge=1, le=365, description="days between two looks at the shares, which move slowly"
        )
        window: int = Field(
            28, ge=1, le=60, description="days of sales that shares are measured over"
        )
        compare_days: int = Field(
            90, ge=1, le=110, description="days ago with which the index is compared"
        )
        quiet_days: int = Field(
            30,
            ge=0,
            le=365,
            description="days without an alert after which the next one is a new finding",
        )

    def __init__(self, params: Params) -> None:
        self.params = params
        self._episodes = Episodes()
        self._noted: list[tuple[int, float]] = []  # day, and our platform's share of purchases

    def inspect(self, observation: InspectionObservation) -> list[Finding]:
        """Alerts by category, then of the whole platform, then of the platform and its rival."""
        if observation.day % self.params.every_days != 0:
            return []
        markets = [*self._seller_markets(observation), *self._platforms(observation)]
        concentrated = np.array([one.is_alarming(self.params) for one in markets], dtype=np.bool_)
        rows = np.array([one.number for one in markets], dtype=np.int64)
        begun = self._episodes.begun(rows, concentrated, observation.day, self.params.quiet_days)
        return [
            Finding(
                rule=self.name,
                listing=NO_LISTING,
                merchant=PLATFORM,
                grade="C",
                illegal_gain=0,
                evidence=markets[number].sentence(),
            )
            for number in np.flatnonzero(begun).tolist()
        ]

    def _seller_markets(self, observation: InspectionObservation) -> Iterator[_Market]:
        """Each category and the whole platform, by sales over the window at either end."""
        prices, listings, window = observation.prices, observation.listings, self.params.window
        known = min(observation.day, len(prices.units))  # days of the record that were lived
        age = min(self.params.compare_days, known - window)
        if age < min(window, self.params.compare_days):
            return
        end = len(prices.units) - age
        now = _sales(prices.units[-window:], prices.checkout[-window:])
        then = _sales(prices.units[end - window : end], prices.checkout[end - window : end])
        kinds = len(listings.category_names)
        merchants = int(listings.merchant.max(initial=-1)) + 1
        pair = listings.category * merchants + listings.merchant
        by_kind = [
            np.bincount(pair, sales, kinds * merchants).reshape(kinds, merchants)
            for sales in (now, then)
        ]
        for kind, name in enumerate(listings.category_names):
            yield _Market(kind + 2, f"category {name!r}", by_kind[0][kind], by_kind[1][kind], age)
        yield _Market(1, "platform", by_kind[0].sum(axis=0), by_kind[1].sum(axis=0), age)

    def _platforms(self, observation: InspectionObservation) -> Iterator[_Market]:
        """Our platform and its rival, by shares that the rule itself has noted."""
        share, day = observation.shares.platform_share, observation.day
        if not 0.0 < share < 1.0:
            return
        self._noted.append((day, share))
        while len(self._noted) > 1 and self._noted[1][0] <= day - self.params.compare_days:
            del self._noted[0]
        then, before = self._noted[0]
        yield _Market(
            0,
            "market of the two platforms",
            np.array([share, 1.0 - share]),
            np.array([before, 1.0 - before]),
            day - then,
            OUR_PLATFORM,
        )


class _Market:
    """Sales of the sellers of one market, now and some days ago."""

    def __init__(
        self,
        number: int,
        name: str,
        now: FloatArray,
        then: FloatArray,
        days: int,
        sellers: tuple[str, ...] | None = None,
    ) -> None:
        self.number = number
        self._name, self._days, self._sellers = name, days, sellers
        total = float(now.sum())
        self._shares = now / total if total > 0 else now
        self._index = hhi(now)
        self._rise = self._index - hhi(then)

    def is_alarming(self, params: Concentration.Params) -> bool:
        """Whether it is concentrated, or has a large seller, and the index rose by enough."""
        large = self._shares.max(initial=0.0) > params.large_share
        return bool(self._rise > params.rise and (self._index > params.high_index or large))

    def sentence(self) -> str:
        """The figures of the alert."""
        largest = int(self._shares.argmax())
        who = f"merchant {largest}" if self._sellers is None else self._sellers[largest]
        return (
            f"In the {self._name} the index of concentration is {self._index:.0f}, "
            f"{self._rise:+.0f} against {self._days} days before; {who} has "
            f"{self._shares[largest]:.0%} of the sales."
        )


def _sales(units: IntArray, price: IntArray) -> NDArray[np.float64]:
    """(L,) cents sold on some days."""
    value = np.zeros(units.shape[1], dtype=np.int64)
    for sold, asked in zip(units, price, strict=True):
        _add_value(sold, asked, value)
    return value.astype(np.float64)


@compiled
def _add_value(units, price, value):  # type: ignore[no-untyped-def]
    for j in range(len(value)):
        value[j] += units[j] * price[j]
