"""Refunds by rule: what is claimed, how well it is shown, how much it is about, and by whom."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from policies.arrays import BoolArray
from policies.observations import ComplaintsView, ProtectionObservation, Resolution
from policies.params import PolicyParams

LATE, CHECKOUT_PRICE = 2, 3
"""Kinds of complaints in `ComplaintsView.kind` that are not about the goods."""


class RefundByRule:
    """Decides complaints by kind, evidence and amount, first come first served; limits abusers.

    Small sums are given back without proof. Otherwise the evidence must reach a mark, which is
    lower for listings that many complain about. Accounts that complain again and again lose both
    ease and benefit of the doubt.
    """

    family: ClassVar[str] = "protection"
    name: ClassVar[str] = "refund_by_rule"

    class Params(PolicyParams):
        """Parameters of refunds by rule."""

        min_evidence: float = Field(
            0.5, ge=0.0, le=1.0, description="evidence that a refund needs, strength in [0, 1]"
        )
        small_amount: float = Field(
            5.0,
            ge=0.0,
            le=1e6,
            description="payment up to which no proof is asked for, currency units",
        )
        suspect_rate: float = Field(
            0.05, ge=0.0, le=1.0, description="complaints a unit sold that make a listing suspect"
        )
        suspect_evidence: float = Field(
            0.3, ge=0.0, le=1.0, description="evidence needed against a suspect listing"
        )
        trusted_complaints: int = Field(
            3, ge=0, le=10_000, description="earlier complaints that are taken in good faith"
        )
        abuser_evidence: float = Field(
            0.9, ge=0.0, le=1.0, description="evidence needed from an account with more of them"
        )
        late_share: float = Field(
            0.2, ge=0.0, le=1.0, description="share of the payment given back for lateness"
        )
        checkout_price_share: float = Field(
            0.25, ge=0.0, le=1.0, description="share given back for a false price"
        )
        goods_share: float = Field(
            1.0, ge=0.0, le=1.0, description="share given back for fake or misdescribed goods"
        )

    def __init__(self, params: Params) -> None:
        self.params = params

    def resolve(self, observation: ProtectionObservation) -> Resolution:
        """Decide the oldest complaints, as many as the staff can close."""
        queue, capacity = observation.complaints, observation.capacity
        granted = self._granted(queue)[:capacity]
        share = self._share(queue.kind[:capacity])
        return Resolution(
            complaint=queue.complaint[:capacity], refund_share=np.where(granted, share, 0.0)
        )

    def _granted(self, queue: ComplaintsView) -> BoolArray:
        params = self.params
        suspect = queue.listing_complaint_rate > params.suspect_rate
        needed = np.where(suspect, params.suspect_evidence, params.min_evidence)
        abuser = queue.consumer_complaints > params.trusted_complaints
        needed = np.where(abuser, params.abuser_evidence, needed)
        small = (queue.paid <= round(params.small_amount * 100)) & ~abuser
        return small | (queue.evidence >= needed)

    def _share(self, kind: NDArray[np.signedinteger]) -> NDArray[np.float64]:
        params = self.params
        share: NDArray[np.float64] = np.select(
            [kind == LATE, kind == CHECKOUT_PRICE],
            [params.late_share, params.checkout_price_share],
            default=params.goods_share,
        )
        return share
