"""What every test relies on: one thread for numerical libraries, no display, the shared data."""

import os
from collections.abc import Iterator

# These libraries read the variables when they are first imported, which is after this file.
for _variable in (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMBA_NUM_THREADS",
):
    os.environ.setdefault(_variable, "1")
os.environ.setdefault("MPLBACKEND", "Agg")

from pathlib import Path  # noqa: E402 - the variables above come first

import pytest  # noqa: E402
from hypothesis import HealthCheck, settings  # noqa: E402

from policies import registry  # noqa: E402

# The first example of a test may compile a kernel, and the machine may be busy; the same examples
# each time, so that a change is judged by what it changes.
settings.register_profile(
    "weal",
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
settings.load_profile("weal")

REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data that is not part of the repository; skips where it is missing."""
    shared = Path(os.environ.get("WEAL_SHARED", REPOSITORY.parent / "shared"))
    data = shared / "data"
    if not data.is_dir():
        pytest.skip(
            f"no real data: {data} is missing (set WEAL_SHARED to the folder that holds it)"
        )
    return data


@pytest.fixture(autouse=True)
def _no_plugins_stay() -> Iterator[None]:
    """What a test loads from a file of policies is gone when it ends."""
    yield
    registry.unload_plugins()
