"""The policy in docs/writing-a-policy.md is run exactly as it stands there."""

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from experiments.running import resolve
from policies import registry
from scenarios.build import build

PAGE = Path(__file__).resolve().parents[2] / "docs" / "writing-a-policy.md"


def policy_text() -> str:
    return re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)[0]


@pytest.fixture
def plugin(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "lunch.py"
    path.write_text(policy_text(), encoding="utf-8")
    registry.load_plugin(path)
    yield path
    registry.unload_plugins()


def test_the_policy_has_under_forty_lines() -> None:
    assert len(policy_text().splitlines()) < 40


def test_it_subsidises_lunch_at_small_merchants_and_nothing_else(plugin: Path) -> None:
    scenario, folder = resolve(
        "tiny",
        overrides=[
            "events=[]",
            "consumers.count=1500",
            "policies.subsidy.name=lunch",
            "policies.subsidy.share=0.2",
            "policies.price_regulation.name=none",
        ],
    )
    market = build(scenario, folder=folder)
    for _ in range(5):
        market.step()
    orders = market.orders
    hour = orders["minute"] / 60.0
    lunch = (hour >= 11) & (hour < 14) & (market.books.size[orders["merchant"]] == 0)
    assert lunch.any()
    paid = orders["unit_subsidy"]
    np.testing.assert_array_equal(paid[~lunch], 0)
    np.testing.assert_array_equal(paid[lunch], np.rint(0.2 * orders["unit_price"][lunch]))


def test_it_is_listed_with_its_parameters(plugin: Path) -> None:
    assert "lunch" in registry.names("subsidy")
    assert set(registry.find("subsidy", "lunch").Params.model_fields) == {
        "name",
        "share",
        "begin",
        "end",
    }
