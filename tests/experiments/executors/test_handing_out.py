"""Tasks are handed out a few ahead, each once; what cannot work is refused in plain words."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.requirements import Requirement

from experiments.executors import cluster as clusters
from experiments.executors import extras
from experiments.executors.choice import EXECUTORS, ExecutorError, make_executor
from experiments.executors.cluster import AHEAD, ClusterError, run_on
from experiments.executors.protocol import Finished, SealedTask, WorkContext

HERE = WorkContext(Path("/nowhere"), "model")


@dataclass
class Pretended:
    """A cluster that does nothing, in an order that is given."""

    size: int
    order: list[int] = field(default_factory=list)
    kind: str = "raised"
    most_out: int = 0
    taken_back: list[int] = field(default_factory=list)
    submitted: int = 0

    def slots(self) -> int:
        return self.size

    def submit(self, task: SealedTask) -> int:
        self.submitted += 1
        return self.submitted

    def ended(self, handles: Mapping[int, str]) -> list[int]:
        self.most_out = max(self.most_out, len(handles))
        which = self.order.pop() if self.order else 0
        return [list(handles)[which % len(handles)]] if self.size else []

    def outcome(self, task_id: str, handle: int) -> Finished:
        return Finished(task_id, self.kind, "file", 0.0)  # type: ignore[arg-type]

    def cancel(self, handles: Mapping[int, str]) -> None:
        self.taken_back += list(handles)


def tasks(count: int, read: list[int] | None = None):  # type: ignore[no-untyped-def]
    for number in range(count):
        if read is not None:
            read.append(number)
        yield SealedTask(f"run {number}", b"")


@given(
    st.integers(0, 40),
    st.integers(1, 5),
    st.lists(st.integers(0, 99)),
    st.none() | st.integers(1, 9),
)
def test_each_task_ends_once_and_few_are_out_at_a_time(
    count: int, size: int, order: list[int], most: int | None
) -> None:
    cluster = Pretended(size, order)
    ended = [one.task_id for one in run_on(cluster, tasks(count), HERE, most)]
    assert sorted(ended) == sorted(f"run {number}" for number in range(count))
    assert cluster.most_out <= (most or AHEAD * size)
    assert cluster.taken_back == []


def test_tasks_are_read_as_they_are_handed_out_and_taken_back_at_an_early_end() -> None:
    cluster, read = Pretended(3), []
    results = run_on(cluster, tasks(1_000_000, read), HERE, None)
    next(results)
    assert len(read) == 3 * AHEAD
    results.close()
    assert cluster.taken_back == list(range(2, 3 * AHEAD + 1))


def test_a_cluster_that_loses_all_workers_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clusters, "PATIENCE_S", -1.0)
    with pytest.raises(ClusterError, match="no worker"):
        list(run_on(Pretended(0), tasks(1), HERE, None))


def test_a_file_that_is_not_seen_here_is_a_folder_that_is_not_shared(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(clusters, "SEEN_WITHIN_S", 0.0)
    there = WorkContext(tmp_path, "model")
    with pytest.raises(ClusterError, match="must be on a file system that all machines share"):
        list(run_on(Pretended(1, kind="ok"), tasks(1), there, None))
    (tmp_path / "file").touch()
    assert len(list(run_on(Pretended(1, kind="ok"), tasks(1), there, None))) == 1


@pytest.mark.parametrize("extra", extras.NEEDED)
def test_a_library_that_is_missing_or_old_is_named_with_the_way_to_get_it(
    extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    library, oldest = extras.NEEDED[extra]
    monkeypatch.setitem(extras.NEEDED, extra, ("no-such-library", oldest))
    with pytest.raises(extras.MissingExtraError, match=rf"no-such-library .*'weal\[{extra}\]'"):
        make_executor(extra, 1)
    monkeypatch.setitem(extras.NEEDED, extra, (library, oldest))
    monkeypatch.setattr(extras, "version", lambda _: "1.9")
    with pytest.raises(extras.MissingExtraError, match=f"1.9 is too old, {oldest} or newer"):
        make_executor(extra, 1)


def test_the_versions_asked_for_are_those_of_the_extras() -> None:
    project = tomllib.loads(
        (Path(__file__).parents[3] / "pyproject.toml").read_text(encoding="utf-8")
    )["project"]
    for extra, (library, oldest) in extras.NEEDED.items():
        wanted = [Requirement(one) for one in project["optional-dependencies"][extra]]
        assert [(one.name, str(one.specifier)) for one in wanted] == [(library, f">={oldest}")]


@pytest.mark.parametrize("address", ["nonsense", "127.0.0.1:x", "127.0.0.1:1", ":6379"])
@pytest.mark.parametrize("name", [one for one in EXECUTORS if one != "local"])
def test_an_address_where_nothing_is_is_refused(
    name: str, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if find_spec(extras.NEEDED[name][0]) is None:
        pytest.skip(f"the extra {name} is not installed")
    module = import_module(f"experiments.executors.{name}")
    monkeypatch.setattr(module, "CONNECT_S", 0.2)
    executor = make_executor(name, None, address)
    with pytest.raises(ClusterError, match=address):
        list(executor.run(tasks(1), HERE))  # type: ignore[arg-type]
    executor.close()


def test_executors_have_the_names_that_the_command_knows() -> None:
    with pytest.raises(ExecutorError, match="did you mean dask"):
        make_executor("dusk", 1)
    with pytest.raises(ExecutorError, match="belongs to ray or dask"):
        make_executor("local", 1, "tcp://127.0.0.1:8786")
