"""A study some of whose runs do harm."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from harmful_runs import Trouble, trouble_in

from policies import registry


@pytest.fixture
def trouble(tmp_path: Path) -> Iterator[Trouble]:
    yield trouble_in(tmp_path)
    registry.unload_plugins()
