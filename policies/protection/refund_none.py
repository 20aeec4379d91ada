"""No consumer protection beyond an answer."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from policies.observations import ProtectionObservation, Resolution
from policies.params import PolicyParams


class RefundNone:
    """Turns every complaint down, first come first served: the baseline of consumer protection."""

    family: ClassVar[str] = "protection"
    name: ClassVar[str] = "refund_none"

    class Params(PolicyParams):
        """Turning down has no parameters."""

    def __init__(self, params: Params) -> None:
        self.params = params

    def resolve(self, observation: ProtectionObservation) -> Resolution:
        """Close as many complaints as the staff can, without a refund."""
        closed = observation.complaints.complaint[: observation.capacity]
        return Resolution(complaint=closed, refund_share=np.zeros(len(closed)))
