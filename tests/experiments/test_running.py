"""Runs from the command line and from Python: folders, interruptions, errors, comparisons."""

import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from experiments import compare, run
from experiments.cli import app
from experiments.comparison import paired_interval
from experiments.reporting import write_report
from experiments.reporting.day_map import SCRIPT
from experiments.reporting.scripts import script_hash
from experiments.run_folder import TABLES, RunFolderError, read_run
from policies import registry

REPOSITORY = Path(__file__).resolve().parents[2]
SHORT = ["--days", "3"]


def weal(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "experiments.cli", *arguments],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("runs")
    done = weal("run", "tiny", *SHORT, "--out", "one", "--json", cwd=place, PYTHONHASHSEED="1")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["days"] == 3
    return place / "one"


def test_a_run_leaves_all_that_it_should(folder: Path) -> None:
    names = {path.name for path in folder.iterdir()}
    wanted = {f"{name}.parquet" for name in (*TABLES, "transfers", "indicators")}
    assert wanted | {"scenario.toml", "manifest.json", "report.html", "texts.json"} <= names
    data = read_run(folder)
    assert len(data.indicators) == 3
    assert data.manifest.days_done == 3
    assert set(data.manifest.input_hashes) == {"roads", "commerce"}


def test_the_same_seed_gives_the_same_bytes_under_another_hash_seed(
    folder: Path, tmp_path: Path
) -> None:
    done = weal("run", "tiny", *SHORT, "--out", "two", cwd=tmp_path, PYTHONHASHSEED="77")
    assert done.returncode == 0, done.stderr
    for path in sorted(folder.glob("*.parquet")):
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes(), path.name


def test_the_resolved_scenario_runs_again_to_the_same_numbers(folder: Path, tmp_path: Path) -> None:
    again = run(folder / "scenario.toml", out=tmp_path / "again")
    pd.testing.assert_frame_equal(again.indicators, read_run(folder).indicators)


def test_a_report_is_rebuilt_byte_for_byte(folder: Path) -> None:
    before = (folder / "report.html").read_bytes()
    write_report(folder)
    assert (folder / "report.html").read_bytes() == before


def test_a_run_with_a_plug_in_is_reported_again_with_the_plug_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    page = (REPOSITORY / "docs" / "writing-a-policy.md").read_text("utf-8")
    policy = re.findall(r"```python\n(.*?)```", page, re.DOTALL)[0]
    (tmp_path / "lunch.py").write_text(policy, "utf-8")
    chosen = ("--plugin", "lunch.py", "--set", "policies.subsidy.name=lunch", "--set", "events=[]")
    made = CliRunner().invoke(app, ["run", "tiny", "--days", "1", *chosen, "--out", "r"])
    assert made.exit_code == 0, made.stderr
    registry.unload_plugins()
    before = (tmp_path / "r" / "report.html").read_bytes()
    without = CliRunner().invoke(app, ["report", "r"])
    assert without.exit_code == 2
    assert "--plugin lunch.py" in without.stderr
    done = CliRunner().invoke(app, ["report", "r", "--plugin", "lunch.py"])
    assert done.stdout == "r/report.html\n"
    assert (tmp_path / "r" / "report.html").read_bytes() == before


def test_a_report_asks_nothing_of_the_network(folder: Path) -> None:
    text = (folder / "report.html").read_text("utf-8")
    assert "Content-Security-Policy" in text
    assert not re.search(r"""(?:src|href)\s*=\s*["'](?:https?:)?//""", text)
    # One script, which the policy names by its hash, and its data.
    scripts = re.findall(r"<script([^>]*)>", text)
    assert scripts == [' type="application/json" id="day-map-data"', ""]
    assert f"script-src {script_hash(SCRIPT)};" in text
    pictures = re.findall(r'<[^>]*role="img"[^>]*>', text)
    assert len(pictures) >= 5
    assert all('aria-label="' in picture for picture in pictures)
    assert len(text) < 2_000_000


def test_what_a_scenario_says_is_escaped(tmp_path: Path) -> None:
    title = 'title="<b>bold</b> & <script>alert(1)</script>"'
    run("tiny", days=1, overrides=[title], out=tmp_path / "run")
    text = (tmp_path / "run" / "report.html").read_text("utf-8")
    assert "<script>alert" not in text
    assert "&lt;b&gt;bold" in text


