"""Kernel change points of relative prices, by the library `ruptures`: an extra, for comparison."""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np
from numpy.typing import NDArray

from policies.arrays import IntArray
from policies.monitoring.relative_prices import PriceWindow, relative_log_prices

QUARTER = 90
"""Days before today within which a change is looked for."""

SHORTEST = 7
"""Days that a regime lasts at least."""

BANDWIDTH = 0.05
"""Log points by which two prices must differ to count as different."""


def is_installed() -> bool:
    """Whether `ruptures` is here: `pip install -e '.[monitoring]'`."""
    return find_spec("ruptures") is not None


def kernel_change(window: PriceWindow, rows: IntArray) -> NDArray[np.float64]:
    """How much better two regimes describe the last 90 days of a listing than one does.

    Args:
        window: prices of the past and of today, with the deflators of ages 0 to 90.
        rows: (R,) listings.

    Returns:
        (R,) gain in the cost of the Gaussian kernel at the best split, >= 0, at most the days in
        the window; 0 where fewer than two regimes' days are known. A change is accepted where the
        gain exceeds the penalty.

    Raises:
        ImportError: if `ruptures` is not installed.

    Source: Harchaoui & Cappé (2007), IEEE SSP; Arlot, Celisse & Harchaoui (2019), JMLR 20(162);
    Truong, Oudre & Vayatis (2020), Signal Processing 167 (ruptures).
    """
    from ruptures import KernelCPD

    logs = relative_log_prices(window, rows, QUARTER)
    gain = np.zeros(len(rows))
    for number in range(len(rows)):
        signal = logs[:, number]
        signal = signal[np.isfinite(signal)]
        if len(signal) < 2 * SHORTEST:
            continue
        search = KernelCPD(
            kernel="rbf", min_size=SHORTEST, params={"gamma": 0.5 / BANDWIDTH**2}
        ).fit(signal[:, None])
        split = search.predict(n_bkps=1)[0]
        cost = search.cost.error
        end = len(signal)
        gain[number] = cost(0, end) - cost(0, split) - cost(split, end)
    return gain
