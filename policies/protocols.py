"""One small protocol a family: what a policy must have to be plugged in.

Every policy is a class with `family`, `name`, a `Params` model, a constructor that takes the
parameters, an attribute `params` that it reads anew at each decision (a scenario's interventions
replace it), and the one method below.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Protocol, runtime_checkable

from policies.arrays import IntArray
from policies.observations import (
    DispatchObservation,
    DispatchPlan,
    Explanations,
    FeeSchedule,
    FeesObservation,
    Finding,
    FraudAssessment,
    FraudObservation,
    InspectionObservation,
    LearningObservation,
    LearningReport,
    PersonalPriceObservation,
    PersonalPrices,
    PricingView,
    Prominence,
    ProtectionObservation,
    Quote,
    RecommendationObservation,
    RegulationObservation,
    RerankingObservation,
    Resolution,
    RivalMove,
    RivalObservation,
    Ruling,
    Sanction,
    SanctionObservation,
    ScoredSlates,
    SearchObservation,
    Steering,
    SteeringObservation,
    Subsidies,
    SubsidyObservation,
    SubsidyOffer,
)
from policies.params import PolicyParams


class Policy(Protocol):
    """What all families share."""

    family: ClassVar[str]
    name: ClassVar[str]
    Params: ClassVar[type[PolicyParams]]
    params: Any

    def __init__(self, params: Any) -> None: ...


class Recommendation(Policy, Protocol):
    """Fills the slate of each session."""

    def recommend(self, observation: RecommendationObservation) -> IntArray | ScoredSlates:
        """(S, K) listings of each session's category, best first, -1 padded."""


@runtime_checkable
class Explainer(Protocol):
    """A recommender that can tell what its scores are made of."""

    def explain(
        self, observation: RecommendationObservation, session: IntArray, listing: IntArray
    ) -> Explanations:
        """The parts of the scores of some listings (n,) for some sessions (n,), which add up."""


class Reranking(Policy, Protocol):
    """Fills the slates from what the recommender would show."""

    @property
    def depth(self) -> int:
        """Candidates that the recommender is asked for, in slates; at least 1."""

    def rerank(self, observation: RerankingObservation) -> IntArray:
        """(S, K) of each session's candidates, best first, -1 padded."""


class Search(Policy, Protocol):
    """Ranks listings for a query."""

    def search(self, observation: SearchObservation) -> IntArray:
        """(S, K) listings, best first, -1 padded; a row of -1 where there is no query."""


class SteeringPolicy(Policy, Protocol):
    """Decides which listings consumers may come across, and which come first."""

    def steer(self, observation: SteeringObservation) -> Steering:
        """What is shown today, in every category."""


@runtime_checkable
class ShowsCheapest(Protocol):
    """A steering policy whose rule sellers can reckon with: a place goes to whoever is cheapest."""

    def prominence(self) -> Prominence:
        """How many sellers of a category are shown, and when one of them keeps its place."""


class Fees(Policy, Protocol):
    """Sets what the platform charges merchants and buyers."""

    def schedule(self, observation: FeesObservation) -> FeeSchedule:
        """Today's commission of each listing, and today's delivery fee."""


class Subsidy(Policy, Protocol):
    """Decides whom and what the platform subsidises today."""

    def offer(self, observation: SubsidyObservation) -> SubsidyOffer | Subsidies:
        """What an eligible session gets off each listing today, by one campaign or several."""


class Rival(Policy, Protocol):
    """The rival platform's strategy in a subsidy war."""

    def react(self, observation: RivalObservation) -> RivalMove:
        """Its subsidy today, or its exit."""


class PriceRegulation(Policy, Protocol):
    """The regulator's limits."""

    def regulate(self, observation: RegulationObservation) -> Ruling:
        """Today's limit on subsidies."""


