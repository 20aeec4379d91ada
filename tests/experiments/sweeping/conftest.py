"""Sweeps in this process, and one in processes of its own that nothing disturbed."""

from collections.abc import Callable
from pathlib import Path

import pytest
from swept import InThisProcess, command, write_study

from experiments.sweeping import driver


@pytest.fixture
def executor(monkeypatch: pytest.MonkeyPatch) -> Callable[..., InThisProcess]:
    """Choose the executor of the sweeps that follow."""

    def chosen(**options: object) -> InThisProcess:
        made = InThisProcess(**options)  # type: ignore[arg-type]
        monkeypatch.setattr(driver, "make_executor", lambda *_: made)
        return made

    chosen()
    return chosen


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a sweep by two workers."""
    folder = tmp_path_factory.mktemp("undisturbed")
    study = write_study(folder, count=10)
    process = command("sweep", study, "--out", folder / "out", "--workers", 2)
    told, errors = process.communicate()
    assert process.returncode == 0, errors
    assert "30 of 30 runs are done" in told
    return folder / "out"
