"""The terms of a subsidy campaign: how much, off what, for whom, when, who bears it, until when."""

from __future__ import annotations

from typing import Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, model_validator

from policies.observations import (
    NOT_SHOWN,
    CampaignNotice,
    ListingsView,
    SubsidyObservation,
    SubsidyOffer,
)
from policies.subsidy.wording import conditions, method

Shown = Literal["recipients", "method", "conditions", "start", "end", "total"]
"""What the page of a campaign tells, part by part."""

SMALL = 0


class Terms(BaseModel):
    """What all campaigns of the platform share."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    amount: float = Field(
        0.0, ge=0.0, le=1e6, description="subsidy a unit, currency units; added to the share"
    )
    share: float = Field(
        0.0,
        ge=0.0,
        le=1.0,
        description="subsidy a unit as a share of the price; added to the amount",
    )
    off_fee: float = Field(
        0.0,
        ge=0.0,
        le=1e6,
        description="subsidy off the delivery fee, currency units an order that pays one",
    )
    to_seller: bool = Field(
        False,
        description="true: the subsidy a unit is paid to the merchant; false: taken off the "
        "buyer's price",
    )
    merchant_share: float = Field(
        0.0,
        ge=0.0,
        le=1.0,
        description="share of what buyers get that the merchant of the order bears; the platform "
        "bears the rest",
    )
    cap_per_order: float | None = Field(
        None,
        ge=0.0,
        le=1e6,
        description="currency units that an order gets at most, delivery fee included; absent: no "
        "cap",
    )
    daily_budget: float | None = Field(
        None,
        ge=0.0,
        le=1e9,
        description="currency units that may be spent a day, whoever bears them; absent: no limit",
    )
    total_budget: float | None = Field(
        None,
        ge=0.0,
        le=1e12,
        description="currency units that are set aside in all, whoever bears them, after which the "
        "campaign pays nothing; absent: no limit",
    )
    categories: tuple[str, ...] = Field(
        (),
        description="names of the categories whose goods, and their delivery, are subsidised; "
        "empty: all",
    )
    from_day: int = Field(0, ge=0, le=100_000, description="first day of the campaign")
    until_day: int | None = Field(
        None, ge=1, le=100_000, description="first day after it; absent: it has no end"
    )
    from_hour: float = Field(
        0.0, ge=0.0, le=24.0, description="hour of the day from which orders are subsidised"
    )
    until_hour: float = Field(
        24.0,
        ge=0.0,
        le=24.0,
        description="hour of the day until which they are; before `from_hour`: over midnight",
    )
    announced_total: float | None = Field(
        None,
        ge=0.0,
        le=1e12,
        description="currency units that the campaign's page announces in all; absent: the total "
        "budget",
    )
    undisclosed: tuple[Shown, ...] = Field(
        (), description="what the campaign's page leaves out; empty: nothing"
    )

    @model_validator(mode="after")
    def _can_hold(self) -> Self:
        """Refuse terms under which a campaign could never pay, or pay merchants their own money."""
        if self.until_day is not None and self.until_day <= self.from_day:
            raise ValueError(
                f"until_day = {self.until_day} must lie after from_day = {self.from_day}"
            )
        if self.from_hour == self.until_hour:
            raise ValueError(
                f"from_hour = until_hour = {self.from_hour:g} leaves no hour; use 0 and 24 for the "
                "whole day"
            )
        if self.to_seller and self.merchant_share > 0.0:
            raise ValueError(
                f"merchant_share = {self.merchant_share:g} must be 0 with to_seller = true: "
                "merchants would pay themselves"
            )
        return self

    def campaign(
        self,
        name: str,
        observation: SubsidyObservation,
        recipients: str = "everybody",
        newcomer_orders: int = 1,
    ) -> SubsidyOffer:
        """The campaign as it stands today.

        Args:
            name: by which its record is kept.
            observation: of this morning.
            recipients: "everybody", "newcomers" or "small_merchants".
            newcomer_orders: orders after which a consumer is no newcomer any more.
        """
        sessions = observation.sessions
        hour = sessions.minute / 60.0
        if self.from_hour < self.until_hour:
            eligible = (hour >= self.from_hour) & (hour < self.until_hour)
        else:
            eligible = (hour >= self.from_hour) | (hour < self.until_hour)
        if recipients == "newcomers":
            eligible &= sessions.orders_before < newcomer_orders
        runs = self.from_day <= observation.day
        runs &= self.until_day is None or observation.day < self.until_day
        listings = observation.listings
        per_unit, off_fee = self.per_unit(listings), round(self.off_fee * 100)
        included = self._included(listings)
        if recipients == "small_merchants":
            included &= listings.merchant_size == SMALL
        return SubsidyOffer(
            per_unit=np.where(included, per_unit, 0),
            eligible=eligible & runs,
            to_seller=self.to_seller,
            budget=_cents(self.daily_budget),
            campaign=name,
            off_fee=off_fee if included.all() else np.where(included, off_fee, 0),
            cap_per_order=_cents(self.cap_per_order),
            merchant_share=self.merchant_share,
            funded=_cents(self.total_budget),
            notice=self.notice(recipients, newcomer_orders),
        )

    def per_unit(self, listings: ListingsView) -> NDArray[np.int64]:
        """(L,) cents a unit of what is included, never more than the price, asked or advertised."""
        wanted = np.rint(self.amount * 100 + self.share * listings.checkout_price)
        most = np.minimum(listings.checkout_price, listings.price)
        subsidy: NDArray[np.int64] = np.minimum(wanted, most).astype(np.int64)
        return np.where(self._included(listings), subsidy, 0)

    def _included(self, listings: ListingsView) -> NDArray[np.bool_]:
        """(L,) whether it is of a category that the campaign is about."""
        if not self.categories:
            return np.ones(len(listings.category), dtype=np.bool_)
        chosen = np.array([name in self.categories for name in listings.category_names])
        included: NDArray[np.bool_] = chosen[listings.category]
        return included

    def notice(self, recipients: str, newcomer_orders: int) -> CampaignNotice:
        """What the campaign's page tells: all that it must, but what it leaves out."""
        who = recipients.replace("_", " ")
        if recipients == "newcomers":
            who = f"accounts with fewer than {newcomer_orders} orders"
        announced = self.total_budget if self.announced_total is None else self.announced_total
        total = _cents(announced)
        hidden = self.undisclosed
        return CampaignNotice(
            recipients="" if "recipients" in hidden else who,
            method="" if "method" in hidden else method(self),
            conditions="" if "conditions" in hidden else conditions(self),
            start=NOT_SHOWN if "start" in hidden else self.from_day,
            end=NOT_SHOWN if "end" in hidden or self.until_day is None else self.until_day,
            total=NOT_SHOWN if "total" in hidden or total is None else total,
        )


def _cents(amount: float | None) -> int | None:
    return None if amount is None else round(amount * 100)
