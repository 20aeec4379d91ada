"""What the phases of one day leave to the later ones; made anew every morning."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from policies.arrays import BoolArray, FloatArray, IntArray
from policies.observations import Finding, PersonalPrices, Ruling, Steering, SubsidyOffer
from sim.campaigns import Campaigns


def _ints() -> IntArray:
    return np.empty(0, dtype=np.int64)


def _floats() -> FloatArray:
    return np.empty(0, dtype=np.float64)


def _flags() -> BoolArray:
    return np.empty(0, dtype=np.bool_)


def _no_flags() -> BoolArray:
    return np.empty((0, 0), dtype=np.bool_)


def _table() -> IntArray:
    return np.empty((0, 0), dtype=np.int32)


@dataclass(slots=True)
class DayRecord:
    """One day's sessions, slates, choices and decisions.

    S sessions in the order in which they happen; L listings; slates are padded with -1.
    """

    session_consumer: IntArray = field(default_factory=_ints)  # (S,)
    session_key: IntArray = field(default_factory=_ints)  # (S,) under which it is logged
    session_line: IntArray = field(default_factory=_ints)  # (S,) number within the visit
    session_category: IntArray = field(default_factory=_ints)  # (S,)
    session_minute: FloatArray = field(default_factory=_floats)  # (S,) minute of the day
    session_query: IntArray = field(default_factory=_ints)  # (S,) number of the query, or -1
    session_repeat: IntArray = field(default_factory=_ints)  # (S,) listing wanted again, or -1
    session_choice: IntArray = field(default_factory=_ints)  # (S,) listing, or NOTHING, RIVAL
    session_surplus: FloatArray = field(default_factory=_floats)  # (S,) cents, expected
    session_surplus_elsewhere: FloatArray = field(
        default_factory=_floats
    )  # (S,) cents, the rival's
    session_lost: BoolArray = field(default_factory=_flags)  # (S,) best was sold out
    bait_abandoned: BoolArray = field(default_factory=_flags)  # (S,) left at checkout
    alternatives: IntArray = field(default_factory=_table)  # (S, A) what was considered
    position: IntArray = field(default_factory=_ints)  # (A,) place at which a column was seen
    clicked: BoolArray = field(default_factory=_no_flags)  # (S, A) of it, looked at more closely
    examined: IntArray = field(default_factory=_ints)  # (S,) results looked at
    slate: IntArray = field(default_factory=_table)  # (S, K) recommended
    results: IntArray = field(default_factory=_table)  # (S, K2) found by search
    exposure: FloatArray | None = None  # (L,) attention; worked out where it is first asked for
    visitors: IntArray = field(default_factory=_ints)  # distinct consumers who came
    orders: IntArray = field(default_factory=_ints)  # placed today
    delivered: IntArray = field(default_factory=_ints)  # orders delivered today
    closed: IntArray = field(default_factory=_ints)  # orders that ended undelivered today
    called_off: IntArray = field(default_factory=_ints)  # of these those that buyers cancelled
    spoiled: IntArray = field(default_factory=_ints)  # of these those with spoiled goods
    first_leg: int = 0  # row of the first leg that was driven today
    entered: IntArray = field(default_factory=_ints)  # merchants
    exited: IntArray = field(default_factory=_ints)  # merchants
    fraud_flagged: BoolArray = field(default_factory=_flags)  # (L,)
    findings: tuple[Finding, ...] = ()
    inspections: int = 0  # that the regulator made
    ruling: Ruling = field(default_factory=lambda: Ruling(max_subsidy=None))
    steering: Steering = field(default_factory=lambda: Steering(_flags(), _flags()))
    offers: tuple[SubsidyOffer, ...] = ()  # campaigns of the platform that pay today
    campaigns: Campaigns | None = None  # the same, as the kernels take them
    campaign_paid: IntArray = field(default_factory=_ints)  # (C,) cents that each granted
    campaign_served: FloatArray = field(default_factory=_floats)  # (C,) how far its budget went
    subsidy_paid: int = 0  # cents that the platform bears of today's orders
    subsidy_returned: int = 0  # cents of earlier ones that came back with cancellations, refunds
    rival_units: float = 0.0  # bought at the rival
    rival_sales: float = 0.0  # currency units there, before its subsidies
    surplus_at_rival_alone: float = 0.0  # cents, expected, of those who shop there alone
    personal: PersonalPrices = field(default_factory=lambda: PersonalPrices(_floats()))
    breach: bool = False  # the log fell into strange hands today
    records_exposed: int = 0  # records of the log that did

    @property
    def arrivals(self) -> int:
        """Consumers who came today."""
        return len(self.visitors)
