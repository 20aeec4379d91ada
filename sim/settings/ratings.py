"""Settings of what consumers would rate each listing, and of what the platform predicts of it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from sim.settings.base import Settings


class RatingSettings(Settings):
    """A model of ratings: the platform predicts them, and the truth scatters around that.

    It takes consumers times listings numbers of memory: for markets of up to some millions.
    """

    model: Literal["none", "latent"] = Field(
        "none",
        description="none: recommenders see no predicted ratings; latent: the platform predicts "
        "the stars that each consumer would give each listing, and the truth scatters around that",
    )
    mean: float = Field(3.5, ge=0.0, le=5.0, description="mean predicted rating, stars")
    consumer_sd: float = Field(
        0.35, ge=0.0, le=3.0, description="how far consumers' mean ratings differ, sd in stars"
    )
    listing_sd: float = Field(
        0.25, ge=0.0, le=3.0, description="how far listings' mean ratings differ, sd in stars"
    )
    match_sd: float = Field(
        0.25,
        ge=0.0,
        le=3.0,
        description="how much taste and attributes decide beyond these means, sd in stars",
    )
    error_sd: float = Field(
        0.3, ge=0.0, le=3.0, description="how far the truth scatters around predictions, sd, stars"
    )
    lowest: float = Field(1.0, ge=0.0, le=4.0, description="lowest rating of the scale, stars")
