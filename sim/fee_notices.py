"""Changes of fees are published ahead: rises hold after the notice, cuts at once.

The day on which a scenario's event or another policy changes the fees is the day of the decision.
Until the notice has passed, every listing pays the lower of what the terms still in force and the
new ones ask of it. What moves within terms that are published, as surge fees do, needs no notice.

A merchant may leave when a rise is published: it does so at once, with the chance that the scenario
sets, if the rise would turn what it earned of late into a loss.

Source: Regulation (EU) 2019/1150, Article 3(2), fifteen days and the right to terminate; the
Internet Platform Pricing Behaviour Rules of China (2025), seven days and the right to exit.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from policies.arrays import BoolArray, FloatArray, read_only
from policies.observations import FeeLog, FeeSchedule, FeesObservation
from policies.params import PolicyParams
from policies.protocols import Fees
from sim.recency import EFFECTIVE_DAYS

if TYPE_CHECKING:
    from sim.market import Marketplace


@dataclass(frozen=True, slots=True)
class Terms:
    """What the platform has decided on: a policy, its parameters, and the scenario's fees."""

    policy: Fees
    params: PolicyParams
    commission: float  # share of the price
    delivery_fee: int  # cents
    effective: int = 0  # day from which rises hold

    def same_as(self, other: Terms) -> bool:
        """Whether nothing but the day differs."""
        return (
            self.params == other.params
            and self.commission == other.commission
            and self.delivery_fee == other.delivery_fee
        )

    def shown(self, observation: FeesObservation) -> FeesObservation:
        """What the policy is shown under these terms."""
        return replace(observation, commission=self.commission, delivery_fee=self.delivery_fee)

    def frozen(self) -> Terms:
        """The same terms, whatever becomes of the parameters of the policy in office."""
        policy: Any = copy.copy(self.policy)
        policy.params = self.params
        return replace(self, policy=policy)


@dataclass(slots=True)
class Notice:
    """One published change."""

    published: int  # day
    effective: int  # day from which rises hold
    commission_rise: float  # mean over listings, share of the price
    fee_rise: int  # cents


@dataclass(slots=True)
class FeeNotices:
    """The terms in force and those to come, oldest first, and all that was published."""

    terms: list[Terms] = field(default_factory=list)
    published: list[Notice] = field(default_factory=list)
    rise: FloatArray | None = None  # (L,) of what is published today, share of the price

    def today(
        self, day: int, decided: Terms, notice: int, asks: Callable[[Terms], FeeSchedule]
    ) -> FeeSchedule:
        """What is asked today: of each listing and of a visit, the least of all terms that hold.

        Args:
            day: today.
            decided: what the platform has decided on by now.
            notice: days from publication to effect.
            asks: the fees of today by given terms.
        """
        self.rise = None
        if not self.terms:
            self.terms = [decided]
        elif not decided.same_as(self.terms[-1]):
            old, new = self.terms[-1].frozen(), replace(decided, effective=day + notice)
            self.terms = [*self.terms[:-1], old, new]
            self._publish(day, day + notice, asks(old), asks(new))
        self.terms = [
            one
            for place, one in enumerate(self.terms, start=1)
            if all(later.effective > day for later in self.terms[place:])
        ]
        return _lowest([asks(one) for one in self.terms])

    def _publish(self, day: int, effective: int, old: FeeSchedule, new: FeeSchedule) -> None:
        """Write down by how much a change raises fees, as they would stand today."""
        rise = np.maximum(new.commission - old.commission, 0.0)
        self.rise = rise if (rise > 0.0).any() else None
        mean = float(rise.mean()) if len(rise) else 0.0
        fee = max(new.delivery_fee - old.delivery_fee, 0)
        self.published.append(Notice(day, effective, mean, fee))


def _lowest(schedules: list[FeeSchedule]) -> FeeSchedule:
    return FeeSchedule(
        np.min([one.commission for one in schedules], axis=0),
        min(one.delivery_fee for one in schedules),
    )


def leaving(market: Marketplace) -> BoolArray:
    """(M,) merchants that use their right to exit today, since a rise would ruin them.

    The rise is counted on what they sold of late, at today's prices.
    """
    books, listings, rise = market.books, market.listings, market.fee_notices.rise
    if rise is None:
        return np.zeros(len(books), dtype=np.bool_)
    known = len(rise)
    sales = listings.price[:known] * listings.sold_recently[:known] / EFFECTIVE_DAYS
    cost = np.bincount(listings.merchant[:known], rise * sales, minlength=len(books))
    profit = books.profit_recently
    draw = market.streams.uniform("fee_exit", market.day, np.arange(len(books)))
    leaves: BoolArray = books.is_open & (profit > 0) & (profit < cost)
    leaves &= draw < market.settings.merchants.fee_exit_share
    return leaves


def fee_log(market: Marketplace) -> FeeLog:
    """The changes that were published, as the regulator may read them."""
    log = market.fee_notices.published

    def column(name: str, dtype: type) -> NDArray[Any]:
        return read_only(np.array([getattr(one, name) for one in log], dtype=dtype))

    return FeeLog(
        published=column("published", np.int64),
        effective=column("effective", np.int64),
        commission_rise=column("commission_rise", np.float64),
        fee_rise=column("fee_rise", np.int64),
        sales_recently=market.gmv_recently,
        orders_recently=market.orders_recently,
    )
