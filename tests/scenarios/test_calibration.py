"""The baseline against the published figures that docs/calibration.md lists."""

from pathlib import Path

import pandas as pd
import pytest

from experiments import run

DOCUMENT = Path(__file__).parents[2] / "docs" / "calibration.md"
DAYS = 42


def accepted_ranges() -> dict[str, tuple[float, float]]:
    """From the document's table: the lowest and the highest accepted value of each indicator."""
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in DOCUMENT.read_text().splitlines()
        if line.startswith("|") and line[2:].split()[0] != "indicator" and "---" not in line
    ]
    return {row[0]: (float(row[-2]), float(row[-1])) for row in rows}


@pytest.fixture(scope="module")
def indicators() -> pd.DataFrame:
    return run("baseline", days=DAYS).indicators


@pytest.mark.slow
@pytest.mark.parametrize("indicator", accepted_ranges())
def test_the_baseline_is_as_the_document_says(indicators: pd.DataFrame, indicator: str) -> None:
    low, high = accepted_ranges()[indicator]
    assert low <= indicators[indicator].tail(DAYS // 2).mean() <= high
