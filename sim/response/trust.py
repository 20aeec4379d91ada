"""Trust in the platform: built slowly, lost quickly; who leaves and who comes back.

An experience of satisfaction s moves trust T in [0, 1]:

    T + gain s (1 - T)  for s >= 0        T + loss s T  for s < 0

or, in the beta model, trust is the share of good evidence A in all evidence A + B, to one of which
each experience adds its squared stars, so that trust that rests on much moves little.

A consumer leaves with chance `churn_rate` (1 - T) a day, and one who left returns with chance
`comeback_rate` T.

Source: Slovic (1993), "Perceived risk, trust, and democracy", Risk Analysis 13(6): trust is easier
to destroy than to create; leaving as the answer of those who lost it: Hirschman (1970), "Exit,
Voice, and Loyalty"; the beta model: Josang & Ismail (2002), "The beta reputation system", Bled
Electronic Commerce Conference, weighted as by Ghanem, Leitner & Jannach (2022), ECRA.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit
from numpy.typing import NDArray

from policies.arrays import BoolArray, FloatArray, IntArray
from sim.columns import Consumers
from sim.homing import shops_here
from sim.response.aspiration import SCALE
from sim.settings.consumers import ResponseSettings
from sim.streams import uniform_at

if TYPE_CHECKING:
    from sim.market import Marketplace

STARS = {"expectation": 2.0, "aspiration": SCALE}
"""Stars of a wholly good or bad experience, by what satisfaction is held against."""

RECENT_EXPERIENCE = 0.2
"""Weight of today's experience in a consumer's running satisfaction."""

PATIENCE_DAYS = 23.0
"""Days of waiting that make a complaint that is won no better than one lost at once.

Buyers would rather lose within a week than win after a month (Rule 2011): 0 - 7/23 = 1 - 30/23.
"""


def changed_trust(
    trust: FloatArray, satisfaction: FloatArray, gain: float, loss: float
) -> FloatArray:
    """Trust after an experience.

    Args:
        trust: (n,) in [0, 1].
        satisfaction: (n,) in [-1, 1].
        gain: step towards full trust after a wholly good experience.
        loss: step towards no trust after a wholly bad one.

    Returns:
        (n,) in [0, 1].
    """
    step = np.where(satisfaction < 0, loss * trust, gain * (1.0 - trust))
    changed: FloatArray = np.clip(trust + step * satisfaction, 0.0, 1.0)
    return changed


def trust_by_evidence(
    trust: FloatArray, evidence: FloatArray, good: BoolArray, weight: FloatArray
) -> FloatArray:
    """Trust A / (A + B) after A or B has grown.

    Args:
        trust: (n,) A / (A + B) before.
        evidence: (n,) A + B before, squared stars.
        good: (n,) whether A grows; else B.
        weight: (n,) by how much, squared stars.

    Returns:
        (n,) in [0, 1].
    """
    changed: FloatArray = (trust * evidence + np.where(good, weight, 0.0)) / (evidence + weight)
    return changed


def feel(
    crowd: Consumers, consumer: IntArray, satisfaction: FloatArray, settings: ResponseSettings
) -> None:
    """Let consumers' trust and running satisfaction follow an experience.

    Args:
        crowd: all consumers; changed in place.
        consumer: (n,) rows, each once.
        satisfaction: (n,) in [-1, 1].
        settings: how fast trust moves.
    """
    trust = crowd.trust[consumer].astype(np.float64)
    if settings.trust_model == "beta":
        weight = (STARS[settings.satisfaction] * satisfaction) ** 2
        crowd.trust[consumer] = trust_by_evidence(
            trust, crowd.evidence[consumer], satisfaction >= 0, weight
        )
        crowd.evidence[consumer] += weight
    else:
        crowd.trust[consumer] = changed_trust(
            trust, satisfaction, settings.trust_gain, settings.trust_loss
        )
    running = crowd.satisfaction[consumer]
    crowd.satisfaction[consumer] = running + RECENT_EXPERIENCE * (satisfaction - running)


def satisfaction_with_decision(refund_share: FloatArray, days: IntArray) -> FloatArray:
    """How a complaint's decision is taken: the share got back, less the wait for it.

    Args:
        refund_share: (n,) in [0, 1].
        days: (n,) days that it took.

    Returns:
        (n,) in [-1, 1].

    Source: outcome and promptness both make up the justice of a recovery: Tax, Brown &
    Chandrashekaran (1998), Journal of Marketing 62(2); their rate of exchange: `PATIENCE_DAYS`.
    """
    return np.clip(refund_share - days / PATIENCE_DAYS, -1.0, 1.0)


def leave_or_return(market: Marketplace) -> None:
    """Let consumers leave the platform, and those who left come back.

    Who shops at the rival alone has nothing to leave.
    """
    crowd, settings = market.crowd, market.settings.consumers.response
    day = market.day
    after = still_active(
        crowd.active,
        crowd.trust,
        market.streams.key("churn", day),
        market.streams.key("comeback", day),
        settings.churn_rate,
        settings.comeback_rate,
    )
    crowd.active = np.where(shops_here(market), after, crowd.active)


@njit(cache=True)
def still_active(  # type: ignore[no-untyped-def]
    active, trust, churn_key, comeback_key, churn_rate, comeback_rate
):
    """(N,) who is on the platform tomorrow; row i draws uniform (i, 0) of its stream."""
    after = np.empty(len(active), dtype=np.bool_)
    for i in range(len(active)):
        if active[i]:
            after[i] = uniform_at(churn_key, i, 0) >= churn_rate * (1.0 - trust[i])
        else:
            after[i] = uniform_at(comeback_key, i, 0) < comeback_rate * trust[i]
    return after


def still_active_reference(
    active: BoolArray,
    trust: FloatArray,
    churn_draw: FloatArray,
    comeback_draw: FloatArray,
    churn_rate: float,
    comeback_rate: float,
) -> NDArray[np.bool_]:
    """What `still_active` computes, from given draws, in plain NumPy."""
    stays = churn_draw >= churn_rate * (1.0 - trust)
    return np.where(active, stays, comeback_draw < comeback_rate * trust)
