"""What docs/calibrating.md shows works: its files, in a folder of their own."""

import re
from pathlib import Path

import pytest
from in_process import InProcess

from experiments.calibration.calibrate import calibrate
from experiments.calibration.loading import load_calibration

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "calibrating.md"


def block(language: str) -> str:
    text = DOCUMENT.read_text(encoding="utf-8")
    (found,) = re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return str(found)


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    (tmp_path / "mine.csv").write_text(block("csv"))
    path = tmp_path / "mine.toml"
    path.write_text(block("toml"))
    return path


def test_the_example_of_the_document_is_fine(mine: Path) -> None:
    loaded = load_calibration(mine)
    assert [one.use for one in loaded.targets] == ["fit", "fit", "check"]
    assert all(f"`{name}`" in DOCUMENT.read_text() for name in ("weight", "standard_error", "sd"))


@pytest.mark.slow
def test_the_example_of_the_document_meets_what_it_fits(mine: Path, tmp_path: Path) -> None:
    loaded = load_calibration(mine, overrides=["predictive.draws=20"])
    result = calibrate(loaded, executor=InProcess(), out=tmp_path / "out")
    assert [one.word for one in result.checks[:2]] == ["met", "met"]
