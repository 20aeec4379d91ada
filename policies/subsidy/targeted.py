"""A subsidy for some: newcomers, who is likely to leave, or buyers at small merchants."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar, Literal

from pydantic import Field

from policies.observations import (
    LearningObservation,
    LearningReport,
    SubsidyObservation,
    SubsidyOffer,
)
from policies.params import PolicyParams
from policies.subsidy.churn_risk import ChurnRisk
from policies.subsidy.terms import Terms


class TargetedSubsidy:
    """One campaign for some consumers' purchases only, or only for what small merchants sell.

    Who is likely to leave is learned from the log: a model of which customers fell silent, with
    calibrated probabilities. Before its first training nobody is, nor is who has no history.
    """

    family: ClassVar[str] = "subsidy"
    name: ClassVar[str] = "targeted"

    class Params(Terms, PolicyParams):
        """Parameters of the targeted subsidy."""

        recipients: Literal["newcomers", "likely_to_leave", "small_merchants"] = Field(
            "newcomers", description="whose purchases, or whose sales, are subsidised"
        )
        newcomer_orders: int = Field(
            3, ge=1, le=1000, description="orders after which a consumer is no newcomer any more"
        )
        least_risk: float = Field(
            0.3,
            ge=0.0,
            le=1.0,
            description="predicted chance of leaving from which a customer is likely to leave",
        )
        silence_days: int = Field(
            14, ge=1, le=365, description="days without a visit that count as having left"
        )
        retrain_days: int = Field(
            7, ge=1, le=365, description="days between two trainings of the model of who leaves"
        )

    def __init__(self, params: Params) -> None:
        self.params = params
        self.churn_risk = ChurnRisk()

    def offer(self, observation: SubsidyObservation) -> SubsidyOffer:
        """The subsidy for those targeted, nothing for the others."""
        params = self.params
        offer = params.campaign(self.name, observation, params.recipients, params.newcomer_orders)
        if params.recipients != "likely_to_leave":
            return offer
        risk = self.churn_risk.risk_of(observation.sessions.visitor)
        return replace(offer, eligible=offer.eligible & (risk >= params.least_risk))

    def learn(self, observation: LearningObservation) -> LearningReport | None:
        """Learn who leaves, where that is asked for."""
        params = self.params
        if params.recipients != "likely_to_leave":
            return None
        return self.churn_risk.learn(observation, params.silence_days, params.retrain_days)
