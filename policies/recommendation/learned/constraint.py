"""The constraint of exposure under which a model is trained: which listings, and what share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from policies.observations import ListingsView
from policies.reranking.groups import GroupParams, in_group

if TYPE_CHECKING:
    from models.retrieval.fair_softmax import FairSoftmax

FairGroup = Literal["small_merchants", "long_tail"]


@dataclass(frozen=True, slots=True)
class Constraint:
    """A group of listings, as re-rankings know them, and its share of the exposure of slates."""

    group: FairGroup = "small_merchants"
    share: float = 0.0

    def put_on(self, model: FairSoftmax, listings: ListingsView) -> None:
        """Tell a model before its training which listings there are in the group.

        Slates hold one category: the share is met in rankings of one.
        """
        model.group = in_group(GroupParams(group=self.group), listings)
        model.pools = listings.category
        model.config = model.config.model_copy(update={"share": self.share})
