"""The settings of the conditional logit."""

from pydantic import BaseModel, ConfigDict, Field


class ConditionalLogitConfig(BaseModel):
    """Priors, as inverse variances of utilities in logit units, and when the search ends."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    item_precision: float = Field(
        6.0, gt=0.0, le=1e6, description="prior precision of an item's own standing"
    )
    weight_precision: float = Field(
        1.0, gt=0.0, le=1e6, description="prior precision of the weight of a standardised feature"
    )
    place_precision: float = Field(
        4.0, gt=0.0, le=1e6, description="prior precision of the effect of a place"
    )
    places: int = Field(
        0, ge=0, le=1000, description="places whose effects are estimated; further ones are as the "
        "last; 0: places have no effect",
    )  # fmt: skip
    iterations: int = Field(60, ge=1, le=10_000, description="steps of L-BFGS at most")
    tolerance: float = Field(
        1e-6, gt=0.0, le=1.0, description="gain of a step, a session, below which the search ends"
    )
