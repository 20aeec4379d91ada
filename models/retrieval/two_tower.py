"""Two towers: what is known of an item decides its place, also before anybody has taken it.

One tower turns an item's features (text and image vectors, category, price) into the vector with
which it is scored and its bias; a second one into what having taken it says of a user. A user is
the normalised sum over what she took. Each item that was taken in training has, beside that, a
part of its own, for what features do not tell. In training this part is left out at random, so
that the towers learn to do without it; an item that nobody has taken yet does without it for good.

Trained as `softmax_dot`: a random part of each history is hidden and found again under a softmax
over the items that somebody took. The others are no negatives: nobody could take them.

Source: Covington, Adams & Sargin (2016), "Deep Neural Networks for YouTube Recommendations",
RecSys (towers and softmax); Volkovs, Yu & Poutanen (2017), "DropoutNet: Addressing Cold Start in
Recommender Systems", NIPS (leaving out what only training can know).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor
from torch.nn import functional

from models.array_checks import FloatArray, IdArray, checked_floats, checked_ids
from models.histories import Histories
from models.interactions import Interactions
from models.reproducible import reproducible_torch
from models.retrieval.retriever import FitReport, Retriever, ScoreArray
from models.retrieval.softmax_dot import normalised
from models.training.adam import Adam
from models.training.descent import Objective, descend, one_pass
from models.training.fitting import Fitting

OWN = ("taken", "item", "bias")
"""Weights of which every item has a row of its own."""


class TwoTowerConfig(BaseModel):
    """How large the towers are and how they are learned."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    features: int = Field(0, ge=0, le=1_000_000, description="numbers told of an item, set by them")
    size: int = Field(64, ge=1, le=2048, description="numbers that describe a user, and an item")
    units: int = Field(64, ge=1, le=4096, description="hidden units of each tower")
    hidden_share: float = Field(
        0.3, ge=0.0, lt=1.0, description="share of a history that is hidden in training"
    )
    own_dropout: float = Field(
        0.5, ge=0.0, le=1.0, description="share of items whose own part is left out of a step"
    )
    feature_dropout: float = Field(
        0.2, ge=0.0, lt=1.0, description="share of features that is left out of a step"
    )
    learning_rate: float = Field(0.003, gt=0.0, le=1.0, description="Adam's step size")
    l2: float = Field(0.3, ge=0.0, le=1e3, description="penalty on items' own squared vectors")
    tower_l2: float = Field(1e-3, ge=0.0, le=1e3, description="penalty on towers' squared weights")
    batch_size: int = Field(128, ge=1, le=100_000, description="users in one gradient step")
    epochs: int = Field(20, ge=1, le=10_000, description="passes over the users")


@dataclass(frozen=True, slots=True)
class Contributions:
    """What scores of pairs are made of: `bias`, and of each item taken a row; they add up."""

    row: IdArray  # (R,) which of the pairs
    taken: IdArray  # (R,) item that the user took
    value: FloatArray  # (R,) what it adds to the score
    bias: FloatArray  # (U,) what the item is worth to anybody


