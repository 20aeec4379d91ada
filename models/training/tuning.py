"""Settings of a model by search: Optuna proposes, a part of the training log decides.

What is held out for the final evaluation takes no part; a tenth of the training log is held out
once more, and the settings whose ranking of it is best are kept. Whole (user, item) pairs are held
out, and of newest events those of pairs that are new: what a user knows is left out of rankings.

Source: Bergstra, Bardenet, Bengio & Kégl (2011), "Algorithms for Hyper-Parameter Optimization",
NIPS (the tree-structured Parzen estimator); Akiba, Sano, Yanase, Ohta & Koyama (2019), "Optuna: A
Next-generation Hyperparameter Optimization Framework", KDD.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from pydantic import BaseModel

from models.array_checks import IdArray
from models.interactions import Interactions, leave_last_out
from models.pair_hashing import chosen_pairs
from models.ranking_metrics import ranking_quality
from models.retrieval.retriever import Retriever

PLACES = 10
DECIDING_SHARE = 0.1
"""Of the training log that decides."""

DECIDING_KEY = 0x7E57
"""Chooses these pairs, with the seed."""

_USERS_ASKED = 5_000
_BY_SEQUENCE = ("sasrec",)
"""Kinds of model that are judged by what comes next, and not by what was left out anywhere."""


@dataclass(frozen=True, slots=True)
class Range:
    """Values that a setting is tried at."""

    low: float
    high: float
    log: bool = False  # even on a logarithmic scale
    whole: bool = False

    def suggest(self, trial: Any, name: str) -> float | int:
        """Ask a trial of Optuna's for a value."""
        if self.whole:
            number: int = trial.suggest_int(name, int(self.low), int(self.high), log=self.log)
            return number
        value: float = trial.suggest_float(name, self.low, self.high, log=self.log)
        return value


SPACES: dict[str, dict[str, Range]] = {
    "ease": {"l2": Range(10.0, 3000.0, log=True)},
    "als": {
        "factors": Range(16, 256, log=True, whole=True),
        "unobserved_weight": Range(0.01, 1.0, log=True),
        "l2": Range(1e-3, 1.0, log=True),
        "frequency_exponent": Range(0.0, 1.0),
    },
    "bpr": {
        "factors": Range(16, 256, log=True, whole=True),
        "learning_rate": Range(1e-3, 0.1, log=True),
        "l2": Range(1e-4, 0.1, log=True),
        "epochs": Range(10, 100, whole=True),
    },
    "softmax_dot": {
        "size": Range(16, 256, log=True, whole=True),
        "hidden_share": Range(0.0, 0.7),
        "learning_rate": Range(1e-3, 0.03, log=True),
        "l2": Range(1e-3, 3.0, log=True),
        "epochs": Range(5, 60, whole=True),
    },
    "fair_softmax": {
        "size": Range(16, 256, log=True, whole=True),
        "hidden_share": Range(0.0, 0.7),
        "learning_rate": Range(1e-3, 0.03, log=True),
        "l2": Range(1e-3, 3.0, log=True),
        "group_l2": Range(1e-3, 3.0, log=True),
        "epochs": Range(5, 60, whole=True),
        "ease_share": Range(0.0, 0.95),
    },
    "ranking_net": {
        "negatives": Range(2, 16, whole=True),
        "network.learning_rate": Range(3e-3, 0.05, log=True),
        "network.embedding_precision": Range(1.0, 50.0, log=True),
        "network.item_bias_precision": Range(0.1, 10.0, log=True),
    },
    "sasrec": {
        "dropout": Range(0.0, 0.6),
        "learning_rate": Range(3e-4, 0.01, log=True),
        "length": Range(16, 200, log=True, whole=True),
        "blocks": Range(1, 3, whole=True),
    },
}
"""What is tried, by kind of model; a dot leads into a table of settings."""


class TuningError(ValueError):
    """A search that cannot be made."""


@dataclass(frozen=True, slots=True)
class Tuned:
    """The best settings found, and all that were tried."""

    config: BaseModel
    ndcg: float  # of the rows that decided
    ndcg_as_given: float  # of the settings that the search began with
    trials: tuple[tuple[dict[str, float], float], ...]  # settings tried, and their NDCG


