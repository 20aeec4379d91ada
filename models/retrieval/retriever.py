"""What all retrieval models share: trained on a log, asked for scores and for the best k.

A model scores users by number, from what it learned, or histories that it is handed: what a
visitor does between two trainings changes what she is shown at once, and someone whom no training
has seen is not a stranger once she has taken something.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt
import torch
from pydantic import BaseModel, ValidationError
from torch import Tensor

from models.array_checks import (
    PADDING_ID,
    IdArray,
    check_count,
    checked_ids,
)
from models.compression import CompressionError, compressed, decompressed, size_of
from models.histories import Histories
from models.interactions import Interactions
from models.product_top_k import top_k_by_product
from models.reproducible import reproducible_torch
from models.top_k import top_k_by_score
from models.training.descent import ALONE
from models.training.fitting import Fitting, Watch, device_named
from models.training.processes import Processes
from models.training.shards import ShardedLog, ShardError
from models.weight_files import ModelFileError, check_shapes, read_weights, write_weights

SCORES_A_BLOCK = 4_000_000
"""Scores held at a time, so that no users-by-items matrix is ever stored."""

FORMAT = 1
"""Of the files that hold trained models."""

_LARGE_POOL = 4096
"""Items from which on models of vectors rank by the sieve of `top_k_by_product`."""

_HEADER_KEY = "weal_retriever"
UNTRAINED = "the model was not trained yet: call fit first"

_STARTS, _ITEMS = "history.starts", "history.items"

ScoreArray = npt.NDArray[np.float32]


class TrainingRefusedError(ValueError):
    """A log or settings that a model cannot be trained with."""


@dataclass(frozen=True, slots=True)
class FitReport:
    """What one training did."""

    events: int  # rows of the log
    passes: int  # over the log; 1 for a closed form
    losses: tuple[float, ...] = ()  # one a pass, of the model's own objective; empty: closed form
    validation: tuple[float, ...] = ()  # one a pass, on what was held out; empty: nothing was


@dataclass(frozen=True, slots=True)
class Vectors:
    """A model's scores as dot products."""

    users: Tensor  # (U, d) float32
    items: Tensor  # (M, d) float32
    bias: Tensor | None = None  # (M,) float32


