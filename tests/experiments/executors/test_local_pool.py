"""Processes of this machine: it is exact whose run killed a worker, and no other is touched."""

import shutil
import sys
from pathlib import Path

import pytest
from harmful_runs import Trouble, all_of, files

from experiments.executors.local import LocalExecutor, WorkersError, _Queue


def test_what_a_dead_worker_had_ahead_is_done_by_the_next(trouble: Trouble, tmp_path: Path) -> None:
    healthy, deadly = trouble.tasks["none"], trouble.tasks["die"]
    context = trouble.context(tmp_path / "out")
    tasks = [*healthy[:2], deadly[0], *healthy[2:]]
    ended = all_of(LocalExecutor(1), tasks, context)
    assert sorted(one.task_id for one in ended) == sorted(one.run for one in tasks)
    assert trouble.ways(ended) == {"none": {"ok"}, "die": {"killed"}}
    assert {Path(name).stem for name in files(context)} == {one.run for one in healthy}


def test_tasks_that_are_taken_back_come_first_and_in_their_order(trouble: Trouble) -> None:
    tasks = trouble.tasks["none"]
    queue, taken = _Queue(iter(tasks)), []
    for _ in range(3):
        assert queue.next() is not None
        taken.append(queue.ahead.popleft())
    queue.back(taken[1:])
    left = []
    while queue.next() is not None:
        left.append(queue.ahead.popleft()[0])
    assert left == [one.run for one in tasks[1:]]


def test_workers_that_cannot_start_are_told_of(
    trouble: Trouble, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", shutil.which("false"))
    with pytest.raises(WorkersError, match="3 workers in a row ended before they were ready"):
        all_of(LocalExecutor(1), trouble.tasks["none"], trouble.context(tmp_path / "out"))
