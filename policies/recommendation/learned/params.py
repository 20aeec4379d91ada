"""The parameters of the learned recommender."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from policies.params import PolicyParams
from policies.recommendation.learned.collaborative import ModelName
from policies.recommendation.learned.constraint import FairGroup


class LearnedParams(PolicyParams):
    """What it learns with, when, from what, and how it explores."""

    model: ModelName = Field(
        "choice",
        description="who takes what: choice, a logit of prices, ratings, sales and each listing's "
        "own record alone; or beside it net, embeddings and a small network on what was shown and "
        "bought or not; or, on purchases, ease, als, bpr, softmax_dot, fair_softmax, sasrec, "
        "ranking_net, repeat (what a visitor buys again), repeat_and_discovery or popularity",
    )
    fair_group: FairGroup = Field(
        "small_merchants",
        description="listings that fair_softmax is trained to show: those of small merchants, or "
        "those outside the best-selling fifth",
    )
    fair_share: float = Field(
        0.3,
        ge=0.0,
        le=1.0,
        description="share of the exposure that they have in the rankings of the training; on "
        "slates it is less, since visitors come with other histories",
    )
    blend: bool = Field(
        True,
        description="true: the model's score counts beside the logit, as much as it foretells of "
        "days held out; false: it ranks alone",
    )
    embedding_size: int = Field(
        64, ge=2, le=512, description="numbers that describe a consumer, and a listing"
    )
    epochs: int = Field(8, ge=1, le=200, description="passes over the log at most")
    retrain_days: int = Field(7, ge=1, le=365, description="days between two trainings")
    window_days: int = Field(28, ge=1, le=3650, description="days of the log it trains on")
    holdout_days: int = Field(
        2,
        ge=1,
        le=365,
        description="last days that a first training leaves out, to be measured on them before it "
        "goes on to learn from them too; at most the days since the last training, as that has "
        "seen older ones, and half of the days there are",
    )
    real_time: bool = Field(
        True,
        description="true: what visitors took since the last training counts from the next day on",
    )
    clicks_until: int = Field(
        3,
        ge=0,
        le=100,
        description="purchases below which what a visitor clicked counts as if she had taken it",
    )
    position_correction: bool = Field(
        True,
        description="true: what the place on the page adds to a listing's chances is estimated "
        "from the log and left out of its score",
    )
    rating_weight: float = Field(
        0.0,
        ge=0.0,
        le=10.0,
        description="utility of a star that the rating head, embeddings and a network trained on "
        "ratings, predicts for a visitor with a listing, logit units; 0: there is none",
    )
    exploration: float = Field(
        0.15,
        ge=0.0,
        le=1.0,
        description="share of places given to listings to learn about them, in whole places",
    )
    explore_by: Literal["chance", "uncertainty"] = Field(
        "chance",
        description="chance: any listing alike; uncertainty: by scores drawn from what is known of "
        "listings' records (Thompson sampling)",
    )
    new_listings: float = Field(
        0.5,
        ge=0.0,
        le=1.0,
        description="share of explored places that goes to new listings, where there are any",
    )
    new_days: int = Field(28, ge=0, le=3650, description="days for which a listing is new")

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.model == "choice" and not self.blend:
            raise ValueError("blend = false needs a model other than 'choice', which is the logit")
        return self
