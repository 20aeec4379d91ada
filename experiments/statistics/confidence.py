"""Which word of confidence an answer deserves, by a rule that is stated with it.

Source: the idea of words that stand for stated probabilities is that of Mastrandrea et al. (2010),
"Guidance note for lead authors of the IPCC Fifth Assessment Report on consistent treatment of
uncertainties".
"""

from __future__ import annotations

from enum import IntEnum

from experiments.statistics.best_set import BestSet
from experiments.statistics.stopping import FIRST_LOOK

STRICT = 0.99
"""Joint confidence that "almost certain" asks for."""

RULE = (
    f"“Almost certain”: every setting not named is worse at a joint confidence of {STRICT:.0%}, "
    f"with at least {FIRST_LOOK} pairs of replications, and no red line is to be kept. “Very "
    "likely”: the same at 95%, and all settings named keep the red lines for sure. “Likely”: the "
    f"same with fewer than {FIRST_LOOK} pairs, or with a setting named of which it is not sure "
    "that it keeps the red lines. “Cannot tell yet”: no setting can be told from the best. An "
    "answer that does not survive other assumptions is one word weaker."
)
"""The rule in words; of a study with the usual confidence of 95 %."""


class Confidence(IntEnum):
    """How sure an answer is, from not at all on."""

    CANNOT_TELL = 0
    LIKELY = 1
    VERY_LIKELY = 2
    ALMOST_CERTAIN = 3

    @property
    def word(self) -> str:
        """The word for it, to stand within a sentence."""
        return {0: "cannot tell yet", 1: "likely", 2: "very likely", 3: "almost certain"}[self]


def confidence(found: BestSet, survives: bool | None = None) -> Confidence:
    """How sure it is that the best setting is among those of the set.

    Args:
        found: the set, of the usual confidence.
        survives: whether the answer holds under other assumptions; None: not tried.

    Returns:
        The confidence by `RULE`.
    """
    contest, inside = found.contest, found.in_set
    verdicts = [found.verdicts[s] for s in inside.nonzero()[0]]
    is_the_only_one = contest.sum() == 1 and "broken" in found.verdicts
    if not verdicts or (found.nothing_told and not is_the_only_one):
        return Confidence.CANNOT_TELL
    outside = contest & ~inside
    if found.pairs[contest].min() < FIRST_LOOK or "unsure" in verdicts:
        sure = Confidence.LIKELY
    elif found.by_line or found.p[outside].max(initial=0.0) > 1.0 - STRICT:
        sure = Confidence.VERY_LIKELY
    else:
        sure = Confidence.ALMOST_CERTAIN
    return Confidence(max(sure - 1, 0)) if survives is False else sure
