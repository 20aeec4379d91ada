"""The regulator inspects: appeals, limits on subsidies, findings, sanctions.

Activation: synchronous, after merchants set their prices; between two inspections the last limits
stand. Whether a sanction was wrongful is scored against the hidden truth, and merchants who are
rightly sanctioned keep to the rules for a while (deterrence: Becker 1968, Journal of Political
Economy 76(2)).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from policies.arrays import read_only
from policies.observations import (
    NO_LISTING,
    PLATFORM,
    Finding,
    RegulationObservation,
    Ruling,
    Sanction,
    SanctionObservation,
)
from sim.platform_truth import has_done
from sim.policy_results import PolicyResultError
from sim.regulation_records import inspected, inspection_observation
from sim.sanctioning import (
    WHOLE_SHOP,
    Issuer,
    Measure,
    collect_fine,
    delist,
    overturn,
    rule_number,
)
from sim.views import listings_view

if TYPE_CHECKING:
    from sim.market import Marketplace

MISCONDUCT_OF_RULE = {"below_cost": "below_cost", "false_discount": "fake_list_price"}
"""The misconduct that a rule is meant to find; a rule not named here means that of its own name."""


def inspect(market: Marketplace) -> None:
    """Decide appeals, inspect if it is due, and let the limits hold today."""
    decide_appeals(market)
    if market.day % market.settings.regulator.inspect_every_days == 0:
        market.standing_ruling = _ruling(market)
        market.today.findings = market.standing_ruling.findings + _found(market)
        _sanction(market)
    market.today.ruling = Ruling(max_subsidy=_limit_today(market), findings=market.today.findings)


def decide_appeals(market: Marketplace) -> None:
    """Merchants who were wrongly sanctioned `appeal_days` ago win or lose their appeal.

    They may appeal against the platform too: it must handle complaints of those whose offers it
    takes off sale (Regulation (EU) 2019/1150, Article 11).
    """
    table, settings = market.sanctions, market.settings.regulator
    due = table["day"] == market.day - settings.appeal_days
    due &= table["wrongful"] & ~table["overturned"]
    rows = np.flatnonzero(due)
    draw = market.streams.uniform("appeal", market.day, table["merchant"][rows])
    overturn(market, rows[draw < settings.appeal_success])


def is_wrongful(market: Marketplace, merchant: int, rule: str) -> bool:
    """Whether a merchant is, by the hidden truth, not of the kind that a rule is meant to find.

    Of the platform (`PLATFORM`) it is known what it does.
    """
    if merchant == PLATFORM:
        return not has_done(market, rule)
    misconduct: frozenset[str] = market.merchants[merchant].misconduct
    return MISCONDUCT_OF_RULE.get(rule, rule) not in misconduct


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
    if ruling.max_subsidy is None:
        return ruling
    limit = np.asarray(ruling.max_subsidy)
    if limit.shape != (listings,) or limit.dtype.kind not in "iu" or limit.min(initial=0) < 0:
        raise PolicyResultError(
            f"{who}: max_subsidy must be integer cents >= 0 of shape ({listings},), not "
            f"{limit.dtype} of shape {limit.shape} from {limit.min(initial=0)}"
        )
    return ruling


def _found(market: Marketplace) -> tuple[Finding, ...]:
    """What the rules in force find among today's inspected listings."""
    if not market.policies.rules:
        return ()
    observation = inspection_observation(market, inspected(market))
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


def _limit_today(market: Marketplace) -> NDArray[np.int64] | None:
    """(L,) cents; listings that are newer than the last inspection get the tightest limit."""
    limit = market.standing_ruling.max_subsidy
    if limit is None:
        return None
    new = len(market.listings) - len(limit)
    tightest = int(limit.min()) if len(limit) else 0
    return np.concatenate([limit, np.full(new, tightest)]).astype(np.int64)


def _sanction(market: Marketplace) -> None:
    """Findings against merchants go to the sanctions policy, whose records are of merchants."""
    policy = market.policies.sanctions
    decided = policy.sanction(
        SanctionObservation(
            day=market.day,
            findings=tuple(one for one in market.today.findings if one.merchant != PLATFORM),
            level=read_only(market.books.sanction_level),
            last_offence=read_only(market.books.last_offence),
        )
    )
    for one in decided:
        _refuse_invalid(market, policy, one)
    wrongful = [is_wrongful(market, one.merchant, one.rule) for one in decided]
    for one, wrong in zip(decided, wrongful, strict=True):
        _apply(market, one, wrong)


def _refuse_invalid(market: Marketplace, policy: Any, one: Sanction) -> None:
    who = f"sanctions policy {policy.name!r}"
    if one.kind.upper() not in Measure.__members__:
        allowed = ", ".join(name.lower() for name in Measure.__members__)
        raise PolicyResultError(
            f"{who}: a sanction's kind must be one of {allowed}, not {one.kind!r}"
        )
    if not 0 <= one.merchant < len(market.books):
        raise PolicyResultError(
            f"{who}: a sanction names merchant {one.merchant}; "
            f"there are 0 to {len(market.books) - 1}"
        )
    if one.listing != WHOLE_SHOP and not 0 <= one.listing < len(market.listings):
        raise PolicyResultError(
            f"{who}: a sanction names listing {one.listing}; there are 0 to "
            f"{len(market.listings) - 1}, or {WHOLE_SHOP} for the whole shop"
        )
    if one.days < 0 or one.fine < 0 or not 0 <= one.level <= 127:
        raise PolicyResultError(
            f"{who}: days and fine must be >= 0 and level 0 to 127, not {one.days}, {one.fine} "
            f"and {one.level}"
        )


def _apply(market: Marketplace, one: Sanction, wrongful: bool) -> None:
    """Let one sanction take effect, and write it down."""
    if one.kind == "delist":
        delist(market, one.merchant, one.listing, market.day + one.days)
    elif one.kind == "fine":
        collect_fine(market, one.merchant, one.fine)
    books = market.books
    books.sanction_level[one.merchant] = one.level
    books.last_offence[one.merchant] = market.day
    if not wrongful:
        deterred = market.day + market.settings.regulator.deterrence_days
        market.merchants[one.merchant].deterred_until = deterred
    market.sanctions.append(
        day=market.day,
        issuer=Issuer.REGULATOR,
        merchant=one.merchant,
        listing=one.listing,
        kind=Measure[one.kind.upper()],
        rule=rule_number(market, one.rule),
        days=one.days if one.kind == "delist" else 0,
        fine=one.fine if one.kind == "fine" else 0,
        level=one.level,
        overturned=False,
        wrongful=wrongful,
    )
