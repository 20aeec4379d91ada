"""Parity: clauses against lower prices elsewhere, and prices made to follow another platform's."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from pydantic import Field

from policies.arrays import IntArray
from policies.observations import NO_LISTING, PLATFORM, Finding, InspectionObservation
from policies.params import PolicyParams


class Parity:
    """A parity clause in the platform's contracts, or prices that it lets follow the rival's.

    A price follows a move of the rival's if it moves the same way, by at least half as much, on the
    same day. Found are listings whose following the platform imposes, once they follow more than
    `follow_ratio` of at least `moves` moves; merchants who opted in, or who follow of their own
    accord, are exempt. No gain is put on it: what the platform earns by it is not on its books.

    Source: Regulation (EU) 2022/1925 (Digital Markets Act), Article 5(3); the Internet Platform
    Pricing Behaviour Rules of China (2025) on cross-channel matching and forced auto-follow.
    """

    family: ClassVar[str] = "rule"
    name: ClassVar[str] = "parity"

    class Params(PolicyParams):
        """Thresholds of the rule."""

        follow_ratio: float = Field(
            0.9,
            ge=0.0,
            le=1.0,
            description="share of the rival's moves that are followed on the same day, above which "
            "imposed following is a breach",
        )
        moves: int = Field(
            2, ge=1, le=60, description="moves of the rival's prices that must have been seen"
        )
        least_move: float = Field(
            0.01,
            ge=0.0001,
            le=0.5,
            description="smallest move of the rival's prices that counts, share of them",
        )
        window: int = Field(
            30, ge=2, le=119, description="days, up to yesterday, whose moves are looked at"
        )

    def __init__(self, params: Params) -> None:
        self.params = params

    def inspect(self, observation: InspectionObservation) -> list[Finding]:
        """Findings of grade A against the platform: the clause, and the imposed following."""
        contracts, found = observation.platform.contracts, []
        if contracts.parity_clause:
            found.append(
                self._finding(
                    "Contracts forbid merchants to sell cheaper elsewhere than on the platform."
                )
            )
        imposed = np.flatnonzero(contracts.follows & ~contracts.opted_in)
        if len(imposed) == 0:
            return found
        rows = np.intersect1d(observation.rows, imposed)
        followed, moves = self._followed(observation, rows)
        ratio = followed / moves if moves else 0.0
        if ratio > self.params.follow_ratio:
            found.append(
                self._finding(
                    f"{len(rows)} listings inspected, whose merchants did not ask for it, follow "
                    f"{ratio:.0%} of the rival's moves of price on the same day."
                )
            )
        return found

    def _followed(self, observation: InspectionObservation, rows: IntArray) -> tuple[int, int]:
        """Pairs of a listing and a move that it followed, and pairs that there were."""
        level = observation.platform.contracts.rival_level[-self.params.window - 1 :]
        price = observation.prices.checkout[-len(level) :] if len(level) else np.empty((0, 0))
        if len(level) < 2 or len(rows) == 0 or len(price) != len(level):
            return 0, 0
        with np.errstate(invalid="ignore", divide="ignore"):
            rival = np.diff(np.log(level))
            own = np.diff(np.log(price[:, rows].astype(np.float64)), axis=0)
        days = np.flatnonzero(np.nan_to_num(np.abs(rival)) >= self.params.least_move)
        if len(days) < self.params.moves:
            return 0, 0
        rival, own = rival[days, None], own[days]
        traded = np.isfinite(own)
        same = traded & (np.sign(own) == np.sign(rival)) & (np.abs(own) >= np.abs(rival) / 2.0)
        return int(same.sum()), int(traded.sum())

    def _finding(self, evidence: str) -> Finding:
        return Finding(
            rule=self.name,
            listing=NO_LISTING,
            merchant=PLATFORM,
            grade="A",
            illegal_gain=0,
            evidence=evidence,
        )
