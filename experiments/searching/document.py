"""What a search found, as JSON and in sentences."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from experiments.numerals import finely, measured
from experiments.searching.retesting import Finalist
from experiments.searching.space import labels_of
from experiments.statistics.intervals import Interval
from experiments.statistics.more_replications import more_replications
from experiments.statistics.wording import best_setting, red_line
from experiments.studies.dotted_changes import as_overrides
from experiments.studies.points import label_of
from experiments.studies.schema import unit_of

if TYPE_CHECKING:
    from experiments.searching.search import SearchResult

BASE = "base"


def document(result: SearchResult) -> dict[str, Any]:
    """All that a search found, as JSON can hold it; no number is null."""
    study, settings = result.loaded.study, result.settings
    names = [one.name for one in study.outcomes]
    return {
        "study": study.name,
        "scenario": result.loaded.base.name,
        "model": result.model,
        "looked_for": {
            "outcome": study.deciding.name,
            "better": "higher" if result.retest.best.higher else "lower",
            "unit": unit_of(study.deciding),
        },
        "settings": {
            "trials": settings.trials,
            "replications": settings.replications,
            "batch": settings.batch,
            "sampler": settings.sampler,
            "sampler_seed": settings.seed,
            "fresh": result.retest.fresh.shape[1],
            "seed": result.loaded.base.seed,
        },
        "answer": sentences(result),
        "finalists": [_finalist(result, place) for place in range(len(result.retest.finalists))],
        "optimism": _interval(result.retest.mean_optimism),
        "gain_optimism": _interval(result.retest.mean_gain_optimism),
        "held_fixed": [one.key for one in study.uncertainties],
        "trials": [
            {
                "number": one.number,
                "values": dict(one.values),
                "score": _number(one.score),
                "red_lines_broken_by": _number(one.broken),
                "means": {name: _number(mean) for name, mean in zip(names, one.means, strict=True)},
            }
            for one in result.trials
        ],
        "refused": dict(sorted(result.refused.items())),
        "failed_runs": [
            {"run": one.run, "kind": one.kind, "told": one.told} for one in result.failures
        ],
    }


def sentences(result: SearchResult) -> list[str]:
    """The answer in words: what fresh seeds say, then how much the search had promised."""
    study, tested = result.loaded.study, result.retest
    unit, title = unit_of(study.deciding), _title(result)
    found = tested.best
    labels = names_of(result)
    told: list[str] = []
    if len(tested.finalists) == 1:
        kept = " that keeps all red lines" if _red_lines(result) else ""
        return [f"The search found no other setting{kept} to test against the base."]
    more = more_replications(tested.fresh, found)
    told.append(
        f"On {tested.fresh.shape[1]} fresh seeds, by {title}: "
        + " ".join(best_setting(found, more, labels, "setting"))
    )
    better = [
        name
        for name, one in zip(labels[1:], tested.finalists[1:], strict=True)
        if one.gain.low > 0.0
    ]
    if better:
        told.append(f"Better than the base, jointly at 95 %: {', '.join(better)}.")
    elif found.contest[0]:
        told.append("No finalist is told to be better than the base.")
    if found.verdicts[0] == "broken":
        told.append("The base itself breaks a red line.")
    first = tested.finalists[1]
    told.append(
        f"{labels[1]}, the best of the search, had a mean of "
        f"{measured(first.in_search.mean, unit)} there "
        f"and has {measured(first.fresh.mean, unit)} on fresh seeds: an optimism of "
        f"{_with_ends(first.optimism, unit)}, and of its gain over the base "
        f"{_with_ends(first.gain_optimism, unit)}."
    )
    for place, line in enumerate(_red_lines(result)):
        told.append(red_line(*line, labels, found.by_line[place]))
    if study.uncertainties:
        held = ", ".join(one.key for one in study.uncertainties)
        told.append(f"Not varied, but held as the scenario has it: {held}.")
    return told


def names_of(result: SearchResult) -> list[str]:
    """What tables call base and finalists."""
    return [BASE, *(f"finalist {place}" for place in range(1, len(result.retest.finalists)))]


def in_words(result: SearchResult, values: Mapping[str, Any]) -> str:
    """A setting in words."""
    labels = labels_of(result.loaded.study.levers)
    return label_of([labels[key] for key in values], list(values.values()))


def _red_lines(result: SearchResult) -> list[tuple[float, bool, str, str]]:
    """Limit, whether it is the least, title and unit of each red line that has one side."""
    lines = []
    for one in result.loaded.study.outcomes:
        title = one.label or one.name.replace("_", " ")
        if one.at_least is not None:
            lines.append((one.at_least, True, title, unit_of(one)))
        elif one.at_most is not None:
            lines.append((one.at_most, False, title, unit_of(one)))
    return lines


def _title(result: SearchResult) -> str:
    deciding = result.loaded.study.deciding
    return deciding.label or deciding.name.replace("_", " ")


def _with_ends(interval: Interval, unit: str) -> str:
    if math.isnan(interval.low):
        return f"{finely(interval.mean, unit)} (interval unknown)"
    low, high = finely(interval.low, unit), finely(interval.high, unit)
    return f"{finely(interval.mean, unit)} ({low} to {high})"


def _finalist(result: SearchResult, place: int) -> dict[str, Any]:
    one: Finalist = result.retest.finalists[place]
    found = result.retest.best
    return {
        "name": names_of(result)[place],
        "trial": one.trial,
        "values": dict(one.values),
        "in_search": _interval(one.in_search),
        "fresh": _interval(one.fresh),
        "optimism": _interval(one.optimism),
        "gain_in_search": _interval(one.gain_in_search),
        "gain": _interval(one.gain),
        "gain_optimism": _interval(one.gain_optimism),
        "may_be_best": bool(found.in_set[place]),
        "red_lines": found.verdicts[place],
        "set": as_overrides(one.values),
    }


def _interval(interval: Interval) -> dict[str, Any]:
    return {
        "mean": _number(interval.mean),
        "low": _number(interval.low),
        "high": _number(interval.high),
        "n": interval.n,
    }


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