class Retriever(ABC):
    """A model that ranks items for users. Subclasses learn in `_fit` and score in `_scores`."""

    name: ClassVar[str]  # of the kind of model, and of its file
    Config: ClassVar[type[BaseModel]]

    def __init__(self, config: BaseModel) -> None:
        self._settings = config
        self._histories: Histories | None = None

    def fit(
        self,
        log: Interactions,
        *,
        seed: int = 0,
        warm: bool = False,
        passes: int | None = None,
        watch: Watch | None = None,
        device: str = "cpu",
    ) -> FitReport:
        """Train on a log.

        Args:
            log: at least one event.
            seed: of all that the training draws.
            warm: go on from what was learned before, if anything was. Users and items keep their
                ids; new ones come after them. Closed forms have nothing to go on from.
            passes: over the log at most; absent: as the model's settings say.
            watch: is told after every pass what it came to.
            device: where the training computes: cpu, cuda, mps, or auto for the fastest there is.
                What was learned comes back to the processor. Elsewhere than there, one seed gives
                the same model up to rounding only.

        Raises:
            ValueError: if the log is empty, if a warm start would lose users or items, or if there
                is no such device.
            FloatingPointError: if the training diverges.
        """
        if len(log) == 0:
            raise TrainingRefusedError("log: at least one event is needed")
        if passes is not None:
            check_count("passes", passes, lower=1)
        going_on = warm and self._histories is not None
        if going_on:
            self._check_grown(log)
        report = self._fit(log, Fitting(seed, going_on, passes, watch, device_named(device)))
        self._histories = Histories.of_log(log)
        return report

    def fit_shards(
        self,
        log: ShardedLog,
        *,
        seed: int = 0,
        warm: bool = False,
        passes: int | None = None,
        watch: Watch | None = None,
        device: str = "cpu",
        processes: Processes = ALONE,
    ) -> FitReport:
        """Train on a log that is read a row group at a time; the log is never held as a whole.

        The model keeps no histories of it: hand them to `scores` and `top_k`, or nothing that a
        user knows is left out.

        Args:
            log: in Parquet.
            seed: of all that the training draws.
            warm: as in `fit`.
            passes: as in `fit`.
            watch: as in `fit`.
            device: as in `fit`.
            processes: that train together, each with all of these arguments alike.

        Raises:
            ValueError: as `fit`, or if this kind of model needs the whole log.
            FloatingPointError: if the training diverges.
        """
        if passes is not None:
            check_count("passes", passes, lower=1)
        going_on = warm and self._histories is not None
        if going_on:
            self._check_grown(log)
        how = Fitting(seed, going_on, passes, watch, device_named(device))
        report = self._fit_shards(log, how, processes)
        nothing = np.empty(0, dtype=np.int64)
        self._histories = Histories(np.zeros(log.n_users + 1, dtype=np.int64), nothing, log.n_items)
        return report

    @property
    def n_items(self) -> int:
        """Items of the last training."""
        return self._known().n_items

    @property
    def n_users(self) -> int:
        """Users of the last training."""
        return len(self._known())

    def scores(
        self,
        users: npt.ArrayLike,
        items: npt.ArrayLike | None = None,
        *,
        histories: Histories | None = None,
    ) -> ScoreArray:
        """Score items for users; higher is better, and only within a user.

        Args:
            users: (U,) user ids; one that no training has seen is scored as a newcomer.
            items: (I,) item ids; absent: all of the training.
            histories: U rows, what each has taken by now; absent: in the training.

        Returns:
            (U, I) float32.

        Raises:
            ValueError: if it was not trained, or ids or shapes are not allowed.
        """
        ids = checked_ids("users", users)
        pool = np.arange(self.n_items) if items is None else checked_ids("items", items)
        self._check_pool("items", pool)
        own = self._known().rows(ids) if histories is None else self._checked(histories, len(ids))
        return self._scores(ids, pool, own)

    def top_k(
        self,
        users: npt.ArrayLike,
        k: int,
        *,
        candidates: npt.ArrayLike | None = None,
        histories: Histories | None = None,
        exclude_known: bool = True,
        threads: int = 1,
    ) -> npt.NDArray[np.int32]:
        """Rank the k best items for each user.

        Args:
            users: (U,) user ids.
            k: items a user, at least 1.
            candidates: (I,) distinct item ids to choose from; absent: all.
            histories: as in `scores`.
            exclude_known: leave out what is in a user's history.
            threads: that share the users out, in models of vectors and large pools; the result is
                the same.

        Returns:
            (U, k) int32 item ids, best first, ties by the smaller id, -1 padded.

        Raises:
            ValueError: as `scores`, or if a candidate is named twice.
        """
        check_count("k", k, lower=1)
        ids = checked_ids("users", users)
        pool = self._pool(candidates)
        own = self._known().rows(ids) if histories is None else self._checked(histories, len(ids))
        vectors = self._vectors(ids, own) if len(pool) >= _LARGE_POOL else None
        if vectors is not None:
            return self._top_k_of_vectors(vectors, pool, own if exclude_known else None, k, threads)
        best = np.full((len(ids), k), PADDING_ID, dtype=np.int32)
        a_block = max(SCORES_A_BLOCK // max(len(pool), 1), 1)
        for start in range(0, len(ids) if len(pool) else 0, a_block):
            block = slice(start, start + a_block)
            theirs = own.rows(np.arange(start, min(start + a_block, len(ids))))
            scores = self._scores(ids[block], pool, theirs)
            if exclude_known:
                scores[_known_places(theirs, pool)] = -np.inf
            place = top_k_by_score(scores, k)
            best[block] = np.where(place >= 0, pool[place], PADDING_ID)
        return best

    def _vectors(self, users: IdArray, histories: Histories) -> Vectors | None:
        """Vectors whose dot products are the scores; None where a model has none."""
        return None

    def _top_k_of_vectors(
        self, vectors: Vectors, pool: IdArray, known: Histories | None, k: int, threads: int
    ) -> npt.NDArray[np.int32]:
        whole = len(pool) == self.n_items
        rows = torch.from_numpy(pool)
        if known is not None and not whole:
            known = known.among(pool)
        with reproducible_torch():
            place = top_k_by_product(
                vectors.users,
                vectors.items if whole else vectors.items[rows],
                k,
                bias=None if vectors.bias is None else vectors.bias[rows],
                known=known,
                threads=threads,
            )
        return np.where(place >= 0, pool[place], PADDING_ID).astype(np.int32)

    def save(self, folder: Path, *, int8: bool = False) -> Path:
        """Write weights, settings and histories as one file into a folder, whole or not at all.

        Args:
            folder: is made if missing; an older file of this kind of model is replaced.
            int8: keep tables as 8-bit numbers, in about a quarter of their bytes; what is loaded
                ranks a little differently.

        Returns:
            The safetensors file; its header holds the settings as JSON. Same model, same bytes.

        Raises:
            ValueError: if it was not trained.
            OSError: if the file cannot be written.
        """
        known = self._known()
        header = {
            "format": FORMAT,
            "name": self.name,
            "config": self.config_used(),
            "n_users": len(known),
            "n_items": known.n_items,
        }
        if int8:
            header["int8"] = True
        tensors = {
            **(compressed(self._state()) if int8 else self._state()),
            _STARTS: torch.from_numpy(known.starts),
            _ITEMS: torch.from_numpy(known.items),
        }
        return write_weights(self._path(folder), tensors, _HEADER_KEY, header)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote; it scores as the saved one would.

        Raises:
            ModelFileError: if the file is missing, damaged, or not of this kind and format.
        """
        path = cls._path(folder)
        tensors, header = read_weights(path, _HEADER_KEY, cls.__name__, FORMAT)
        if header.get("name") != cls.name:
            raise ModelFileError(f"{path}: holds a {header.get('name')!r}, not a {cls.name!r}")
        try:
            config = cls.Config.model_validate(header.get("config"))
        except ValidationError as error:
            raise ModelFileError(f"{path}: its settings are not valid: {error}") from error
        model = cls(config)
        histories = _read_histories(path, tensors, header)
        if header.get("int8"):
            try:
                tensors = decompressed(tensors)
            except CompressionError as error:
                raise ModelFileError(f"{path}: {error}") from error
        check_shapes(path, tensors, model._blank(len(histories), histories.n_items))
        model._restore(tensors)
        model._histories = histories
        return model

    def config_used(self) -> dict[str, Any]:
        """Return the model's settings as JSON has them."""
        return self._settings.model_dump(mode="json")

    def weight_bytes(self, *, int8: bool = False) -> int:
        """Return how many bytes the weights take on disk, histories apart.

        Args:
            int8: as `save` has it.
        """
        return size_of(compressed(self._state()) if int8 else self._state())

    @classmethod
    def _path(cls, folder: Path) -> Path:
        return folder / f"{cls.name}.safetensors"

    @abstractmethod
    def _state(self) -> dict[str, Tensor]:
        """What was learned, by name."""

    @abstractmethod
    def _blank(self, n_users: int, n_items: int) -> Mapping[str, Tensor]:
        """Tensors of the names, shapes and types of `_state`."""

    @abstractmethod
    def _restore(self, state: Mapping[str, Tensor]) -> None:
        """Take over what `_state` told."""

    @abstractmethod
    def _fit(self, log: Interactions, how: Fitting) -> FitReport:
        """Learn from a log that is not empty."""

    def _fit_shards(self, log: ShardedLog, how: Fitting, processes: Processes) -> FitReport:
        """Learn from a log in shards; a model that does overrides this."""
        raise ShardError(f"{self.name}: needs the whole log in memory; bpr and ranking_net do not")

    @abstractmethod
    def _scores(self, users: IdArray, items: IdArray, histories: Histories) -> ScoreArray:
        """(U, I) new scores of checked ids; `histories` has U rows."""

    def _check_grown(self, log: Interactions | ShardedLog) -> None:
        for name, now, before in (
            ("users", log.n_users, self.n_users),
            ("items", log.n_items, self.n_items),
        ):
            if now < before:
                raise TrainingRefusedError(
                    f"log: {now} {name}, but the model knows {before}; a warm start keeps them "
                    f"all: pass n_{name}={before} to Interactions.of, or more"
                )

    def _known(self) -> Histories:
        if self._histories is None:
            raise ValueError(UNTRAINED)
        return self._histories

    def _checked(self, histories: Histories, users: int) -> Histories:
        if (len(histories), histories.n_items) != (users, self.n_items):
            raise ValueError(
                f"histories: {len(histories)} rows over {histories.n_items} items, but there are "
                f"{users} users and {self.n_items} items"
            )
        return histories

    def _pool(self, candidates: npt.ArrayLike | None) -> IdArray:
        if candidates is None:
            return np.arange(self.n_items, dtype=np.int64)
        pool = np.sort(checked_ids("candidates", candidates))
        twice = pool[1:][pool[1:] == pool[:-1]]
        if len(twice):
            raise ValueError(f"candidates: id {int(twice[0])} is named more than once")
        self._check_pool("candidates", pool)
        return pool

    def _check_pool(self, name: str, pool: IdArray) -> None:
        if len(pool) and int(pool.max()) >= self.n_items:
            raise ValueError(
                f"{name}: id {int(pool.max())}, but the training had {self.n_items} items"
            )


def _read_histories(
    path: Path, tensors: dict[str, Tensor], header: Mapping[str, object]
) -> Histories:
    """Take the histories out of a file's tensors."""
    users, items = header.get("n_users"), header.get("n_items")
    try:
        starts = tensors.pop(_STARTS).numpy()
        taken = tensors.pop(_ITEMS).numpy()
    except KeyError as error:
        raise ModelFileError(f"{path}: has no tensor {error.args[0]!r}") from error
    fits = (
        isinstance(items, int)
        and len(starts) - 1 == users
        and starts[0] == 0
        and starts[-1] == len(taken)
        and bool((np.diff(starts) >= 0).all())
        and int(taken.min(initial=0)) >= 0
        and int(taken.max(initial=-1)) < items
    )
    if not fits:
        raise ModelFileError(f"{path}: its histories do not fit {users} users and {items} items")
    assert isinstance(items, int)
    return Histories(starts, taken, items)


def _known_places(histories: Histories, pool: IdArray) -> tuple[IdArray, IdArray]:
    """Rows and columns of an ascending pool where an item is in its user's history."""
    row = np.repeat(np.arange(len(histories)), histories.lengths)
    column = np.searchsorted(pool, histories.items)
    inside = pool[np.minimum(column, len(pool) - 1)] == histories.items
    return row[inside], column[inside]
