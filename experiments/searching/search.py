"""Search a study's levers for the best setting, and test what is found on fresh seeds.

    search.json       what was tried, what was found, and what fresh seeds say of it
    MODEL/runs/       the runs, as in a study's folder

A search that was killed goes on where it was: started again it takes the same steps, and finds the
runs that were finished.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from experiments.executors.protocol import Executor
from experiments.searching.document import document
from experiments.searching.optimising import (
    Goal,
    SearchError,
    SearchSettings,
    Trial,
    best_trials,
    look_for,
)
from experiments.searching.retesting import Retest, retest
from experiments.searching.space import Space, space_of
from experiments.statistics.red_lines import RedLine
from experiments.studies.evaluation import Evaluation
from experiments.studies.keeping import evaluation_in
from experiments.studies.loading import LoadedStudy
from experiments.studies.results import Failure
from experiments.studies.schema import Study, way
from scenarios.atomic import write_file_atomically

FINALISTS, FRESH = 5, 20


@dataclass(frozen=True, slots=True)
class SearchResult:
    """What a search found."""

    loaded: LoadedStudy
    settings: SearchSettings
    space: Space
    trials: tuple[Trial, ...]
    retest: Retest
    failures: tuple[Failure, ...]
    refused: dict[str, str]  # settings that the scenario does not allow, and why
    made: int  # runs made this time, the others were there
    model: str
    folder: Path


def search_folder(name: str) -> Path:
    """Where a search's results lie unless the user names another place."""
    return Path("runs") / f"search-{name}"


def search(
    loaded: LoadedStudy,
    settings: SearchSettings,
    *,
    executor: Executor,
    finalists: int = FINALISTS,
    fresh: int = FRESH,
    out: Path | None = None,
    on_runs: Callable[[int, int], None] | None = None,
    on_trials: Callable[[Sequence[Trial]], None] | None = None,
) -> SearchResult:
    """Search the levers of a study; its uncertainties stay as the scenario has them.

    Args:
        loaded: the study; its deciding outcome is what is looked for, under its red lines.
        settings: of the search.
        executor: computes the runs.
        finalists: how many of the best settings are tested again.
        fresh: runs of each of them, and of the base, on seeds that the search never used.
        out: folder of the results; absent: `runs/search-NAME`.
        on_runs: called with runs done and asked for of the current batch.
        on_trials: called with all trials so far, after each batch.

    Returns:
        What was found; the same for the same arguments, however often it was cut short.

    Raises:
        SearchError: if there is no lever, neither way of the outcome is better, or the base gave no
            value.
    """
    _refuse(loaded.study, settings, finalists, fresh)
    goal, space = goal_of(loaded.study), space_of(loaded)
    folder = search_folder(loaded.study.name) if out is None else out
    with evaluation_in(
        folder,
        base=loaded.base,
        starts_from=loaded.folder,
        outcomes=loaded.study.outcomes,
        plugins=loaded.plugins,
        timeout_s=loaded.study.limits.timeout_s,
        executor=executor,
        on_runs=on_runs,
    ) as evaluate:
        trials = look_for(space, goal, evaluate, settings, on_trials)
        best = best_trials(trials, goal.higher, finalists)
        tested = retest(goal, space.base, best, evaluate, settings.replications, fresh)
        result = _result(loaded, settings, space, trials, tested, evaluate, folder)
        text = json.dumps(document(result), indent=2, allow_nan=False) + "\n"
        write_file_atomically(folder / "search.json", text)
    return result


def goal_of(study: Study) -> Goal:
    """What a search of a study looks for.

    Raises:
        SearchError: if neither way of its deciding outcome is better.
    """
    direction = way(study.deciding)
    if direction == "none":
        raise SearchError(
            f'{study.deciding.name}: neither way is better; give it better = "higher" or "lower", '
            "or decide by another outcome"
        )
    lines = tuple(
        (place, RedLine(one.at_least, one.at_most))
        for place, one in enumerate(study.outcomes)
        if one.at_least is not None or one.at_most is not None
    )
    return Goal(study.outcomes.index(study.deciding), direction == "higher", lines)


def _refuse(study: Study, settings: SearchSettings, finalists: int, fresh: int) -> None:
    if not study.levers:
        raise SearchError("levers: there is none; a search needs one at least")
    least: tuple[tuple[str, int, int], ...] = (
        ("trials", settings.trials, 1),
        ("replications", settings.replications, 1),
        ("batch", settings.batch, 1),
        ("finalists", finalists, 1),
        ("fresh", fresh, 2),
    )
    wrong = [f"{name} = {one}: must be at least {low}" for name, one, low in least if one < low]
    if wrong:
        raise SearchError("\n".join(wrong))


def _result(
    loaded: LoadedStudy,
    settings: SearchSettings,
    space: Space,
    trials: tuple[Trial, ...],
    tested: Retest,
    evaluate: Evaluation,
    folder: Path,
) -> SearchResult:
    failures: dict[str, Any] = evaluate.failures
    return SearchResult(
        loaded,
        settings,
        space,
        trials,
        tested,
        tuple(failures[name] for name in sorted(failures)),
        dict(evaluate.refused),
        evaluate.made,
        evaluate.context.model,
        folder,
    )
