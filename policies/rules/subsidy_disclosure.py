"""Disclosure of subsidies: what a campaign's page tells, and whether it holds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from pydantic import Field

from policies.observations import (
    NO_LISTING,
    NOT_SHOWN,
    PLATFORM,
    CampaignNotice,
    CampaignRecord,
    Finding,
    InspectionObservation,
)
from policies.params import PolicyParams


class SubsidyDisclosure:
    """Campaigns of the platform that do not tell what they must, or announce more than there is.

    The page of a campaign must show its recipients, method, conditions, first and last day and its
    total (grade A where one is missing). The announced total may not exceed what is set aside for
    it (A), and at the campaign's end at least `min_paid` of it must have been paid (B: demand may
    have fallen short). A campaign that has not ended need not have paid it yet; one that ended more
    than `memory_days` ago is looked at no more.

    The gain is the sum announced but not there; a page that is silent gains no sum that could be
    told.

    Source: China's Internet Platform Pricing Behaviour Rules (issued 20 December 2025, in force 10
    April 2026): pages show recipients, method, conditions, start and end; no false or exaggerated
    amounts. The total and the shares are proposals.
    """

    family: ClassVar[str] = "rule"
    name: ClassVar[str] = "subsidy_disclosure"

    class Params(PolicyParams):
        """Thresholds of the rule."""

        max_announced: float = Field(
            1.0, ge=0.0, le=100.0, description="largest announced total, share of what is set aside"
        )
        min_paid: float = Field(
            0.9,
            ge=0.0,
            le=1.0,
            description="smallest sum paid at a campaign's end, share of what it announced",
        )
        memory_days: int = Field(
            30, ge=0, le=1000, description="days after its end in which a campaign is looked at"
        )

    def __init__(self, params: Params) -> None:
        self.params = params

    def inspect(self, observation: InspectionObservation) -> list[Finding]:
        """Findings against the platform, by campaign."""
        return [
            Finding(self.name, NO_LISTING, PLATFORM, grade, round(gain), evidence)
            for one in observation.platform.campaigns.campaigns
            if not one.ended or observation.day - one.last_day <= self.params.memory_days
            for grade, gain, evidence in self._breaches(one)
        ]

    def _breaches(self, one: CampaignRecord) -> Iterator[tuple[str, float, str]]:
        silent = missing(one.notice)
        if silent:
            yield (
                "A",
                0.0,
                f"The page of campaign {one.name!r} does not show its {', '.join(silent)}.",
            )
        announced = one.notice.total
        if announced == NOT_SHOWN:
            return
        if one.funded >= 0 and announced > self.params.max_announced * one.funded:
            yield (
                "A",
                announced - self.params.max_announced * one.funded,
                (
                    f"Campaign {one.name!r} announces {announced / 100:,.2f}; "
                    f"{one.funded / 100:,.2f} are set aside for it."
                ),
            )
        if one.ended and one.paid < self.params.min_paid * announced:
            yield (
                "B",
                self.params.min_paid * announced - one.paid,
                (
                    f"Campaign {one.name!r} announced {announced / 100:,.2f} and paid "
                    f"{one.paid / 100:,.2f} until its end, {one.paid / announced:.0%}."
                ),
            )


def missing(notice: CampaignNotice) -> tuple[str, ...]:
    """What a campaign's page must show and does not."""
    shown = {
        "recipients": notice.recipients != "",
        "method": notice.method != "",
        "conditions": notice.conditions != "",
        "start": notice.start != NOT_SHOWN,
        "end": notice.end != NOT_SHOWN,
        "total": notice.total != NOT_SHOWN,
    }
    return tuple(name for name, told in shown.items() if not told)
