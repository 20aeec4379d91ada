"""Studies as text, written beside each other into a folder of the test's own."""

from collections.abc import Callable
from pathlib import Path

import pytest

from experiments.studies.loading import LoadedStudy, load_study

LEVER = """
[[levers]]
key = "policies.price_regulation.max_share_of_price"
levels = [0.0, 0.1, 0.2]
"""

OUTCOME = """
[[outcomes]]
name = "surplus"
indicator = "consumer_surplus"
"""


@pytest.fixture
def load(tmp_path: Path) -> Callable[..., LoadedStudy]:
    """Load a study from the text before its outcome: the scenario is `tiny` unless it says so."""

    def made(text: str = LEVER, outcome: str = OUTCOME, **options: object) -> LoadedStudy:
        head = "" if "scenario =" in text else 'scenario = "tiny"\n'
        path = tmp_path / "mine.toml"
        path.write_text(head + text + outcome)
        return load_study(path, **options)  # type: ignore[arg-type]

    return made
