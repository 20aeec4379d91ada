"""A ladder of sanctions with a memory: notice, delist, delist and demote, fine, close."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby
from typing import ClassVar, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from policies.observations import (
    NO_LISTING,
    PLATFORM,
    RUNNING,
    UNCURED,
    WITHOUT_END,
    Finding,
    Sanction,
    SanctionObservation,
)
from policies.params import PolicyParams

NOTICE, DELIST, DEMOTE, FINE, CLOSE = range(5)
"""The rungs, as `level` counts them: a notice leaves the record clean."""

BUYERS_OVERPAID = frozenset({"false_discount", "discount_base", "gouging", "bait_price"})
"""Rules whose illegal gain is what buyers paid too much; of others, nothing goes back to buyers."""


class Ladder:
    """Notice with a time to cure, delisting until fixed, demotion, fine, closure; with a memory.

    A clean merchant is first told: what it mends in `cure_days` has no further consequence, but it
    is told `notices` times within `decay_days` and no more. Then it climbs: (1) the offers are off
    sale until a new inspection finds them in order; (2) the second time, or at once on clear
    evidence (grade A), they are off sale for `delist_days` and the shop is demoted; (3) the third
    time, or if the restitution of rung 2 stays unpaid, it is fined by its illegal gain; (4) after
    that its shop is closed for a while, and for ever once its points reach `closing_points`. A step
    up follows at the earliest `step_days` after the last, until then further offers found are taken
    off sale until fixed; `decay_days` without a sanction take it a rung down. From rung 1 on, what
    buyers overpaid goes back to them, before the fine is due.

    Findings against the platform are told alike, then fined within a band, a higher one when
    repeated, both in proportion to what is sold on it.

    Source: responsive regulation: Ayres & Braithwaite (1992), "Responsive Regulation", ch. 2. Up to
    five times the illegal income: Price Law of the People's Republic of China, Article 40; the band
    for platforms: Anti-Unfair Competition Law (2025), Article 30. Rungs, days and points are
    proposals in the manner of large platforms' rules for their merchants.
    """

    family: ClassVar[str] = "sanctions"
    name: ClassVar[str] = "ladder"

    class Params(PolicyParams):
        """Parameters of the ladder."""

        weakest_grade: Literal["A", "B", "C"] = Field(
            "B",
            description="weakest evidence acted upon: A clear, B needs context, C a screen only",
        )
        notices: int = Field(
            1,
            ge=0,
            le=1000,
            description="days with a notice, within `decay_days`, that a clean merchant gets "
            "before anything else follows",
        )
        cure_days: int = Field(
            1,
            ge=1,
            le=365,
            description="days after a sanction in which the merchant may mend its ways",
        )
        recheck_days: int = Field(
            1,
            ge=1,
            le=365,
            description="days between two inspections of an offer that is off sale until fixed",
        )
        step_days: int = Field(
            7,
            ge=0,
            le=365,
            description="days after a step up the ladder before which no other follows",
        )
        decay_days: int = Field(
            90,
            ge=1,
            le=3650,
            description="days without a sanction that take a merchant down a rung",
        )
        delist_days: int = Field(
            7, ge=1, le=365, description="days that an offer is delisted on rung 2"
        )
        demotion: float = Field(
            0.3,
            ge=0.0,
            le=1.0,
            description="share of its places in slates and results that a demoted shop loses",
        )
        demotion_days: int = Field(14, ge=0, le=365, description="days that a shop is demoted")
        fine_multiple: float = Field(
            2.0, ge=0.0, le=5.0, description="fine as a multiple of the illegal gain"
        )
        fine_floor: float = Field(
            100.0, ge=0.0, le=1e9, description="smallest fine, currency units"
        )
        fine_cap: float = Field(
            10_000.0, ge=0.0, le=1e9, description="largest fine, currency units"
        )
        pay_days: int = Field(
            7,
            ge=0,
            le=365,
            description="days after which restitution still unpaid on rung 2 leads to a fine",
        )
        closing_days: int = Field(30, ge=1, le=3650, description="days that a shop is closed")
        closing_points: int = Field(
            48, ge=1, le=10_000, description="points at which a shop is closed for ever"
        )
        points_memory: int = Field(
            365, ge=1, le=36_500, description="days after which points no longer count"
        )
        delist_points: int = Field(2, ge=0, le=1000, description="points for rung 1")
        demotion_points: int = Field(12, ge=0, le=1000, description="points for rung 2")
        fine_points: int = Field(12, ge=0, le=1000, description="points for rung 3")
        close_points: int = Field(12, ge=0, le=1000, description="points for rung 4")
        restitution_share: float = Field(
            1.0,
            ge=0.0,
            le=1.0,
            description="share of what buyers overpaid, by the finding, that they get back",
        )
        platform_floor: float = Field(
            50_000.0, ge=0.0, le=1e12, description="smallest fine of the platform, currency units"
        )
        platform_cap: float = Field(
            500_000.0, ge=0.0, le=1e12, description="largest fine of the platform, currency units"
        )
        serious_floor: float = Field(
            500_000.0, ge=0.0, le=1e12, description="smallest repeated fine, currency units"
        )
        serious_cap: float = Field(
            2_000_000.0, ge=0.0, le=1e12, description="largest repeated fine, currency units"
        )
        platform_gmv: float = Field(
            1_000_000.0,
            gt=0.0,
            le=1e12,
            description="sales on the platform, currency units a day, for which its fines are as "
            "set here; they are scaled with what is sold",
        )

        @model_validator(mode="after")
        def _bands_are_bands(self) -> Self:
            for low, high in (
                ("fine_floor", "fine_cap"),
                ("platform_floor", "platform_cap"),
                ("serious_floor", "serious_cap"),
            ):
                least, most = getattr(self, low), getattr(self, high)
                if least > most:
                    raise ValueError(
                        f"{low} = {least:g} lies above {high} = {most:g}; lower the former"
                    )
            return self

    def __init__(self, params: Params) -> None:
        self.params = params

    def sanction(self, observation: SanctionObservation) -> tuple[Sanction, ...]:
        """One step up the ladder at most for each merchant with findings that count."""
        counted = sorted(
            (
                (one, int(stage))
                for one, stage in zip(observation.findings, observation.stage, strict=True)
                if one.grade <= self.params.weakest_grade and stage != RUNNING
            ),
            key=lambda pair: (
                pair[0].merchant,
                pair[0].grade,
                -pair[0].illegal_gain,
                pair[0].listing,
                pair[0].rule,
            ),
        )
        decided: list[Sanction] = []
        for merchant, pairs in groupby(counted, key=lambda pair: pair[0].merchant):
            found = list(pairs)
            findings = [one for one, _ in found]
            uncured = any(stage == UNCURED for _, stage in found)
            if merchant == PLATFORM:
                decided.extend(self._against_platform(observation, findings, uncured))
            else:
                decided.extend(self._against_merchant(observation, merchant, findings, uncured))
        decided.extend(self._for_unpaid(observation, {one.merchant for one in decided}))
        return tuple(decided)

    def _against_merchant(
        self,
        observation: SanctionObservation,
        merchant: int,
        findings: list[Finding],
        uncured: bool,
    ) -> list[Sanction]:
        last = int(observation.last_offence[merchant])
        if last >= 0 and observation.day - last < self.params.cure_days:
            return []
        standing = self._standing(observation.day, int(observation.level[merchant]), last)
        if standing == 0 and not uncured and self._may_be_told(observation, merchant):
            return self._notices(findings)
        if standing > 0 and self._too_soon(observation, merchant):
            return [
                *self._off_sale(findings, standing, WITHOUT_END),
                *self._restitution(findings, standing),
            ]
        rung = min(max(standing + 1, DEMOTE if findings[0].grade == "A" else DELIST), CLOSE)
        return self._step(observation, merchant, findings, rung)

    def _standing(self, day: int, level: int, last: int) -> int:
        """The rung somebody stands on, after what it came down since its last sanction."""
        clean = (day - last) // self.params.decay_days if last >= 0 else 0
        return max(level - clean, 0)

    def _may_be_told(self, observation: SanctionObservation, merchant: int) -> bool:
        """Whether it has not yet had its notices."""
        record = observation.record
        own = (record.merchant == merchant) & (record.level == NOTICE)
        own &= record.day > observation.day - self.params.decay_days
        return len(np.unique(record.day[own])) < self.params.notices

    def _too_soon(self, observation: SanctionObservation, merchant: int) -> bool:
        """Whether the last step up the ladder lies less than `step_days` back."""
        record = observation.record
        own = np.flatnonzero(record.merchant == merchant)
        if len(own) == 0:
            return False
        level, day = record.level[own], record.day[own]
        other = np.flatnonzero(level != level[-1])
        stepped = int(day[other[-1] + 1 if len(other) else 0])
        return observation.day - stepped < self.params.step_days

    def _notices(self, findings: list[Finding]) -> list[Sanction]:
        """A notice for each offer and rule, which the regulator looks at again."""
        told = {(one.listing, one.rule): one for one in reversed(findings)}
        return [
            _against(told[key], "remind", NOTICE, look_again=self.params.cure_days)
            for key in sorted(told)
        ]

    def _off_sale(self, findings: list[Finding], rung: int, days: int) -> list[Sanction]:
        offers = {one.listing: one for one in reversed(findings) if one.listing != NO_LISTING}
        return [
            _against(offers[listing], "delist", rung, days, look_again=self.params.recheck_days)
            for listing in sorted(offers)
        ]

    def _restitution(self, findings: list[Finding], rung: int) -> list[Sanction]:
        """What buyers overpaid goes back to them; the larger gain where two rules found one."""
        owed: dict[int, Finding] = {}
        for one in findings:
            if one.rule in BUYERS_OVERPAID and one.listing != NO_LISTING:
                known = owed.get(one.listing)
                if known is None or one.illegal_gain > known.illegal_gain:
                    owed[one.listing] = one
        amount = {
            listing: round(self.params.restitution_share * max(one.illegal_gain, 0))
            for listing, one in owed.items()
        }
        return [
            _against(owed[listing], "restitution", rung, restitution=amount[listing])
            for listing in sorted(owed)
            if amount[listing] > 0
        ]

    def _step(
        self, observation: SanctionObservation, merchant: int, findings: list[Finding], rung: int
    ) -> list[Sanction]:
        """What belongs to one rung, the restitution first, and the closure that points bring."""
        params, gravest = self.params, findings[0]
        decided = self._restitution(findings, rung)
        if rung == DELIST:
            points = params.delist_points
            own = self._off_sale(findings, rung, WITHOUT_END)
        elif rung == DEMOTE:
            points = params.demotion_points
            own = self._off_sale(findings, rung, params.delist_days)
            if params.demotion_days > 0 and params.demotion > 0:
                own.append(
                    _against(
                        gravest,
                        "demote",
                        rung,
                        params.demotion_days,
                        shop=True,
                        cut=params.demotion,
                    )
                )
        elif rung == FINE:
            points = params.fine_points
            gain = sum(one.illegal_gain for one in findings)
            own = [_against(gravest, "fine", rung, fine=self._fine(gain))]
        else:
            points = params.close_points
            own = [_against(gravest, "close", rung, params.closing_days, shop=True)]
        if not own:  # a finding about no offer in particular, which cannot be taken off sale
            own = [_against(gravest, "remind", rung, look_again=params.cure_days)]
        own[0] = _with_points(own[0], points)
        decided.extend(own)
        if self._points(observation, merchant) + points >= params.closing_points:
            decided = [one for one in decided if one.kind != "close"]
            left = points - sum(one.points for one in decided)
            forever = _against(gravest, "close", rung, WITHOUT_END, shop=True)
            decided.append(_with_points(forever, left))
        return decided

    def _points(self, observation: SanctionObservation, merchant: int) -> int:
        record = observation.record
        own = record.merchant == merchant
        own &= record.day > observation.day - self.params.points_memory
        return int(record.points[own].sum())

    def _fine(self, gain: int) -> int:
        """Cents."""
        params = self.params
        return _within(params.fine_multiple * gain, params.fine_floor, params.fine_cap)

    def _for_unpaid(self, observation: SanctionObservation, decided: set[int]) -> list[Sanction]:
        """Who stands on rung 2 and did not pay what buyers are owed is fined without a finding."""
        params, record = self.params, observation.record
        fined: list[Sanction] = []
        for merchant in np.flatnonzero(observation.unpaid).tolist():
            last = int(observation.last_offence[merchant])
            standing = self._standing(observation.day, int(observation.level[merchant]), last)
            waited = observation.day - last
            if merchant in decided or standing != DEMOTE or waited < params.pay_days:
                continue
            own = (record.merchant == merchant) & (record.restitution > 0)
            rule = record.rules[int(record.rule[np.flatnonzero(own)[-1]])]
            owed = int(observation.unpaid[merchant])
            gravest = Finding(
                rule,
                NO_LISTING,
                merchant,
                "A",
                owed,
                f"Owes buyers {owed / 100:.2f} in restitution {waited} days after the order.",
            )
            fined.extend(self._step(observation, merchant, [gravest], FINE))
        return fined

    def _against_platform(
        self, observation: SanctionObservation, findings: list[Finding], uncured: bool
    ) -> list[Sanction]:
        """A notice first; then a fine within the band, when repeated within the serious one."""
        params, last = self.params, observation.platform_last_offence
        if last >= 0 and observation.day - last < params.cure_days:
            return []
        standing = self._standing(observation.day, observation.platform_level, last)
        if standing == 0 and not uncured and self._may_be_told(observation, PLATFORM):
            return self._notices(findings)
        if standing > 0 and self._too_soon(observation, PLATFORM):
            return []
        scale = observation.gmv_recently / 100.0 / params.platform_gmv
        low, high = (
            (params.serious_floor, params.serious_cap)
            if standing > 0
            else (params.platform_floor, params.platform_cap)
        )
        gain = params.fine_multiple * sum(one.illegal_gain for one in findings)
        amount = _within(gain, low * scale, high * scale)
        return [_against(findings[0], "fine", min(standing + 1, 2), fine=amount)]


def _within(amount: float, floor: float, cap: float) -> int:
    """Cents, between a floor and a cap in currency units."""
    return min(max(round(amount), round(floor * 100)), round(cap * 100))


def _against(
    finding: Finding,
    kind: str,
    rung: int,
    days: int = 0,
    fine: int = 0,
    *,
    shop: bool = False,
    restitution: int = 0,
    cut: float = 0.0,
    look_again: int = 1,
) -> Sanction:
    return Sanction(
        merchant=finding.merchant,
        listing=NO_LISTING if shop else finding.listing,
        kind=kind,
        rule=finding.rule,
        days=days,
        fine=fine,
        level=rung,
        evidence=finding.evidence,
        restitution=restitution,
        lawful_price=finding.lawful_price,
        cut=cut,
        look_again=look_again,
    )


def _with_points(one: Sanction, points: int) -> Sanction:
    return replace(one, points=points)
