"""A replication's folder: what it holds and how it is written, whole or not at all.

scenario.toml      the resolved scenario that all its markets start from
replication.json   versions, git revision, how often, hashes of input data, the command
results.csv        the table: one row a quantity
results.json       the same with the verdict
*.csv              what the figure is drawn from
report.html        the table and the figure, for people
"""

from __future__ import annotations

import json
import math
import platform as machine
import shlex
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd

from experiments.replications.page import render
from experiments.replications.protocol import Outcome, Replication
from experiments.replications.register import ReplicationError
from experiments.replications.study import Study
from experiments.run_folder import LIBRARIES, git_revision
from scenarios.atomic import folder_written_whole, refuse_unwritable
from scenarios.build import read_inputs
from scenarios.writing import to_toml


@dataclass(frozen=True, slots=True)
class Manifest:
    """Where a replication's numbers come from."""

    replication: str  # name
    weal: str  # version
    git_revision: str  # of the source tree, "" outside one
    scenario: str  # name
    seed: int
    replications: int
    overrides: tuple[str, ...]
    command: str
    python: str
    libraries: dict[str, str]
    input_hashes: dict[str, str]


def refuse_foreign(folder: Path) -> None:
    """Refuse to replace a folder that holds something else than a replication.

    Raises:
        ReplicationError: if there is such a folder, or a file, of that name.
        OSError: if it could not be written.
    """
    refuse_unwritable(folder)
    if not folder.exists():
        return
    if not folder.is_dir():
        raise ReplicationError(f"{folder}: is no folder; choose another name")
    if any(folder.iterdir()) and not (folder / "replication.json").is_file():
        raise ReplicationError(
            f"{folder}: holds something else than a replication (it has no replication.json) and "
            "is left alone; choose another name"
        )


def write_replication(
    folder: Path, replication: Replication, study: Study, outcome: Outcome
) -> None:
    """Write a replication's folder, whole or not at all; an old one of that name is replaced.

    Args:
        folder: its final name.
        replication: what was run.
        study: how it was run.
        outcome: what it measured.

    Raises:
        ReplicationError: if a folder of that name holds something else.
        OSError: if the folder cannot be written.
    """
    refuse_foreign(folder)
    scenario, base = study.resolved()
    manifest = Manifest(
        replication=replication.name,
        weal=version("weal"),
        git_revision=git_revision(),
        scenario=scenario.name,
        seed=scenario.seed,
        replications=study.replications,
        overrides=study.overrides,
        command=_command(replication, study),
        python=machine.python_version(),
        libraries={name: version(name) for name in LIBRARIES},
        input_hashes=read_inputs(scenario, seed=scenario.seed, folder=base).hashes,
    )
    with folder_written_whole(folder, overwrite=True) as new:
        (new / "scenario.toml").write_text(to_toml(scenario), encoding="utf-8")
        (new / "replication.json").write_text(_json(asdict(manifest)), encoding="utf-8")
        table = pd.DataFrame(row_values(outcome))
        table.to_csv(new / "results.csv", index=False)
        (new / "results.json").write_text(_json(results(replication, outcome)), encoding="utf-8")
        for name, frame in outcome.data.items():
            frame.to_csv(new / f"{name}.csv", index=False)
        (new / "report.html").write_text(
            render(replication, outcome, scenario, asdict(manifest)), encoding="utf-8"
        )


def results(replication: Replication, outcome: Outcome) -> dict[str, Any]:
    """The table and the verdict, as JSON takes them."""
    return {
        "replication": replication.name,
        "reproduced": outcome.reproduced,
        "rows": row_values(outcome),
    }


def row_values(outcome: Outcome) -> list[dict[str, Any]]:
    """The table's rows as plain values; what is not finite is None."""
    return [
        {
            "quantity": row.quantity,
            "published": row.published,
            "source": row.source,
            "ours": _finite(row.ours),
            "standard_error": _finite(row.error),
            "lowest": _finite(row.low),
            "highest": _finite(row.high),
            "tolerance": row.tolerance,
            "reproduced": row.reproduced,
            "settings": " ".join(f"--set {shlex.quote(one)}" for one in row.settings),
        }
        for row in outcome.rows
    ]


def _command(replication: Replication, study: Study) -> str:
    """The command that repeats a replication."""
    often = f" --replications {study.replications}" if replication.replications else ""
    changes = "".join(f" --set {shlex.quote(one)}" for one in study.overrides)
    return f"weal replicate {replication.name}{often}{changes}"


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
