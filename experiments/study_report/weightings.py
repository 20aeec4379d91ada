"""The index with other weights, and put together in other ways: does the order of settings hold?

Weights of the dimensions are drawn from a flat Dirichlet distribution: every way to share out the
whole weight is as likely as any other. For each the index of every run is made anew, and settings
are ordered by its mean.

Source: OECD & JRC (2008), "Handbook on Constructing Composite Indicators", step 7 (uncertainty of
weights and aggregation); Saisana, Saltelli & Tarantola (2005), "Uncertainty and sensitivity
analysis techniques as tools for the quality assessment of composite indicators", JRSS A 168(2).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from experiments.studies.results import StudyResults
from experiments.study_report import answer
from experiments.study_report.labels import listed
from policies.arrays import FloatArray
from sim.health import find
from sim.health.index import SHIFT
from sim.settings.health import DIMENSIONS, IndexSettings
from sim.streams import Streams

DRAWS = 1000
AGGREGATIONS = ("arithmetic", "geometric", "minimum")
FLAG = 0.5
"""Share of weightings below which a setting that is ahead is flagged."""

MOST_REVERSALS = 50
"""Reversed pairs that are told one by one."""

_AT_ONCE = 4_000_000
"""Numbers held at once."""


@dataclass(frozen=True, slots=True)
class Scores:
    """Scores of dimensions in [0, 1]."""

    dimensions: tuple[str, ...]
    values: FloatArray  # (settings, replications, dimensions); nan: could not be scored


def dimension_scores(results: StudyResults, index: IndexSettings) -> Scores:
    """The score of each dimension in each run of the nominal world, as the index has them."""
    parts, names = [], []
    for dimension in DIMENSIONS:
        own = [name for name in index.goalposts if find(name).dimension == dimension]
        total: FloatArray | float = 0.0
        weight: FloatArray | float = 0.0
        for name in own:
            posts = index.goalposts[name]
            values = results.mean_matrix(name)
            score = np.clip((values - posts.worst) / (posts.best - posts.worst), 0.0, 1.0)
            known = np.isfinite(values)
            total = total + np.where(known, score * posts.weight, 0.0)
            weight = weight + known * posts.weight
        if own and np.any(np.asarray(weight) > 0):
            with np.errstate(invalid="ignore"):
                parts.append(np.where(np.asarray(weight) > 0, total / weight, np.nan))
            names.append(dimension)
    empty = np.empty((*results.mean_matrix("trust").shape, 0))
    return Scores(tuple(names), np.stack(parts, axis=-1) if parts else empty)


def index_of(scores: FloatArray, weights: FloatArray, how: str) -> FloatArray:
    """The index of every run under every weighting, as `sim.health.composite_index` has it.

    Args:
        scores: (..., dimensions) in [0, 1]; nan is left out, other weights are scaled up.
        weights: (W, dimensions) >= 0.
        how: "arithmetic", "geometric" or "minimum".

    Returns:
        (W, ...) from 0 to 1; nan where no dimension with a weight was scored.
    """
    known = np.isfinite(scores)
    counted = np.where(known, scores, 0.0)
    total = np.einsum("wd,...d->w...", weights, known.astype(float))
    with np.errstate(invalid="ignore", divide="ignore"):
        if how == "arithmetic":
            return np.asarray(np.einsum("wd,...d->w...", weights, counted) / total)
        if how == "geometric":
            logs = np.where(known, np.log(counted + SHIFT), 0.0)
            means = np.exp(np.einsum("wd,...d->w...", weights, logs) / total) - SHIFT
            return np.asarray(np.clip(means, 0.0, 1.0))
    lowest = []
    for weight in weights:
        some = np.where(known & (weight > 0), scores, np.inf).min(axis=-1)
        lowest.append(np.where(np.isinf(some), np.nan, some))
    return np.stack(lowest)


def weightings(
    results: StudyResults, labels: list[str], recommended: int, draws: int = DRAWS
) -> answer.Weightings | None:
    """How settings rank by the index under other weights and aggregations.

    Args:
        results: of a grid, with means.
        labels: of the settings.
        recommended: number of the recommended setting; -1: none.
        draws: weightings.

    Returns:
        The answer; None where there are fewer than two settings or dimensions.
    """
    index = results.loaded.base.health.index
    scores = dimension_scores(results, index)
    counts = [
        place for place, name in enumerate(scores.dimensions) if index.weights.get(name, 0.0) > 0
    ]
    whole = np.isfinite(scores.values).any(axis=2).all(axis=0)  # replications of all settings
    if len(labels) < 2 or len(counts) < 2 or not whole.any():
        return None
    values = scores.values[:, whole][:, :, counts]
    names = tuple(scores.dimensions[place] for place in counts)
    own = np.array([[index.weights[name] for name in names]])
    ordered = {how: index_of(values, own, how)[0].mean(axis=1) for how in AGGREGATIONS}
    base = ordered[index.aggregation]
    drawn = Streams(0).generator("weightings").dirichlet(np.ones(len(names)), size=draws)
    step = max(1, _AT_ONCE // max(values.size, 1))
    means = np.concatenate(
        [
            index_of(values, drawn[first : first + step], index.aggregation).mean(axis=-1)
            for first in range(0, draws, step)
        ]
    )  # (draws, settings)
    beats = np.array([(means[:, [s]] > means).mean(axis=0) for s in range(len(labels))])
    ties = np.array([(means[:, [s]] == means).mean(axis=0) for s in range(len(labels))])
    beats = beats + 0.5 * ties
    ranks = _ranks(means)
    own_rank = _ranks(base[None])[0]
    by_way = {how: _ranks(ordered[how][None])[0] for how in AGGREGATIONS}
    first = ranks == 1
    share_first = (first / first.sum(axis=1, keepdims=True)).mean(axis=0)
    rows = tuple(
        answer.Weighted(
            labels[s],
            float(base[s]),
            int(own_rank[s]),
            float(share_first[s]),
            float(ranks[:, s].mean()),
            float(beats[recommended, s]) if recommended >= 0 else float("nan"),
            tuple(int(by_way[how][s]) for how in AGGREGATIONS),
            _flag(s, recommended, base, beats, ordered) if recommended >= 0 else "",
        )
        for s in range(len(labels))
    )
    reversals = _reversals(labels, base, beats, ordered)
    reversed_pairs = len(reversals)
    if reversed_pairs > MOST_REVERSALS:
        more = f"And {reversed_pairs - MOST_REVERSALS:,} more pairs."
        reversals = (*reversals[:MOST_REVERSALS], more)
    return answer.Weightings(
        draws,
        names,
        AGGREGATIONS,
        rows,
        tuple(tuple(round(float(one), 4) for one in line) for line in beats),
        reversals,
        _told(labels, recommended, rows, reversed_pairs, len(labels)),
    )


def _ranks(means: FloatArray) -> FloatArray:
    """(W, settings) from 1, the best; equals share the better rank."""
    rows = [1 + len(row) - np.searchsorted(np.sort(row), row, side="right") for row in means]
    return np.asarray(rows)


def _reversed_by(
    a: int, b: int, base: FloatArray, beats: FloatArray, ordered: dict[str, FloatArray]
) -> list[str]:
    """By what the order of two settings is reversed, of which a is ahead with the own weights."""
    if not base[a] > base[b]:
        return []
    found = [f"the {how} way" for how, means in ordered.items() if means[a] < means[b]]
    if beats[a, b] < FLAG:
        found.append(f"{1.0 - beats[a, b]:.0%} of weightings")
    return found


def _flag(
    s: int, recommended: int, base: FloatArray, beats: FloatArray, ordered: dict[str, FloatArray]
) -> str:
    ahead = _reversed_by(recommended, s, base, beats, ordered)
    behind = _reversed_by(s, recommended, base, beats, ordered)
    if ahead:
        return f"overtakes by {listed(ahead)}"
    return f"is overtaken by {listed(behind)}" if behind else ""


def _reversals(
    labels: list[str], base: FloatArray, beats: FloatArray, ordered: dict[str, FloatArray]
) -> tuple[str, ...]:
    pairs = [(a, b) for a in range(len(labels)) for b in range(len(labels)) if a != b]
    return tuple(
        f"{labels[a]} is ahead of {labels[b]} with the scenario’s weights, but behind by "
        f"{listed(by)}."
        for a, b in pairs
        if (by := _reversed_by(a, b, base, beats, ordered))
    )


def _told(
    labels: list[str],
    recommended: int,
    rows: tuple[answer.Weighted, ...],
    count: int,
    settings: int,
) -> str:
    top = min(rows, key=lambda one: one.rank)
    most = max(rows, key=lambda one: one.share_first)
    pairs = settings * (settings - 1) // 2
    text = (
        f"By the index, {top.setting} comes first with the scenario’s own weights, and "
        f"{most.setting} comes first most often ({most.share_first:.0%} of weightings)."
    )
    if recommended >= 0:
        beaten = [one.beaten_by_recommended for s, one in enumerate(rows) if s != recommended]
        text += (
            f" The recommended setting, {labels[recommended]}, is ahead of each other in "
            f"{min(beaten):.0%} to {max(beaten):.0%} of weightings."
        )
    change = "changes" if count == 1 else "change"
    text += f" Of {pairs} pairs of settings, {count or 'none'} {change} places."
    return text


def overturned(found: answer.Weightings | None, recommended: int, in_set: list[bool]) -> bool:
    """Whether another way to make the index puts a setting that is told worse before it."""
    if found is None or recommended < 0:
        return False
    own = found.rows[recommended]
    return any(
        not in_set[s]
        and (
            one.beaten_by_recommended < FLAG
            or any(r < o for r, o in zip(one.ranks, own.ranks, strict=True))
        )
        for s, one in enumerate(found.rows)
        if s != recommended
    )
