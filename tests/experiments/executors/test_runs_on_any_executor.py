"""Local processes, Dask and Ray do the same, and harm done by a run stays with it."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import psutil
import pytest
from harmful_runs import Trouble, all_of, files

from experiments.executors.choice import make_executor
from experiments.executors.cluster import ClusterError
from experiments.executors.protocol import Executor

LIBRARIES = {"dask": "distributed", "ray": "ray"}
CLUSTERS = [
    pytest.param("dask", marks=pytest.mark.slow),
    pytest.param("ray", marks=pytest.mark.slow),
]


def skip_without(extra: str) -> None:
    """Ray reads its settings when it is imported, which is the executor's affair."""
    if find_spec(LIBRARIES[extra]) is None:
        pytest.skip(f"the extra {extra} is not installed")


def executor(name: str, workers: int | None = 2, address: str | None = None) -> Executor:
    if name in LIBRARIES:
        skip_without(name)
    return make_executor(name, workers, address)


def workers_of(process: psutil.Process) -> list[psutil.Process]:
    """The processes below it in which runs live."""
    found = []
    for one in process.children(recursive=True):
        try:
            if "experiments.executors.worker" in " ".join(one.cmdline()):
                found.append(one)
        except psutil.Error:
            continue
    return found


def test_dask_writes_the_same_bytes_and_a_death_costs_one_run(
    trouble: Trouble, tmp_path: Path
) -> None:
    tasks = trouble.tasks["none"][:2] + trouble.tasks["die"][:1] + trouble.tasks["raise"][:1]
    tasks += trouble.tasks["none"][2:]
    context, alone = trouble.context(tmp_path / "dask"), trouble.context(tmp_path / "local")
    ended = all_of(executor("dask"), tasks, context)
    assert len(ended) == len(tasks)
    assert trouble.ways(ended) == {"none": {"ok"}, "die": {"killed"}, "raise": {"raised"}}
    told = {one.kind: one.told for one in ended}
    assert "SIGKILL" in told["killed"]
    assert "RuntimeError: as it should" in told["raised"]
    all_of(executor("local", 1), trouble.tasks["none"], alone)
    assert files(context) == files(alone)
    assert len(files(alone)) == len(trouble.tasks["none"])


@pytest.mark.parametrize("name", CLUSTERS)
def test_every_harm_is_told_and_hurts_no_other(name: str, trouble: Trouble, tmp_path: Path) -> None:
    context = trouble.context(tmp_path / name, timeout_s=6.0)
    alone = trouble.context(tmp_path / "local")
    tasks = [task for four in zip(*trouble.tasks.values(), strict=True) for task in four]
    ended = all_of(executor(name), tasks, context)
    assert len(ended) == len({one.task_id for one in ended}) == len(tasks)
    assert trouble.ways(ended) == {
        "none": {"ok"},
        "raise": {"raised"},
        "die": {"killed"},
        "sleep": {"timed_out"},
    }
    all_of(executor("local", 2), trouble.tasks["none"], alone)
    assert files(context) == files(alone)


@pytest.mark.parametrize("name", CLUSTERS)
def test_a_process_killed_from_outside_is_one_death(
    name: str, trouble: Trouble, tmp_path: Path
) -> None:
    context = trouble.context(tmp_path / name)
    tasks = [*trouble.tasks["sleep"][:1], *trouble.tasks["none"]]
    used = executor(name)
    ended = used.run(iter(tasks), context)
    try:
        healthy = [next(ended) for _ in trouble.tasks["none"]]
        assert trouble.ways(healthy) == {"none": {"ok"}}
        for one in workers_of(psutil.Process()):  # the other one has nothing to do
            one.kill()
        assert trouble.ways(list(ended)) == {"sleep": {"killed"}}
    finally:
        used.close()
    assert workers_of(psutil.Process()) == []


@pytest.mark.parametrize("name", ["local", *CLUSTERS])
def test_an_early_end_leaves_no_process_and_no_half_file(
    name: str, trouble: Trouble, tmp_path: Path
) -> None:
    context = trouble.context(tmp_path / name)
    tasks = [*trouble.tasks["none"][:1], *trouble.tasks["sleep"]]
    used = executor(name)
    ended = used.run(iter(tasks), context)
    assert next(ended).kind == "ok"
    used.close()
    assert workers_of(psutil.Process()) == []
    assert [path.suffix for path in map(Path, files(context))] == [".parquet"]


@pytest.fixture
def dask_cluster() -> Iterator[object]:
    distributed = pytest.importorskip("distributed", reason="the extra dask is not installed")
    with distributed.LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        processes=True,
        host="127.0.0.1",
        dashboard_address="127.0.0.1:0",
    ) as cluster:
        yield cluster


