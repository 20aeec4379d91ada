"""Runs that are killed and resumed, futures of one state, and files that are not whole."""

import json
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from quiet_markets import SELDOM
from swept import command

from experiments import branch, load_checkpoint, resume, run, save_checkpoint
from experiments.checkpoints.file import CheckpointError, DamagedError
from experiments.checkpoints.places import file_of, folder_of
from experiments.checkpoints.resuming import FinishedError
from experiments.run_folder import read_manifest
from policies import registry
from policies.plugin_errors import PolicyFailedError
from scenarios.errors import ScenarioError
from sim.market import Marketplace

SMALL = ("consumers.count=100", "commerce.generated.listings=40", SELDOM)


@pytest.fixture(scope="module")
def straight(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run with a checkpoint every three days."""
    out = tmp_path_factory.mktemp("straight") / "one"
    run("tiny", days=8, overrides=SMALL, out=out, checkpoint_every=3)
    return out


def assert_same_bytes(one: Path, other: Path, *, but: frozenset[str] = frozenset()) -> None:
    names = {path.name for path in one.iterdir()}
    assert names == {path.name for path in other.iterdir()}
    for name in names - but:
        assert (one / name).read_bytes() == (other / name).read_bytes(), name


BY_ORIGIN = frozenset({"manifest.json", "report.html"})


def copied(straight: Path, place: Path, *days: int) -> Path:
    """Some checkpoints of the run, without its folder."""
    out = place / "one"
    folder_of(out).mkdir()
    for day in days:
        file_of(out, day).write_bytes(file_of(straight, day).read_bytes())
    return out


def test_checkpoints_change_nothing_of_a_run(straight: Path, tmp_path: Path) -> None:
    run("tiny", days=8, overrides=SMALL, out=tmp_path / "plain")
    assert_same_bytes(straight, tmp_path / "plain")
    assert [path.name for path in sorted(folder_of(straight).iterdir())] == [
        f"day-{day:04d}.checkpoint" for day in (0, 3, 6)
    ]


@pytest.mark.parametrize("day", [0, 3, 6])
def test_a_run_is_resumed_to_the_same_bytes(straight: Path, tmp_path: Path, day: int) -> None:
    out = copied(straight, tmp_path, day)
    resume(out)
    assert_same_bytes(straight, out)
    for later in range(day, 8, 3):
        assert file_of(out, later).read_bytes() == file_of(straight, later).read_bytes()


def test_a_finished_run_is_not_lived_again(straight: Path) -> None:
    with pytest.raises(FinishedError, match="is finished"):
        resume(straight)


def test_a_damaged_checkpoint_gives_way_to_an_older_one(straight: Path, tmp_path: Path) -> None:
    out = copied(straight, tmp_path, 3, 6)
    newest = file_of(out, 6)
    newest.write_bytes(newest.read_bytes()[:-100])
    resume(folder_of(out))
    assert_same_bytes(straight, out)


WRONG = {
    "cut short": (lambda content: content[:-1], "damaged or cut short"),
    "a wrong byte": (lambda content: content[:-9] + b"\0" + content[-8:], "damaged or cut short"),
    "another format": (lambda content: content.replace(b" 1\n", b" 2\n", 1), "of format 2"),
    "something else": (lambda _: b"PK\x03\x04", "no checkpoint of Weal's"),
    "nothing": (lambda _: b"", "no checkpoint of Weal's"),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_file_that_is_not_whole_is_refused(straight: Path, tmp_path: Path, what: str) -> None:
    spoil, told = WRONG[what]
    file = tmp_path / "x.checkpoint"
    file.write_bytes(spoil(file_of(straight, 3).read_bytes()))
    with pytest.raises(DamagedError, match=f"x.checkpoint: .*{told}"):
        load_checkpoint(file)


def test_another_version_of_the_model_is_refused(
    straight: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("experiments.checkpoints.file.model_version", lambda: "9.9+abc")
    with pytest.raises(CheckpointError, match=r"written by version .* and this is 9\.9\+abc"):
        load_checkpoint(file_of(straight, 3))


def test_a_market_of_python_is_saved_and_loaded(straight: Path, tmp_path: Path) -> None:
    market = load_checkpoint(file_of(straight, 3))
    market.step()
    other = load_checkpoint(save_checkpoint(market, tmp_path / "a" / "b.checkpoint"))
    assert other.day == 4
    assert other.health.values().tobytes() == market.health.values().tobytes()


def test_a_new_run_replaces_the_checkpoints_of_an_earlier_one(tmp_path: Path) -> None:
    out = tmp_path / "one"
    run("tiny", days=2, overrides=SMALL, out=out, checkpoint_every=1)
    run("tiny", days=2, seed=2, overrides=SMALL, out=out, checkpoint_every=2)
    assert sorted(path.name for path in folder_of(out).iterdir()) == [
        "day-0000.checkpoint",
        "day-0002.checkpoint",
    ]
    run("tiny", days=1, overrides=SMALL, out=out)
    assert not folder_of(out).exists()


def test_a_strangers_folder_is_left_alone(tmp_path: Path) -> None:
    folder_of(tmp_path / "one").mkdir()
    (folder_of(tmp_path / "one") / "thesis.txt").write_text("mine")
    with pytest.raises(CheckpointError, match="thesis"):
        run("tiny", days=1, overrides=SMALL, out=tmp_path / "one", checkpoint_every=1)


@pytest.fixture
def begun(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """`weal run` of the run that `straight` is, with its checkpoint of day 3 just written."""
    out = tmp_path / "one"
    chosen = [part for text in SMALL for part in ("--set", text)]
    arguments = ["--days", 8, *chosen, "--checkpoint-every", 3, "--out", out]
    process = command("run", "tiny", *arguments)
    try:
        while not file_of(out, 3).exists() and process.poll() is None:
            time.sleep(0.005)
        yield process
    finally:
        process.kill()
        process.communicate()


def resumed(out: Path) -> dict[str, object]:
    """What `weal resume` says of a run."""
    process = command("resume", out, "--json")
    told, errors = process.communicate()
    assert process.returncode == 0, errors
    found: dict[str, object] = json.loads(told)
    return found


def test_a_killed_run_is_resumed_to_the_same_bytes(
    straight: Path, tmp_path: Path, begun: subprocess.Popen[str]
) -> None:
    begun.send_signal(signal.SIGKILL)
    begun.wait()
    assert resumed(tmp_path / "one").get("days", 8) == 8
    assert_same_bytes(straight, tmp_path / "one")


def test_ctrl_c_leaves_a_checkpoint_from_which_the_run_goes_on(
    straight: Path, tmp_path: Path, begun: subprocess.Popen[str]
) -> None:
    out = tmp_path / "one"
    begun.send_signal(signal.SIGINT)
    _, errors = begun.communicate()
    if begun.returncode == 0:
        pytest.skip("the run ended before Ctrl-C reached it")
    assert begun.returncode == 130
    assert f"weal resume {out} goes on" in errors
    done = read_manifest(out).days_done
    assert 3 <= done < 8
    assert file_of(out, done).exists()
    assert not list(tmp_path.rglob(".*"))
    assert resumed(out)["days"] == 8
    assert_same_bytes(straight, out)


@pytest.mark.parametrize("last", [1, 4, 6])
def test_the_checkpoint_of_ctrl_c_is_of_the_day_that_was_lived_to_its_end(
    straight: Path, tmp_path: Path, last: int
) -> None:
    out = tmp_path / "one"

    def press(market: Marketplace) -> None:
        if market.day == last:
            signal.raise_signal(signal.SIGINT)

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        result = run("tiny", days=8, overrides=SMALL, out=out, checkpoint_every=3, on_day=press)
    finally:
        signal.signal(signal.SIGINT, before)
    assert result.stopped
    assert read_manifest(out).days_done == last
    kept = [0, *(day for day in (3, 6) if day <= last)]
    assert sorted(folder_of(out).iterdir()) == [file_of(out, d) for d in sorted({*kept, last})]
    resume(out)
    assert_same_bytes(straight, out)


CHANGE = """
[[events]]
kind = "change"
day = 4
key = "platform.commission"
value = 0.3
"""


def test_a_branch_is_a_run_whose_scenario_changes_on_that_day(
    straight: Path, tmp_path: Path
) -> None:
    table = branch(straight, 4, overrides=["platform.commission=0.3"], out=tmp_path / "futures")
    changed = tmp_path / "futures" / "platform.commission=0.3"
    assert set(table["future"]) == {"unchanged", "platform.commission=0.3"}
    scenario = tmp_path / "dated.toml"
    scenario.write_text((straight / "scenario.toml").read_text("utf-8") + CHANGE, "utf-8")
    run(scenario, out=tmp_path / "undisturbed")
    assert_same_bytes(tmp_path / "undisturbed", changed, but=BY_ORIGIN)
    run(changed / "scenario.toml", out=tmp_path / "again")
    assert_same_bytes(tmp_path / "again", changed, but=BY_ORIGIN)
    assert_same_bytes(straight, tmp_path / "futures" / "unchanged", but=BY_ORIGIN)
    told = read_manifest(changed).branch
    assert told is not None
    assert (told.day, told.changes) == (4, {"platform.commission": "0.3"})
    assert "From day 4 on, it goes its own way" in (changed / "report.html").read_text("utf-8")


def test_each_value_has_a_future_and_a_run_may_grow_longer(straight: Path, tmp_path: Path) -> None:
    table = branch(
        straight,
        6,
        vary={"platform.delivery_fee": ["1.0", "3.0"]},
        overrides=["days=10"],
        out=tmp_path / "f",
    )
    assert sorted(path.name for path in (tmp_path / "f").iterdir()) == [
        "delivery_fee=1.0",
        "delivery_fee=3.0",
        "unchanged",
    ]
    assert read_manifest(tmp_path / "f" / "unchanged").days_done == 10
    fees = table[table["indicator"] == "gmv"].set_index("future")["difference"]
    assert fees["unchanged"] == 0.0


REFUSED = {
    "roads.network=grid": "fixed when the market is founded",
    "events=[]": "fixed when the market is founded",
    "days=4": "ends after day 3",
    "platform.comission=0.1": "commission",
    "platform.commission=7": "platform.commission",
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_no_branch_can_change_is_refused(straight: Path, tmp_path: Path, text: str) -> None:
    with pytest.raises(ScenarioError, match=REFUSED[text]):
        branch(straight, 4, overrides=[text], out=tmp_path / "f")
    assert not (tmp_path / "f").exists()


OWN = '''
from policies.observations import SubsidyOffer
from policies.params import PolicyParams
import numpy as np

class Memory:
    def __init__(self):
        self.days = []

class Counting:
    family, name = "subsidy", "counting"

    class Params(PolicyParams):
        """None."""

    def __init__(self, params):
        self.params, self.memory = params, Memory()
        {line}

    def offer(self, observation):
        self.memory.days.append(len(observation.sessions.minute))
        everyone = np.ones(len(observation.sessions.minute), bool)
        return SubsidyOffer(observation.listings.price * len(self.memory.days) // 100, everyone)
'''
CHOSEN = (*SMALL, "events=[]", "policies.subsidy.name=counting")


def plugin(folder: Path, line: str = "pass") -> Path:
    file = folder / "counting.py"
    file.write_text(OWN.replace("{line}", line), encoding="utf-8")
    return file


def test_a_policy_of_the_users_own_goes_on_from_what_it_remembers(tmp_path: Path) -> None:
    file, whole = plugin(tmp_path), tmp_path / "whole"
    run("tiny", days=5, overrides=CHOSEN, plugins=[file], out=whole, checkpoint_every=2)
    out = copied(whole, tmp_path, 2)
    registry.unload_plugins()
    with pytest.raises(CheckpointError, match=r"--plugin counting\.py"):
        resume(out)
    resume(out, plugins=[file])
    assert_same_bytes(whole, out)
    file.write_text(file.read_text("utf-8") + "\n", "utf-8")
    with pytest.raises(CheckpointError, match=r"counting\.py has changed"):
        resume(out, plugins=[file])


def test_a_policy_that_holds_an_open_file_is_named_and_nothing_is_half_written(
    tmp_path: Path,
) -> None:
    file = plugin(tmp_path, "self.door = open(__file__)")
    with pytest.raises(PolicyFailedError, match=r"subsidy\.door \(of subsidy policy 'counting'\)"):
        run(
            "tiny",
            days=1,
            overrides=CHOSEN,
            plugins=[file],
            out=tmp_path / "one",
            checkpoint_every=1,
        )
    assert list(folder_of(tmp_path / "one").iterdir()) == []
    assert not (tmp_path / "one").exists()
