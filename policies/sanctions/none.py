"""No sanctions."""

from __future__ import annotations

from typing import ClassVar

from policies.observations import Sanction, SanctionObservation
from policies.params import PolicyParams


class NoSanctions:
    """Takes note of findings and does nothing: the baseline of enforcement."""

    family: ClassVar[str] = "sanctions"
    name: ClassVar[str] = "none"

    class Params(PolicyParams):
        """Doing nothing has no parameters."""

    def __init__(self, params: Params) -> None:
        self.params = params

    def sanction(
        self,
        observation: SanctionObservation,  # noqa: ARG002 - the protocol's
    ) -> tuple[Sanction, ...]:
        """No sanction for any finding."""
        return ()
