"""The regulator inspects: appeals, limits on subsidies, findings, sanctions.

Activation: synchronous, after merchants set their prices; between two inspections the last limits
stand. Whether a sanction was wrongful is scored against the hidden truth.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from policies.arrays import IntArray
from policies.observations import (
    NO_LISTING,
    PLATFORM,
    Finding,
    RegulationObservation,
    Ruling,
)
from sim.cases import drop_lapsed, due_cases
from sim.enforcement import enforce
from sim.policy_results import PolicyResultError
from sim.regulation_records import inspection_observation
from sim.sanctioning import overturn, rule_number
from sim.selection import Selection, select
from sim.views import listings_view
from sim.wrongdoing import is_wrongful

if TYPE_CHECKING:
    from sim.market import Marketplace


def inspect(market: Marketplace) -> None:
    """Decide appeals, inspect if it is due, and let the limits hold today."""
    decide_appeals(market)
    if market.day % market.settings.regulator.inspect_every_days == 0:
        market.standing_ruling = _ruling(market)
        market.subsidy_at_ruling = market.subsidy_so_far
        drop_lapsed(market)
        selection = select(market, due_cases(market))
        market.today.inspections = selection.spent
        market.today.findings = market.standing_ruling.findings + _found(market, selection)
        written = _write_down(market)
        enforce(market, selection.cases, written, is_wrongful)
    market.price_watch.note(market)
    market.today.ruling = Ruling(
        max_subsidy=_limit_today(market),
        findings=market.today.findings,
        max_per_day=market.standing_ruling.max_per_day,
        max_in_all=_total_left(market),
    )


def decide_appeals(market: Marketplace) -> None:
    """Who was wrongly sanctioned `appeal_days` ago, the platform too, wins or loses an appeal.

    Merchants may appeal against the platform as well: it must handle complaints of those whose
    offers it takes off sale (Regulation (EU) 2019/1150, Article 11).
    """
    table, settings = market.sanctions, market.settings.regulator
    due = table["day"] == market.day - settings.appeal_days
    due &= table["wrongful"] & ~table["overturned"]
    rows = np.flatnonzero(due)
    draw = market.streams.uniform("appeal", market.day, table["merchant"][rows])
    overturn(market, rows[draw < settings.appeal_success])


def _ruling(market: Marketplace) -> Ruling:
    policy = market.policies.price_regulation
    ruling = policy.regulate(
        RegulationObservation(
            day=market.day,
            listings=listings_view(market),
            gmv_recently=market.gmv_recently,
            subsidy_recently=market.subsidy_recently,
            revenue_recently=market.revenue_recently,
            subsidy_so_far=market.subsidy_so_far,
        )
    )
    return _checked_ruling(market, policy, ruling)


def _checked_ruling(market: Marketplace, policy: Any, ruling: Any) -> Ruling:
    who, listings = f"price_regulation policy {policy.name!r}", len(market.listings)
    if not isinstance(ruling, Ruling):
        raise PolicyResultError(f"{who} must return a Ruling, not {type(ruling).__name__}")
    for finding in ruling.findings:
        _refuse_impossible(market, who, finding)
    for name in ("max_per_day", "max_in_all"):
        cents = getattr(ruling, name)
        whole = isinstance(cents, int | np.integer) and not isinstance(cents, bool)
        if cents is not None and not (whole and cents >= 0):
            raise PolicyResultError(f"{who}: {name} must be whole cents >= 0, not {cents!r}")
    share = ruling.max_share
    if share is not None and not 0.0 <= share <= 1.0:
        raise PolicyResultError(f"{who}: max_share must lie in 0 to 1, not {share!r}")
    if ruling.max_subsidy is None:
        return ruling
    limit = np.asarray(ruling.max_subsidy)
    if limit.shape != (listings,) or limit.dtype.kind not in "iu" or limit.min(initial=0) < 0:
        raise PolicyResultError(
            f"{who}: max_subsidy must be integer cents >= 0 of shape ({listings},), not "
            f"{limit.dtype} of shape {limit.shape} from {limit.min(initial=0)}"
        )
    return ruling


def _found(market: Marketplace, selection: Selection) -> tuple[Finding, ...]:
    """What the rules in force find among today's inspected listings."""
    if not market.policies.rules:
        return ()
    observation = inspection_observation(market, selection.listings, selection.presented)
    found: list[Finding] = []
    for name, rule in market.policies.rules.items():
        for finding in rule.inspect(observation):
            _refuse_impossible(market, f"rule {name!r}", finding)
            found.append(finding)
    return tuple(found)


def _refuse_impossible(market: Marketplace, who: str, finding: Finding) -> None:
    """A finding names an offer and its merchant, a whole shop, or the platform."""
    listings, merchants = len(market.listings), len(market.books)
    if not NO_LISTING <= finding.listing < listings:
        raise PolicyResultError(
            f"{who}: a finding names listing {finding.listing}; there are 0 to {listings - 1}, or "
            f"{NO_LISTING} for none in particular"
        )
    if finding.grade not in {"A", "B", "C"}:
        raise PolicyResultError(
            f"{who}: a finding's grade must be A, B or C, not {finding.grade!r}"
        )
    if not PLATFORM <= finding.merchant < merchants:
        raise PolicyResultError(
            f"{who}: a finding names merchant {finding.merchant}; there are 0 to {merchants - 1}, "
            f"or {PLATFORM} for the platform"
        )
    if finding.merchant != PLATFORM and finding.listing != NO_LISTING:
        owner = int(market.listings.merchant[finding.listing])
        if finding.merchant != owner:
            raise PolicyResultError(
                f"{who}: a finding names merchant {finding.merchant} for listing "
                f"{finding.listing}, which belongs to {owner}"
            )


def _write_down(market: Marketplace) -> IntArray:
    """Keep today's findings with their evidence, acted upon or not; (F,) their rows."""
    found = market.today.findings
    if not found:
        return np.empty(0, dtype=np.int64)
    market.evidence.extend(one.evidence for one in found)
    return market.findings.append(
        day=market.day,
        rule=[rule_number(market, one.rule) for one in found],
        merchant=[one.merchant for one in found],
        listing=[one.listing for one in found],
        grade=["ABC".index(one.grade) for one in found],
        illegal_gain=[one.illegal_gain for one in found],
    )


def _limit_today(market: Marketplace) -> NDArray[np.int64] | None:
    """(L,) cents; listings that are newer than the last inspection get the tightest limit.

    A share of the price is one of today's price.
    """
    limit, share = market.standing_ruling.max_subsidy, market.standing_ruling.max_share
    of_price = None
    if share is not None:
        of_price = np.floor(share * market.listings.price).astype(np.int64)
    if limit is None:
        return of_price
    new = len(market.listings) - len(limit)
    tightest = int(limit.min()) if len(limit) else 0
    cents = np.concatenate([limit, np.full(new, tightest)]).astype(np.int64)
    return cents if of_price is None else np.minimum(cents, of_price)


def _total_left(market: Marketplace) -> int | None:
    """Cents that the platform may still pay in subsidies, by the last ruling."""
    allowed = market.standing_ruling.max_in_all
    if allowed is None:
        return None
    return max(allowed - (market.subsidy_so_far - market.subsidy_at_ruling), 0)
