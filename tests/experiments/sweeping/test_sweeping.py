"""A sweep makes what is not there, once, and says what became of it."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from swept import InThisProcess, hidden, run_bytes, write_study

from experiments import load, load_results, sweep
from experiments.commands.status import status_command
from experiments.commands.sweep import sweep_command
from experiments.executors import protocol
from experiments.studies import identity
from experiments.studies.loading import load_study
from experiments.studies.outcomes import outcome_values
from experiments.studies.store import read_failures
from experiments.studies.tasks import live_task, planned
from experiments.sweeping.folder import StudyFolderError, folder_of
from experiments.sweeping.lock import LockedError, locked
from experiments.sweeping.status import status
from experiments.sweeping.work import SweepError

Choose = Callable[..., InThisProcess]


def test_results_are_those_of_the_runs_lived_by_hand(tmp_path: Path, executor: Choose) -> None:
    study = write_study(tmp_path, levels=(0.0, 0.2), count=2)
    swept = sweep(study, out=tmp_path / "out")
    assert (swept.planned, swept.done, swept.made, swept.exit_code) == (4, 4, 4, 0)
    loaded = load_study(study)
    task = planned(loaded)[1].task(1, swept.model, tmp_path)
    daily = live_task(task)
    expected = outcome_values(daily, loaded.study.outcomes, loaded.base.health.index)
    results = load_results(study, out=tmp_path / "out")
    row = results.runs.set_index(["point", "replication"]).loc[(1, 1)]
    assert {name: row[name] for name in expected} == expected
    assert row["run"] == task.run
    assert row["policies.subsidy.share"] == 0.2
    assert row["seed"] == loaded.base.seed + 1
    days = load(study, out=tmp_path / "out", daily=True)
    mine = days[days["run"] == task.run].set_index("day")[list(daily.columns)]
    pd.testing.assert_frame_equal(mine, daily, check_exact=True, check_index_type=False)


def test_a_folder_gives_the_results_that_its_study_gives(tmp_path: Path, executor: Choose) -> None:
    study = write_study(tmp_path, levels=(0.0, 0.2), count=2)
    sweep(study, out=tmp_path / "out", overrides=["days=1"])
    by_name = load(study, out=tmp_path / "out", overrides=["days=1"])
    assert len(by_name) == 4
    pd.testing.assert_frame_equal(load(tmp_path / "out"), by_name, check_exact=True)


def test_a_folder_with_the_name_of_a_study_does_not_hide_it(
    tmp_path: Path, executor: Choose, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("smoke").mkdir()
    with pytest.raises(StudyFolderError, match=r"holds no runs of the study 'smoke'"):
        load("smoke")
    assert folder_of("smoke") == Path("runs/study-smoke")
    Path("empty").mkdir()
    with pytest.raises(StudyFolderError, match="empty: holds no study"):
        folder_of("empty")


def test_a_changed_study_adds_only_what_is_new(tmp_path: Path, executor: Choose) -> None:
    out = tmp_path / "out"
    sweep(write_study(tmp_path, levels=(0.0, 0.2), count=2), out=out)
    before = run_bytes(out)
    assert sweep(write_study(tmp_path, levels=(0.0, 0.1, 0.2), count=2), out=out).made == 2
    assert sweep(write_study(tmp_path, levels=(0.0, 0.1, 0.2), count=3), out=out).made == 3
    outcome = '\n[[outcomes]]\nname = "trust"\nindicator = "trust"\n'
    study = write_study(tmp_path, levels=(0.0, 0.1, 0.2), count=3, more=outcome)
    assert sweep(study, out=out).made == 0
    assert load(study, out=out)["trust"].between(0.0, 1.0).all()
    assert before.items() <= run_bytes(out).items()
    fewer = write_study(tmp_path, levels=(0.2,), count=2)
    swept = sweep(fewer, out=out)
    assert (swept.planned, swept.made, len(load(fewer, out=out))) == (2, 0, 2)


def test_runs_of_two_versions_of_the_model_do_not_mix(
    tmp_path: Path,
    executor: Choose,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out, study = tmp_path / "out", write_study(tmp_path, levels=(0.0, 0.2), count=2)
    first = sweep(study, out=out)
    before = run_bytes(out)
    monkeypatch.setattr(identity, "_source_digest", lambda: b"another")
    news: list[str] = []
    second = sweep(study, out=out, on_progress=lambda now: news.append(now.news))
    assert (second.made, second.others) == (4, {first.model: 4})
    assert f"4 runs of another version of the model ({first.model}) are left alone" in " ".join(
        news
    )
    assert before.items() < run_bytes(out).items()
    assert load_results(study, out=out).model == second.model
    assert status(out).others == {first.model: 4}


def test_points_with_one_scenario_share_its_runs(tmp_path: Path, executor: Choose) -> None:
    same = '\n[[uncertainties]]\nkey = "delivery.addresses"\nlevels = [40, 30]\n'
    study = write_study(tmp_path, levels=(0.0, 0.2), count=2, more=same)
    swept = sweep(study, out=tmp_path / "out")
    runs = load(study, out=tmp_path / "out")
    assert len(runs) == 12  # two settings in three worlds, of which one is the nominal again
    assert swept.planned == swept.made == 8
    nominal, again = (runs[runs["world"] == world].reset_index(drop=True) for world in (0, 1))
    assert list(nominal["run"]) == list(again["run"])
    np.testing.assert_array_equal(nominal["gmv"], again["gmv"])


def test_a_run_that_kills_its_worker_three_times_is_set_aside_by_whichever_driver(
    tmp_path: Path, executor: Choose
) -> None:
    out, study = tmp_path / "out", write_study(tmp_path, levels=(0.0, 0.2), count=2)
    killed = {(1, 0): ["killed"]}
    executor(fates=killed, stop_after=3)
    assert sweep(study, out=out).exit_code == 130
    assert [one.tries for one in status(out).waiting] == [1]
    executor(fates={(1, 0): ["killed", "killed", "ok"]})
    swept = sweep(study, out=out)
    assert (swept.exit_code, swept.done) == (1, 3)
    assert [(one.kind, one.tries) for one in swept.failed] == [("killed", 3)]
    assert [one.tries for one in status(out).set_aside] == [3]
    idle = executor()
    assert sweep(study, out=out).exit_code == 1
    assert idle.asked == []
    [failure] = load_results(study, out=out).failures
    assert (failure.point, failure.replication, failure.tries) == (1, 0, 3)
    assert sweep(study, out=out, retry_failed=True).exit_code == 0
    assert idle.asked == [(1, 0)]
    assert list(read_failures(out, swept.model)) == []


@pytest.mark.parametrize("kind", ["raised", "timed_out"])
def test_a_run_that_fails_is_not_tried_again_unasked(
    kind: str, tmp_path: Path, executor: Choose
) -> None:
    out, study = tmp_path / "out", write_study(tmp_path, levels=(0.0, 0.2), count=2)
    executor(fates={(0, 1): [kind]})
    swept = sweep(study, out=out)
    assert (swept.done, swept.exit_code) == (3, 1)
    [failed] = list(read_failures(out, swept.model))
    assert (failed.kind, failed.told) == (kind, f"{kind}, as wanted")
    again = executor()
    assert sweep(study, out=out).exit_code == 1
    assert again.asked == []
    assert status_command(str(out), as_json=False) == 1
    assert sweep(study, out=out, retry_failed=True).exit_code == 0
    assert again.asked == [(0, 1)]
    assert status_command(str(out), as_json=False) == 0


def test_a_killed_worker_that_had_written_its_file_has_done_its_run(
    tmp_path: Path, executor: Choose, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = executor()
    told = made.run

    def untold(tasks, context):  # type: ignore[no-untyped-def]
        for finished in told(tasks, context):
            yield type(finished)(finished.task_id, "killed", "after its file was whole", 0.0)

    monkeypatch.setattr(made, "run", untold)
    swept = sweep(write_study(tmp_path, levels=(0.0,), count=2), out=tmp_path / "out")
    assert (swept.done, swept.made, swept.exit_code) == (2, 2, 0)


def test_a_full_disk_stops_the_sweep_and_costs_nothing(
    tmp_path: Path, executor: Choose, capsys: pytest.CaptureFixture[str]
) -> None:
    out, study = tmp_path / "out", write_study(tmp_path, levels=(0.0, 0.2), count=2)
    executor(fates={(0, 1): ["unwritten"]})
    with pytest.raises(SweepError, match="cannot be kept: unwritten, as wanted"):
        sweep(study, out=out)
    assert (status(out).ended, status(out).done) == ("stopped", 2)
    executor()
    assert sweep(study, out=out).made == 2


def test_a_worker_that_cannot_write_tells_so(tmp_path: Path, executor: Choose) -> None:
    study = write_study(tmp_path, levels=(0.0, 0.2), count=2)
    made = executor()
    runs = made.run

    def without_a_folder(tasks, context):  # type: ignore[no-untyped-def]
        shutil.rmtree(context.folder / context.model / "runs")
        return runs(tasks, context)

    made.run = without_a_folder  # type: ignore[method-assign]
    with pytest.raises(SweepError, match="No such file or directory"):
        sweep(study, out=tmp_path / "out")


def test_a_worker_with_another_version_of_the_model_stops_the_sweep(
    tmp_path: Path, executor: Choose, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, study = tmp_path / "out", write_study(tmp_path, levels=(0.0, 0.2), count=2)
    with monkeypatch.context() as patch:
        patch.setattr(protocol, "model_version", lambda _: "another")
        protocol._prepare.cache_clear()
        with pytest.raises(SweepError, match="has version another of the model"):
            sweep(study, out=out)
    assert (status(out).done, status(out).failed) == (0, ())
    assert sweep(study, out=out).exit_code == 0


@pytest.mark.parametrize("harm", ["cut", "changed"])
def test_a_damaged_file_is_told_and_its_run_made_anew(
    harm: str, tmp_path: Path, executor: Choose
) -> None:
    out, study = tmp_path / "out", write_study(tmp_path, levels=(0.0, 0.2), count=2)
    swept = sweep(study, out=out)
    before = run_bytes(out)
    [path, *_] = sorted((out / swept.model / "runs").iterdir())
    content = path.read_bytes()
    middle = len(content) // 3
    changed = content[:middle] + bytes(255 - one for one in content[middle : middle + 64])
    path.write_bytes(content[:middle] if harm == "cut" else changed + content[middle + 64 :])
    (out / swept.model / "outcomes.parquet").unlink()
    [failure] = load_results(study, out=out).failures
    assert (failure.run, failure.kind) == (path.stem, "file is damaged")
    again = sweep(study, out=out)
    assert (again.damaged, again.made) == ((path.stem,), 1)
    assert run_bytes(out) == before


def test_a_second_driver_is_told_of_the_first(
    tmp_path: Path, executor: Choose, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, study = tmp_path / "out", write_study(tmp_path, levels=(0.0,), count=1)
    sweep(study, out=out)
    assert status(out).running == ""
    with locked(out, "weal sweep"):
        assert "process" in status(out).running
        with pytest.raises(LockedError, match=r"weal sweep .* works there already"):
            sweep(study, out=out)
    assert sweep(study, out=out).made == 0


def test_a_folder_that_holds_something_else_is_left_alone(tmp_path: Path, executor: Choose) -> None:
    study = write_study(tmp_path, levels=(0.0,), count=1)
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "thesis.txt").write_text("dear")
    with pytest.raises(StudyFolderError, match="holds something else than a study"):
        sweep(study, out=foreign)
    assert [path.name for path in foreign.iterdir()] == ["thesis.txt"]
    sweep(study, out=tmp_path / "out")
    other = tmp_path / "other.toml"
    other.write_text(study.read_text())
    with pytest.raises(StudyFolderError, match="holds the study 'small', not 'other'"):
        sweep(other, out=tmp_path / "out")
    with pytest.raises(StudyFolderError, match="holds no runs of the study 'small'"):
        load_results(study, out=foreign)
    with pytest.raises(NotADirectoryError, match="is no folder"):
        sweep(study, out=study / "out")


def test_what_killed_processes_left_is_removed(tmp_path: Path, executor: Choose) -> None:
    out, study = tmp_path / "out", write_study(tmp_path, levels=(0.0,), count=2)
    swept = sweep(study, out=out)
    runs = out / swept.model / "runs"
    name = next(runs.iterdir()).name
    (runs / f".{name}.elsewhere.1.0123abcd.tmp").write_bytes(b"half")  # of another host
    (runs / f".{'0' * 32}.parquet.elsewhere.1.0123abcd.tmp").write_bytes(b"half")
    sweep(study, out=out)
    assert [path.name for path in hidden(out)] == [f".{'0' * 32}.parquet.elsewhere.1.0123abcd.tmp"]


def test_the_order_in_which_runs_end_changes_nothing(tmp_path: Path, executor: Choose) -> None:
    study = write_study(tmp_path, levels=(0.0, 0.2), count=3)
    sweep(study, out=tmp_path / "forwards")
    executor(backwards=True)
    sweep(study, out=tmp_path / "backwards")
    assert run_bytes(tmp_path / "forwards") == run_bytes(tmp_path / "backwards")
    there, here = (load(study, out=tmp_path / name) for name in ("forwards", "backwards"))
    pd.testing.assert_frame_equal(there, here, check_exact=True)


def test_commands_tell_people_and_machines(
    tmp_path: Path, executor: Choose, capsys: pytest.CaptureFixture[str]
) -> None:
    out, study = tmp_path / "out", write_study(tmp_path, levels=(0.0, 0.2), count=2)
    executor(fates={(0, 1): ["raised"]})
    options = (None, "local", None, [], [], out, None)
    assert sweep_command(str(study), *options, retry_failed=False, as_json=True) == 1
    told = capsys.readouterr()
    answer = json.loads(told.out)
    assert (answer["planned"], answer["done"], answer["exit_code"]) == (4, 3, 1)
    assert answer["failed"][0]["kind"] == "raised"
    assert "raised, as wanted" in told.err
    assert status_command(str(out), as_json=True) == 1
    seen = json.loads(capsys.readouterr().out)
    assert (seen["planned"], seen["done"], seen["ended"], seen["complete"]) == (
        4,
        3,
        "finished",
        False,
    )
    assert status_command(str(out), as_json=False) == 1
    words = capsys.readouterr().out
    assert "3 of 4 runs are done" in words
    assert "--retry-failed" in words
    assert status_command("smok", as_json=False) == 2
    assert "did you mean smoke" in capsys.readouterr().err
