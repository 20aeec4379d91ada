"""A guaranteed share of exposure for a group, at the least loss to the consumers."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from models.fairness.exposure import position_exposure
from models.fairness.reranking import with_share
from policies.arrays import BoolArray, IntArray
from policies.observations import RerankingObservation
from policies.reranking.groups import GroupParams, consumer_groups, favoured, in_group, utilities


class ExposureShare:
    """Gives a group's listings a share of the exposure of the day's slates.

    One multiplier for all sessions, the smallest that suffices, is added to the group's scores, so
    that the share is given in those sessions in which it costs least. The share is a number, or
    the group's share of the listings (demographic parity), or that of the units it sold of late
    (equal treatment by merit). Where candidates do not allow it, it is approached: raise `depth`.

    Source: Singh & Joachims (2018), KDD; the dual over many users: Xu et al. (2023), "P-MMF", WWW;
    over many days: Biega, Gummadi & Weikum (2018), SIGIR.
    """

    family: ClassVar[str] = "reranking"
    name: ClassVar[str] = "exposure_share"

    class Params(GroupParams):
        """Whom to favour, and how much of the exposure is theirs."""

        goal: Literal["share", "parity", "merit"] = Field(
            "share",
            description="what the group is to have: a share of the exposure that is set here, its "
            "share of the listings on sale, or its share of the units sold of late",
        )
        share: float = Field(
            0.5, ge=0.0, le=1.0, description="the share, where the goal is a share"
        )
        over: Literal["day", "weeks"] = Field(
            "day",
            description="day: in the slates of every day; weeks: amortised, so that what it had of "
            "all pages in the last weeks is made up for",
        )
        consumers: Literal["together", "each_group"] = Field(
            "together",
            description="together: in the slates of all consumers taken together; each_group: in "
            "those of newcomers, of occasional and of regular buyers alike, so that none bears it "
            "alone",
        )

    def __init__(self, params: Params) -> None:
        self.params = params

    @property
    def depth(self) -> int:
        """Slates' worth of candidates."""
        return self.params.depth

    def rerank(self, observation: RerankingObservation) -> IntArray:
        """(S, K) slates in which the group has its share."""
        candidates, places = observation.candidates, observation.slate_size
        group, worth = favoured(self.params, observation), utilities(observation)
        share = self._share(observation)
        rng = np.random.Generator(np.random.Philox(key=observation.seed))
        slates = np.full((len(candidates), places), -1, dtype=np.int32)
        parts = np.zeros(len(candidates), dtype=np.int64)
        if self.params.consumers == "each_group":
            parts = consumer_groups(observation.sessions)
        for part in np.unique(parts):
            rows = np.flatnonzero(parts == part)
            slates[rows] = with_share(
                candidates[rows], worth[rows], group[rows], places, share, rng
            ).slates
        return slates

    def _share(self, observation: RerankingObservation) -> float:
        """Of today's exposure."""
        member, listings = in_group(self.params, observation.listings), observation.listings
        share = self.params.share
        if self.params.goal == "parity":
            share = _part(member & listings.on_sale, listings.on_sale.astype(np.float64))
        elif self.params.goal == "merit":
            share = _part(member & listings.on_sale, listings.sold_recently * listings.on_sale)
        if self.params.over == "day":
            return share
        filled = (observation.candidates >= 0).sum(axis=1).clip(max=observation.slate_size)
        attention = np.append(0.0, np.cumsum(position_exposure(np.arange(observation.slate_size))))
        today = float(attention[filled].sum())
        before = observation.exposure_recently
        wanted = share * (float(before.sum()) + today) - float(before[member].sum())
        return float(np.clip(wanted / today, 0.0, 1.0)) if today > 0 else share


def _part(member: BoolArray, amounts: np.ndarray) -> float:
    """The members' part of some amounts; 0 where there are none."""
    total = float(amounts.sum())
    return float(amounts[member].sum()) / total if total > 0 else 0.0