def test_a_folder_that_holds_something_else_is_never_replaced(tmp_path: Path) -> None:
    mine = tmp_path / "thesis"
    mine.mkdir()
    (mine / "chapter.txt").write_text("years of work", "utf-8")
    done = CliRunner().invoke(app, ["run", "tiny", "--days", "1", "--out", str(mine)])
    assert done.exit_code == 2
    assert "holds something else than a run" in done.stderr
    assert [path.name for path in mine.iterdir()] == ["chapter.txt"]


def test_a_folder_that_is_no_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RunFolderError, match="holds no run"):
        read_run(tmp_path)
    (tmp_path / "manifest.json").write_text("{}", encoding="utf-8")
    with pytest.raises(RunFolderError, match=r"not a whole run folder; missing: scenario\.toml"):
        read_run(tmp_path)
    done = CliRunner().invoke(app, ["report", str(tmp_path / "nowhere")])
    assert done.exit_code == 2
    assert "no such folder" in done.stderr


def test_a_damaged_file_of_a_run_is_named(folder: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(folder, broken)
    table, texts = broken / "reviews.parquet", broken / "texts.json"
    texts.write_text("{", encoding="utf-8")
    with pytest.raises(RunFolderError, match=r"texts\.json: is no JSON"):
        read_run(broken)
    table.write_bytes(table.read_bytes()[:200])
    with pytest.raises(RunFolderError, match=r"reviews\.parquet: not a whole Parquet file"):
        read_run(broken)
    assert CliRunner().invoke(app, ["report", str(broken)]).exit_code == 2


@pytest.mark.slow
def test_a_kill_at_any_moment_leaves_no_half_written_folder(tmp_path: Path) -> None:
    pauses = random.Random(5)
    for turn in range(6):
        process = subprocess.Popen(
            [sys.executable, "-m", "experiments.cli", "run", "tiny", "--out", "killed"],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(pauses.uniform(0.5, 5.0) if turn else 0.3)
        process.send_signal(signal.SIGKILL)
        process.wait()
        if (tmp_path / "killed").exists():
            read_run(tmp_path / "killed")
    assert weal("run", "tiny", *SHORT, "--out", "killed", cwd=tmp_path).returncode == 0
    assert [path.name for path in tmp_path.iterdir()] == ["killed"]


@pytest.mark.slow
def test_ctrl_c_ends_a_run_with_its_whole_days(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "experiments.cli", "run", "tiny", "--days", "3000", "--out", "cut"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    time.sleep(12)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=120)
    assert process.returncode == 130, said
    data = read_run(tmp_path / "cut")
    assert 0 < data.manifest.days_done < 3000
    assert data.manifest.interrupted
    assert len(data.indicators) == data.manifest.days_done
    assert "interrupted" in said


def test_scenarios_that_are_the_same_differ_by_exactly_nothing() -> None:
    table = compare(["tiny", "tiny"], replications=2, days=2, workers=1)
    other = table[table["scenario"] == "tiny (2)"]
    known = other["n"] == 2
    assert known.sum() > 40
    assert (other.loc[known, ["difference", "low", "high"]] == 0.0).all().all()


def test_paired_intervals_are_those_of_student() -> None:
    base, other = np.array([1.0, 2.0, 3.0, np.nan]), np.array([2.0, 4.0, 6.0, 9.0])
    mean, low, high, n = paired_interval(base, other)
    assert (mean, n) == (2.0, 3)
    half = 4.302652729911275 * 1.0 / np.sqrt(3)  # t quantile .975, 2 degrees of freedom
    assert (low, high) == (pytest.approx(2.0 - half), pytest.approx(2.0 + half))


BROKEN = {
    "syntax": ("days = = 3", r"broken\.toml:1"),
    "unknown key": ("dayz = 3", r"broken\.toml:1.*dayz.*did you mean days"),
    "wrong type": ('days = "three"', r"broken\.toml:1.*days.*whole number"),
    "out of range": (
        "[consumers]\ncount = -5",
        r"broken\.toml:2.*consumers\.count = -5.*at least 1",
    ),
    "unknown policy": (
        '[policies]\nsubsidy = {name = "flut"}',
        r"broken\.toml:2.*policies\.subsidy\.name.*did you mean .flat",
    ),
    "unknown parameter": (
        '[policies]\nsubsidy = {name = "flat", amonut = 1.0}',
        r"broken\.toml:2.*amonut.*did you mean.*amount",
    ),
    "parameter out of range": (
        '[policies]\nsubsidy = {name = "flat", share = 2.0}',
        r"broken\.toml:2.*policies\.subsidy\.share = 2\.0.*at most 1",
    ),
    "unknown event": (
        '[[events]]\nkind = "demand_surg"\nday = 1',
        r"broken\.toml:2.*demand_surge",
    ),
    "event that ends first": (
        '[[events]]\nkind = "demand_surge"\nday = 5\nuntil = 2\nfactor = 2.0',
        r"broken\.toml.*events\.0\.until.*after its day",
    ),
    "shares that do not sum": (
        "[merchants]\nstrategies = {cost_plus = 0.5}",
        r"merchants\.strategies.*sum to 1",
    ),
    "a fixed key changed": (
        '[[events]]\nkind = "change"\nday = 1\nkey = "consumers.count"\nvalue = 5',
        r"consumers\.count.*fixed when the market is founded",
    ),
    "an impossible change": (
        '[[events]]\nkind = "change"\nday = 1\nkey = "platform.commission"\nvalue = 5.0',
        r"events\.0.*platform\.commission",
    ),
    "a change of an unknown parameter": (
        '[[events]]\nkind = "change"\nday = 1\nkey = "policies.subsidy.nmae"\nvalue = 5',
        r"broken\.toml:4: events\.0\.key = .*unknown key; did you mean policies\.subsidy\.name",
    ),
    "no number": (
        "[consumers.response]\ncomplaint_rate = nan",
        r"broken\.toml:2: .*= nan: must be a number .*finite",
    ),
    "a key twice": ("days = 3\ndays = 4", r"broken\.toml:2.*the key stands twice"),
    "a table twice": ("[rival]\n[rival]", r"broken\.toml:2.*the table \[rival\] stands twice"),
    "an open quote": ('name = "x', r"broken\.toml:1.*close its quotes"),
    "a key of another place": (
        "[consumers]\ncomission = 0.1",
        r"known here: count.*did you mean platform\.commission",
    ),
    "a name that leads out of the runs": ('name = "../x"', r"broken\.toml:1: name = .*must begin"),
    "a name with a folder": ('name = "x/y"', r"broken\.toml:1: name = .*no slash"),
    "streets cut off": (
        '[roads]\nnetwork = "cut.graphml"',
        r"broken\.toml:2: roads\.network = .*cut\.graphml: line 1: no whole GraphML file",
    ),
    "streets without places": (
        '[roads]\nnetwork = "bare.graphml"',
        r"broken\.toml:2: roads\.network = .*bare\.graphml: node 1 has no coordinates",
    ),
    "streets that are another's": (
        '[roads]\nnetwork = "page.xml"',
        r"broken\.toml:2: roads\.network = .*is XML of <html>",
    ),
    "streets that are a folder": ('[roads]\nnetwork = "dir.tntp"', r"broken\.toml:2.*is a folder"),
}
STREETS = {
    "cut.graphml": "<graphml><graph>",
    "bare.graphml": '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">'
    '<graph edgedefault="directed"><node id="1"/></graph></graphml>',
    "page.xml": "<html></html>",
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_scenario_is_told_with_its_place_and_what_is_allowed(
    what: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from experiments.commands.check import check_command

    text, said = BROKEN[what]
    for name, content in STREETS.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    (tmp_path / "dir.tntp").mkdir()
    path = tmp_path / "broken.toml"
    path.write_text(text + "\n", encoding="utf-8")
    assert check_command(str(path), [], [], as_json=False) == 2
    assert re.search(said, capsys.readouterr().err, re.DOTALL)


def test_all_errors_come_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from experiments.commands.check import check_command

    path = tmp_path / "many.toml"
    path.write_text("days = 0\nseed = -1\n[platform]\ncomission = 0.1\n", encoding="utf-8")
    assert check_command(str(path), [], [], as_json=True) == 2
    problems = json.loads(capsys.readouterr().out)
    assert [problem["line"] for problem in problems] == [1, 2, 4]
    assert {problem["key"] for problem in problems} == {"days", "seed", "platform.comission"}


def test_an_event_after_the_last_day_is_pointed_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from experiments.commands.check import check_command

    path = tmp_path / "late.toml"
    path.write_text(
        'days = 5\n[[events]]\nkind = "demand_surge"\nday = 5\nfactor = 2.0\n', encoding="utf-8"
    )
    assert check_command(str(path), [], [], as_json=True) == 0
    shown = capsys.readouterr()
    assert json.loads(shown.out) == []
    assert "events.0.day = 5: after the last day" in shown.err
    assert check_command(str(path), ["days=6"], [], as_json=False) == 0
    assert capsys.readouterr().err == ""


def test_what_cannot_be_written_is_told_before_the_first_day(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")

    def never(_market: object) -> None:
        raise AssertionError("a day was lived")

    for name, said in (("file/run", "is no folder"), ("link", "is a link")):
        with pytest.raises((OSError, RunFolderError), match=said):
            run("tiny", out=tmp_path / name, on_day=never)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "link", "real"]


def test_streets_without_coordinates_are_run_and_reported(tmp_path: Path) -> None:
    links = [(1, 2), (2, 3), (3, 4), (4, 1), (2, 1), (3, 2), (4, 3), (1, 4)]
    (tmp_path / "ring_net.tntp").write_text(
        "<NUMBER OF ZONES> 4\n<NUMBER OF NODES> 4\n<FIRST THRU NODE> 1\n"
        f"<NUMBER OF LINKS> {len(links)}\n<END OF METADATA>\n"
        + "".join(f"{a}\t{b}\t900\t500\t2\t0.15\t4\t0\t0\t1\t;\n" for a, b in links),
        encoding="utf-8",
    )
    streets = f"roads.network={tmp_path / 'ring_net.tntp'}"
    out = tmp_path / "ring"
    run("tiny", days=1, overrides=[streets, "delivery.addresses=4", "events=[]"], out=out)
    assert "names no coordinates" in (out / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["run", "tinny"], "did you mean tiny"),
        (["run", "tiny", "--set", "nonsense"], "KEY=VALUE"),
        (["run", "tiny", "--plugin", "missing.py"], "no such file"),
        (["list", "polices"], "did you mean policies"),
        (["compare", "tiny"], "two scenarios"),
        (["compare", "tiny", "tiny", "--out", "."], "is a folder"),
        (["check", "x" * 300 + ".toml"], "file name too long"),
        (["import", "missing.csv", "also.csv", "--out", "x"], "missing.csv"),
    ],
)
def test_wrong_calls_end_with_2_and_say_what_to_do(
    arguments: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shops = {"WEAL_COMMERCE": str(tmp_path / "shops")}
    done = CliRunner().invoke(app, arguments, env=shops)
    assert isinstance(done.exception, SystemExit)
    assert done.exit_code == 2
    assert said in done.stderr


def test_a_process_ends_with_2_and_without_a_traceback(tmp_path: Path) -> None:
    done = weal("run", "tinny", cwd=tmp_path)
    assert done.returncode == 2
    assert "did you mean tiny" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_an_imported_shop_can_be_run(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    items = pd.DataFrame(
        {
            "item_id": [f"i{n}" for n in range(30)],
            "title": [f"Article {n}" for n in range(30)],
            "category": ["tea" if n % 2 else "cups" for n in range(30)],
            "price": rng.uniform(2, 30, 30).round(2),
            "merchant_id": [f"m{n % 5}" for n in range(30)],
        }
    )
    lines = pd.DataFrame(
        {
            "user_id": [f"u{n}" for n in rng.integers(0, 40, 600)],
            "item_id": [f"i{n}" for n in rng.integers(0, 30, 600)],
            "timestamp": 1_700_000_000 + rng.integers(0, 60 * 86_400, 600),
        }
    )
    items.to_csv(tmp_path / "items.csv", index=False)
    lines.to_csv(tmp_path / "lines.csv", index=False)
    shops = {"WEAL_COMMERCE": str(tmp_path / "shops")}
    done = weal("import", "items.csv", "lines.csv", "--out", "myshop", cwd=tmp_path, **shops)
    assert done.returncode == 0, done.stderr
    assert 'imported = "myshop"' in done.stdout
    (tmp_path / "mine.toml").write_text(
        'days = 2\n[roads]\nnetwork = "grid"\n[commerce]\nsource = "imported"\n'
        'imported = "myshop"\n[consumers]\ncount = 40\n[couriers]\ncount = 3\n'
        "[delivery]\naddresses = 30\n",
        encoding="utf-8",
    )
    ran = weal("run", "mine.toml", "--out", "mine", cwd=tmp_path, **shops)
    assert ran.returncode == 0, ran.stderr
    assert len(read_run(tmp_path / "mine").indicators) == 2
