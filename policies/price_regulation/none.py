"""No price regulation."""

from __future__ import annotations

from typing import ClassVar

from policies.observations import RegulationObservation, Ruling
from policies.params import PolicyParams


class NoPriceRegulation:
    """Limits nothing and finds nothing: the baseline of price regulation."""

    family: ClassVar[str] = "price_regulation"
    name: ClassVar[str] = "none"

    class Params(PolicyParams):
        """Not regulating has no parameters."""

    def __init__(self, params: Params) -> None:
        self.params = params

    def regulate(
        self,
        observation: RegulationObservation,  # noqa: ARG002 - the protocol's
    ) -> Ruling:
        """No limit, no finding."""
        return Ruling(max_subsidy=None)
