"""Studies whose runs are made up: a function of the factors' values gives each run's outcomes."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd

from experiments.studies.loading import LoadedStudy
from experiments.studies.points import lay_out
from experiments.studies.results import StudyResults
from experiments.studies.schema import RUN_COLUMNS, Study
from scenarios.schema import Scenario

Values = Mapping[str, Any]
"""Values of factors by key, where a point changes them."""

ISHIGAMI = [{"key": f"x{one}", "low": -np.pi, "high": np.pi} for one in (1, 2, 3)]


def ishigami(x: Values) -> float:
    """a = 7, b = 0.1: Ishigami & Homma (1990)."""
    return float(np.sin(x["x1"]) + 7 * np.sin(x["x2"]) ** 2 + 0.1 * x["x3"] ** 4 * np.sin(x["x1"]))


def studied(
    run: Callable[[Values, int, int], float | Mapping[str, float]],
    replications: int = 1,
    /,
    **study: Any,
) -> StudyResults:
    """The results of a study.

    Args:
        run: its outcomes, by the point's changes, its number, and the replication.
        replications: of each point.
        **study: fields of the study; outcomes are `index`, and others if the function has them.
    """
    names = study.pop("names", ("index",))
    told = study.pop("outcomes", [{"name": one, "indicator": "trust"} for one in names])
    given = {"scenario": "none", "name": "made_up", "outcomes": told} | study
    resolved = Study.model_validate_json(json.dumps(given))  # TOML's lists, in the form of tuples
    layout = lay_out(resolved)
    loaded = LoadedStudy(
        resolved, Path("made_up.toml"), cast(Scenario, None), Path(), layout, plugins=()
    )
    factors = [one.key for one in (*resolved.levers, *resolved.uncertainties)]
    rows = []
    for point in layout.points:
        for replication in range(replications):
            found = run(point.changes, point.number, replication)
            values = found if isinstance(found, Mapping) else {told[0]["name"]: found}
            place = (point.number, point.setting, point.world, replication, replication, "run")
            rows.append(
                dict(zip(RUN_COLUMNS, place, strict=True))
                | {key: point.changes.get(key) for key in factors}
                | dict(values)
            )
    return StudyResults(loaded, "made up", pd.DataFrame(rows), (), len(rows))