class TwoTower(Retriever):
    """Towers over item features, and histories as users."""

    name = "two_tower"
    Config = TwoTowerConfig

    def __init__(
        self, config: TwoTowerConfig | None = None, features: npt.ArrayLike | None = None
    ) -> None:
        """Set up an untrained model.

        Args:
            config: sizes and steps; `features` in it is set by the features.
            features: (M, F) what is known of each item, also of those that the log does not name;
                numbers of about the same size, such as `item_features` makes them.

        Raises:
            ValueError: if the features are no finite matrix.
        """
        told = None if features is None else _checked(features)
        config = config or TwoTowerConfig()
        if told is not None:
            config = config.model_copy(update={"features": told.shape[1]})
        self.config = config
        super().__init__(config)
        self._features = torch.empty((0, config.features)) if told is None else told
        self._weights: dict[str, Tensor] = {}

    def add_items(self, features: npt.ArrayLike) -> None:
        """Make room for new items, which are placed by their features until the next training.

        Args:
            features: (m, F) of the items that follow the last one.

        Raises:
            ValueError: if it was not trained, or the features are of another width.
        """
        known, more = self._known(), _checked(features)
        if more.shape[1] != self.config.features:
            raise ValueError(
                f"features: {more.shape[1]} an item, but the towers take {self.config.features}"
            )
        self._features = torch.cat([self._features, more])
        for name in ("taken", "item", "bias"):
            old = self._weights[name]
            grown = torch.zeros((len(self._features), *old.shape[1:]))
            grown[: len(old)] = old
            self._weights[name] = grown
        self._histories = Histories(known.starts, known.items, len(self._features))

    def contributions(self, items: npt.ArrayLike, histories: Histories) -> Contributions:
        """Take the score of one item a row apart: its own bias, and what each item taken adds.

        Args:
            items: (U,) an item for each row.
            histories: U rows, what each user has taken by now.

        Raises:
            ValueError: if it was not trained, or ids or shapes are not allowed.
        """
        asked = checked_ids("items", items)
        self._check_pool("items", asked)
        self._checked(histories, len(asked))
        taken = histories.matrix().tocoo()
        with reproducible_torch(), torch.no_grad():
            pool, others = torch.from_numpy(asked), torch.from_numpy(taken.col.astype(np.int64))
            item, bias = _placed(self._features[pool], self._weights, pool)
            said = _said(self._features[others], self._weights, others)
            each = (said * item[torch.from_numpy(taken.row.astype(np.int64))]).sum(dim=1)
        share = histories.lengths.clip(1) ** -0.5
        return Contributions(
            row=taken.row.astype(np.int64),
            taken=taken.col.astype(np.int64),
            value=each.double().numpy() * share[taken.row],
            bias=bias.double().numpy(),
        )

    def _fit(self, log: Interactions, how: Fitting) -> FitReport:
        config, passes = self.config, how.passes or self.config.epochs
        self._check_features(log.n_items, how)
        histories = Histories.of_log(log)
        active = np.flatnonzero(histories.lengths > 0)
        taken_once = np.flatnonzero(log.popularity() > 0)
        seen = torch.from_numpy(taken_once)
        generator = torch.Generator().manual_seed(how.seed)
        with reproducible_torch(how.device):
            weights = {
                name: value.to(how.device).requires_grad_()
                for name, value in self._start(log.n_items, how, generator).items()
            }
            own = [weights["taken"], weights["item"]]
            towers = [value for name, value in weights.items() if name not in OWN]
            features, items = self._features[seen].to(how.device), seen.to(how.device)
            optimizer = Adam(weights.values(), config.learning_rate)

            def batches() -> Iterator[Tensor]:
                order = torch.randperm(len(active), generator=generator)
                for rows in torch.split(order, config.batch_size):
                    matrix = histories.rows(active[rows.numpy()]).matrix()[:, taken_once]
                    yield torch.from_numpy(matrix.toarray())

            def objective(whole: Tensor) -> Objective:
                kept = torch.empty_like(whole).uniform_(generator=generator)
                shown = (whole * (kept >= config.hidden_share)).to(how.device)
                batch = whole.to(how.device)
                known = torch.rand(len(seen), generator=generator) >= config.own_dropout
                known = known.to(how.device)
                told = features * _kept(config, generator).to(how.device)
                item, bias = _placed(told, weights, items, known)
                user = normalised(shown) @ _said(told, weights, items, known)
                chance = functional.log_softmax(user @ item.T + bias, dim=1)
                loss = -((batch * chance).sum(dim=1) / batch.sum(dim=1)).mean()
                penalty = config.l2 / len(seen) * _squares(own)
                return Objective(loss, len(batch), penalty + config.tower_l2 * _squares(towers))

            descent = descend(
                list(weights.values()),
                lambda _: one_pass(optimizer, batches(), objective),
                passes=passes,
                learning_rate=config.learning_rate,
                watch=how.watch,
            )
            learned = {name: value.detach().cpu() for name, value in weights.items()}
            if not how.warm:
                for name in OWN:
                    learned[name][np.setdiff1d(np.arange(log.n_items), taken_once)] = 0.0
            self._weights = learned
        return FitReport(len(log), passes, descent.losses)

    def _check_features(self, items: int, how: Fitting) -> None:
        """Refuse a log of other items; of those that are new in a warm start nothing is known."""
        missing = items - len(self._features)
        if missing > 0 and how.warm:
            nothing = torch.zeros((missing, self.config.features))
            self._features = torch.cat([self._features, nothing])
        elif missing:
            raise ValueError(f"features: of {len(self._features)} items, but the log has {items}")

    def _start(self, items: int, how: Fitting, generator: torch.Generator) -> dict[str, Tensor]:
        """Weights to train: drawn, or what was learned with own parts for what is new."""
        if not how.warm:
            return _first(self.config, items, generator)
        weights = dict(self._weights)
        for name in OWN:
            more = torch.zeros((items - len(weights[name]), *weights[name].shape[1:]))
            weights[name] = torch.cat([weights[name], more])
        return weights

    def _scores(self, users: IdArray, items: IdArray, histories: Histories) -> ScoreArray:
        with reproducible_torch(), torch.no_grad():
            everything, pool = torch.arange(len(self._features)), torch.from_numpy(items)
            said = _said(self._features, self._weights, everything)
            item, bias = _placed(self._features[pool], self._weights, pool)
            share = torch.from_numpy(histories.lengths.clip(1) ** -0.5).float()
            user = torch.from_numpy(histories.matrix() @ said.numpy()) * share[:, None]
            scores: ScoreArray = (user @ item.T + bias).numpy()
        return scores

    def _state(self) -> dict[str, Tensor]:
        return {"features": self._features, **self._weights}

    def _blank(self, n_users: int, n_items: int) -> Mapping[str, Tensor]:
        config = self.config
        shapes = {"features": (n_items, config.features), **_shapes(config, n_items)}
        return {name: torch.empty(shape, device="meta") for name, shape in shapes.items()}

    def _restore(self, state: Mapping[str, Tensor]) -> None:
        self._weights = dict(state)
        self._features = self._weights.pop("features")


