"""A calibration as a page: one file, the same bytes for the same result."""

from __future__ import annotations

import shlex
from typing import Any

from experiments.calibration.calibrate import CalibrationResult
from experiments.calibration.charts import posterior_chart, predictive_chart
from experiments.calibration.document import best_values
from experiments.calibration.wording import (
    RULE,
    answer,
    fitted_names,
    moment_names,
    moment_units,
    parameter_names,
)
from experiments.numerals import number
from experiments.reporting.page import template

METHODS = {
    "abc": "approximate Bayesian computation (rejection with local linear adjustment)",
    "smm": "the simulated method of moments with optimal weights",
}
OBSERVATIONS = {
    "mean": "Targets estimate the model's expectation; they are wrong by their standard errors.",
    "run": "Targets are of one history: chance counts as it makes runs differ, beside their "
    "standard errors.",
}


def render(result: CalibrationResult) -> str:
    """The page of a calibration as HTML."""
    text: str = template("calibration.html.j2").render(**_context(result))
    return text


def _context(result: CalibrationResult) -> dict[str, Any]:
    calibration = result.loaded.calibration
    names = parameter_names(result)
    return {
        "calibration": calibration,
        "title": calibration.title or calibration.name,
        "scenario": result.loaded.base,
        "answer": answer(result),
        "rule": RULE,
        "method": METHODS[calibration.method],
        "observation": OBSERVATIONS[calibration.observation],
        "runs": result.runs,
        "model": result.model,
        "names": names,
        "parameters": [
            {
                "name": names[place],
                "key": calibration.parameters[place].key,
                "mean": number(one.mean),
                "interval": f"{number(one.low)} to {number(one.high)}",
                "prior": _prior(result, place),
                "shrinkage": f"{max(one.shrinkage, 0.0):.0%}",
                "identified": one.identified,
                "moments": ", ".join(fitted_names(result, one.moments[:3])),
            }
            for place, one in enumerate(result.fit.parameters)
        ],
        "correlation": [[f"{one:.2f}" for one in row] for row in result.fit.correlation],
        "posterior_charts": [posterior_chart(result, place) for place in range(len(names))],
        "predictive_chart": predictive_chart(result),
        "moments": [_moment(result, place) for place in range(len(result.checks))],
        "settings": " ".join(f"--set {shlex.quote(one)}" for one in best_values(result)),
    }


def _prior(result: CalibrationResult, place: int) -> str:
    given = result.loaded.calibration.parameters[place]
    law = {"uniform": "uniform", "loguniform": "uniform in the logarithm", "normal": "normal"}
    own = f" ({number(given.mean or 0.0)}, sd {number(given.sd or 0.0)})" if given.mean else ""
    return f"{law[given.prior]}{own}, {number(given.low)} to {number(given.high)}"


def _moment(result: CalibrationResult, place: int) -> dict[str, Any]:
    target, check = result.loaded.targets[place], result.checks[place]
    return {
        "name": moment_names(result)[place],
        "unit": moment_units(result)[place],
        "use": "fitted" if target.use == "fit" else "held out",
        "target": number(target.value),
        "error": number(target.error),
        "mean": number(check.mean),
        "interval": f"{number(check.low)} to {number(check.high)}",
        "z": number(check.z),
        "p_value": number(check.p_value),
        "word": check.word,
        "source": target.source,
    }
