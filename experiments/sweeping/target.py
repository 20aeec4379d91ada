"""When a sweep with a target of precision has enough replications.

The decision depends on the runs alone, not on the order in which they came or on how often the
sweep was killed in between: it is made between batches, when all runs that are asked for have
ended. It is about the nominal world of a grid, or about all points of a drawn design.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from experiments.statistics.intervals import bootstrap_t_many, differences
from experiments.statistics.stopping import StoppingRule, next_batch, reached
from experiments.studies.loading import LoadedStudy
from experiments.studies.schema import Grid
from experiments.studies.tasks import Planned, first_replications
from experiments.sweeping.outcomes import OutcomeTable
from policies.arrays import FloatArray


@dataclass(frozen=True, slots=True)
class Look:
    """What a look at the target gave."""

    replications: Mapping[int, int]  # wanted next, by number of a point; empty: stop
    told: str  # how the target stands, in words; "" without one


def look(
    loaded: LoadedStudy,
    points: Sequence[Planned],
    model: str,
    replications: Mapping[int, int],
    outcomes: OutcomeTable,
) -> Look:
    """Whether the replications so far suffice.

    Args:
        loaded: the study.
        points: its points, resolved.
        model: version of the model.
        replications: that have ended, by number of a point.
        outcomes: of the runs, read as needed.
    """
    wanted = loaded.study.replications
    if wanted.half_width is None:
        return Look({}, "")
    count = max(replications.values())
    rule = StoppingRule(
        wanted.half_width, wanted.relative, wanted.at_most, wanted.count, wanted.batch
    )
    values = _matrix(loaded, points, model, count, outcomes)
    paired = wanted.of == "difference" and isinstance(loaded.study.design, Grid)
    base = values[loaded.base_setting] if paired else np.zeros(count)
    looked = np.delete(values, loaded.base_setting, axis=0) if paired else values
    found = bootstrap_t_many(differences(base, looked))
    # A relative target is a share of the base's mean, or of each mean where there is no base.
    means = np.full(len(looked), _mean(base)) if paired else found.mean
    more = next_batch(found.half_width, count, rule, means)
    told = _told(loaded, count, found.half_width, int(reached(found.half_width, rule, means).sum()))
    if more == 0:
        return Look({}, told)
    return Look(first_replications(loaded, count + more), told)


def asked_for(loaded: LoadedStudy, plan: Sequence[tuple[str, int, int]]) -> dict[int, int]:
    """How often each point is run: as the study says; with a target, as its last sweep decided.

    Args:
        loaded: the study.
        plan: runs that the last sweep asked for: name, point and replication each.

    Returns:
        Replications by number of a point.
    """
    wanted = loaded.study.replications
    if wanted.half_width is None:
        return first_replications(loaded)
    swept = max((replication + 1 for _, _, replication in plan), default=0)
    return first_replications(loaded, min(max(wanted.count, swept), wanted.at_most))


def _matrix(
    loaded: LoadedStudy,
    points: Sequence[Planned],
    model: str,
    count: int,
    outcomes: OutcomeTable,
) -> FloatArray:
    """The outcome that the target is about: (points looked at, replications); nan: no such run."""
    nominal = isinstance(loaded.study.design, Grid)
    looked = [one for one in points if one.point.world == 0 or not nominal]
    runs = [[one.run(replication, model) for replication in range(count)] for one in looked]
    outcomes.read(
        {
            run: one.scenario.health.index
            for one, row in zip(looked, runs, strict=True)
            for run in row
        }
    )
    name = loaded.study.targeted.name
    missing = {name: np.nan}
    return np.array([[outcomes.by_run.get(run, missing)[name] for run in row] for row in runs])


def _mean(values: FloatArray) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else float("nan")


def _told(loaded: LoadedStudy, count: int, half_widths: FloatArray, narrow: int) -> str:
    wanted, outcome = loaded.study.replications, loaded.study.targeted
    allowed = f"{wanted.half_width:.0%} of it" if wanted.relative else f"{wanted.half_width:g}"
    known = half_widths[~np.isnan(half_widths)]
    widest = f"the widest is {float(known.max()):.3g}" if len(known) else "none has a width"
    what = "differences" if wanted.of == "difference" else "means"
    enough = narrow == len(half_widths)
    left = "met" if enough else "not met"
    at_cap = not enough and count >= wanted.at_most
    capped = ", the most that are allowed" if at_cap else ""
    return (
        f"target {left} after {count} replications{capped}: of {len(half_widths)} intervals of "
        f"{what} of {outcome.name}, {narrow} have a half-width of at most {allowed}; {widest}"
    )
