"""docs/slate-bandit.md leaves out no parameter, and its Python works."""

import re
from pathlib import Path

from policies.recommendation.bandit import BanditRecommendation

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "slate-bandit.md"


def test_it_names_every_parameter() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    names = set(BanditRecommendation.Params.model_fields) - {"name"}
    assert {name for name in names if f"`{name}" not in text} == set()


def test_its_python_works() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    (code,) = re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    told: list[float] = []
    exec(code, {"print": lambda estimate: told.append(estimate.value)})
    assert all(0.0 < value < 1.0 for value in told)
    assert len(told) == 2