@pytest.mark.slow
def test_a_running_dask_cluster_is_used_and_left_whatever_happens_to_its_workers(
    dask_cluster: object, trouble: Trouble, tmp_path: Path
) -> None:
    address = dask_cluster.scheduler_address  # type: ignore[attr-defined]
    context, alone = trouble.context(tmp_path / "dask"), trouble.context(tmp_path / "local")
    tasks = [*trouble.tasks["none"], *trouble.tasks["die"][:1]]
    used = executor("dask", None, address)
    ended = []
    for one in used.run(iter(tasks), context):
        if not ended:  # a worker of the cluster, with all that it does and holds
            worker = psutil.Process(workers_of(psutil.Process())[0].ppid())
            worker.kill()
        ended.append(one)
    used.close()
    assert trouble.ways(ended) == {"none": {"ok"}, "die": {"killed"}}
    all_of(executor("local", 2), trouble.tasks["none"], alone)
    assert files(context) == files(alone)
    assert workers_of(psutil.Process()) == []
    again = all_of(executor("dask", 1, address), trouble.tasks["raise"], context)
    assert trouble.ways(again) == {"raise": {"raised"}}


@pytest.mark.slow
def test_a_cluster_whose_workers_cannot_do_the_sweep_says_why(
    dask_cluster: object, trouble: Trouble, tmp_path: Path
) -> None:
    address = dask_cluster.scheduler_address  # type: ignore[attr-defined]
    context = trouble.context(tmp_path / "dask")
    trouble.plugin.write_text(trouble.plugin.read_text() + "\n", encoding="utf-8")
    with pytest.raises(ClusterError, match=r"version .* of the model, but the sweep has"):
        all_of(executor("dask", None, address), trouble.tasks["none"], context)


@pytest.mark.slow
def test_a_running_ray_cluster_is_used_and_left(trouble: Trouble, tmp_path: Path) -> None:
    skip_without("ray")
    import socket
    import tempfile

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        **os.environ,
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN": "of-this-test-alone-" + "0" * 32,
        "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
        "RAY_USAGE_STATS_ENABLED": "0",
    }
    scripts = Path(sys.executable).parent
    with tempfile.TemporaryDirectory(
        prefix="ray-", dir="/tmp", ignore_cleanup_errors=True
    ) as place:
        start = f"{scripts / 'ray'} start --head --block --include-dashboard=false --num-cpus=2"
        start += f" --port={port} --object-store-memory=80000000 --temp-dir={place}"
        head = subprocess.Popen(
            start.split(),
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            _wait_for(port)
            for _ in range(2):  # the second finds all done, and the cluster still there
                swept = subprocess.run(
                    [
                        *(scripts / "weal", "sweep", trouble.study, "--plugin", trouble.plugin),
                        *("--executor", "ray", "--address", f"127.0.0.1:{port}"),
                        *("--set", "replications.count=2"),
                        *("--timeout", "4", "--out", tmp_path / "out"),
                    ],
                    env=environment,
                    capture_output=True,
                    text=True,
                )
                assert swept.returncode == 1, swept.stderr
                assert head.poll() is None
        finally:
            head.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                head.wait(15)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(head.pid, signal.SIGKILL)
            head.wait()
    alone = trouble.context(tmp_path / "local")
    all_of(executor("local", 2), trouble.tasks["none"][:2], alone)
    swept_files = {
        path.name: path.read_bytes() for path in (tmp_path / "out").glob("*/runs/*.parquet")
    }
    assert swept_files == files(alone)


@pytest.mark.slow
def test_the_record_of_a_ray_cluster_that_has_ended_is_refused_at_once(
    trouble: Trouble, tmp_path: Path
) -> None:
    skip_without("ray")
    swept = subprocess.run(
        [
            *(Path(sys.executable).parent / "weal", "sweep", trouble.study),
            *("--plugin", trouble.plugin, "--out", tmp_path / "out"),
            *("--executor", "ray", "--address", "auto"),
        ],
        env={**os.environ, "RAY_ADDRESS": "127.0.0.1:1"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert swept.returncode == 2
    assert "--address auto: no Ray cluster answers at" in swept.stderr


def _wait_for(port: int) -> None:
    import socket

    for _ in range(300):
        try:
            socket.create_connection(("127.0.0.1", port), 1.0).close()
        except OSError:
            time.sleep(0.1)
        else:
            time.sleep(3.0)  # the first of its services answers before the last
            return
    raise AssertionError("the Ray cluster did not start")