def item_features(
    *,
    vectors: tuple[npt.ArrayLike, ...] = (),
    category: npt.ArrayLike | None = None,
    categories: int = 0,
    log_price: npt.ArrayLike | None = None,
) -> npt.NDArray[np.float32]:
    """Put what is known of items beside each other, each kind of about the same weight.

    Weights are by the means of the items given: give all items, also for the rows of new ones.

    Args:
        vectors: (M, V) of any kinds, of text or of images; each kind is scaled so that the mean
            square of its rows is 1.
        category: (M,) category of each item, from 0.
        categories: how many categories there are.
        log_price: (M,) logarithms of prices; they are standardised.

    Returns:
        (M, F) float32.

    Raises:
        ValueError: if nothing is told, or kinds differ in length.
    """
    parts = []
    for kind in vectors:
        told = checked_floats("vectors", kind, ndim=2)
        length = np.sqrt((told**2).sum(axis=1).mean()) if len(told) else 0.0
        parts.append(told / length if length > 0 else told)
    if category is not None:
        parts.append(np.eye(categories)[np.asarray(category, dtype=np.int64)])
    if log_price is not None:
        price = checked_floats("log_price", log_price)
        spread = price.std() if len(price) else 0.0
        parts.append(((price - price.mean()) / (spread if spread > 0 else 1.0))[:, None])
    if not parts or len({len(part) for part in parts}) > 1:
        raise ValueError(f"features: of {[len(part) for part in parts]} items")
    return np.concatenate(parts, axis=1).astype(np.float32)


def _checked(features: npt.ArrayLike) -> Tensor:
    told = checked_floats("features", features, ndim=2).astype(np.float32)
    if not np.isfinite(told).all():
        raise ValueError("features: must be finite")
    return torch.from_numpy(told)


def _shapes(config: TwoTowerConfig, n_items: int) -> dict[str, tuple[int, ...]]:
    towers: dict[str, tuple[int, ...]] = {
        "taken": (n_items, config.size),
        "item": (n_items, config.size),
        "bias": (n_items,),
        "feature_bias": (config.features,),
    }
    for tower in ("taken_tower", "item_tower"):
        towers[f"{tower}.inner"] = (config.units, config.features)
        towers[f"{tower}.inner_bias"] = (config.units,)
        towers[f"{tower}.outer"] = (config.size, config.units)
        towers[f"{tower}.direct"] = (config.size, config.features)
    return towers


def _first(config: TwoTowerConfig, items: int, generator: torch.Generator) -> dict[str, Tensor]:
    """Weights before training; items' own parts start at next to nothing."""
    weights = {}
    for name, shape in _shapes(config, items).items():
        weights[name] = torch.zeros(shape)
        if name.endswith(("inner", "outer", "direct")):
            weights[name].normal_(0.0, shape[1] ** -0.5, generator=generator)
    for name in ("taken", "item"):
        weights[name].normal_(0.0, 0.1 * config.size**-0.5, generator=generator)
    return weights


def _tower(features: Tensor, weights: Mapping[str, Tensor], tower: str) -> Tensor:
    inner = functional.linear(
        features, weights[f"{tower}.inner"], weights[f"{tower}.inner_bias"]
    ).relu()
    return inner @ weights[f"{tower}.outer"].T + features @ weights[f"{tower}.direct"].T


def _said(
    features: Tensor, weights: Mapping[str, Tensor], items: Tensor, known: Tensor | None = None
) -> Tensor:
    """(I, size) what having taken each item says; `known`: whose own part counts."""
    own = weights["taken"][items]
    return _tower(features, weights, "taken_tower") + (
        own if known is None else own * known[:, None]
    )


def _placed(
    features: Tensor, weights: Mapping[str, Tensor], items: Tensor, known: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """(I, size) vectors and (I,) biases with which items are scored."""
    own, bias = weights["item"][items], weights["bias"][items]
    if known is not None:
        own, bias = own * known[:, None], bias * known
    return (
        _tower(features, weights, "item_tower") + own,
        features @ weights["feature_bias"] + bias,
    )


def _kept(config: TwoTowerConfig, generator: torch.Generator) -> Tensor:
    """(F,) factors of features in one step: 0 for those left out."""
    kept = torch.rand(config.features, generator=generator) >= config.feature_dropout
    return kept / (1.0 - config.feature_dropout)


def _squares(values: list[Tensor]) -> Tensor:
    return torch.stack([value.square().sum() for value in values]).sum()
