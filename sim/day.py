"""What the phases of one day leave to the later ones; made anew every morning."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

import numpy as np

from policies.arrays import BoolArray, FloatArray, IntArray
from policies.observations import Finding, Ruling, SubsidyOffer

_none_int = partial(np.empty, 0, dtype=np.int64)
_none_float = partial(np.empty, 0, dtype=np.float64)
_none_bool = partial(np.empty, 0, dtype=np.bool_)
_no_table = partial(np.empty, (0, 0), dtype=np.int32)


@dataclass(slots=True)
class DayRecord:
    """One day's sessions, slates, choices and decisions.

    S sessions in the order in which they happen; L listings; slates are padded with -1.
    """

    session_consumer: IntArray = field(default_factory=_none_int)  # (S,)
    session_line: IntArray = field(
        default_factory=_none_int
    )  # (S,) number of the need within the visit
    session_category: IntArray = field(default_factory=_none_int)  # (S,)
    session_minute: FloatArray = field(default_factory=_none_float)  # (S,) minute of the day
    session_query: IntArray = field(
        default_factory=_none_int
    )  # (S,) index into the market's queries, or -1
    session_repeat: IntArray = field(default_factory=_none_int)  # (S,) listing wanted again, or -1
    session_eligible: BoolArray = field(default_factory=_none_bool)  # (S,) gets the day's subsidy
    session_choice: IntArray = field(
        default_factory=_none_int
    )  # (S,) listing; -1 nothing, -2 the rival
    session_surplus: FloatArray = field(default_factory=_none_float)  # (S,) cents, expected
    session_lost: BoolArray = field(
        default_factory=_none_bool
    )  # (S,) best choice was sold out or too dear
    bait_abandoned: BoolArray = field(default_factory=_none_bool)  # (S,) left at the checkout price
    alternatives: IntArray = field(default_factory=_no_table)  # (S, A) what was considered
    position: IntArray = field(default_factory=_none_int)  # (A,) place at which a column was seen
    examined: IntArray = field(default_factory=_none_int)  # (S,) results looked at
    slate: IntArray = field(default_factory=_no_table)  # (S, K) recommended
    results: IntArray = field(default_factory=_no_table)  # (S, K2) found by search
    exposure: FloatArray | None = None  # (L,) attention; worked out where it is first asked for
    visitors: IntArray = field(default_factory=_none_int)  # distinct consumers who came
    orders: IntArray = field(default_factory=_none_int)  # placed today
    delivered: IntArray = field(default_factory=_none_int)  # orders delivered today
    closed: IntArray = field(default_factory=_none_int)  # orders cancelled today
    entered: IntArray = field(default_factory=_none_int)  # merchants
    exited: IntArray = field(default_factory=_none_int)  # merchants
    fraud_score: FloatArray = field(default_factory=_none_float)  # (L,)
    fraud_flagged: BoolArray = field(default_factory=_none_bool)  # (L,)
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
