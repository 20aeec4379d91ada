"""A study some of whose runs do harm to the process that they live in."""

from dataclasses import dataclass
from pathlib import Path

from experiments.executors.protocol import Executor, Finished, WorkContext
from experiments.studies.identity import model_version
from experiments.studies.loading import load_study
from experiments.studies.tasks import Task, planned
from experiments.sweeping.folder import make_folders

PLUGIN = '''
import os
import signal
import time

import numpy as np
from pydantic import Field

from policies.observations import SubsidyOffer
from policies.params import PolicyParams


class Harm:
    family = "subsidy"
    name = "harm"

    class Params(PolicyParams):
        """What it does."""

        how: str = Field("none", description="none, raise, die or sleep")

    def __init__(self, params):
        self.params = params

    def offer(self, observation):
        if self.params.how == "raise":
            raise RuntimeError("as it should")
        if self.params.how == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        if self.params.how == "sleep":
            time.sleep(3600)
        price = observation.listings.price
        return SubsidyOffer(price // 5, np.ones(len(observation.sessions.minute), bool))
'''

STUDY = """
name = "harm"
scenario = "tiny"
days = 2

[changes]
events = []
"roads.network" = "grid"
"consumers.count" = 100
"couriers.count" = 2
"policies.dispatch.decide_every" = 15.0
"commerce.generated.listings" = 40
"commerce.generated.merchants" = 5
"policies.subsidy.name" = "harm"

[[levers]]
key = "policies.subsidy.how"
levels = {levels}

[[outcomes]]
indicator = "gmv"
better = "higher"
name = "gmv"

[replications]
count = {count}
"""


@dataclass(frozen=True)
class Trouble:
    """A study's folder of files, and its tasks by what they do."""

    study: Path
    plugin: Path
    tasks: dict[str, list[Task]]
    model: str

    def context(self, folder: Path, timeout_s: float | None = None) -> WorkContext:
        make_folders(folder, self.model)
        return WorkContext(folder, self.model, (self.plugin,), timeout_s)

    def ways(self, ended: list[Finished]) -> dict[str, set[str]]:
        """How the runs ended, by what they did."""
        how = {task.run: name for name, tasks in self.tasks.items() for task in tasks}
        found: dict[str, set[str]] = {}
        for one in ended:
            found.setdefault(how[one.task_id], set()).add(one.kind)
        return found


def all_of(executor: Executor, tasks: list[Task], context: WorkContext) -> list[Finished]:
    """How all tasks ended."""
    try:
        return list(executor.run(iter(tasks), context))
    finally:
        executor.close()


def files(context: WorkContext) -> dict[str, bytes]:
    """All run files of a study, and what else lies beside them."""
    found = (context.folder / context.model / "runs").iterdir()
    return {path.name: path.read_bytes() for path in found}


def trouble_in(folder: Path, count: int = 4) -> Trouble:
    """The study, written and read."""
    plugin, study = folder / "harm.py", folder / "harm.toml"
    plugin.write_text(PLUGIN, encoding="utf-8")
    names = ["none", "raise", "die", "sleep"]
    study.write_text(STUDY.format(levels=names, count=count), encoding="utf-8")
    loaded = load_study(study, plugins=[plugin])
    model = model_version((plugin,))
    tasks = {
        str(point.point.changes["policies.subsidy.how"]): [
            point.task(replication, model, folder) for replication in range(count)
        ]
        for point in planned(loaded)
    }
    return Trouble(study, plugin, tasks, model)
