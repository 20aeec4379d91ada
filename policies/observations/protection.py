"""What the complaint desk is shown, and what it decides."""

from __future__ import annotations

from dataclasses import dataclass

from policies.arrays import FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class ComplaintsView:
    """Open complaints in the order in which they came. Q complaints."""

    complaint: IntArray  # (Q,) id
    kind: IntArray  # (Q,) 0 not as described, 1 not genuine, 2 late, 3 price at checkout
    day: IntArray  # (Q,) day it was filed
    paid: IntArray  # (Q,) cents the consumer paid for the order
    consumer_complaints: IntArray  # (Q,) earlier complaints of this account
    listing_complaint_rate: FloatArray  # (Q,) complaints a unit sold of the listing
    evidence: FloatArray  # (Q,) strength of what the consumer handed in, in [0, 1]


@dataclass(frozen=True, slots=True)
class ProtectionObservation:
    """Handed to the complaint desk each day."""

    day: int
    complaints: ComplaintsView
    capacity: int  # complaints that the desk's staff can close today


@dataclass(frozen=True, slots=True)
class Resolution:
    """Complaints closed today and the share of the payment that each gets back."""

    complaint: IntArray  # (H,) ids
    refund_share: FloatArray  # (H,) in [0, 1]
