"""What the phases of one day leave to the later ones; made anew every morning."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from policies.arrays import BoolArray, FloatArray, IntArray
from policies.observations import Finding, Ruling, SubsidyOffer


def _none(dtype: Any, *shape: int) -> Any:
    def empty() -> NDArray[Any]:
        return np.empty(shape, dtype=dtype)

    return field(default_factory=empty)


@dataclass(slots=True)
class DayRecord:
    """One day's sessions, slates, choices and decisions.

    S sessions in the order in which they happen; L listings; slates are padded with -1.
    """

    session_consumer: IntArray = _none(np.int32, 0)  # (S,)
    session_line: IntArray = _none(np.int32, 0)  # (S,) number of the need within the visit
    session_category: IntArray = _none(np.int32, 0)  # (S,)
    session_minute: FloatArray = _none(np.float64, 0)  # (S,) minute of the day
    session_query: IntArray = _none(np.int32, 0)  # (S,) index into the market's queries, or -1
    session_repeat: IntArray = _none(np.int32, 0)  # (S,) listing wanted again, or -1
    session_eligible: BoolArray = _none(np.bool_, 0)  # (S,) gets the day's subsidy
    session_choice: IntArray = _none(np.int32, 0)  # (S,) listing; -1 nothing, -2 the rival
    session_surplus: FloatArray = _none(np.float64, 0)  # (S,) cents, expected
    session_lost: BoolArray = _none(np.bool_, 0)  # (S,) best choice was sold out or too dear
    bait_abandoned: BoolArray = _none(np.bool_, 0)  # (S,) left at the checkout price
    alternatives: IntArray = _none(np.int32, 0, 0)  # (S, A) what was considered
    position: IntArray = _none(np.int16, 0)  # (A,) place at which a column was seen
    examined: IntArray = _none(np.int32, 0)  # (S,) results looked at
    slate: IntArray = _none(np.int32, 0, 0)  # (S, K) recommended
    results: IntArray = _none(np.int32, 0, 0)  # (S, K2) found by search
    exposure: FloatArray | None = None  # (L,) attention; worked out where it is first asked for
    visitors: IntArray = _none(np.int64, 0)  # distinct consumers who came
    orders: IntArray = _none(np.int64, 0)  # placed today
    delivered: IntArray = _none(np.int64, 0)  # orders delivered today
    closed: IntArray = _none(np.int64, 0)  # orders cancelled today
    entered: IntArray = _none(np.int64, 0)  # merchants
    exited: IntArray = _none(np.int64, 0)  # merchants
    fraud_score: FloatArray = _none(np.float64, 0)  # (L,)
    fraud_flagged: BoolArray = _none(np.bool_, 0)  # (L,)
    findings: tuple[Finding, ...] = ()
    ruling: Ruling = field(default_factory=lambda: Ruling(max_subsidy=None))
    offer: SubsidyOffer | None = None
    subsidy_paid: int = 0  # cents
    breach: bool = False  # the log fell into strange hands today
    records_exposed: int = 0  # records of the log that did

    @property
    def arrivals(self) -> int:
        """Consumers who came today."""
        return len(self.visitors)
