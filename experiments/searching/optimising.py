"""Ask and tell: Optuna proposes settings in batches, the market's runs judge them.

Settings of a batch are asked for before any of them is judged, and told in the order in which they
were asked for, so that what is found depends on the seed and the runs alone, however many workers
there are. A search that was cut short is played again from its start: runs that were finished are
there, and take no time.

Source: Bergstra, Bardenet, Bengio & Kégl (2011), NeurIPS 24 (tree-structured Parzen estimator);
Akiba, Sano, Yanase, Ohta & Koyama (2019), KDD (Optuna).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from experiments.searching.space import Space
from experiments.statistics.red_lines import RedLine

FloatArray = NDArray[np.float64]

Evaluate = Callable[[Sequence[Mapping[str, Any]], range], FloatArray]
"""From settings and R replications to (settings, R, outcomes); nan: no value."""

Sampler = Literal["tpe", "gp", "random"]


class SearchError(ValueError):
    """A search that cannot be made."""


@dataclass(frozen=True, slots=True)
class Goal:
    """What is looked for; places are those of outcomes in what `Evaluate` gives."""

    place: int
    higher: bool  # whether more is better
    red_lines: tuple[tuple[int, RedLine], ...] = ()  # place of an outcome, and its limits


@dataclass(frozen=True, slots=True)
class Trial:
    """A setting that was tried."""

    number: int
    values: Mapping[str, Any]  # by key of a lever
    score: float  # mean of the deciding outcome; nan where a run failed or the setting is refused
    means: tuple[float, ...]  # of all outcomes
    broken: float  # by how much red lines are broken, each as a share of its limit; 0: all kept

    @property
    def counts(self) -> bool:
        """Whether it was measured and keeps all red lines by its means."""
        return math.isfinite(self.score) and self.broken == 0.0


@dataclass(frozen=True, slots=True)
class SearchSettings:
    """How a search is made."""

    trials: int = 60
    replications: int = 5  # runs of each setting, under the same luck
    batch: int = 8  # settings asked for at once
    sampler: Sampler = "tpe"
    seed: int = 0  # of the sampler


def sampler_of(name: str) -> Sampler:
    """The sampler of a name.

    Raises:
        SearchError: if there is none.
    """
    for one in get_args(Sampler):
        if one == name:
            found: Sampler = one
            return found
    raise SearchError(f"sampler {name!r}: must be one of {', '.join(get_args(Sampler))}")


def look_for(
    space: Space,
    goal: Goal,
    evaluate: Evaluate,
    settings: SearchSettings,
    on_batch: Callable[[Sequence[Trial]], None] | None = None,
) -> tuple[Trial, ...]:
    """Try settings, each where the sampler expects most after all earlier ones.

    Args:
        space: the levers.
        goal: what is looked for.
        evaluate: the market, or anything that is noisy.
        settings: how many, how often, by which sampler.
        on_batch: called with all trials so far.

    Returns:
        The trials in the order in which they were made, the base first where the space holds it.

    Raises:
        SearchError: if Optuna is not installed.
    """
    optuna = _optuna()
    study = optuna.create_study(
        sampler=_sampler(optuna, settings), direction="maximize" if goal.higher else "minimize"
    )
    base = space.parameters(space.base)
    if base is not None:
        study.enqueue_trial(base)
    trials: list[Trial] = []
    while len(trials) < settings.trials:
        asked = [study.ask() for _ in range(min(settings.batch, settings.trials - len(trials)))]
        points = [space.suggest(one) for one in asked]
        means = _means(evaluate(points, range(settings.replications)))
        for own, point, mean in zip(asked, points, means, strict=True):
            trial = _judged(len(trials), point, mean, goal)
            trials.append(trial)
            if not math.isfinite(trial.score):
                study.tell(own, state=optuna.trial.TrialState.FAIL)
                continue
            for line, (place, limits) in enumerate(goal.red_lines):
                own.set_constraint(str(line), _broken(float(mean[place]), limits))
            study.tell(own, trial.score)
        if on_batch is not None:
            on_batch(trials)
    return tuple(trials)


def best_trials(trials: Sequence[Trial], higher: bool, count: int) -> tuple[Trial, ...]:
    """The best different settings that keep all red lines by their means, the best first."""
    found: list[Trial] = []
    order = sorted(
        (one for one in trials if one.counts),
        key=lambda one: (-one.score if higher else one.score, one.number),
    )
    for one in order:
        if len(found) < count and all(one.values != other.values for other in found):
            found.append(one)
    return tuple(found)


def _judged(number: int, point: Mapping[str, Any], mean: FloatArray, goal: Goal) -> Trial:
    broken = [_broken(float(mean[place]), line) for place, line in goal.red_lines]
    total = sum(max(one, 0.0) for one in broken)
    known = math.isfinite(mean[goal.place]) and math.isfinite(total)
    score = float(mean[goal.place]) if known else math.nan
    return Trial(number, point, score, tuple(float(one) for one in mean), total)


def _means(runs: FloatArray) -> FloatArray:
    """(settings, outcomes) means over replications; nan where one of them has no value."""
    return np.asarray(runs.mean(axis=1))


def _broken(mean: float, line: RedLine) -> float:
    """How far a mean is beyond a red line, as a share of the limit; at most 0 where it keeps it."""
    beyond = []
    if line.at_least is not None:
        beyond.append((line.at_least - mean) / (abs(line.at_least) or 1.0))
    if line.at_most is not None:
        beyond.append((mean - line.at_most) / (abs(line.at_most) or 1.0))
    return max(beyond)


def _sampler(optuna: Any, settings: SearchSettings) -> Any:
    match settings.sampler:
        case "tpe":
            return optuna.samplers.TPESampler(
                seed=settings.seed, multivariate=True, constant_liar=True
            )
        case "gp":
            return optuna.samplers.GPSampler(seed=settings.seed)
        case "random":
            return optuna.samplers.RandomSampler(seed=settings.seed)


def _optuna() -> Any:
    try:
        import optuna
    except ImportError:
        raise SearchError(
            "weal search needs Optuna, which is not installed: pip install 'weal[search]'"
        ) from None
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return optuna
