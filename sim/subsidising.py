"""The platform subsidises: its campaigns of the day, checked, and held within the law."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from policies.observations import (
    ListingsView,
    SessionsView,
    Subsidies,
    SubsidyObservation,
    SubsidyOffer,
)
from sim.campaigns import NO_LIMIT, STACKING, Campaigns, no_campaigns
from sim.ledger import Owner
from sim.policy_results import PolicyResultError

if TYPE_CHECKING:
    from sim.market import Marketplace


def subsidise(market: Marketplace, sessions: SessionsView, listings: ListingsView) -> None:
    """Let the platform's subsidy policy decide on the campaigns of the day."""
    policy = market.policies.subsidy
    answer = policy.offer(
        SubsidyObservation(
            market.day,
            sessions,
            listings,
            int(market.ledger.balance[market.ledger.account(Owner.PLATFORM)]),
            market.gmv_recently,
            market.subsidy_recently,
        )
    )
    count = len(sessions.category)
    subsidies = _checked(policy, answer, listings, count)
    market.today.offers = tuple(offer for offer in subsidies.offers if _pays(offer))
    market.today.campaigns = _campaigns(market, market.today.offers, subsidies.stacking, count)


def _campaigns(
    market: Marketplace, offers: tuple[SubsidyOffer, ...], stacking: str, sessions: int
) -> Campaigns:
    """The offers as the kernels take them, with what law and funds leave to pay."""
    listings = len(market.listings)
    if not offers:
        return no_campaigns(listings, sessions)
    ruling = market.today.ruling
    limit = np.full(listings, NO_LIMIT) if ruling.max_subsidy is None else ruling.max_subsidy
    left = np.array([_left(market, offer) for offer in offers], dtype=np.int64)
    allowed = [one for one in (ruling.max_per_day, ruling.max_in_all) if one is not None]
    return Campaigns(
        per_unit=np.array([offer.per_unit for offer in offers], dtype=np.int64),
        eligible=np.array([offer.eligible for offer in offers], dtype=np.bool_)
        & (left > 0)[:, None],
        to_seller=np.array([offer.to_seller for offer in offers], dtype=np.bool_),
        off_fee=np.array(
            [np.broadcast_to(offer.off_fee, listings) for offer in offers], dtype=np.int64
        ),
        cap=np.array([_or_none(offer.cap_per_order) for offer in offers], dtype=np.int64),
        merchant_share=np.array([offer.merchant_share for offer in offers], dtype=np.float64),
        left=left,
        stacking=STACKING[stacking],
        limit=limit.astype(np.int64),
        platform_left=np.array([min(allowed, default=NO_LIMIT)], dtype=np.int64),
    )


def _left(market: Marketplace, offer: SubsidyOffer) -> int:
    """Cents that a campaign may still pay today: its day's budget, and its funds."""
    funds = _or_none(offer.funded)
    if offer.funded is not None:
        funds = max(funds - market.campaign_register.paid(offer.campaign), 0)
    return min(_or_none(offer.budget), funds)


def _or_none(cents: int | None) -> int:
    return NO_LIMIT if cents is None else min(int(cents), NO_LIMIT)


def _pays(offer: SubsidyOffer) -> bool:
    return bool(offer.eligible.any()) and bool(np.any(offer.off_fee) or offer.per_unit.any())


def _checked(policy: Any, answer: Any, view: ListingsView, sessions: int) -> Subsidies:
    """The policy's answer, all campaigns with names of their own, or an error that says why not."""
    who = f"subsidy policy {policy.name!r}"
    if not isinstance(answer, SubsidyOffer | Subsidies):
        raise PolicyResultError(
            f"{who} must return a SubsidyOffer or Subsidies, not {type(answer).__name__}"
        )
    many = answer if isinstance(answer, Subsidies) else Subsidies((answer,))
    if many.stacking not in STACKING:
        raise PolicyResultError(
            f"{who}: stacking must be one of {', '.join(STACKING)}, not {many.stacking!r}"
        )
    offers = tuple(_checked_offer(who, policy, offer, view, sessions) for offer in many.offers)
    names = [offer.campaign for offer in offers]
    if len(set(names)) < len(names):
        raise PolicyResultError(f"{who}: two campaigns have one name: {', '.join(names)}")
    return Subsidies(offers, many.stacking)


def _checked_offer(
    who: str, policy: Any, offer: Any, view: ListingsView, sessions: int
) -> SubsidyOffer:
    if not isinstance(offer, SubsidyOffer):
        raise PolicyResultError(f"{who}: offers must be SubsidyOffers, not {type(offer).__name__}")
    per_unit, eligible = np.asarray(offer.per_unit), np.asarray(offer.eligible)
    if per_unit.shape != (len(view.title),) or per_unit.dtype.kind not in "iu":
        raise PolicyResultError(
            f"{who}: per_unit must be integer cents of shape ({len(view.title)},), "
            f"not {per_unit.dtype} of shape {per_unit.shape}"
        )
    if per_unit.size and per_unit.min() < 0:
        raise PolicyResultError(f"{who}: per_unit must be >= 0 cents, not {per_unit.min()}")
    if eligible.shape != (sessions,) or eligible.dtype != np.bool_:
        raise PolicyResultError(
            f"{who}: eligible must be true or false for each of {sessions} sessions, "
            f"not {eligible.dtype} of shape {eligible.shape}"
        )
    off_fee = np.asarray(offer.off_fee)
    whole = off_fee.dtype.kind in "iu" and off_fee.min(initial=0) >= 0
    if not whole or off_fee.shape not in {(), per_unit.shape}:
        raise PolicyResultError(
            f"{who}: off_fee must be whole cents >= 0, not {offer.off_fee!r}; one number, or one "
            f"for each of {len(view.title)} listings"
        )
    for name in ("budget", "cap_per_order", "funded"):
        cents = getattr(offer, name)
        whole = isinstance(cents, int | np.integer) and not isinstance(cents, bool)
        if cents is not None and not (whole and cents >= 0):
            raise PolicyResultError(f"{who}: {name} must be whole cents >= 0, not {cents!r}")
    if not 0.0 <= offer.merchant_share <= 1.0:
        raise PolicyResultError(
            f"{who}: merchant_share must lie in 0 to 1, not {offer.merchant_share}"
        )
    if offer.to_seller and offer.merchant_share > 0.0:
        raise PolicyResultError(
            f"{who}: merchants cannot bear a share of what is paid to themselves: merchant_share "
            f"must be 0 with to_seller, not {offer.merchant_share}"
        )
    return replace(
        offer, per_unit=per_unit, eligible=eligible, campaign=offer.campaign or policy.name
    )
