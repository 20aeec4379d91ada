"""The customer is always right."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from policies.observations import ProtectionObservation, Resolution
from policies.params import PolicyParams


class RefundAll:
    """Refunds every complaint in full, first come first served ("refund only", no questions)."""

    family: ClassVar[str] = "protection"
    name: ClassVar[str] = "refund_all"

    class Params(PolicyParams):
        """Refunding all has no parameters."""

    def __init__(self, params: Params) -> None:
        self.params = params

    def resolve(self, observation: ProtectionObservation) -> Resolution:
        """Close as many complaints as the staff can, with all the money back."""
        closed = observation.complaints.complaint[: observation.capacity]
        return Resolution(complaint=closed, refund_share=np.ones(len(closed)))
