"""What a calibration found, as JSON."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from experiments.calibration.wording import (
    RULE,
    answer,
    fitted_names,
    moment_names,
    moment_units,
    parameter_names,
)
from experiments.studies.dotted_changes import as_overrides

if TYPE_CHECKING:
    from experiments.calibration.calibrate import CalibrationResult


def document(result: CalibrationResult) -> dict[str, Any]:
    """All that a calibration found, as JSON can hold it; no number is null."""
    loaded, fit = result.loaded, result.fit
    calibration = loaded.calibration
    return {
        "calibration": calibration.name,
        "title": calibration.title,
        "scenario": loaded.base.name,
        "method": calibration.method,
        "observation": calibration.observation,
        "model": result.model,
        "seed": loaded.base.seed,
        "days": loaded.base.days,
        "runs": result.runs,
        "answer": answer(result),
        "rule": RULE,
        "parameters": [_parameter(result, place) for place in range(len(fit.parameters))],
        "set": best_values(result),
        "correlation": [[_number(one) for one in row] for row in fit.correlation.tolist()],
        "moments": [_moment(result, place) for place in range(len(loaded.targets))],
        "method_result": _method(result),
        "settings": calibration.model_dump(mode="json"),
        "refused": dict(sorted(result.refused.items())),
        "failed_runs": [
            {"run": one.run, "kind": one.kind, "told": one.told} for one in result.failures
        ],
    }


def best_values(result: CalibrationResult) -> list[str]:
    """`KEY=VALUE` of each parameter's estimate, as `weal run --set` takes them."""
    import numpy as np

    values = np.array([one.mean for one in result.fit.parameters])
    return as_overrides(result.loaded.changes(values))


def _parameter(result: CalibrationResult, place: int) -> dict[str, Any]:
    given = result.loaded.calibration.parameters[place]
    found = result.fit.parameters[place]
    return {
        "key": given.key,
        "label": parameter_names(result)[place],
        "prior": {
            "law": given.prior,
            "low": given.low,
            "high": given.high,
            "sd": _number(found.prior_sd),
        },
        "mean": _number(found.mean),
        "sd": _number(found.sd),
        "low": _number(found.low),
        "high": _number(found.high),
        "shrinkage": _number(found.shrinkage),
        "identified": found.identified,
        "responding_moments": fitted_names(result, found.moments),
        "at_bound": found.at_bound,
    }


def _moment(result: CalibrationResult, place: int) -> dict[str, Any]:
    target, check = result.loaded.targets[place], result.checks[place]
    return {
        "name": target.name,
        "label": moment_names(result)[place],
        "unit": moment_units(result)[place],
        "indicator": target.outcome.indicator,
        "use": target.use,
        "target": target.value,
        "standard_error": target.error,
        "weight": target.weight,
        "source": target.source,
        "predicted": {
            "draws": check.draws,
            "mean": _number(check.mean),
            "sd": _number(check.sd),
            "low": _number(check.low),
            "high": _number(check.high),
        },
        "z": _number(check.z),
        "p_value": _number(check.p_value),
        "verdict": check.word,
    }


def _method(result: CalibrationResult) -> dict[str, Any]:
    posterior, estimate = result.fit.posterior, result.fit.estimate
    if posterior is not None:
        return {
            "draws_kept": posterior.kept,
            "effective_draws": _number(posterior.effective),
            "tolerance": _number(posterior.tolerance),
            "rounds": [
                {
                    "draws": len(one.unit),
                    "usable": one.usable,
                    "low": one.low.tolist(),
                    "high": one.high.tolist(),
                }
                for one in posterior.rounds
            ],
        }
    if estimate is None:
        return {}
    return {
        "j": _number(estimate.j),
        "degrees_of_freedom": estimate.freedom,
        "p_value": _number(estimate.p_value),
        "moments_at_estimate": [_number(one) for one in estimate.moments.tolist()],
        "singular": estimate.singular,
    }


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
