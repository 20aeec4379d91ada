"""What the platform does in truth: findings against it are scored by its settings and its deeds."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from policies.protocols import PersonalPricer
from sim.platform_prices import forces_losses

if TYPE_CHECKING:
    from sim.market import Marketplace

LAWFUL_NOTICE = 7
"""Days of notice that the law asks for: Internet Platform Pricing Behaviour Rules (China, 2025)."""


def has_done(market: Marketplace, rule: str) -> bool:
    """Whether the platform does, in truth, what a rule against it is meant to find.

    A rule that is not known here is taken to be right: the records that it reads are the
    platform's own.
    """
    truth = TRUTH.get(rule)
    return truth is None or truth(market)


def _prices_personally(market: Marketplace) -> bool:
    policy = market.policies.fees
    quotes = isinstance(policy, PersonalPricer) and policy.quotes_personally
    return quotes and not getattr(policy.params, "personal_disclosed", False)


def _binds_prices(market: Marketplace) -> bool:
    platform = market.settings.platform
    return platform.parity_clause or (platform.auto_follow > 0.0 and not platform.asks_consent)


def _gives_short_notice(market: Marketplace) -> bool:
    return any(
        one.effective - one.published < LAWFUL_NOTICE
        and (one.commission_rise > 0.0 or one.fee_rise > 0)
        for one in market.fee_notices.published
    )


def _prefers_itself(market: Marketplace) -> bool:
    return market.conduct_register.preferred_itself


TRUTH: dict[str, Callable[[Marketplace], bool]] = {
    "forced_loss": forces_losses,
    "personal_price": _prices_personally,
    "parity": _binds_prices,
    "fee_notice": _gives_short_notice,
    "self_preferencing": _prefers_itself,
}
"""What the platform does, by the rule that is meant to find it."""
