"""What exposure of the long tail costs on MovieLens-100k, by a bonus and by a constraint.

python -m benchmarks.fair_exposure
python -m benchmarks.fair_exposure --shares 0.16 --head 0.5

Every rating a positive, a fifth held out; ten items a user. The tail are the items outside the most
popular ones (a fifth of all, by interactions of the training). Every method gives it the same share
of all exposure, sum of 1 / log2(rank + 1), measured in the rankings of the training's users. Gini
and coverage are those of exposure, of all items and within the tail. "difference" is the NDCG less
the first method's of the same model and share, with its 95 % interval over users.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.measuring import report_tables
from benchmarks.movielens import WHERE, find_movielens, read_movielens
from models.array_checks import PADDING_ID
from models.fairness.exposure import BoolArray, group_exposure, item_exposure, long_tail
from models.fairness.reranking import with_share
from models.interactions import Interactions, random_split
from models.ranking_metrics import ndcg_of_users
from models.retrieval.als import Als
from models.retrieval.ease import Ease
from models.retrieval.fair_softmax import FairSoftmax, FairSoftmaxConfig
from models.retrieval.retriever import Retriever
from models.retrieval.softmax_dot import SoftmaxDot, SoftmaxDotConfig

PLACES = 10
EASE_SHARE = 0.87
"""Of the best mixture of expected takes with EASE."""

Ranked = npt.NDArray[np.int32]


def logits_model() -> SoftmaxDot:
    """The network of `fair_softmax`, unconstrained, with its logits as scores."""
    fields = SoftmaxDotConfig.model_fields
    return SoftmaxDot(
        SoftmaxDotConfig.model_validate(FairSoftmaxConfig().model_dump(include=set(fields)))
    )


def unconstrained(**changes: float) -> FairSoftmax:
    """The same with expected takes as scores."""
    config = FairSoftmaxConfig()
    return FairSoftmax(config.model_copy(update={"group_l2": config.l2, "share": 0.0, **changes}))


class Bonus:
    """A model's rankings with a bonus on its scores, as large as a share of exposure needs."""

    def __init__(self, model: Retriever, training: Interactions, tail: BoolArray) -> None:
        model.fit(training, seed=1)
        everyone = np.arange(training.n_users)
        self.scores = model.scores(everyone)
        self.items = np.broadcast_to(np.arange(training.n_items), self.scores.shape).copy()
        self.items[training.matrix().nonzero()] = PADDING_ID  # what a user knows is not shown
        self.tail = np.broadcast_to(tail, self.scores.shape)

    def ranked(self, share: float) -> Ranked:
        """(N, K) rankings of all users."""
        rng = np.random.default_rng(1)
        return with_share(self.items, self.scores, self.tail, PLACES, share, rng).slates


def constrained(training: Interactions, tail: BoolArray, share: float, **changes: float) -> Ranked:
    """(N, K) rankings of the model that is trained for the share."""
    config = FairSoftmaxConfig.model_validate({"share": share, **changes})
    model = FairSoftmax(config, tail)
    model.fit(training, seed=1)
    return model.top_k(np.arange(training.n_users), PLACES)


def described(ranked: Ranked, held_out: Interactions, tail: BoolArray) -> dict[str, float]:
    """What rankings are worth, and who is shown in them."""
    exposure = group_exposure(item_exposure(ranked, held_out.n_items), tail)
    return {
        "tail_exposure": round(exposure.share, 4),
        "ndcg": round(float(np.nanmean(ndcg_of_users(ranked, held_out))), 4),
        "gini": round(exposure.gini, 3),
        "coverage": round(exposure.coverage, 3),
        "tail_gini": round(exposure.group_gini, 3),
        "tail_coverage": round(exposure.group_coverage, 3),
    }


def rows(
    training: Interactions, held_out: Interactions, shares: list[float], head: float
) -> Iterator[dict[str, Any]]:
    """A row a method and share; 0 leaves the rankings as they are."""
    tail = long_tail(training.popularity(), head)
    bonuses = {
        "EASE": ("bonus on scores", Bonus(Ease(), training, tail)),
        "iALS": ("bonus on scores", Bonus(Als(), training, tail)),
        "softmax": ("bonus on logits", Bonus(logits_model(), training, tail)),
        "softmax, takes": ("bonus on expected takes", Bonus(unconstrained(), training, tail)),
        "softmax and EASE": (
            "bonus on expected takes",
            Bonus(unconstrained(ease_share=EASE_SHARE), training, tail),
        ),
    }
    trained = {"softmax, takes": 0.0, "softmax and EASE": EASE_SHARE}
    for share in [0.0, *shares]:
        for model, (method, bonus) in bonuses.items():
            ranked = bonus.ranked(share)
            row = {"model": model, "method": method if share else "none"}
            yield {**row, **described(ranked, held_out, tail)}
            if model not in trained:
                continue
            fair = constrained(training, tail, share, ease_share=trained[model])
            yield {
                "model": model,
                "method": "constraint in training",
                **described(fair, held_out, tail),
                "difference": _difference(fair, ranked, held_out),
            }


def _difference(ours: Ranked, theirs: Ranked, held_out: Interactions) -> str:
    """Mean difference of users' NDCG and half its 95 % interval."""
    gain = ndcg_of_users(ours, held_out) - ndcg_of_users(theirs, held_out)
    gain = gain[np.isfinite(gain)]
    return f"{gain.mean():+.4f} ± {1.96 * gain.std(ddof=1) / len(gain) ** 0.5:.4f}"


def main() -> None:
    """Measure, print, and write where asked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--shares", nargs="+", type=float, default=[0.16, 0.28])
    parser.add_argument("--head", type=float, default=0.2, help="share of items outside the tail")
    parser.add_argument("--json", type=Path, help="file for the result")
    arguments = parser.parse_args()
    path = find_movielens()
    if path is None:
        raise SystemExit(WHERE)
    training, held_out = random_split(read_movielens(path), 0.2, 42)
    result = list(rows(training, held_out, arguments.shares, arguments.head))
    report_tables({"benchmark": "fair_exposure", "movielens": result}, arguments.json)


if __name__ == "__main__":
    main()
