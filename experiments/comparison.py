"""Compare scenarios under the same luck: replication r of each has the same seed.

Differences are paired by replication, so that what both share cancels out (common random numbers);
their mean has a 95 % interval by Student's t. A lever that no agent can feel gives exactly 0.

Source: Law (2015), "Simulation Modeling and Analysis", ch. 10.2 (paired-t confidence interval) and
11.2 (common random numbers).
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.synchronize import Event as EventOfProcesses
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.incidence import COLUMNS as INCIDENCE_COLUMNS
from experiments.incidence import incidence
from experiments.running import live, resolve
from experiments.statistics.intervals import CONFIDENCE, differences, student_t
from experiments.varying import WHOLE_RUN, Span, variants
from policies.plugin_errors import told_of_plugins
from policies.registry import load_plugin
from scenarios.build import build
from scenarios.schema import Scenario


class ComparisonError(ValueError):
    """A comparison that cannot be made."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a comparison gives: intervals of differences, and the course of the days."""

    scenarios: tuple[Scenario, ...]  # as they were run, the base first
    labels: tuple[str, ...]  # what tables call them
    spans: tuple[Span, ...]  # the whole run first
    replications: int
    table: pd.DataFrame  # as `compare` returns it
    means: pd.DataFrame  # index: (scenario, span, replication), a column an indicator
    daily: pd.DataFrame  # mean over replications; index: (scenario, day), a column an indicator
    incidence: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame(columns=[*INCIDENCE_COLUMNS])
    )  # what each side gains a unit of subsidy; as `incidence` returns it


@dataclass(frozen=True, slots=True)
class _Task:
    scenario: Scenario
    folder: Path | None
    number: int  # place among the scenarios
    replication: int


def compare(
    scenarios: Sequence[str | Path | Scenario],
    *,
    vary: Mapping[str, Sequence[str]] | None = None,
    spans: Sequence[Span] = (),
    replications: int = 10,
    days: int | None = None,
    seed: int | None = None,
    overrides: Sequence[str] = (),
    plugins: Sequence[Path] = (),
    workers: int | None = None,
    on_run: Callable[[int, int], None] | None = None,
) -> pd.DataFrame:
    """Run several scenarios, or variants of one, under the same luck.

    The runs go to processes of their own, so a script that calls this needs the usual guard
    `if __name__ == "__main__":`.

    Args:
        scenarios: two or more, or one of which fields are varied; the first is the base that the
            others are compared with.
        vary: values, as TOML writes them, by the dotted name of a field: each scenario is run with
            every combination, the first of which is the base.
        spans: further spans of days over which indicators are averaged.
        replications: runs of each, at least 2; replication r has the seed `seed + r`.
        days: another length for all.
        seed: seed of replication 0; absent: the base scenario's.
        overrides: `KEY=VALUE` each, for all.
        plugins: Python files with policies of the user's own.
        workers: processes; absent: as many as there are cores.
        on_run: called with runs done and runs in all.

    Returns:
        One row a scenario, span and indicator: `scenario`, `span` ("whole run" or a span's name),
        `indicator`, `mean` (over replications of the mean over days), `difference` from the base,
        `low` and `high` (95 % interval of it), `n` (pairs). The base's own differences are 0.

    Raises:
        ComparisonError: if there are fewer than two scenarios or replications; if a span is empty.
        scenarios.errors.ScenarioError: if a scenario is not allowed.
    """
    return compare_in_full(
        scenarios,
        vary=vary,
        spans=spans,
        replications=replications,
        days=days,
        seed=seed,
        overrides=overrides,
        plugins=plugins,
        workers=workers,
        on_run=on_run,
    ).table


def compare_in_full(
    scenarios: Sequence[str | Path | Scenario],
    *,
    vary: Mapping[str, Sequence[str]] | None = None,
    spans: Sequence[Span] = (),
    replications: int = 10,
    days: int | None = None,
    seed: int | None = None,
    overrides: Sequence[str] = (),
    plugins: Sequence[Path] = (),
    workers: int | None = None,
    on_run: Callable[[int, int], None] | None = None,
) -> Comparison:
    """As `compare`, with the course of the days and what was run."""
    if replications < 2:
        raise ComparisonError(f"replications = {replications}: must be at least 2")
    for plugin in plugins:
        load_plugin(plugin)
    resolved, labels = _resolved(scenarios, vary or {}, days, seed, overrides)
    if len(resolved) < 2:
        raise ComparisonError(
            "compare needs two scenarios at least, a base and another, or one and a field to vary"
        )
    all_spans = (Span(WHOLE_RUN), *spans)
    _refuse_impossible(all_spans, [scenario for scenario, _ in resolved])
    first = resolved[0][0].seed
    tasks = [
        _Task(
            scenario.model_copy(update={"seed": first + replication}),
            folder,
            number,
            replication,
        )
        for replication in range(replications)
        for number, (scenario, folder) in enumerate(resolved)
    ]
    frames = _run_all(tasks, tuple(plugins), len(resolved), replications, workers, on_run)
    means = _means(frames, labels, all_spans)
    return Comparison(
        scenarios=tuple(scenario for scenario, _ in resolved),
        labels=tuple(labels),
        spans=all_spans,
        replications=replications,
        table=_table(means, labels, all_spans),
        incidence=incidence(means, labels, [span.name for span in all_spans], CONFIDENCE),
        means=means,
        daily=_daily(frames, labels),
    )


