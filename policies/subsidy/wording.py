"""The terms of a campaign in words, as its page tells them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from policies.subsidy.terms import Terms


def method(terms: Terms) -> str:
    """How much a campaign pays, off or on top of what."""
    parts = []
    if terms.amount > 0:
        parts.append(f"{terms.amount:,.2f} a unit")
    if terms.share > 0:
        parts.append(f"{terms.share:.0%} of the price")
    goods = " and ".join(parts)
    told = []
    if goods:
        told.append(f"{goods} {'paid to the merchant' if terms.to_seller else 'off the price'}")
    if terms.off_fee > 0:
        told.append(f"up to {terms.off_fee:,.2f} off the delivery fee")
    return "; ".join(told) or "nothing"


def conditions(terms: Terms) -> str:
    """On what and when a campaign pays, and what ends it."""
    told = [f"on {', '.join(terms.categories)}" if terms.categories else "on all goods"]
    if (terms.from_hour, terms.until_hour) != (0.0, 24.0):
        told.append(f"from {_clock(terms.from_hour)} to {_clock(terms.until_hour)}")
    if terms.cap_per_order is not None:
        told.append(f"at most {terms.cap_per_order:,.2f} an order")
    if terms.daily_budget is not None:
        told.append(f"until {terms.daily_budget:,.2f} are spent a day")
    return "; ".join(told)


def _clock(hour: float) -> str:
    minutes = round(hour * 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
