"""Settings of consumers: how they choose and how they respond."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from sim.settings.base import Settings
from sim.settings.ratings import RatingSettings


class ChoiceSettings(Settings):
    """Weights of the multinomial logit; utilities are in logit units."""

    demand: Literal["sampled", "expected"] = Field(
        "sampled",
        description="sampled: each visitor chooses; expected: demand is the exact choice "
        "probability times `buyers_per_consumer`, without chance",
    )
    buyers_per_consumer: int = Field(
        1,
        ge=1,
        le=100_000_000,
        description="buyers that one consumer stands for; used with expected demand only",
    )
    outside_utility: float = Field(
        0.0, ge=-50.0, le=50.0, description="utility of buying nothing, logit units"
    )
    base_utility: float = Field(
        2.0,
        ge=-50.0,
        le=50.0,
        description="utility of a listing of middling quality before its price, logit units",
    )
    quality_weight: float = Field(
        2.0,
        ge=0.0,
        le=20.0,
        description="utility of perfect over worst expected quality, logit units",
    )
    taste_weight: float = Field(
        1.2, ge=0.0, le=20.0, description="utility of a listing that matches the taste, logit units"
    )
    appeal_weight: float = Field(
        1.0, ge=0.0, le=5.0, description="weight of what makes best-sellers sell"
    )
    loyalty_weight: float = Field(
        1.0, ge=0.0, le=20.0, description="utility of an item bought before, logit units"
    )
    reference_weight: float = Field(
        0.3,
        ge=0.0,
        le=5.0,
        description="weight of the gain or loss against the reference price, share of price's own",
    )
    trust_weight: float = Field(
        2.0,
        ge=0.0,
        le=20.0,
        description="utility of full over no trust in the platform",
    )
    one_stop_utility: float = Field(
        0.0,
        ge=0.0,
        le=20.0,
        description="utility of buying the next need of a visit at the shop where the last was "
        "bought, logit units; what loss leaders live on; sampled demand only",
    )
    search_share: float = Field(
        0.4, ge=0.0, le=1.0, description="share of sessions that begin with a search query"
    )
    examined_mean: float = Field(
        8.0, ge=1.0, le=50.0, description="mean number of results that a consumer looks at"
    )
    click_margin: float = Field(
        1.5,
        ge=0.0,
        le=20.0,
        description="a listing seen is clicked if it comes so near to the best choice, logit "
        "units; 0: what is bought alone; sampled demand only",
    )
    slate_size: int = Field(12, ge=1, le=50, description="listings that the platform recommends")
    result_size: int = Field(12, ge=1, le=50, description="results that a search shows")
    attention: Literal["patience", "rank"] = Field(
        "patience",
        description="patience: looks at results and slate from the top as far as its patience "
        "goes; rank: looks at one place, the upper ones more often",
    )
    rank_concentration: float = Field(
        1.0,
        ge=0.05,
        le=100.0,
        description="Dirichlet concentration a place of the attention by rank; higher: places "
        "more alike",
    )
    once: bool = Field(
        False, description="true: nobody wants a listing again that they have bought"
    )
    visit_trust: float = Field(
        0.0,
        ge=0.0,
        le=10.0,
        description="power of trust that the chance of a visit is multiplied by; 0: who does not "
        "trust comes as often",
    )
    show_all: bool = Field(
        False,
        description="true: every consumer considers every listing of the category (small markets)",
    )


class ResponseSettings(Settings):
    """What consumers do after a delivery."""

    prior_rating: float = Field(
        3.8, ge=1.0, le=5.0, description="stars that an unrated listing is expected to deserve"
    )
    prior_weight: float = Field(
        5.0, ge=0.1, le=100.0, description="ratings that the prior expectation is worth"
    )
    rating_noise: float = Field(
        0.7, ge=0.0, le=3.0, description="standard deviation of a rating around satisfaction, stars"
    )
    review_rate: float = Field(
        0.25, ge=0.0, le=1.0, description="share of deliveries that a satisfied consumer reviews"
    )
    satisfaction: Literal["expectation", "aspiration"] = Field(
        "expectation",
        description="expectation: quality is held against what ratings promised; aspiration: true "
        "stars are held against a high quantile of those predicted for what is left to buy",
    )
    aspiration_quantile: float = Field(
        0.95, ge=0.0, le=1.0, description="quantile of predicted stars that consumers aspire to"
    )
    aspiration_days: int = Field(
        100, ge=1, le=3650, description="days after which consumers renew their aspiration"
    )
    disconfirmation: float = Field(
        0.5,
        ge=0.0,
        le=5.0,
        description="weight of quality beyond what was expected, share of the quality's own; "
        "a shortfall counts twice",
    )
    lateness_penalty: float = Field(
        0.5, ge=0.0, le=5.0, description="satisfaction lost an hour late, stars"
    )
    deception_penalty: float = Field(
        2.0,
        ge=0.0,
        le=5.0,
        description="satisfaction lost to a price or discount false by the whole price, stars",
    )
    cancellation_penalty: float = Field(
        2.5, ge=0.0, le=5.0, description="satisfaction lost to an order that never came, stars"
    )
    stockout_penalty: float = Field(
        1.0, ge=0.0, le=5.0, description="satisfaction lost where the choice was sold out, stars"
    )
    counterfeit_detection: float = Field(
        0.6, ge=0.0, le=1.0, description="chance that a buyer recognises a counterfeit"
    )
    complaint_rate: float = Field(
        0.3, ge=0.0, le=1.0, description="chance that a dissatisfied consumer complains"
    )
    false_complaint_rate: float = Field(
        0.002, ge=0.0, le=1.0, description="chance that a satisfied consumer complains all the same"
    )
    return_rate: float = Field(
        0.1, ge=0.0, le=1.0, description="chance that a middling delivery goes back"
    )
    trust_initial: float = Field(0.7, ge=0.0, le=1.0, description="trust in the platform on day 0")
    trust_model: Literal["steps", "beta"] = Field(
        "steps",
        description="steps: trust moves part of the way to what was experienced; beta: trust is "
        "the share of good evidence in all, an experience counting by its squared stars",
    )
    trust_prior: float = Field(
        2.0,
        ge=0.01,
        le=1e6,
        description="evidence that the initial trust is worth in the beta model, squared stars",
    )
    trust_gain: float = Field(
        0.02, ge=0.0, le=1.0, description="step towards full trust after a good experience"
    )
    trust_loss: float = Field(
        0.1, ge=0.0, le=1.0, description="step towards no trust after a bad experience"
    )
    word_of_mouth: float = Field(
        0.01, ge=0.0, le=1.0, description="step towards a friend's experience, each friend and day"
    )
    friends: int = Field(6, ge=0, le=50, description="mean number of friends; even; 0: no network")
    rewiring: float = Field(
        0.1, ge=0.0, le=1.0, description="share of ties that leave the neighbourhood (small world)"
    )
    community: int = Field(
        5_000,
        ge=10,
        le=20_000,
        description="consumers in one social graph; larger markets have several",
    )
    churn_rate: float = Field(
        0.004, ge=0.0, le=1.0, description="chance a day that a consumer without any trust leaves"
    )
    comeback_rate: float = Field(
        0.01, ge=0.0, le=1.0, description="chance a day that one who left and trusts again returns"
    )


class ConsumerSettings(Settings):
    """How many consumers there are, and their behaviour."""

    count: int = Field(10_000, ge=1, le=5_000_000, description="number of consumers")
    budget_days: int = Field(
        7, ge=1, le=90, description="days of income that a consumer's purse holds when filled"
    )
    multi_homing: float = Field(
        1.0,
        ge=0.0,
        le=1.0,
        description="share of consumers who compare both platforms at every need; the others shop "
        "at one alone",
    )
    rival_home: float = Field(
        0.5,
        ge=0.0,
        le=1.0,
        description="share of those who shop at one platform alone whose platform is the rival",
    )
    choice: ChoiceSettings = Field(default_factory=ChoiceSettings, description="how they choose")
    response: ResponseSettings = Field(
        default_factory=ResponseSettings, description="how they respond"
    )
    ratings: RatingSettings = Field(
        default_factory=RatingSettings, description="what they would rate each listing"
    )

    @model_validator(mode="after")
    def _aspirations_need_ratings(self) -> Self:
        if self.response.satisfaction == "aspiration" and self.ratings.model == "none":
            raise ValueError(
                "response.satisfaction is 'aspiration', so ratings.model must be 'latent'"
            )
        return self