def paired_interval(
    base: NDArray[np.float64], other: NDArray[np.float64], confidence: float = CONFIDENCE
) -> tuple[float, float, float, int]:
    """Mean difference of pairs with its interval by Student's t.

    Args:
        base: (R,) outcomes of the base; nan where there was nothing to measure.
        other: (R,) outcomes under the same luck.
        confidence: chance that such an interval holds the truth, in (0, 1).

    Returns:
        Mean of `other - base`, lower and upper end, and the number of pairs that have both values;
        nan ends with fewer than two pairs, and no width where all differences are equal.
    """
    difference = differences(base, other)
    found = student_t(np.where(np.isfinite(difference), difference, np.nan), confidence)
    return found.mean, found.low, found.high, found.n


def _run_all(
    tasks: Sequence[_Task],
    plugins: tuple[Path, ...],
    scenarios: int,
    replications: int,
    workers: int | None,
    on_run: Callable[[int, int], None] | None,
) -> list[list[pd.DataFrame]]:
    """Daily indicators by scenario and replication, from processes of their own."""
    frames = [[pd.DataFrame()] * replications for _ in range(scenarios)]
    count = workers or os.cpu_count() or 1
    context = get_context("spawn")
    stop = context.Event()
    with ProcessPoolExecutor(count, context, _start_worker, (stop, plugins)) as pool:
        try:
            futures = {pool.submit(_run_one, task): task for task in tasks}
            for done, future in enumerate(as_completed(futures), start=1):
                task = futures[future]
                frames[task.number][task.replication] = future.result()
                if on_run is not None:
                    on_run(done, len(tasks))
        except BaseException:
            stop.set()
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return frames


_stop: EventOfProcesses | None = None
"""Set by the process that waits for the results: a worker's run ends with the day it lives."""


def _start_worker(stop: EventOfProcesses, plugins: tuple[Path, ...]) -> None:
    """Make a worker ready for tasks: a scenario's policies are known before it is received.

    Ctrl-C goes to all processes of a terminal: the workers wait for what the first one says.
    """
    global _stop
    _stop = stop
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for plugin in plugins:
        load_plugin(plugin)


class _StoppedError(Exception):
    """A run that was ended because its result is no longer waited for."""


def _run_one(task: _Task) -> pd.DataFrame:
    """Run one replication; returns the indicators of each day."""
    with told_of_plugins():
        market = build(task.scenario, folder=task.folder)
        done = live(market, task.scenario.days, stopped=_is_stopped)
    if done < task.scenario.days:
        raise _StoppedError
    frame: pd.DataFrame = market.health.frame()
    market.end()
    return frame


def _is_stopped() -> bool:
    return _stop is not None and _stop.is_set()


def _labels(names: Sequence[str]) -> list[str]:
    """Names of scenarios, numbered where one stands twice."""
    return [
        name if names.count(name) == 1 else f"{name} ({names[: place + 1].count(name)})"
        for place, name in enumerate(names)
    ]


def _resolved(
    scenarios: Sequence[str | Path | Scenario],
    vary: Mapping[str, Sequence[str]],
    days: int | None,
    seed: int | None,
    overrides: Sequence[str],
) -> tuple[list[tuple[Scenario, Path | None]], list[str]]:
    """The scenarios and their variants, with the folders of their files, and what they are called.

    What is varied comes after all other changes.
    """
    found, labels = [], []
    for scenario in scenarios:
        for variant in variants(vary):
            more = (*overrides, *variant.overrides)
            found.append(resolve(scenario, days=days, seed=seed, overrides=more))
            name = found[-1][0].name
            labels.append(variant.label if len(scenarios) == 1 else f"{name} {variant.label}")
    if not vary:
        labels = _labels([scenario.name for scenario, _ in found])
    return found, [label.strip() for label in labels]


def _refuse_impossible(spans: Sequence[Span], scenarios: Sequence[Scenario]) -> None:
    """Spans have names of their own and at least a day in every scenario."""
    shortest = min(scenario.days for scenario in scenarios)
    for place, span in enumerate(spans):
        if span.first >= shortest:
            raise ComparisonError(
                f"span {span.name!r} begins on day {span.first}, but the shortest run ends after "
                f"day {shortest - 1}"
            )
        if span.name in {other.name for other in spans[:place]}:
            raise ComparisonError(f"span {span.name!r} stands twice")


def _means(
    runs: list[list[pd.DataFrame]], labels: Sequence[str], spans: Sequence[Span]
) -> pd.DataFrame:
    """Each replication's means over the days of each span."""
    keys = [
        (label, span.name, replication)
        for label, frames in zip(labels, runs, strict=True)
        for span in spans
        for replication in range(len(frames))
    ]
    rows = [
        frame.iloc[span.first : span.end].mean()
        for frames in runs
        for span in spans
        for frame in frames
    ]
    index = pd.MultiIndex.from_tuples(keys, names=["scenario", "span", "replication"])
    return pd.DataFrame(rows, index=index).sort_index()


def _table(means: pd.DataFrame, labels: Sequence[str], spans: Sequence[Span]) -> pd.DataFrame:
    rows = []
    for span in (one.name for one in spans):
        bases = means.xs((labels[0], span))
        for label in labels:
            others = means.xs((label, span))
            for name in means.columns:
                base, other = bases[name].to_numpy(float), others[name].to_numpy(float)
                difference, low, high, n = paired_interval(base, other)
                rows.append(
                    {
                        "scenario": label,
                        "span": span,
                        "indicator": name,
                        "mean": float(others[name].mean()),
                        "difference": difference,
                        "low": low,
                        "high": high,
                        "n": n,
                    }
                )
    return pd.DataFrame(rows)


def _daily(runs: list[list[pd.DataFrame]], labels: Sequence[str]) -> pd.DataFrame:
    """Each day's mean over replications; a value that a replication lacks is left out."""
    means = [pd.concat(frames).groupby(level=0).mean() for frames in runs]
    return pd.concat(means, keys=list(labels), names=["scenario", "day"]).sort_index()
