"""A user's own policy in runs and comparisons: it works in every process; its errors are told."""

import os
import signal
from pathlib import Path

import pytest

from experiments import compare, run
from experiments.commands.run import run_command
from experiments.run_folder import read_run
from policies.plugin_errors import PolicyFailedError
from sim.market import Marketplace

OWN = '''
import numpy as np
from policies.observations import SubsidyOffer
from policies.params import PolicyParams

class Mine:
    family = "subsidy"
    name = "mine"

    class Params(PolicyParams):
        """None."""

    def __init__(self, params):
        self.params = params

    def offer(self, observation):
        price = observation.listings.price
        everyone = np.ones(len(observation.sessions.minute), bool)
        {line}
        return SubsidyOffer(price // 5, everyone)
'''
CHOSEN = ["policies.subsidy.name=mine", "events=[]"]


def plugin(folder: Path, line: str = "") -> Path:
    file = folder / "mine.py"
    file.write_text(OWN.format(line=line), encoding="utf-8")
    return file


def test_a_plug_in_is_compared_with_what_it_replaces(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text('name = "own"\n[policies]\nsubsidy = {name = "mine"}\n', encoding="utf-8")
    small = ["roads.network=grid", "consumers.count=200", "couriers.count=4", "days=2"]
    small += ["commerce.generated.listings=60", "commerce.generated.merchants=10"]
    table = compare(
        ["tiny", own], replications=2, overrides=small, plugins=[plugin(tmp_path)], workers=1
    )
    assert set(table["scenario"]) == {"tiny", "own"}


FAILING = {
    "it raises": ("{}['boom']", r"mine\.py:19: subsidy policy 'mine' failed in offer: KeyError"),
    "it leaves Python": ("raise SystemExit(0)", r"mine\.py:19: subsidy policy 'mine' failed"),
    "it writes to what it sees": ("price[0] = 1", r"mine\.py:19: .*'mine' failed.*read-only"),
    "it answers nothing": ("return None", r"mine\.py: subsidy policy 'mine' must return"),
    "it answers fractions": (
        "return SubsidyOffer(price * 0.1, everyone)",
        r"mine\.py: subsidy policy 'mine': per_unit must be integer cents",
    ),
}


@pytest.mark.parametrize("what", FAILING)
def test_a_policy_that_fails_is_named_with_its_file(what: str, tmp_path: Path) -> None:
    line, said = FAILING[what]
    with pytest.raises(PolicyFailedError, match=said):
        run("tiny", days=1, overrides=CHOSEN, plugins=[plugin(tmp_path, line)])


def test_a_failed_run_ends_with_1_and_leaves_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own, out = plugin(tmp_path, "1 / 0"), tmp_path / "run"
    assert run_command("tiny", 1, None, CHOSEN, [own], out, as_json=False) == 1
    assert "ZeroDivisionError" in capsys.readouterr().err
    assert not out.exists()


def test_a_failure_reaches_the_user_from_another_process(tmp_path: Path) -> None:
    with pytest.raises(PolicyFailedError, match=r"mine\.py:19: subsidy policy 'mine' failed"):
        compare(
            ["tiny", "tiny"],
            replications=2,
            days=1,
            overrides=CHOSEN,
            plugins=[plugin(tmp_path, "1 / 0")],
            workers=1,
        )


def test_ctrl_c_after_the_last_day_does_not_undo_it(tmp_path: Path) -> None:
    def press(market: Marketplace) -> None:
        if market.day == 2:
            os.kill(os.getpid(), signal.SIGINT)

    result = run("tiny", days=2, out=tmp_path / "run", on_day=press)
    assert result.stopped
    assert not result.manifest.interrupted
    assert read_run(tmp_path / "run").manifest.days_done == 2
