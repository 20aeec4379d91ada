"""Settings of how merchants react to sanctions."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from sim.settings.base import Settings


class DeterrenceSettings(Settings):
    """What keeps merchants that could cheat from doing so."""

    model: Literal["after_sanction", "expected_sanction"] = Field(
        "after_sanction",
        description="after_sanction: who was rightly sanctioned keeps to the rules for "
        "`regulator.deterrence_days`; expected_sanction: merchants weigh what they gain against "
        "the sanction that they expect",
    )
    review_days: int = Field(
        7, ge=1, le=365, description="days between two decisions of a merchant whether to cheat"
    )
    prior_detection: float = Field(
        0.01,
        ge=0.0,
        le=1.0,
        description="chance that a day of cheating is sanctioned, as merchants think at first",
    )
    prior_sanction: float = Field(
        100.0,
        ge=0.0,
        le=1e9,
        description="cost of a sanction as merchants think at first, currency units",
    )
    prior_days: float = Field(
        30.0,
        ge=0.0,
        le=36_500.0,
        description="days of experience that these first thoughts weigh as much as",
    )
    peers: float = Field(
        10.0,
        ge=0.0,
        le=1e6,
        description="other merchants, of those who cheat and of those who do not, of whose fate a "
        "merchant hears a day",
    )
    forgetting_days: float = Field(
        180.0, ge=1.0, le=36_500.0, description="half-life of what merchants have seen, days"
    )
    gain_share: float = Field(
        0.2,
        ge=0.0,
        le=10.0,
        description="what a merchant expects to gain by cheating, median, share of its sales",
    )
    gain_log_sd: float = Field(
        0.5,
        ge=0.0,
        le=3.0,
        description="how differently merchants judge that: standard deviation of its logarithm",
    )
