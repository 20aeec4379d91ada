"""Settings of the measurement of health and of the composite index."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from sim.settings.base import Settings

DIMENSIONS = (
    "consumers",
    "merchants",
    "prices",
    "safety",
    "recommendation",
    "delivery",
    "privacy",
    "platform",
)
"""The dimensions of health."""


class Goalposts(Settings):
    """Where an indicator counts 0 and where it counts 1; `worst` may lie above `best`."""

    worst: float = Field(
        ge=-1e12, le=1e12, description="value that counts 0, in the indicator's unit"
    )
    best: float = Field(
        ge=-1e12, le=1e12, description="value that counts 1, in the indicator's unit"
    )
    weight: float = Field(
        1.0, ge=0.0, le=1000.0, description="weight of the indicator within its dimension"
    )

    @model_validator(mode="after")
    def _differ(self) -> Self:
        if self.worst == self.best:
            raise ValueError(f"worst = best = {self.worst:g}: they must differ")
        return self


def _default_goalposts() -> dict[str, Goalposts]:
    posts = {
        "surplus_to_sales": (0.0, 3.0),
        "trust": (0.3, 0.9),
        "small_merchant_survival": (0.5, 1.0),
        "hhi": (2500.0, 100.0),
        "price_volatility": (0.1, 0.0),
        "sold_below_cost": (0.2, 0.0),
        "counterfeit_share": (0.1, 0.0),
        "complaint_rate": (0.1, 0.0),
        "ndcg": (0.0, 1.0),
        "small_merchant_exposure": (0.3, 1.0),
        "on_time_share": (0.5, 1.0),
        "courier_earnings": (5.0, 15.0),
        "reidentification": (1.0, 0.0),
        "linkable_share": (1.0, 0.0),
        "profit_share_of_gmv": (-0.3, 0.15),
    }
    return {name: Goalposts(worst=worst, best=best) for name, (worst, best) in posts.items()}


class IndexSettings(Settings):
    """The composite index: which indicators, normalised how, weighted and put together how."""

    aggregation: Literal["arithmetic", "geometric", "minimum"] = Field(
        "geometric",
        description="how dimensions are put together: means, or the weakest dimension alone",
    )
    weights: dict[str, float] = Field(
        default_factory=lambda: dict.fromkeys(DIMENSIONS, 1.0),
        description="weight of each dimension; those not named count 0",
    )
    goalposts: dict[str, Goalposts] = Field(
        default_factory=_default_goalposts,
        description="indicators of the index, and where each counts 0 and 1",
    )

    @field_validator("goalposts")
    @classmethod
    def _goalposts_are_of_indicators(cls, goalposts: dict[str, Goalposts]) -> dict[str, Goalposts]:
        if not goalposts.keys() <= _default_goalposts().keys():
            from sim.health.registry import find  # here, since most scenarios need no look-up

            for name in goalposts:
                find(name)
        return goalposts

    @field_validator("weights")
    @classmethod
    def _weights_are_weights(cls, weights: dict[str, float]) -> dict[str, float]:
        for name, weight in weights.items():
            if name not in DIMENSIONS:
                raise ValueError(f"{name!r} is no dimension; known: {', '.join(DIMENSIONS)}")
            if not 0 <= weight <= 1000:
                raise ValueError(f"{name} = {weight:g}: must be from 0 to 1000")
        if not sum(weights.values()) > 0:
            raise ValueError("at least one dimension must have a weight above 0")
        return weights


class HealthSettings(Settings):
    """How health is measured."""

    sample_every_days: int = Field(
        7, ge=1, le=365, description="days between two measurements of the costly indicators"
    )
    sample_sessions: int = Field(
        200, ge=10, le=100_000, description="sessions that the costly indicators look at"
    )
    index: IndexSettings = Field(default_factory=IndexSettings, description="the composite index")
