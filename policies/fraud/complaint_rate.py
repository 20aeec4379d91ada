"""Fraud detection by complaints: a listing that too many buyers complain about goes off sale."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from policies.arrays import FloatArray
from policies.observations import FraudAssessment, FraudObservation
from policies.params import PolicyParams


class ComplaintRate:
    """Flags listings whose complaint rate is surely above a threshold.

    The score is the lower end of Wilson's interval for the rate of complaints a unit sold, so a
    single complaint about a listing that hardly sells proves little. Marketplaces hold sellers to
    such rates: Amazon to an order defect rate below 1 %, eBay to 0.5 to 2 %.

    Many who got a fake say so in a review and do not complain; such reviews, found by reading the
    texts with a lexicon, can be counted as well.

    Source: Wilson (1927), "Probable inference, the law of succession, and statistical inference",
    JASA 22(158).
    """

    family: ClassVar[str] = "fraud"
    name: ClassVar[str] = "complaint_rate"

    class Params(PolicyParams):
        """Parameters of detection by complaints."""

        threshold: float = Field(
            0.05, ge=0.0, le=1.0, description="complaints a unit sold that are tolerated"
        )
        counts: Literal["all", "not_genuine"] = Field(
            "all", description="which complaints count: all, or only those of counterfeits"
        )
        reviews: float = Field(
            0.0,
            ge=0.0,
            le=1.0,
            description="how much a review that denies an item's being genuine counts, against a "
            "complaint; 0: texts are not read",
        )
        min_units: int = Field(
            10, ge=1, le=100_000, description="units sold below which nothing is flagged"
        )
        confidence: float = Field(
            1.96,
            ge=0.0,
            le=5.0,
            description="standard errors that make a rate sure; 0: the mere rate",
        )
        delist_days: int = Field(
            14, ge=1, le=3650, description="days that a flagged listing stays off sale"
        )

    def __init__(self, params: Params) -> None:
        self.params = params

    def assess(self, observation: FraudObservation) -> FraudAssessment:
        """Score every listing by the lower end of its complaint rate."""
        params = self.params
        complaints = (
            observation.complaints if params.counts == "all" else observation.counterfeit_complaints
        )
        complaints = complaints + params.reviews * observation.reviews_of_fakes
        score = wilson_lower_bound(complaints, observation.units_sold, params.confidence)
        enough = observation.units_sold >= params.min_units
        return FraudAssessment(
            score=score,
            flagged=enough & (score > params.threshold),
            delist_days=params.delist_days,
        )


def wilson_lower_bound(events: FloatArray, trials: FloatArray, z: float) -> FloatArray:
    """The lower end of Wilson's score interval for a proportion.

    Args:
        events: (n,) >= 0; more than `trials` count as all.
        trials: (n,) >= 0.
        z: half width, standard errors.

    Returns:
        (n,) in [0, 1]; exactly 0 without trials or events.
    """
    some = np.maximum(trials, 1.0)
    rate = np.minimum(events / some, 1.0)
    centre = rate + z * z / (2.0 * some)
    spread = z * np.sqrt(rate * (1.0 - rate) / some + z * z / (4.0 * some * some))
    bound = (centre - spread) / (1.0 + z * z / some)
    return np.where((trials > 0) & (events > 0), np.clip(bound, 0.0, 1.0), 0.0)
