"""What a study's runs gave, as pandas: from their files, or from shards once they are merged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from experiments.studies.identity import model_version
from experiments.studies.loading import LoadedStudy, load_study
from experiments.studies.results import Failure, StudyResults, result_table
from experiments.studies.store import KINDS, models_in, read_failures, study_folder
from experiments.studies.tasks import Planned, planned
from experiments.sweeping.finished import finished_runs
from experiments.sweeping.folder import (
    StudyFolderError,
    load_stored,
    means_folder,
    name_in,
    read_plan,
    read_record,
)
from experiments.sweeping.outcomes import OutcomeTable, daily_of
from experiments.sweeping.target import asked_for


def load(
    study: str | Path,
    *,
    out: str | Path | None = None,
    overrides: Sequence[str] = (),
    plugins: Sequence[Path] = (),
    daily: bool = False,
) -> pd.DataFrame:
    """What the runs of a study gave.

    Args:
        study: the name of one that ships, a TOML file, or a study's folder.
        out: the study's folder, if not the usual one.
        overrides: `KEY=VALUE` each, as for `sweep`.
        plugins: Python files with policies of the user's own.
        daily: a row a day of each run, with all indicators, instead of a row a run.

    Returns:
        A row a run, sorted by point and replication: columns point, setting, world, replication,
        seed, run, then one a lever and uncertainty by its key, then one an outcome. With `daily`:
        the first six, day, and one an indicator.

    Raises:
        StudyFolderError: if there are no runs.
        scenarios.errors.ScenarioError: if the study is not allowed.
    """
    results = load_results(study, out=out, overrides=overrides, plugins=plugins)
    if not daily:
        return results.runs
    return daily_table(results, _folder(study, out, results.loaded))


def load_results(
    study: str | Path,
    *,
    out: str | Path | None = None,
    overrides: Sequence[str] = (),
    plugins: Sequence[Path] = (),
) -> StudyResults:
    """A study with all that its runs have given so far, of the model that made the last sweep.

    Args:
        study: as for `load`.
        out: as for `load`.
        overrides: as for `load`; not with a folder, which holds the study as it was swept.
        plugins: as for `load`.

    Raises:
        StudyFolderError: if there are no runs.
        scenarios.errors.ScenarioError: if the study is not allowed.
    """
    if out is None and means_folder(study):
        if overrides:
            raise StudyFolderError(
                f"{study}: a folder holds the study as it was swept; name the study to change it"
            )
        loaded = load_stored(Path(study), plugins)
    else:
        loaded = load_study(study, overrides=overrides, plugins=plugins)
    folder = _folder(study, out, loaded)
    if name_in(folder) != loaded.study.name:
        raise StudyFolderError(
            f"{folder}: holds no runs of the study {loaded.study.name!r}; `weal sweep {study}` "
            "makes them"
        )
    model = _model(folder, loaded)
    return read_results(loaded, planned(loaded), folder, model)


def read_results(
    loaded: LoadedStudy, points: Sequence[Planned], folder: Path, model: str
) -> StudyResults:
    """As `load_results`, of a study that is resolved.

    Args:
        loaded: the study.
        points: as `planned` gives them.
        folder: the study's folder.
        model: version of the model.
    """
    replications = asked_for(loaded, read_plan(folder, model))
    wanted = {
        (one.point.number, replication): one.run(replication, model)
        for one in points
        for replication in range(replications[one.point.number])
    }
    there = finished_runs(folder, model)
    outcomes = OutcomeTable(folder, model, loaded.study.outcomes)
    index = {run: points[point].scenario.health.index for (point, _), run in wanted.items()}
    outcomes.read({run: one for run, one in index.items() if run in there})
    values = {
        key: (run, outcomes.by_run[run])
        for key, run in wanted.items()
        if run in there and run in outcomes.by_run
    }
    return StudyResults(
        loaded,
        model,
        result_table(loaded, values),
        _failures(folder, model, wanted, there, outcomes.damaged),
        len(set(wanted.values())),
    )


def daily_table(results: StudyResults, folder: Path) -> pd.DataFrame:
    """All indicators of all days of the runs of a study.

    Args:
        results: the study's results.
        folder: its folder.

    Returns:
        A row a day of each run, in the order of `results.runs`; memory: 8 bytes a number.
    """
    keys = ["point", "setting", "world", "replication", "seed", "run"]
    frames = dict(daily_of(folder, results.model, results.runs["run"].unique(), None, {}))
    lengths = [len(frames[run]) for run in results.runs["run"]]
    about = results.runs[keys].loc[results.runs.index.repeat(lengths)].reset_index(drop=True)
    parts = [frames[run] for run in results.runs["run"]]
    days = pd.concat(parts).reset_index() if parts else pd.DataFrame({"day": []})
    return pd.concat([about, days], axis=1)


def _folder(study: str | Path, out: str | Path | None, loaded: LoadedStudy) -> Path:
    return (
        Path(out)
        if out is not None
        else (Path(study) if means_folder(study) else study_folder(loaded.study.name))
    )


def _model(folder: Path, loaded: LoadedStudy) -> str:
    """The version of the model that made the last sweep; its own where it has runs too."""
    own = model_version(loaded.plugins)
    return own if own in models_in(folder) else read_record(folder).model


def _failures(
    folder: Path,
    model: str,
    wanted: Mapping[tuple[int, int], str],
    there: set[str],
    damaged: Mapping[str, str],
) -> tuple[Failure, ...]:
    """Runs without a result, in the order of points and replications."""
    known = {one.run: one for one in read_failures(folder, model) if one.run not in there}
    found = []
    for (point, replication), run in sorted(wanted.items()):
        if run in known:
            one = known[run]
            kind = KINDS.get(one.kind, one.kind)
            found.append(Failure(run, point, replication, kind, one.told, one.tries))
        elif run in damaged:
            told = f"its file cannot be read ({damaged[run]}); `weal sweep` makes it anew"
            found.append(Failure(run, point, replication, "file is damaged", told, 0))
    return tuple(found)
