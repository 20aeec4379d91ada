"""What a calibration found, in sentences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from experiments.calibration.targets import fitted
from experiments.numerals import number
from experiments.studies.schema import unit_of

if TYPE_CHECKING:
    from experiments.calibration.calibrate import CalibrationResult

RULE = (
    "“Met”: the target lies within the middle 90 % of what the fitted model predicts on fresh "
    "seeds, its own error included; “missed”: outside the middle 99 %; “doubtful”: in between. "
    "Ranks among the draws tell that, and beyond what they can tell Student’s t."
)
"""The words of the posterior predictive check."""


def answer(result: CalibrationResult) -> list[str]:
    """The answer: what is reproduced, what is not, and what the moments tell of parameters."""
    told = [_reproduced(result, "fit"), _reproduced(result, "check")]
    told += [_test(result), _identified(result), _together(result), _at_bounds(result)]
    told += [_failures(result)]
    return [one for one in told if one]


def parameter_names(result: CalibrationResult) -> list[str]:
    """What tables call the parameters."""
    return [one.label or one.key for one in result.loaded.calibration.parameters]


def moment_names(result: CalibrationResult) -> list[str]:
    """What tables call the moments."""
    return [one.name.replace("_", " ") for one in result.loaded.targets]


def moment_units(result: CalibrationResult) -> list[str]:
    """The units of the moments."""
    return [unit_of(one.outcome) for one in result.loaded.targets]


def _reproduced(result: CalibrationResult, use: str) -> str:
    names = moment_names(result)
    places = [place for place, one in enumerate(result.loaded.targets) if one.use == use]
    if not places:
        return ""
    words = {place: result.checks[place].word for place in places}
    met = [names[place] for place in places if words[place] == "met"]
    plural = "s" if len(places) > 1 else ""
    what = f"fitted moment{plural}" if use == "fit" else f"moment{plural} held out of the fit"
    text = f"Of {len(places)} {what} the fitted model reproduces {len(met)}"
    text += f": {', '.join(met)}." if met else "."
    for word, how in (
        ("doubtful", "Doubtful"),
        ("missed", "Missed"),
        ("not measured", "Without a value in the model"),
    ):
        found = [place for place in places if words[place] == word]
        if found:
            text += f" {how}: {_list([_gap(result, place, names[place]) for place in found])}."
    return text


def _gap(result: CalibrationResult, place: int, name: str) -> str:
    check, goal = result.checks[place], result.loaded.targets[place].value
    if np.isnan(check.mean):
        return name
    way = "too low" if check.mean < goal else "too high"
    return f"{name} (predicted {number(check.mean)}, {way} against {number(goal)})"


def _test(result: CalibrationResult) -> str:
    found = result.fit.estimate
    if found is None or np.isnan(found.p_value):
        return ""
    verdict = (
        "the moments contradict the model as a whole"
        if found.p_value < 0.05
        else "the moments do not contradict the model as a whole"
    )
    return (
        f"Test of overidentification: J = {found.j:.2f} with {found.freedom} degrees of freedom, "
        f"p = {found.p_value:.3f}: {verdict}."
    )


def _identified(result: CalibrationResult) -> str:
    names = parameter_names(result)
    told = [one.identified for one in result.fit.parameters]
    parts = []
    for word, how in (
        ("no", "No moment responds to {}, so that its value is the prior's"),
        ("weakly", "Moments respond to {} by less than their errors"),
    ):
        found = [name for name, one in zip(names, told, strict=True) if one == word]
        if found:
            parts.append(how.format(_list(found)) + ".")
    return " ".join(parts) or "Every parameter has a moment that responds to it."


def _together(result: CalibrationResult) -> str:
    names = parameter_names(result)
    pairs = [f"{names[one]} and {names[other]}" for one, other in result.fit.together()]
    if not pairs:
        return ""
    return f"Hardly told apart, since their estimates go together: {_list(pairs)}."


def _at_bounds(result: CalibrationResult) -> str:
    names = parameter_names(result)
    found = [n for n, one in zip(names, result.fit.parameters, strict=True) if one.at_bound]
    if not found:
        return ""
    text = f"At an end of the prior, which may be too narrow: {_list(found)}."
    return text + (" Its interval is a rough one there." if result.fit.estimate else "")


def _failures(result: CalibrationResult) -> str:
    if not result.failures:
        return ""
    return f"{len(result.failures)} runs failed and are left out; calibration.json tells why."


def fitted_names(result: CalibrationResult, places: Sequence[int]) -> list[str]:
    """Names of fitted moments by their places among these."""
    names, own = moment_names(result), fitted(result.loaded.targets)
    return [names[own[place]] for place in places]


def _list(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
