"""What sanctions are decided on, and a decision."""

from __future__ import annotations

from dataclasses import dataclass

from policies.arrays import IntArray
from policies.observations.regulation import Finding


@dataclass(frozen=True, slots=True)
class SanctionObservation:
    """Handed to the sanctions policy: today's findings and each merchant's record."""

    day: int
    findings: tuple[Finding, ...]
    level: IntArray  # (M,) present rung of the ladder; 0: clean record
    last_offence: IntArray  # (M,) day of the last sanction, -1 if none


@dataclass(frozen=True, slots=True)
class Sanction:
    """One decision against a merchant."""

    merchant: int
    listing: int  # -1: the whole shop
    kind: str  # "remind", "delist", "fine"
    rule: str
    days: int  # how long a delisting lasts; 0 otherwise
    fine: int  # cents; 0 otherwise
    level: int  # the merchant's rung afterwards
    evidence: str