def tuned(
    kind: type[Retriever],
    start: BaseModel,
    log: Interactions,
    *,
    trials: int,
    seed: int = 0,
    passes: int | None = None,
    device: str = "cpu",
    on_trial: Callable[[int, float], None] | None = None,
) -> Tuned:
    """Search a kind of model's settings for the best NDCG@10 on a part of a log.

    Args:
        kind: of model.
        start: settings that are tried first; those that the search does not touch stay.
        log: to train on; a part of it decides.
        trials: settings to try, at least 1.
        seed: of the search, the split and the trainings.
        passes: over the log at most; absent: as the settings say.
        device: where the trainings compute.
        on_trial: is told the number of trials made and the best NDCG so far.

    Raises:
        TuningError: if the kind has nothing to search, if the log is too short to hold anything
            out, or if Optuna is not installed.
    """
    space = SPACES.get(kind.name)
    if space is None:
        raise TuningError(f"{kind.name}: has no settings to search; {', '.join(SPACES)} have")
    optuna = _optuna()
    training, deciding = _split(log, seed, newest=kind.name in _BY_SEQUENCE)
    if not (len(training) and len(deciding)):
        raise TuningError(f"log: {len(log)} rows to train on are too few to search settings with")
    study = optuna.create_study(
        direction="maximize", sampler=optuna.samplers.TPESampler(seed=seed, multivariate=True)
    )
    made: list[tuple[dict[str, float], float]] = []
    for number in range(trials):
        trial = study.ask() if number else None
        settings = {name: one.suggest(trial, name) for name, one in space.items()} if trial else {}
        config = with_settings(start, settings)
        model = kind(config)
        try:
            model.fit(training, seed=seed, passes=passes, device=device)
            ndcg = _judged(model, deciding, seed)
        except FloatingPointError:
            ndcg = -math.inf
        made.append((settings, ndcg))
        if trial is not None:
            failed = optuna.trial.TrialState.FAIL
            study.tell(trial, ndcg) if math.isfinite(ndcg) else study.tell(trial, state=failed)
        if on_trial is not None:
            on_trial(number + 1, max(one for _, one in made))
    best, ndcg = max(made, key=lambda one: one[1])
    return Tuned(with_settings(start, best), ndcg, made[0][1], tuple(made))


def with_settings(config: BaseModel, settings: Mapping[str, float]) -> BaseModel:
    """Return a model's settings with some of them replaced, by dotted name."""
    told = config.model_dump()
    for name, value in settings.items():
        *tables, last = name.split(".")
        table = told
        for one in tables:
            table = table[one]
        table[last] = value
    return type(config).model_validate(told)


def _split(log: Interactions, seed: int, *, newest: bool) -> tuple[Interactions, Interactions]:
    """Rows to train on, and those that decide: of pairs that no training row has."""
    if newest:
        training, last = leave_last_out(log)
        known = np.isin(_pairs(last), _pairs(training))
        return training, last.rows(~known)
    key = int(np.random.SeedSequence([seed, DECIDING_KEY]).generate_state(1, np.uint64)[0])
    held_out = chosen_pairs(log.users, log.items, DECIDING_SHARE, key)
    return log.rows(~held_out), log.rows(held_out)


def _pairs(log: Interactions) -> IdArray:
    return log.users * log.n_items + log.items


def _judged(model: Retriever, deciding: Interactions, seed: int) -> float:
    """NDCG on the deciding rows."""
    asked = np.unique(deciding.users)
    if len(asked) > _USERS_ASKED:
        drawn = np.random.default_rng(seed).choice(asked, _USERS_ASKED, replace=False)
        asked = np.sort(drawn)
    of_asked = np.isin(deciding.users, asked)
    wanted = Interactions.of(
        np.searchsorted(asked, deciding.users[of_asked]),
        deciding.items[of_asked],
        n_users=len(asked),
        n_items=deciding.n_items,
    )
    return ranking_quality(model.top_k(asked, PLACES), wanted).ndcg


def _optuna() -> Any:
    try:
        import optuna
    except ImportError:
        raise TuningError(
            "a search of settings needs Optuna, which is not installed: pip install 'weal[search]'"
        ) from None
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return optuna
