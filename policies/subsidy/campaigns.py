"""Several campaigns at once, each with terms of its own, and how they stack."""

from __future__ import annotations

from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from policies.observations import Subsidies, SubsidyObservation
from policies.params import PolicyParams
from policies.subsidy.terms import Terms


class Campaign(Terms):
    """One named campaign."""

    title: str = Field(
        min_length=1, max_length=60, description="its name, by which records are kept; no two alike"
    )
    recipients: Literal["everybody", "newcomers", "small_merchants"] = Field(
        "everybody", description="whose purchases, or whose sales, are subsidised"
    )
    newcomer_orders: int = Field(
        3, ge=1, le=1000, description="orders after which a consumer is no newcomer any more"
    )


class SubsidyCampaigns:
    """Any number of campaigns, and the rule by which they stack on one order.

    "best": the one that pays most on the order, whoever receives it; "first": the first of the list
    that pays anything; "add": all, in their order, as far as price and delivery fee go.

    Source: the instruments of 2025's subsidy war (coupons, merchant-funded discounts, free
    delivery, offers to newcomers), as China's Internet Platform Pricing Behaviour Rules list them.
    """

    family: ClassVar[str] = "subsidy"
    name: ClassVar[str] = "campaigns"

    class Params(PolicyParams):
        """Parameters of the campaigns."""

        campaigns: tuple[Campaign, ...] = Field(
            (), max_length=50, description="the campaigns, in the order in which they stack"
        )
        stacking: Literal["best", "add", "first"] = Field(
            "best",
            description="which of an order's campaigns pay: the one that pays most, all of them, "
            "or the first of the list that pays anything",
        )

        @model_validator(mode="after")
        def _titles_differ(self) -> Self:
            titles = [one.title for one in self.campaigns]
            twice = sorted({title for title in titles if titles.count(title) > 1})
            if twice:
                raise ValueError(f"two campaigns are called {twice[0]!r}; each needs a title")
            return self

    def __init__(self, params: Params) -> None:
        self.params = params

    def offer(self, observation: SubsidyObservation) -> Subsidies:
        """All campaigns as they stand today; those that do not run today pay nobody."""
        return Subsidies(
            tuple(
                one.campaign(one.title, observation, one.recipients, one.newcomer_orders)
                for one in self.params.campaigns
            ),
            self.params.stacking,
        )
