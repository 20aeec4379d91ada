"""What a policy would have earned, from the log of another one whose propensities are known."""

from models.off_policy.estimates import (
    ValueEstimate,
    doubly_robust,
    importance_weights,
    inverse_propensity,
    self_normalised,
)
from models.off_policy.rankings import (
    independent_weights,
    prefix_weights,
    ranking_inverse_propensity,
    sequential_doubly_robust,
)
from models.off_policy.slates import (
    factored_pseudo_inverse_weights,
    pseudo_inverse_weights,
    slate_moments,
)

__all__ = [
    "ValueEstimate",
    "doubly_robust",
    "factored_pseudo_inverse_weights",
    "importance_weights",
    "independent_weights",
    "inverse_propensity",
    "prefix_weights",
    "pseudo_inverse_weights",
    "ranking_inverse_propensity",
    "self_normalised",
    "sequential_doubly_robust",
    "slate_moments",
]
