"""Results of studies without runs: outcomes drawn from known surfaces, for tests of analyses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from experiments.studies.loading import LoadedStudy, resolve_study
from experiments.studies.points import Point
from experiments.studies.results import Failure, StudyResults, factor_keys, factor_values
from experiments.studies.schema import RUN_COLUMNS, Study
from sim.health import INDICATORS

CAP = "policies.price_regulation.max_share_of_price"
CAPS = [0.0, 0.1, 0.2, 0.3, 0.4]

Surface = Callable[[Point, LoadedStudy], float]


def cap_study(**changes: Any) -> LoadedStudy:
    """A study of a cap on subsidies in the scenario for tests."""
    about: dict[str, Any] = {
        "name": "caps",
        "title": "Which cap is best?",
        "question": "How high may subsidies be?",
        "scenario": "tiny",
        "levers": ({"key": CAP, "label": "Cap on subsidies", "unit": "share", "levels": CAPS},),
        "uncertainties": (
            {"key": "consumers.multi_homing", "label": "Comparing", "levels": (0.2, 1.0)},
            {"key": "merchants.capital_days", "label": "Capital", "levels": (100.0, 365.0)},
        ),
        "alternatives": ({"label": "no fines", "changes": {"policies.sanctions.name": "none"}},),
        "outcomes": (
            {"name": "surplus", "label": "Consumer surplus", "indicator": "consumer_surplus"},
            {
                "name": "survival",
                "label": "Small shops that survive",
                "indicator": "small_merchant_survival",
                "statistic": "last",
                "at_least": 0.6,
            },
            {"name": "index", "label": "Health index", "indicator": "health_index"},
        ),
    }
    study = Study.model_validate({**about, **changes}, strict=False)
    return resolve_study(study, Path("caps.toml"))


def peak(point: Point, loaded: LoadedStudy) -> float:
    """100, less the distance from a cap of 0.2."""
    return 100.0 - 300.0 * (float(point.changes[CAP]) - 0.2) ** 2


def results_of(
    loaded: LoadedStudy,
    surface: Surface = peak,
    replications: int = 30,
    noise: float = 2.0,
    failures: tuple[Failure, ...] = (),
    others: Mapping[str, Surface] | None = None,
) -> StudyResults:
    """Results whose deciding outcome is a known surface with luck that settings share.

    Args:
        loaded: the study.
        surface: true mean of the deciding outcome at a point.
        replications: of each point.
        noise: standard deviation of each run's own luck; that which all share has 5.
        failures: runs that gave none.
        others: true means of further outcomes or indicators, by name.
    """
    rng = np.random.default_rng(1)
    shared = 5.0 * rng.standard_normal(replications)
    known = dict(others or {})
    runs, means = [], []
    for point in loaded.layout.points:
        factors = factor_values(loaded, point)
        for r in range(replications):
            own = noise * rng.standard_normal(len(INDICATORS) + len(loaded.study.outcomes))
            place = {"point": point.number, "setting": point.setting, "world": point.world}
            row: dict[str, object] = {
                **place,
                "replication": r,
                "seed": loaded.base.seed + r,
                "run": f"{point.number:016x}{r:016x}",
                **factors,
            }
            for k, outcome in enumerate(loaded.study.outcomes):
                if outcome is loaded.study.deciding:
                    row[outcome.name] = surface(point, loaded) + shared[r] + own[k]
                elif outcome.name in known:
                    row[outcome.name] = known[outcome.name](point, loaded) + 0.01 * own[k]
                else:
                    row[outcome.name] = 0.7 + 0.01 * (shared[r] + own[k])
            runs.append(row)
            values = {
                one.name: (known[one.name](point, loaded) if one.name in known else 0.5)
                + 0.02 * (shared[r] + own[-1 - k])
                for k, one in enumerate(INDICATORS)
            }
            means.append({**place, "replication": r, **values})
    names = [*RUN_COLUMNS, *factor_keys(loaded), *(one.name for one in loaded.study.outcomes)]
    return StudyResults(
        loaded,
        "2.0+0123456789ab",
        pd.DataFrame(runs, columns=names),
        failures,
        len(runs) + len(failures),
        pd.DataFrame(means),
    )
