"""What fraud detection is shown, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass

from policies.arrays import BoolArray, FloatArray
from policies.observations.commerce import ListingsView


@dataclass(frozen=True, slots=True)
class FraudObservation:
    """Handed to the platform's fraud detection at the end of a day."""

    day: int
    listings: ListingsView
    units_sold: FloatArray  # (L,) since it was listed
    complaints: FloatArray  # (L,) since it was listed
    counterfeit_complaints: FloatArray  # (L,) of these, "not genuine"
    reviews_of_fakes: FloatArray  # (L,) reviews that call it a fake, as a lexicon reads them


@dataclass(frozen=True, slots=True)
class FraudAssessment:
    """Scores in [0, 1] and the listings to take off sale."""

    score: FloatArray  # (L,)
    flagged: BoolArray  # (L,)
    delist_days: int = 14  # how long the flagged listings stay off
