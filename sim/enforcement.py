"""From findings to sanctions: what the policy decides is checked, takes effect, and is scored."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from policies.arrays import IntArray, read_only
from policies.observations import (
    PLATFORM,
    WITHOUT_END,
    Sanction,
    SanctionObservation,
    SanctionRecord,
)
from sim.cases import open_case, settle_cases, stages
from sim.columns import NEVER
from sim.ledger import Owner
from sim.merchants.deterrence import AFTER_SANCTION
from sim.policy_results import PolicyResultError
from sim.restitution import pay_restitution
from sim.sanctioning import (
    WHOLE_SHOP,
    Issuer,
    Measure,
    collect_fine,
    delist,
    demote,
    rule_number,
    sales_at_stake,
    write_down,
)

if TYPE_CHECKING:
    from sim.market import Marketplace

AGAINST_THE_PLATFORM = frozenset({"remind", "fine"})
"""What can be decided against the platform; there is no closing it."""


def enforce(
    market: Marketplace,
    looked_at: IntArray,
    written: IntArray,
    is_wrongful: Callable[[Marketplace, int, str, int], bool],
) -> None:
    """Let the sanctions policy decide on today's findings, and close the cases looked at.

    Args:
        market: the market.
        looked_at: rows of the due cases that were inspected again today.
        written: (F,) rows of today's findings in their table.
        is_wrongful: whether, by the hidden truth, a merchant has not done, with an offer, what a
            rule is against.
    """
    policy, findings = market.policies.sanctions, market.today.findings
    decided = policy.sanction(_observation(market, stages(market, findings, looked_at)))
    for one in decided:
        _refuse_invalid(market, policy, one)
    settle_cases(market, findings, looked_at)
    if not decided:
        return
    rows = {
        (one.merchant, one.listing, one.rule): int(row)
        for one, row in zip(findings, written, strict=True)
    }
    latest = {(one.merchant, one.rule): row for one, row in zip(findings, written, strict=True)}
    stake = _Stake(market)
    for one in decided:
        row = rows.get((one.merchant, one.listing, one.rule))
        if row is None:
            row = int(latest.get((one.merchant, one.rule), -1))
        _apply(market, one, row, stake, is_wrongful(market, one.merchant, one.rule, one.listing))


def _observation(market: Marketplace, stage: IntArray) -> SanctionObservation:
    books, regulator = market.books, market.regulator
    return SanctionObservation(
        day=market.day,
        findings=market.today.findings,
        level=read_only(books.sanction_level),
        last_offence=read_only(books.last_offence),
        stage=read_only(stage),
        record=_record(market),
        unpaid=read_only(_unpaid_restitution(market)),
        platform_level=regulator.platform_level,
        platform_last_offence=regulator.platform_last_offence,
        gmv_recently=market.gmv_recently,
    )


def _record(market: Marketplace) -> SanctionRecord:
    table = market.sanctions
    rows = np.flatnonzero((table["issuer"] == Issuer.REGULATOR) & ~table["overturned"])
    return SanctionRecord(
        day=read_only(table["day"][rows]),
        merchant=read_only(table["merchant"][rows]),
        rule=read_only(table["rule"][rows]),
        level=read_only(table["level"][rows]),
        points=read_only(table["points"][rows]),
        restitution=read_only(table["restitution"][rows]),
        rules=tuple(market.rules),
    )


def _unpaid_restitution(market: Marketplace) -> IntArray:
    """(M,) cents: restitution ordered at the last sanction, as far as the account is overdrawn."""
    table, books = market.sanctions, market.books
    ordered = np.zeros(len(books), dtype=np.int64)
    rows = np.flatnonzero((table["restitution"] > 0) & ~table["overturned"])
    last = books.last_offence[table["merchant"][rows]]
    rows = rows[table["day"][rows] == last]
    np.add.at(ordered, table["merchant"][rows], table["restitution"][rows])
    debt = np.maximum(-market.ledger.balance_of(Owner.MERCHANT), 0)
    return np.where(books.is_open, np.minimum(ordered, debt), 0)


def _refuse_invalid(market: Marketplace, policy: Any, one: Sanction) -> None:
    who = f"sanctions policy {policy.name!r}"
    if one.kind.upper() not in Measure.__members__:
        allowed = ", ".join(name.lower() for name in Measure.__members__)
        raise PolicyResultError(
            f"{who}: a sanction's kind must be one of {allowed}, not {one.kind!r}"
        )
    if not PLATFORM <= one.merchant < len(market.books):
        raise PolicyResultError(
            f"{who}: a sanction names merchant {one.merchant}; "
            f"there are 0 to {len(market.books) - 1}, or {PLATFORM} for the platform"
        )
    if one.merchant == PLATFORM and one.kind not in AGAINST_THE_PLATFORM:
        raise PolicyResultError(
            f"{who}: the platform can be reminded and fined, not {one.kind!r} it"
        )
    if one.listing != WHOLE_SHOP and not 0 <= one.listing < len(market.listings):
        raise PolicyResultError(
            f"{who}: a sanction names listing {one.listing}; there are 0 to "
            f"{len(market.listings) - 1}, or {WHOLE_SHOP} for the whole shop"
        )
    if one.listing == WHOLE_SHOP and one.kind == "restitution":
        raise PolicyResultError(f"{who}: restitution must name the listing whose buyers get it")
    endless = one.kind in {"delist", "close"} and one.days == WITHOUT_END
    if (one.days < 0 and not endless) or one.fine < 0 or not 0 <= one.level <= 127:
        raise PolicyResultError(
            f"{who}: days and fine must be >= 0 and level 0 to 127, not {one.days}, {one.fine} "
            f"and {one.level}; days may be {WITHOUT_END} (without end) for delist and close"
        )
    if not 0 <= one.points <= 10_000 or one.restitution < 0 or not 0.0 <= one.cut <= 1.0:
        raise PolicyResultError(
            f"{who}: points must be 0 to 10000, restitution >= 0 and cut 0 to 1, not "
            f"{one.points}, {one.restitution} and {one.cut}"
        )


class _Stake:
    """What is sold, and earned, with what a sanction takes away; worked out once a day."""

    def __init__(self, market: Marketplace) -> None:
        self.merchant = market.listings.merchant
        self.sales, self.margin = sales_at_stake(market)

    def of(self, one: Sanction) -> tuple[float, float]:
        """Cents a day of sales and of margin."""
        part = {"delist": 1.0, "close": 1.0, "demote": one.cut}.get(one.kind, 0.0)
        if part == 0.0:
            return 0.0, 0.0
        whole = one.listing == WHOLE_SHOP
        rows = np.flatnonzero(self.merchant == one.merchant) if whole else [one.listing]
        return part * float(self.sales[rows].sum()), part * float(self.margin[rows].sum())


def _apply(market: Marketplace, one: Sanction, finding: int, stake: _Stake, wrongful: bool) -> None:
    """Let one sanction take effect, write it down, and open its case."""
    restitution = 0
    until = NEVER if one.days == WITHOUT_END else market.day + one.days
    if one.kind in {"delist", "close"}:
        listing = WHOLE_SHOP if one.kind == "close" else one.listing
        delist(market, one.merchant, listing, until)
    elif one.kind == "demote":
        demote(market, one.merchant, one.cut, until)
    elif one.kind == "fine":
        collect_fine(market, one.merchant, one.fine)
    elif one.kind == "restitution":
        restitution = pay_restitution(
            market, one.merchant, one.listing, one.restitution, one.lawful_price
        )
        if restitution == 0:
            return  # nobody has bought it of late
    _remember(market, one, wrongful)
    sales, margin = stake.of(one)
    (row,) = write_down(
        market,
        issuer=Issuer.REGULATOR,
        merchant=one.merchant,
        listing=WHOLE_SHOP if one.kind in {"close", "demote"} else one.listing,
        kind=Measure[one.kind.upper()],
        rule=rule_number(market, one.rule),
        days=one.days if one.kind in {"delist", "close", "demote"} else 0,
        fine=one.fine if one.kind == "fine" else 0,
        level=one.level,
        points=one.points,
        restitution=restitution,
        finding=finding,
        sales=sales,
        margin=margin,
        wrongful=wrongful,
    )
    open_case(market, one, int(row))


def _remember(market: Marketplace, one: Sanction, wrongful: bool) -> None:
    """The record of whom it is against; by the simpler model a culprit is deterred for a while."""
    if one.merchant == PLATFORM:
        market.regulator.platform_level = one.level
        market.regulator.platform_last_offence = market.day
        return
    market.books.sanction_level[one.merchant] = one.level
    market.books.last_offence[one.merchant] = market.day
    if not wrongful and market.settings.merchants.deterrence.model == AFTER_SANCTION:
        deterred = market.day + market.settings.regulator.deterrence_days
        market.merchants[one.merchant].deterred_until = deterred
