"""What sanctions are decided on, and a decision."""

from __future__ import annotations

from dataclasses import dataclass

from policies.arrays import IntArray
from policies.observations.regulation import Finding

NEW, RUNNING, UNCURED = 0, 1, 2
"""A finding without an open case; one whose case still runs (time to cure, or off sale); one that
was found again when the time to cure, or the ban, had run out."""

WITHOUT_END = -1
"""Days of a delisting that lasts until it is fixed, and of a shop that is closed for ever."""


@dataclass(frozen=True, slots=True)
class SanctionRecord:
    """The regulator's sanctions so far that were not overturned, oldest first. n rows."""

    day: IntArray  # (n,)
    merchant: IntArray  # (n,) PLATFORM: the platform
    rule: IntArray  # (n,) number of the rule in `rules`
    level: IntArray  # (n,) rung afterwards
    points: IntArray  # (n,)
    restitution: IntArray  # (n,) cents that buyers got back
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SanctionObservation:
    """Handed to the sanctions policy: today's findings and each merchant's record."""

    day: int
    findings: tuple[Finding, ...]
    level: IntArray  # (M,) rung of the ladder after the last sanction; 0: clean record
    last_offence: IntArray  # (M,) day of the last sanction, -1 if none
    stage: IntArray  # (F,) NEW, RUNNING or UNCURED, a finding each
    record: SanctionRecord
    unpaid: IntArray  # (M,) cents of restitution that the merchant's account did not cover
    platform_level: int  # the platform's own rung
    platform_last_offence: int  # day of its last sanction, -1 if none
    gmv_recently: float  # cents a day on the platform, exponentially weighted


@dataclass(frozen=True, slots=True)
class Sanction:
    """One decision against a merchant, or with PLATFORM against the platform."""

    merchant: int
    listing: int  # -1: the whole shop
    kind: str  # "remind", "delist", "demote", "restitution", "fine", "close"
    rule: str
    days: int  # how long a delisting, demotion or closure lasts, or WITHOUT_END; 0 otherwise
    fine: int  # cents; 0 otherwise
    level: int  # the merchant's rung afterwards
    evidence: str
    points: int = 0  # that it adds to the merchant's record
    restitution: int = 0  # cents that buyers of the listing get back, at most
    lawful_price: int | None = None  # cents above which they overpaid; None: not known
    cut: float = 0.0  # share of its places in slates and results that a demoted shop loses
    look_again: int = 1  # days until the listing is inspected again, while a case is open
