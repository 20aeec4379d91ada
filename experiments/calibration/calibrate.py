"""Calibrate a scenario to a table of target moments, and check what the fitted model predicts.

    calibration.json  the answer, parameters, moments, settings
    calibration.html  the same as a page
    posterior.csv     draws of the parameters with their weights
    MODEL/runs/       the runs, as in a study's folder

A calibration that was killed goes on where it was: started again it takes the same steps, and finds
the runs that were finished.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from experiments.calibration import priors, targets
from experiments.calibration.fitting import Fit, fit
from experiments.calibration.loading import LoadedCalibration
from experiments.calibration.moments import MomentProblem
from experiments.calibration.predictive import MomentCheck, check, draw_places, predict
from experiments.executors.protocol import Executor
from experiments.studies.evaluation import Evaluation
from experiments.studies.keeping import evaluation_in
from experiments.studies.results import Failure
from policies.arrays import FloatArray
from scenarios.atomic import write_file_atomically


@dataclass(frozen=True, slots=True)
class CalibrationResult:
    """What a calibration found; M targets, fitted ones and those held out."""

    loaded: LoadedCalibration
    fit: Fit
    checks: tuple[MomentCheck, ...]  # M, in the order of the targets
    predicted: FloatArray  # (n, M) predictive draws
    failures: tuple[Failure, ...]
    refused: dict[str, str]  # points that the scenario does not allow, and why
    made: int  # runs made this time, the others were there
    runs: int  # runs that it rests on
    model: str
    folder: Path


def calibration_folder(name: str) -> Path:
    """Where a calibration's results lie unless the user names another place."""
    return Path("runs") / f"calibration-{name}"


def calibrate(
    loaded: LoadedCalibration,
    *,
    executor: Executor,
    out: Path | None = None,
    on_runs: Callable[[int, int], None] | None = None,
) -> CalibrationResult:
    """Calibrate, check by fresh runs, and write the folder.

    Args:
        loaded: the calibration.
        executor: computes the runs; it is closed at the end.
        out: folder of the results; absent: `runs/calibration-NAME`.
        on_runs: called with runs done and asked for of the current step.

    Returns:
        What was found; the same for the same calibration, however often it was cut short.

    Raises:
        experiments.calibration.moments.CalibrationError: if too few runs gave all moments.
        OSError: if nothing can be written there.
    """
    from experiments.calibration.document import document
    from experiments.calibration.page import render

    calibration = loaded.calibration
    folder = calibration_folder(calibration.name) if out is None else out
    with evaluation_in(
        folder,
        base=loaded.base,
        starts_from=loaded.folder,
        outcomes=[one.outcome for one in loaded.targets],
        plugins=loaded.plugins,
        timeout_s=calibration.timeout_s,
        executor=executor,
        on_runs=on_runs,
    ) as evaluate:
        found = fit(_problem(loaded, evaluate), calibration)
        predicted = _predicted(loaded, found, evaluate)
        result = CalibrationResult(
            loaded,
            found,
            check(predicted, targets.values(loaded.targets)),
            predicted,
            tuple(evaluate.failures[name] for name in sorted(evaluate.failures)),
            dict(evaluate.refused),
            evaluate.made,
            evaluate.known,
            evaluate.context.model,
            folder,
        )
        text = json.dumps(document(result), indent=2, allow_nan=False) + "\n"
        write_file_atomically(folder / "posterior.csv", _draws(result).to_csv(index=False))
        write_file_atomically(folder / "calibration.html", render(result))
        write_file_atomically(folder / "calibration.json", text)
    return result


def _problem(loaded: LoadedCalibration, evaluate: Evaluation) -> MomentProblem:
    """The fitted moments, and the market as a function of places in the unit cube."""
    calibration, places = loaded.calibration, targets.fitted(loaded.targets)

    def simulate(unit: FloatArray, replications: range) -> FloatArray:
        values = priors.values_of(calibration.parameters, unit)
        return evaluate([loaded.changes(one) for one in values], replications)[:, :, places]

    goals = [loaded.targets[one] for one in places]
    return MomentProblem(
        simulate,
        len(calibration.parameters),
        targets.values(goals),
        targets.errors(goals),
        np.array([one.weight for one in goals]),
        calibration.observation,
        calibration.replications,
        calibration.covariance_replications,
    )


def _predicted(loaded: LoadedCalibration, found: Fit, evaluate: Evaluation) -> FloatArray:
    """(n, M) what the fitted model says that the targets should have been, by fresh luck."""
    calibration = loaded.calibration
    settings = calibration.predictive

    def simulate(unit: FloatArray, replications: Sequence[range]) -> FloatArray:
        values = priors.values_of(calibration.parameters, unit)
        return evaluate([loaded.changes(one) for one in values], replications)

    own = 1 if calibration.observation == "run" else calibration.replications
    places = draw_places(found.unit, found.weight, settings.draws)
    return predict(
        simulate,
        places,
        own if settings.replications is None else settings.replications,
        max(calibration.replications, calibration.covariance_replications),
        targets.errors(loaded.targets),
    )


def _draws(result: CalibrationResult) -> pd.DataFrame:
    names = [one.key for one in result.loaded.calibration.parameters]
    return pd.DataFrame(result.fit.values, columns=names).assign(weight=result.fit.weight)
