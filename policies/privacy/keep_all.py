"""No privacy."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from policies.arrays import IntArray
from policies.params import PolicyParams


class KeepAll:
    """Logs every customer under the account number and never deletes: the baseline of privacy."""

    family: ClassVar[str] = "privacy"
    name: ClassVar[str] = "keep_all"

    class Params(PolicyParams):
        """Keeping everything has no parameters."""

    def __init__(self, params: Params) -> None:
        self.params = params

    def keys(self, consumers: IntArray, day: int) -> IntArray:  # noqa: ARG002 - the protocol's
        """The account numbers themselves."""
        return np.asarray(consumers).astype(np.int64)

    def retention_days(self) -> int | None:
        """For ever."""
        return None
