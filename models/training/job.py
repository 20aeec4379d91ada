"""A training from a file to a figure: read the log, train, hold the ranking against what is kept.

A random share of the (user, item) pairs is held out from all training. Ranked are all items but
those of a user's training, for the users who have held-out pairs, or some of them drawn at random.
Popularity's ranking stands beside: a model that does not beat it has learned nothing about people.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel

from models.array_checks import IdArray
from models.histories import Histories
from models.interactions import Interactions
from models.ranking_metrics import RankingQuality, ranking_quality
from models.retrieval.retriever import FitReport, Retriever
from models.top_k import top_k_by_score
from models.training.descent import ALONE
from models.training.fitting import Watch
from models.training.processes import Processes
from models.training.shards import ShardedLog

PLACES = 10

FloatRows = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What a ranking is held against."""

    users: IdArray  # (U,) those who are asked
    histories: Histories  # U rows of what they took in the training
    held_out: Interactions  # of users 0 to U
    popular: FloatRows  # (M,) events of each item in the training

    @classmethod
    def of(cls, log: ShardedLog, at_most: int, seed: int) -> Evaluation | None:
        """Read what is held out of a log; None if nothing is.

        Args:
            log: a share of whose pairs is held out.
            at_most: users to ask.
            seed: of whom.
        """
        users = log.users_held_out(at_most, seed)
        if len(users) == 0:
            return None
        histories, held_out = log.of_users(users)
        return cls(users, histories, held_out, log.events_of_item.astype(np.float32))

    def judge(self, model: Retriever) -> RankingQuality:
        """Return how well a model ranks what was held out."""
        ranked = model.top_k(self.users, PLACES, histories=self.histories)
        return ranking_quality(ranked, self.held_out)

    def popularity(self) -> RankingQuality:
        """Return how well the most popular items are ranked, those left out that a user knows."""
        longest = int(self.histories.lengths.max(initial=0))
        most = top_k_by_score(self.popular[None], min(len(self.popular), PLACES + longest))[0]
        ranked = np.full((len(self.users), PLACES), -1, dtype=np.int64)
        for row in range(len(self.users)):
            known = self.histories.items[
                self.histories.starts[row] : self.histories.starts[row + 1]
            ]
            new = most[~np.isin(most, known)][:PLACES]
            ranked[row, : len(new)] = new
        return ranking_quality(ranked, self.held_out)


@dataclass(frozen=True, slots=True)
class TrainingJob:
    """What is to be trained, and how."""

    kind: type[Retriever]
    config: BaseModel
    in_shards: bool = False  # a row group at a time; otherwise the log is held in memory
    seed: int = 0
    passes: int | None = None
    device: str = "cpu"
    start: Path | None = None  # a folder with a model of this kind to go on from
    evaluated_users: int = 5_000


@dataclass(frozen=True, slots=True)
class Trained:
    """A trained model and what is known about it."""

    model: Retriever
    report: FitReport
    quality: RankingQuality | None  # None: nothing was held out, or another process leads
    popularity: RankingQuality | None
    quality_int8: RankingQuality | None = None

    def figures(self) -> dict[str, Any]:
        """Return the figures of the rankings by name."""
        told: dict[str, Any] = {}
        for name, quality in (
            ("model", self.quality),
            ("int8", self.quality_int8),
            ("popularity", self.popularity),
        ):
            if quality is not None:
                told[name] = {
                    "ndcg": quality.ndcg,
                    "recall": quality.recall,
                    "hit_rate": quality.hit_rate,
                    "coverage": quality.coverage,
                }
        return told


def train_and_judge(
    job: TrainingJob,
    log: ShardedLog,
    *,
    watch: Watch | None = None,
    processes: Processes = ALONE,
    folder_for_int8: Path | None = None,
) -> Trained:
    """Train a model and hold it against what the log holds out.

    Args:
        job: what to train.
        log: the log.
        watch: is told every pass.
        processes: that train together.
        folder_for_int8: where the model is written with 8-bit tables, and judged as it is read
            back; absent: neither.

    Raises:
        ValueError: if the log or the settings do not suit the model.
        FloatingPointError: if the training diverges.
    """
    model = job.kind.load(job.start) if job.start is not None else job.kind(job.config)
    warm = job.start is not None
    if warm:
        log.make_room(model.n_users, model.n_items)
    if job.in_shards:
        report = model.fit_shards(
            log,
            seed=job.seed,
            warm=warm,
            passes=job.passes,
            watch=watch,
            device=job.device,
            processes=processes,
        )
    else:
        report = model.fit(
            log.whole(),
            seed=job.seed,
            warm=warm,
            passes=job.passes,
            watch=watch,
            device=job.device,
        )
    if not processes.leads:
        return Trained(model, report, None, None)
    evaluation = Evaluation.of(log, job.evaluated_users, job.seed)
    if folder_for_int8 is not None:
        model.save(folder_for_int8, int8=True)
    if evaluation is None:
        return Trained(model, report, None, None)
    return Trained(
        model,
        report,
        evaluation.judge(model),
        evaluation.popularity(),
        evaluation.judge(job.kind.load(folder_for_int8)) if folder_for_int8 else None,
    )
