"""What the platform charges today. Activation: in the morning, before merchants set prices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from policies.observations import FeeSchedule, FeesObservation
from sim.fee_notices import Terms
from sim.policy_results import PolicyResultError, checked_shares
from sim.views import listings_view

if TYPE_CHECKING:
    from sim.market import Marketplace

HIGHEST_COMMISSION = 0.9
"""Share of the price beyond which no commission goes."""


def set_fees(market: Marketplace) -> None:
    """Set commissions and the delivery fee of the day: what the fee policy asks, once published."""
    settings, policy = market.settings.platform, market.policies.fees
    couriers = market.settings.couriers
    observation = FeesObservation(
        day=market.day,
        listings=listings_view(market),
        commission=settings.commission,
        delivery_fee=market.cents(settings.delivery_fee),
        orders_recently=market.orders_recently,
        orders_yesterday=market.orders_yesterday,
        couriers_expected=couriers.count * couriers.days_per_week / 7.0,
    )

    def asks(terms: Terms) -> FeeSchedule:
        schedule = terms.policy.schedule(terms.shown(observation))
        return _checked(terms.policy, schedule, len(market.listings))

    market.fees = market.fee_notices.today(
        market.day,
        Terms(policy, policy.params, observation.commission, observation.delivery_fee),
        settings.fee_notice_days,
        asks,
    )


def grow_fees(market: Marketplace, listings: int) -> None:
    """Listings that are new today pay what the scenario sets, until tomorrow's schedule."""
    more = np.full(listings, market.settings.platform.commission)
    commission = np.concatenate([market.fees.commission, more])
    market.fees = FeeSchedule(commission, market.fees.delivery_fee)


def _checked(policy: Any, schedule: Any, listings: int) -> FeeSchedule:
    who = f"fees policy {policy.name!r}"
    if not isinstance(schedule, FeeSchedule):
        raise PolicyResultError(f"{who} must return a FeeSchedule, not {type(schedule).__name__}")
    commission = checked_shares(
        who, "commission", schedule.commission, listings, 0, HIGHEST_COMMISSION
    )
    fee = schedule.delivery_fee
    if not np.issubdtype(type(fee), np.integer) or fee < 0:
        raise PolicyResultError(f"{who}: delivery_fee must be whole cents >= 0, not {fee!r}")
    return FeeSchedule(commission, int(fee))
