"""Which of the listings that a session sees it looks at more closely.

Click j counts as one if the utility U_j of this occasion comes within a margin m of the best of all
that the session could do, the outside option and the rival among it:

    U_j = V_j + Gumbel_j >= max(U) - m

The draws are those of the choice, so that what is bought was clicked, and with m = 0 nothing else
is. For a logit choice with probability P_j a click has the chance P_j e^m / (1 + P_j (e^m - 1)).

Source: the consideration set as what comes near enough to the best: Hauser & Wernerfelt (1990),
"An evaluation cost model of consideration sets", Journal of Consumer Research 16(4).
"""

from __future__ import annotations

import numpy as np
from numba import njit

from sim.choice import OUTSIDE_COLUMN, RIVAL_COLUMN
from sim.streams import gumbel_at


@njit(cache=True)
def looked_at_closely(shoppers, value, key, stride, margin):  # type: ignore[no-untyped-def]
    """(S, K) whether each alternative is clicked, at advertised prices without subsidy or fee.

    Args:
        shoppers: a `Shoppers`.
        value: (S, K) from `utilities`.
        key: key of the stream of tastes of the day.
        stride: most needs a visit; row of a draw is `consumer * stride + line`.
        margin: m, logit units.
    """
    sessions, width = value.shape
    clicked = np.zeros((sessions, width), dtype=np.bool_)
    utility = np.empty(width)
    for s in range(sessions):
        row = np.int64(shoppers.consumer[s]) * stride + shoppers.line[s]
        best = shoppers.outside[s] + gumbel_at(key, row, OUTSIDE_COLUMN)
        if shoppers.rival[s] > -np.inf:
            best = max(best, shoppers.rival[s] + gumbel_at(key, row, RIVAL_COLUMN))
        for k in range(width):
            utility[k] = value[s, k]
            if utility[k] > -np.inf:
                utility[k] += gumbel_at(key, row, shoppers.alternatives[s, k])
                best = max(best, utility[k])
        for k in range(width):
            clicked[s, k] = utility[k] > -np.inf and utility[k] >= best - margin
    return clicked
