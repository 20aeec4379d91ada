"""What came of the slates, as the platform's log tells it: what the slate bandit is rewarded for.

A purchase is worth `sale`, plus `satisfaction` times what its buyer made of it: the rating, from -1
(one star) to 1 (five), less 1 if it was sent back, less the listing's present complaints a sale. A
session is worth what was bought in it, on the slate or not, plus `trust` if its visitor came back.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from policies.arrays import BoolArray, FloatArray, IntArray
from policies.observations import ON_SLATE, SESSION_BITS, InteractionLog, ListingsView
from policies.recommendation.bandit_slates import SlatesOfDay


@dataclass(frozen=True, slots=True)
class Reward:
    """The weights of a reward, and how long its parts are waited for."""

    sale: float
    satisfaction: float
    trust: float
    horizon: int  # days

    @property
    def waits(self) -> int:
        """Days after which all that counts of a session is known."""
        return self.horizon if self.satisfaction > 0 or self.trust > 0 else 0


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What came of a day's S slates of K places."""

    looked_at: BoolArray  # (S, K) the place was seen, and held what was put there
    earned: FloatArray  # (S, K) what each place is credited with
    session: FloatArray  # (S,) what the session was worth
    depth: IntArray  # (S,) places down to the last one seen
    as_drawn: BoolArray  # (S,) nothing seen on the slate stood elsewhere than it was put


class LogReader:
    """Finds in a log what came of a day's slates."""

    def __init__(self, log: InteractionLog, listings: ListingsView, reward: Reward) -> None:
        self.log, self.reward = log, reward
        sold = np.maximum(listings.sold_recently.astype(np.float64), 1.0)
        self._complained = np.minimum(listings.complaints_recently / sold, 1.0)
        self._people = np.unique(
            np.concatenate([log.visitor, log.rating_visitor, log.return_visitor])
        )
        self._goods = len(listings.title)
        self._rated = _Events(self._pair(log.rating_visitor, log.rating_listing), log.rating_day)
        self._back = _Events(self._pair(log.return_visitor, log.return_listing), log.return_day)
        self._visits = _Events(self._person(log.visitor), log.day)
        rows = np.flatnonzero(log.bought)
        again = self._comes_back(log.visitor[rows], log.day[rows])
        self._usual = float(again.mean()) if len(rows) else 0.0

    def of(self, slates: SlatesOfDay) -> Outcomes:
        """What came of the slates of a day."""
        log, shape = self.log, slates.slate.shape
        rows = np.arange(*np.searchsorted(log.day, [slates.day, slates.day + 1]))
        session = log.session[rows] - (np.int64(slates.day) << SESSION_BITS)
        bought = rows[log.bought[rows]]
        buyer = session[log.bought[rows]]
        visitor, listing = log.visitor[bought], log.listing[bought]
        worth = self.reward.sale + self.reward.satisfaction * self._satisfaction(
            visitor, listing, slates.day
        )
        value = np.bincount(buyer, weights=worth, minlength=shape[0]).astype(np.float64)
        value += self.reward.trust * self._returned(session, rows, shape[0])
        # Who bought and came back speaks for what was bought; that buyers do so anyway does not.
        again = self._comes_back(visitor, np.full(len(bought), slates.day))
        worth = worth + self.reward.trust * (again - self._usual)

        on_slate = (log.surface[rows] == ON_SLATE) & (log.position[rows] < shape[1])
        who, place = session[on_slate], log.position[rows[on_slate]].astype(np.int64)
        drawn = slates.slate[who, place] == log.listing[rows[on_slate]]
        looked_at = np.zeros(shape, dtype=np.bool_)
        looked_at[who[drawn], place[drawn]] = True
        as_drawn = np.ones(shape[0], dtype=np.bool_)
        as_drawn[who[~drawn]] = False
        depth = np.zeros(shape[0], dtype=np.int64)
        np.maximum.at(depth, who, place + 1)
        earned = np.zeros(shape)
        sold = log.surface[bought] == ON_SLATE
        sold &= log.position[bought] < shape[1]
        earned[buyer[sold], log.position[bought[sold]]] = worth[sold]
        return Outcomes(looked_at, earned * looked_at, value, depth, as_drawn)

    def _satisfaction(self, visitor: IntArray, listing: IntArray, day: int) -> FloatArray:
        """(n,) what buyers made of what they bought on a day."""
        pair, last = self._pair(visitor, listing), day + self.reward.horizon
        rating = self._rated.first(pair, day, last)
        stars = np.append(self.log.rating.astype(np.float64), 0.5)[rating]
        returned = self._back.first(pair, day, last) >= 0
        felt: FloatArray = 2.0 * stars - 1.0 - returned - self._complained[listing]
        return felt

    def _returned(self, session: IntArray, rows: IntArray, count: int) -> FloatArray:
        """(count,) 1 for sessions whose visitor comes again within the horizon, on a later day."""
        returned = np.zeros(count)
        returned[session] = self._comes_back(self.log.visitor[rows], self.log.day[rows])
        return returned

    def _comes_back(self, visitor: IntArray, day: IntArray) -> FloatArray:
        person = self._person(visitor)
        return (self._visits.first(person, day + 1, day + self.reward.horizon) >= 0).astype(float)

    def _person(self, visitor: IntArray) -> NDArray[np.int64]:
        return np.searchsorted(self._people, visitor).astype(np.int64)

    def _pair(self, visitor: IntArray, listing: IntArray) -> NDArray[np.int64]:
        return self._person(visitor) * self._goods + listing


class _Events:
    """Keyed and dated events, for finding the first of a key from a day on."""

    def __init__(self, key: NDArray[np.int64], day: IntArray) -> None:
        self._span = int(day.max(initial=0)) + 2
        code = key * self._span + day
        self._order = np.argsort(code, kind="stable")
        self._code = code[self._order]

    def first(
        self, key: NDArray[np.int64], since: IntArray | int, until: IntArray | int
    ) -> NDArray[np.int64]:
        """(n,) row of the first event of each key from `since` to `until`, both included; or -1."""
        low = np.minimum(since, self._span - 1)
        high = np.minimum(until, self._span - 1)
        if len(self._code) == 0:
            return np.full(len(key), -1, dtype=np.int64)
        at = np.searchsorted(self._code, key * self._span + low)
        found = np.minimum(at, len(self._code) - 1)
        there = (at < len(self._code)) & (self._code[found] <= key * self._span + high)
        return np.where(there, self._order[found], -1)
