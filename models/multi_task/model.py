"""The multi-task model as its users see it: fit, predict, save, load."""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt
import torch
from pydantic import ValidationError
from torch import Tensor

from models.array_checks import FloatArray, IdArray
from models.multi_task.config import MultiTaskConfig
from models.multi_task.network import MultiTaskNetwork, task_losses, weighed
from models.multi_task.rows import Rows
from models.reproducible import reproducible_torch
from models.weight_files import ModelFileError, check_shapes, read_weights, write_weights

FORMAT = 1
"""Of the files that hold trained models."""

FILE = "multi_task.safetensors"
_KEY = "weal_multi_task"
_NOISE_STEP = 5.0
"""How much faster than weights the noises of tasks are learned: they are few and follow."""


@dataclass(frozen=True, slots=True)
class MultiTaskReport:
    """What one training did."""

    rows: int  # that gradients were taken on
    losses: tuple[float, ...]  # one an epoch, of the weighed objective
    validation: tuple[float, ...]  # one an epoch, on rows held out; empty: none were
    best_epoch: int  # whose weights were kept, counted from 1


class MultiTaskModel:
    """Predicts several things of each row by one network."""

    def __init__(self, config: MultiTaskConfig) -> None:
        self.config = config
        self._network: MultiTaskNetwork | None = None
        self._shift: FloatArray = np.empty(0)  # (F,) means of the features
        self._scale: FloatArray = np.empty(0)  # (F,) their standard deviations
        self._level: FloatArray = np.empty(0)  # (T,) means of real labels, 0 for binary ones
        self._spread: FloatArray = np.empty(0)  # (T,) their standard deviations, 1 for binary ones

    def fit(
        self,
        rows: Rows,
        labels: Mapping[str, npt.ArrayLike],
        *,
        n_users: int | None = None,
        n_items: int | None = None,
        seed: int = 0,
    ) -> MultiTaskReport:
        """Train anew.

        Args:
            rows: E rows.
            labels: by the name of each task (E,), nan where a row has none.
            n_users: users that there are; absent: as many as the rows name.
            n_items: items that there are; absent: as many as the rows name.
            seed: of the weights' start, the rows held out and the shuffling.

        Returns:
            What the training did.

        Raises:
            ValueError: if there are no rows, or labels are not those of the tasks.
            FloatingPointError: if the training diverges.
        """
        if len(rows) == 0:
            raise ValueError("rows: at least one row is needed")
        target = self._labels(labels, len(rows))
        self._shift = rows.features.mean(axis=0)
        spread = rows.features.std(axis=0)
        self._scale = np.where(spread > 0, spread, 1.0)
        real = self._real()
        self._level, self._spread = np.zeros(len(real)), np.ones(len(real))
        for task in np.flatnonzero(real):
            known = target[~np.isnan(target[:, task]), task]
            if len(known):
                self._level[task], self._spread[task] = known.mean(), known.std() or 1.0
        target = (target - self._level) / self._spread
        users = _count("n_users", rows.users, n_users)
        items = _count("n_items", rows.items, n_items)
        with reproducible_torch():
            generator = torch.Generator().manual_seed(seed)
            network = MultiTaskNetwork(users, items, rows.features.shape[1], self.config)
            network.draw(generator)
            self._network = network
            report = self._train(network, self._tensors(rows), target, generator)
            network.newcomers_are_the_mean()
        return report

    def predict(self, rows: Rows) -> dict[str, FloatArray]:
        """(E,) by task: probabilities of binary ones, means of real ones.

        Users and items that no training has seen count as the mean of those that were.

        Raises:
            ValueError: if it was not trained, or the rows have other columns than its training.
        """
        network = self._trained()
        if (
            rows.features.shape[1] != len(self._shift)
            or bool(len(rows.users)) != (network.has_users and len(rows) > 0)
            or bool(len(rows.items)) != (network.has_items and len(rows) > 0)
        ):
            raise ValueError("rows: not the columns that the model was trained on")
        with reproducible_torch(), torch.no_grad():
            found = network(*self._tensors(rows))[0].double().numpy()
        real = self._real()
        chance = 0.5 + 0.5 * np.tanh(0.5 * found)
        told = np.where(real, found * self._spread + self._level, chance)
        return {task.name: told[:, place] for place, task in enumerate(self.config.tasks)}

    @property
    def noise(self) -> dict[str, float]:
        """By task the learned sigma: of a real one in units of its labels, else a temperature.

        Raises:
            ValueError: if it was not trained.
        """
        sigma = torch.exp(0.5 * self._trained().noise.detach()).double().numpy() * self._spread
        return {task.name: float(one) for task, one in zip(self.config.tasks, sigma, strict=True)}

    def save(self, folder: Path) -> Path:
        """Write weights and settings as one file into a folder, whole or not at all.

        Raises:
            ValueError: if it was not trained.
            OSError: if the file cannot be written.
        """
        network = self._trained()
        header = {
            "format": FORMAT,
            "config": self.config.model_dump(mode="json"),
            "shape": [len(network.user), len(network.item), len(self._shift)],
        }
        return write_weights(folder / FILE, self._state(network), _KEY, header)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote; it predicts as the saved one would.

        Raises:
            ModelFileError: if the file is missing, damaged, or not of this kind and format.
        """
        path = folder / FILE
        tensors, header = read_weights(path, _KEY, cls.__name__, FORMAT)
        try:
            model = cls(MultiTaskConfig.model_validate(header.get("config")))
            users, items, features = (int(one) for one in header["shape"])
        except (ValidationError, KeyError, TypeError, ValueError) as error:
            raise ModelFileError(f"{path}: its settings are not valid: {error}") from error
        network = MultiTaskNetwork(max(users - 1, 0), max(items - 1, 0), features, model.config)
        model._shift = model._scale = np.zeros(features)
        model._level = model._spread = np.zeros(len(model.config.tasks))
        check_shapes(path, tensors, model._state(network))
        for name in _MOMENTS:
            setattr(model, f"_{name}", tensors.pop(name).numpy())
        network.load_state_dict(tensors)
        model._network = network
        return model

    def _state(self, network: MultiTaskNetwork) -> dict[str, Tensor]:
        moments = {name: torch.from_numpy(getattr(self, f"_{name}")) for name in _MOMENTS}
        return {**network.state_dict(), **moments}

    def _train(
        self,
        network: MultiTaskNetwork,
        rows: tuple[Tensor, Tensor, Tensor],
        labels: FloatArray,
        generator: torch.Generator,
    ) -> MultiTaskReport:
        config = self.config
        target = torch.from_numpy(labels.astype(np.float32))
        real = torch.from_numpy(self._real())
        order = torch.randperm(len(target), generator=generator)
        held = order[: round(config.validation_share * len(target))]
        training = order[len(held) :]
        learns_noise = config.weighting == "uncertainty"
        network.noise.requires_grad_(learns_noise)
        groups: list[dict[str, object]] = [
            {"params": [one for name, one in network.named_parameters() if name != "noise"]}
        ]
        if learns_noise:
            step = min(_NOISE_STEP * config.learning_rate, 0.1)
            groups.append({"params": [network.noise], "lr": step})
        optimizer = torch.optim.Adam(groups, lr=config.learning_rate)

        def loss_of(chosen: Tensor) -> tuple[Tensor, Tensor]:
            picked = (column[chosen] if len(column) else column for column in rows)
            outputs, penalty = network(*picked)
            share = (~torch.isnan(target[chosen])).float().mean(dim=0)
            losses = task_losses(outputs, target[chosen], real)
            return weighed(losses, network.noise, share), penalty

        losses: list[float] = []
        validation: list[float] = []
        best, kept, kept_epoch = math.inf, copy.deepcopy(network.state_dict()), 0
        for epoch in range(1, config.max_epochs + 1):
            total = 0.0
            shuffled = training[torch.randperm(len(training), generator=generator)]
            for chosen in torch.split(shuffled, config.batch_size):
                loss, penalty = loss_of(chosen)
                penalty = penalty + network.shared_weight.square().sum() / len(training)
                optimizer.zero_grad()
                (loss + config.l2 * penalty).backward()  # type: ignore[no-untyped-call]
                optimizer.step()
                total += loss.item() * len(chosen)
            losses.append(total / len(training))
            if not math.isfinite(losses[-1]):
                raise FloatingPointError(
                    f"training diverged in epoch {epoch}: lower learning_rate, now "
                    f"{config.learning_rate:g}"
                )
            if len(held) == 0:
                continue
            with torch.no_grad():
                validation.append(loss_of(held)[0].item())
            if validation[-1] < best:
                best, kept, kept_epoch = validation[-1], copy.deepcopy(network.state_dict()), epoch
            elif epoch - kept_epoch >= config.patience:
                break
        if kept_epoch:
            network.load_state_dict(kept)
        return MultiTaskReport(
            len(training), tuple(losses), tuple(validation), kept_epoch or len(losses)
        )

    def _tensors(self, rows: Rows) -> tuple[Tensor, Tensor, Tensor]:
        network = self._trained()
        features = (rows.features - self._shift) / self._scale
        return (
            torch.from_numpy(np.minimum(rows.users, len(network.user) - 1)),
            torch.from_numpy(np.minimum(rows.items, len(network.item) - 1)),
            torch.from_numpy(features.astype(np.float32)),
        )

    def _labels(self, labels: Mapping[str, npt.ArrayLike], rows: int) -> FloatArray:
        names = [task.name for task in self.config.tasks]
        if set(labels) != set(names):
            raise ValueError(
                f"labels: of {', '.join(sorted(labels)) or 'nothing'}, but the tasks are "
                f"{', '.join(names)}"
            )
        columns = []
        for task in self.config.tasks:
            column = np.asarray(labels[task.name], dtype=np.float64)
            if column.shape != (rows,):
                raise ValueError(f"labels: {task.name} has shape {column.shape}, not ({rows},)")
            known = column[~np.isnan(column)]
            if not np.isfinite(known).all():
                raise ValueError(f"labels: {task.name} holds infinite numbers")
            if task.kind == "binary" and ((known < 0.0) | (known > 1.0)).any():
                raise ValueError(f"labels: {task.name} is binary and must lie in [0, 1]")
            columns.append(column)
        return np.stack(columns, axis=1)

    def _real(self) -> npt.NDArray[np.bool_]:
        return np.array([task.kind == "real" for task in self.config.tasks])

    def _trained(self) -> MultiTaskNetwork:
        if self._network is None:
            raise ValueError("the model was not trained yet: call fit first")
        return self._network


_MOMENTS = ("shift", "scale", "level", "spread")


def _count(name: str, ids: IdArray, count: int | None) -> int:
    """How many users or items the tables hold; 0 without such a column."""
    if len(ids) == 0:
        return 0
    needed = int(ids.max()) + 1
    if count is not None and count < needed:
        raise ValueError(f"{name}: {count}, but the rows name {needed}")
    return needed if count is None else count
