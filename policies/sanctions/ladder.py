"""A ladder of sanctions: remind, then delist, then fine."""

from __future__ import annotations

from itertools import groupby
from typing import ClassVar, Literal

from pydantic import Field

from policies.observations import Finding, Sanction, SanctionObservation
from policies.params import PolicyParams

REMIND, DELIST, FINE = 1, 2, 3


class Ladder:
    """Reminds at the first offence, delists the offers at the second, fines at the third and after.

    A merchant climbs one rung at a time, at most once in `cure_days`, and comes down one rung for
    every `decay_days` without a sanction. A fine is a multiple of the illegal gain within limits.

    Source: responsive regulation: Ayres & Braithwaite (1992), "Responsive Regulation", ch. 2. Up to
    five times the illegal income: Price Law of the People's Republic of China, Article 40.
    """

    family: ClassVar[str] = "sanctions"
    name: ClassVar[str] = "ladder"

    class Params(PolicyParams):
        """Parameters of the ladder."""

        weakest_grade: Literal["A", "B", "C"] = Field(
            "B",
            description="weakest evidence acted upon: A clear, B needs context, C a screen only",
        )
        cure_days: int = Field(
            1,
            ge=0,
            le=365,
            description="days after a sanction in which the merchant may mend its ways",
        )
        decay_days: int = Field(
            90,
            ge=1,
            le=3650,
            description="days without a sanction that take a merchant down a rung",
        )
        delist_days: int = Field(7, ge=1, le=365, description="days that an offer is delisted")
        fine_multiple: float = Field(
            2.0, ge=0.0, le=5.0, description="fine as a multiple of the illegal gain"
        )
        fine_floor: float = Field(
            100.0, ge=0.0, le=1e9, description="smallest fine, currency units"
        )
        fine_cap: float = Field(
            10_000.0, ge=0.0, le=1e9, description="largest fine, currency units"
        )

    def __init__(self, params: Params) -> None:
        self.params = params

    def sanction(self, observation: SanctionObservation) -> tuple[Sanction, ...]:
        """One step up the ladder for each merchant with findings that count."""
        counted = sorted(
            (one for one in observation.findings if one.grade <= self.params.weakest_grade),
            key=lambda one: (one.merchant, one.grade, -one.illegal_gain, one.listing),
        )
        decided: list[Sanction] = []
        for merchant, findings in groupby(counted, key=lambda one: one.merchant):
            last = int(observation.last_offence[merchant])
            if last >= 0 and observation.day - last <= self.params.cure_days:
                continue
            rung = min(self._standing(observation, merchant) + 1, FINE)
            decided.extend(self._decide(list(findings), rung))
        return tuple(decided)

    def _standing(self, observation: SanctionObservation, merchant: int) -> int:
        """The rung a merchant stands on, after what it came down since its last sanction."""
        last = int(observation.last_offence[merchant])
        clean = (observation.day - last) // self.params.decay_days if last >= 0 else 0
        return max(int(observation.level[merchant]) - clean, 0)

    def _decide(self, findings: list[Finding], rung: int) -> list[Sanction]:
        """Sanctions for one merchant's findings, the gravest first."""
        gravest = findings[0]
        if rung == REMIND:
            return [_against(gravest, "remind", rung)]
        if rung == DELIST:
            offers = {one.listing: one for one in reversed(findings)}
            return [
                _against(offers[listing], "delist", rung, days=self.params.delist_days)
                for listing in sorted(offers)
            ]
        gain = sum(one.illegal_gain for one in findings)
        return [_against(gravest, "fine", rung, fine=self._fine(gain))]

    def _fine(self, gain: int) -> int:
        """Cents."""
        params = self.params
        floor, cap = round(params.fine_floor * 100), round(params.fine_cap * 100)
        return min(max(round(params.fine_multiple * gain), floor), cap)


def _against(finding: Finding, kind: str, rung: int, days: int = 0, fine: int = 0) -> Sanction:
    return Sanction(
        merchant=finding.merchant,
        listing=finding.listing,
        kind=kind,
        rule=finding.rule,
        days=days,
        fine=fine,
        level=rung,
        evidence=finding.evidence,
    )
