"""`weal sensitivity` and `weal discover`: what each design can tell, in words and as JSON."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from studied import ISHIGAMI, Values, ishigami, studied

from experiments.commands import discover, sensitivity
from experiments.sensitivity.asking import SensitivityError, setting_of
from experiments.sensitivity.ranks import ranks
from experiments.studies.results import StudyResults

LEVER = {"key": "policies.cap", "levels": [0.0, 0.2], "base": 0.0}
UNCERTAIN = [{"key": one, "low": 0.0, "high": 1.0, "steps": 2} for one in ("chest", "mood")]
LINE = [{"name": "trust", "indicator": "trust", "at_least": 0.6}]
Give = Callable[[StudyResults], None]


@pytest.fixture
def give(monkeypatch: pytest.MonkeyPatch) -> Give:
    """Let the commands find these results."""

    def given(results: StudyResults) -> None:
        for module in (sensitivity, discover):
            monkeypatch.setattr(module, "load_results", lambda *_, **__: results)

    return given


def in_grid(worlds: str) -> StudyResults:
    def trust(x: Values, _: int, replication: int) -> float:
        bad = x["policies.cap"] > 0.0 and x.get("chest", 0.0) > 0.5
        return 0.7 - 0.3 * bad + 0.001 * x.get("mood", 0.0) * (1 + replication)

    return studied(
        trust,
        3,
        levers=[LEVER],
        uncertainties=UNCERTAIN,
        outcomes=LINE,
        design={"method": "grid", "worlds": worlds, "world_samples": 60},
    )


def drawn(method: str, **design: Any) -> StudyResults:
    rng = np.random.default_rng(1)
    return studied(
        lambda x, *_: ishigami(x) + float(rng.standard_normal()),
        3,
        uncertainties=ISHIGAMI,
        outcomes=[{"name": "trust", "indicator": "trust", "label": "how much they trust"}],
        design={"method": method} | design,
    )


def ask(as_json: bool = True, outcome: str = "", setting: str | None = None, base: str | None = None
        ) -> int:  # fmt: skip
    return sensitivity.sensitivity_command(
        "made_up", outcome, setting, base, [], [], None, as_json=as_json
    )


def find(as_json: bool = True, **asked: Any) -> int:
    given = {"setting": None, "against": None, "threshold": None} | asked
    return discover.discover_command(
        "made_up", "", given["setting"], given["against"], given["threshold"], [], [], None,
        as_json=as_json,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("results", "method"),
    [
        (drawn("sobol", samples=32, second_order=True), "sobol"),
        (drawn("morris", trajectories=8), "morris"),
        (drawn("latin_hypercube", samples=64), "ranks"),
        (in_grid("crossed"), "ranks"),
        (in_grid("one_at_a_time"), "tornado"),
    ],
)
def test_each_design_tells_what_it_can(
    results: StudyResults, method: str, give: Give, capsys: pytest.CaptureFixture[str]
) -> None:
    give(results)
    if method == "ranks" and not results.loaded.study.levers:
        assert ask() == 0
    elif method == "ranks":
        # Four corners of two uncertainties are too few for a correlation, and this is said.
        assert ask() == 2
        assert "only 4 of 4 points have finished runs" in capsys.readouterr().err
        return
    else:
        assert ask() == 0
    told = json.loads(capsys.readouterr().out)
    assert told["method"] == method
    assert len(told["rows"]) == (4 if method == "tornado" else 3)
    assert ask(as_json=False) == 0
    shown = capsys.readouterr().out
    assert told["notes"][0] in " ".join(shown.split())
    assert max(len(line) for line in shown.splitlines()) <= 100
    if method != "tornado":
        assert 0.0 < told["noise"]["of_means"] < told["noise"]["of_runs"] < 1.0
        assert "of the variance of single runs" in told["notes"][-1]


def test_numbers_of_json_are_those_of_the_table(
    give: Give, capsys: pytest.CaptureFixture[str]
) -> None:
    give(drawn("sobol", samples=256))
    assert ask() == 0
    rows = {one["factor"]: one for one in json.loads(capsys.readouterr().out)["rows"]}
    assert rows["x2"]["first"] == pytest.approx(0.4424, abs=0.06)
    assert rows["x2"]["first_low"] < rows["x2"]["first"] < rows["x2"]["first_high"]
    assert ask(as_json=False) == 0
    line = next(one for one in capsys.readouterr().out.splitlines() if one.startswith("x2"))
    assert f"{rows['x2']['first']:.2f} ({rows['x2']['first_low']:.2f} to" in line


def test_a_setting_is_named_by_its_label_or_number(
    give: Give, capsys: pytest.CaptureFixture[str]
) -> None:
    results = in_grid("one_at_a_time")
    give(results)
    assert ask(setting="cap=0.2") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["setting"], told["base"]) == ("cap = 0.2", "cap = 0")
    assert told["rows"][0]["uncertainty"] == "chest"
    assert told["rows"][1]["change_of_difference"] == pytest.approx(-0.3)
    assert setting_of(results, "1") == setting_of(results, "cap = 0.2") == 1
    with pytest.raises(SensitivityError, match=r"did you mean 'cap = 0\.2'"):
        setting_of(results, "cop = 0.2")


def test_where_a_cap_fails_is_told_in_words_and_json(
    give: Give, capsys: pytest.CaptureFixture[str]
) -> None:
    give(in_grid("latin_hypercube"))
    assert find(setting="cap = 0.2") == 0
    told = json.loads(capsys.readouterr().out)
    (box,) = told["boxes"]
    assert box["circumstances"].startswith("chest > 0.")
    assert (box["density"], box["coverage"]) == (1.0, 1.0)
    assert told["failures"] == 30
    assert find(as_json=False, setting="cap = 0.2", against="base") == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "fails where trust is worse than with the base setting (cap = 0): 30 of 60" in shown
    assert "It fails above all where chest > 0." in shown
    assert "Of the boxes on PRIM's paths" in shown


def test_what_cannot_be_asked_ends_with_two(give: Give, capsys: pytest.CaptureFixture[str]) -> None:
    give(drawn("sobol", samples=32))
    assert ask(outcome="trst") == 2
    assert "did you mean trust" in capsys.readouterr().err
    assert ask(setting="0") == 2
    assert "a setting can be chosen in a grid only" in capsys.readouterr().err
    assert find(against="worst") == 2
    assert "--against worst: must be base or best" in capsys.readouterr().err
    assert find() == 2
    assert "has no red line: give a threshold" in capsys.readouterr().err


def test_rank_correlations_follow_what_rises_and_first_order_indices_what_turns() -> None:
    factors = [{"key": one, "low": -1.0, "high": 1.0} for one in ("up", "down", "turns", "nothing")]
    rng = np.random.default_rng(2)

    def outcome(x: Values, *_: int) -> float:
        own = 0.3 * float(rng.standard_normal())
        return float(np.exp(x["up"]) - x["down"] + 2.5 * x["turns"] ** 2 + own)

    found = ranks(
        studied(outcome, 3, levers=factors, design={"method": "latin_hypercube", "samples": 512})
    )
    correlation = dict(zip(found.labels, found.correlation, strict=True))
    assert correlation["up"].low > 0.4
    assert correlation["down"].high < -0.4
    assert correlation["nothing"].low < 0.0 < correlation["nothing"].high
    exponential = np.sinh(2.0) / 2.0 - np.sinh(1.0) ** 2  # variance of exp(x), x in [-1, 1]
    parts = np.array([exponential, 1 / 3, 6.25 * (1 / 5 - 1 / 9), 0.0])
    first = np.array([one.value for one in found.first])
    assert first == pytest.approx(parts / parts.sum(), abs=0.06)
    assert found.r_squared < 0.7
