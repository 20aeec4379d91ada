"""How often the intervals of a calibration hold the truth, on a model whose moments are known.

    python -m benchmarks.calibration

Truths are drawn from the prior (simulation-based calibration: Talts et al. 2018); the model has two
parameters, four moments that are not linear in them, and noise that grows with the first.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np

from experiments.calibration.moments import MomentProblem
from experiments.calibration.rejection import sample
from experiments.calibration.schema import MomentsSettings, RejectionSettings
from experiments.calibration.simulated_moments import estimate
from policies.arrays import FloatArray

TRUTHS, SD = 200, 0.1
ERROR = np.array([0.05, 0.05, 0.05, 0.3])


def expected(unit: FloatArray) -> FloatArray:
    """(n, 4) moments of (n, 2) places."""
    a, b = unit[:, 0], unit[:, 1]
    return np.stack([np.exp(a) + b, a * b + 0.5 * a, b**2 + b, a], axis=1)


def model(luck: int) -> Callable[[FloatArray, range], FloatArray]:
    """The model under one luck."""

    def simulate(unit: FloatArray, replications: range) -> FloatArray:
        noise = np.stack([np.random.default_rng([luck, r]).normal(size=4) for r in replications])
        return expected(unit)[:, None] + SD * (1.0 + 0.5 * unit[:, :1, None]) * noise[None]

    return simulate


def characteristics(observation: Literal["mean", "run"]) -> tuple[float, float, float, int]:
    """Coverage of 90 % intervals by either method, rejections of a true model at 5 %, estimates."""
    rng = np.random.default_rng(5)
    inside, near, rejected = [], [], []
    for luck in range(TRUTHS):
        truth = rng.uniform(size=2)
        target = expected(truth[None])[0] + ERROR * rng.normal(size=4)
        if observation == "run":
            target = target + SD * (1.0 + 0.5 * truth[0]) * rng.normal(size=4)
        problem = MomentProblem(model(luck), 2, target, ERROR, np.ones(4), observation, 4, 20)
        found = sample(problem, RejectionSettings(draws=128, rounds=2))
        ranks = [found.weight[found.unit[:, one] < truth[one]].sum() for one in (0, 1)]
        inside += [0.05 < rank < 0.95 for rank in ranks]
        moments = estimate(problem, MomentsSettings(draws=32))
        if not moments.at_edge.any():
            far = np.abs(moments.unit - truth) / np.sqrt(np.diag(moments.covariance))
            near += (far < 1.645).tolist()
            rejected.append(moments.p_value < 0.05)
    return float(np.mean(inside)), float(np.mean(near)), float(np.mean(rejected)), len(rejected)


def main() -> None:
    """Print the figures."""
    print(f"{TRUTHS} truths, 2 parameters each")
    for observation in ("mean", "run"):
        abc, smm, j, inner = characteristics(observation)  # type: ignore[arg-type]
        print(
            f"observation = {observation}: 90 % intervals hold the truth: abc {abc:.3f}, smm "
            f"{smm:.3f} ({inner} estimates within the prior); J rejects {j:.3f}"
        )


if __name__ == "__main__":
    main()
