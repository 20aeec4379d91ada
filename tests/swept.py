"""A study of very small runs, and executors and processes that sweep it in tests."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from experiments.executors.protocol import Finished, WorkContext, perform, seal
from experiments.studies.store import models_in
from experiments.studies.tasks import Task

STUDY = """
scenario = "tiny"
days = {days}

[changes]
events = []
"roads.network" = "grid"
"consumers.count" = 100
"couriers.count" = 2
"policies.dispatch.decide_every" = 15.0
"commerce.generated.listings" = 40
"commerce.generated.merchants" = 5

[[levers]]
key = "policies.subsidy.share"
levels = {levels}

[[outcomes]]
name = "gmv"
indicator = "gmv"
statistic = "sum"
better = "higher"

[[outcomes]]
name = "health"
indicator = "health_index"

[replications]
count = {count}
"""


def write_study(
    folder: Path,
    levels: tuple[float, ...] = (0.0, 0.1, 0.2),
    count: int = 4,
    more: str = "",
    days: int = 2,
) -> Path:
    """The study's file."""
    file = folder / "small.toml"
    text = STUDY.format(days=days, levels=list(levels), count=count)
    file.write_text(text + more, encoding="utf-8")
    return file


def run_bytes(folder: Path) -> dict[str, bytes]:
    """All run files of a study's folder, by version of the model and name."""
    return {
        f"{model}/{path.name}": path.read_bytes()
        for model in models_in(folder)
        for path in (folder / model / "runs").iterdir()
    }


def hidden(folder: Path) -> list[Path]:
    """Temporary files: they have hidden names."""
    return [path for path in folder.rglob("*") if path.name.startswith(".")]


def command(*arguments: object, hash_seed: int = 0) -> subprocess.Popen[str]:
    """`weal`, as the leader of a process group of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "experiments.cli", *map(str, arguments)],
        env={**os.environ, "PYTHONHASHSEED": str(hash_seed)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=_hear_ctrl_c,
    )


def _hear_ctrl_c() -> None:
    """Tests may run where Ctrl-C is ignored, as what a shell starts in the background does."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@dataclass
class InThisProcess:
    """An executor without workers; runs can be made to end as a test wants them to."""

    fates: dict[tuple[int, int], list[str]] = field(default_factory=dict)  # by point, replication
    backwards: bool = False
    stop_after: int | None = None  # runs after which Ctrl-C is pressed
    asked: list[tuple[int, int]] = field(default_factory=list)

    def run(self, tasks: Iterable[Task], context: WorkContext) -> Iterator[Finished]:
        for task in sorted(tasks, key=lambda one: one.run) if self.backwards else tasks:
            if self.stop_after is not None and len(self.asked) >= self.stop_after:
                raise KeyboardInterrupt
            key = (task.point, task.replication)
            self.asked.append(key)
            fate = self.fates.get(key) or ["ok"]
            kind = fate.pop(0)
            if kind == "ok":
                yield perform(task.run, seal(task), context)
            else:
                yield Finished(task.run, kind, f"{kind}, as wanted", 0.1)  # type: ignore[arg-type]

    def close(self) -> None:
        pass
