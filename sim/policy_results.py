"""What is raised where a policy's answer is none."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


class PolicyResultError(ValueError):
    """A policy answered with something that its family's protocol does not allow."""


def checked_shares(
    who: str, name: str, answer: Any, count: int, low: float, high: float
) -> NDArray[np.float64]:
    """(n,) shares as a policy answered them.

    Args:
        who: the policy, as messages call it.
        name: of the field.
        answer: what should be (n,) floats.
        count: n.
        low: least share allowed.
        high: largest.

    Raises:
        PolicyResultError: if it is something else.
    """
    share = np.asarray(answer)
    if share.shape != (count,) or share.dtype.kind != "f":
        raise PolicyResultError(
            f"{who}: {name} must be shares of shape ({count},), not {share.dtype} of shape "
            f"{share.shape}"
        )
    if not ((share >= low) & (share <= high)).all():
        raise PolicyResultError(
            f"{who}: {name} must lie in {low} to {high}, not {share.min()} to {share.max()}"
        )
    return share.astype(np.float64)
