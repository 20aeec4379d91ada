"""The sensitivity that a study's design can tell."""

from __future__ import annotations

from experiments.sensitivity.asking import SensitivityError, outcome_of, setting_of
from experiments.sensitivity.morris import morris
from experiments.sensitivity.ranks import ranks
from experiments.sensitivity.sobol import sobol
from experiments.sensitivity.tables import Sensitivity
from experiments.sensitivity.tornado import tornado
from experiments.studies.results import StudyResults
from experiments.studies.schema import Grid, Morris, Sobol


def sensitivity(
    results: StudyResults,
    outcome: str = "",
    setting: str | int | None = None,
    base: str | int | None = None,
) -> Sensitivity:
    """Which factors an outcome of a study depends on.

    Args:
        results: of the study.
        outcome: its name; empty: the one that the study decides by.
        setting: in a grid: label or number of the setting; absent: the base setting.
        base: in a grid: label or number of the setting it is compared with; absent: in a tornado
            the study's base setting, otherwise none.

    Returns:
        Sobol indices of a Sobol design, elementary effects of a Morris design, rank measures of a
        Latin hypercube or of a grid whose worlds vary together, and otherwise a tornado.

    Raises:
        SensitivityError: if the results cannot tell it; the message says what would.
    """
    outcome_of(results, outcome)
    design = results.loaded.study.design
    if not isinstance(design, Grid) and not (setting is None and base is None):
        raise SensitivityError(
            "a setting can be chosen in a grid only; in a drawn design the levers are among the "
            "factors"
        )
    if isinstance(design, Sobol):
        return sobol(results, outcome)
    if isinstance(design, Morris):
        return morris(results, outcome)
    own, other = setting_of(results, setting), setting_of(results, base)
    if isinstance(design, Grid) and design.worlds == "one_at_a_time":
        return tornado(results, outcome, own, other)
    return ranks(results, outcome, own, other)