class Rule(Policy, Protocol):
    """One rule that the regulator inspects for; several may be in force."""

    def inspect(self, observation: InspectionObservation) -> Sequence[Finding]:
        """The suspected breaches among what is inspected today."""


class Sanctions(Policy, Protocol):
    """Turns findings into sanctions."""

    def sanction(self, observation: SanctionObservation) -> tuple[Sanction, ...]:
        """The decisions that today's findings lead to."""


class Fraud(Policy, Protocol):
    """Scores listings for counterfeits and fraud."""

    def assess(self, observation: FraudObservation) -> FraudAssessment:
        """A score for every listing, and those to take off sale."""


class Protection(Policy, Protocol):
    """Handles complaints."""

    def resolve(self, observation: ProtectionObservation) -> Resolution:
        """The complaints that are closed today, and what each gets back."""


class Privacy(Policy, Protocol):
    """Decides under which key a consumer is logged, and for how long the log is kept."""

    def keys(self, consumers: IntArray, day: int) -> IntArray:
        """(n,) int64 keys under which these consumers (rows) appear to the platform today."""

    def retention_days(self) -> int | None:
        """Days that the log is kept; None: for ever."""


class Dispatch(Policy, Protocol):
    """Assigns jobs to couriers and orders their stops; never sees the future.

    It is asked when something happens that it may answer: a job becomes known or waits again, a
    courier begins, ends or has no stop left. It may declare `decides_every`, minutes: then it is
    asked only at whole multiples of that many minutes, as long as a job waits or is planned. It may
    declare `uses_forecast`: then it is shown the orders expected, where carriers are told of them,
    and asked as well when nothing waits, as it may send idle couriers somewhere.
    """

    def dispatch(self, observation: DispatchObservation) -> DispatchPlan:
        """New routes for some couriers."""


class MerchantPricing(Policy, Protocol):
    """A merchant's pricing strategy, for all listings whose merchants use it.

    It may declare `misconduct`, a `frozenset` of kinds: who uses it is, in truth, of that kind; and
    `looks_back`, the latest days of its own prices and sales that it needs to be shown, if not all.
    What it remembers of a listing it keeps in arrays of its own, by the listing's id.
    """

    knows_demand: ClassVar[bool]

    def price(self, view: PricingView) -> IntArray | Quote:
        """(n,) new prices in cents, > 0; or these with announced prices before discount."""


@runtime_checkable
class Learner(Protocol):
    """A policy of any family that learns from the platform's log."""

    family: ClassVar[str]

    def learn(self, observation: LearningObservation) -> LearningReport | None:
        """Called at the end of every day; the policy decides whether it is due.

        Returns:
            What the run keeps of a training, if there was one.
        """


@runtime_checkable
class PersonalPricer(Protocol):
    """A fee policy that may ask accounts different prices for the same goods."""

    @property
    def quotes_personally(self) -> bool:
        """Whether it does so today."""

    def quote(self, observation: PersonalPriceObservation) -> PersonalPrices:
        """What each session is asked beside the posted price."""


FAMILIES: dict[str, tuple[type[Any], str]] = {
    "recommendation": (Recommendation, "recommend"),
    "reranking": (Reranking, "rerank"),
    "search": (Search, "search"),
    "steering": (SteeringPolicy, "steer"),
    "fees": (Fees, "schedule"),
    "subsidy": (Subsidy, "offer"),
    "rival": (Rival, "react"),
    "price_regulation": (PriceRegulation, "regulate"),
    "rule": (Rule, "inspect"),
    "sanctions": (Sanctions, "sanction"),
    "fraud": (Fraud, "assess"),
    "protection": (Protection, "resolve"),
    "privacy": (Privacy, "keys"),
    "dispatch": (Dispatch, "dispatch"),
    "merchant_pricing": (MerchantPricing, "price"),
}

BY_NAME = {"merchant_pricing": "merchant_pricing", "rule": "rules"}
"""Families of which several policies hold at once, and the scenario's table of their parameters."""
