"""A run's folder: what it holds, how it is written, how it is read again.

scenario.toml        the resolved scenario: running it again gives the same bytes
manifest.json        versions, git revision, seed, hashes of input data, days done
indicators.parquet   one row a day, one column an indicator
orders.parquet ...   the tables of events, schema and units in their metadata
merchants.parquet, places.parquet, nodes.parquet, links.parquet   what maps and reports need
traffic.parquet      minutes and vehicles by period and link, where the run had traffic
texts.json           review texts, rule names and evidence by number
report.html          what happened, for people
"""

from __future__ import annotations

import json
import os
import platform as machine
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from experiments.map_tables import MAP_TABLES, map_tables
from experiments.studies.identity import model_version
from scenarios.atomic import folder_written_whole, refuse_unwritable
from scenarios.errors import ScenarioError
from scenarios.loading import load_toml
from scenarios.schema import Scenario
from scenarios.writing import to_toml
from sim.market import Marketplace
from sim.tables import Table

TABLES = (
    "orders",
    "deliveries",
    "shifts",
    "legs",
    "reviews",
    "complaints",
    "returns",
    "sanctions",
    "cases",
    "findings",
    "turnover",
    "learning",
    "explanations",
    "consumer_groups",
    "merchant_sizes",
)
"""Tables of events of the market; `transfers` is the ledger's."""

OPTIONAL = ("traffic",)
"""Tables that some runs leave and reports use where they are there."""

LIBRARIES = ("mesa", "numpy", "numba", "scipy", "pandas", "pyarrow", "torch", "networkx")


class RunFolderError(ValueError):
    """A folder that is not a run's, or not a whole one."""


@dataclass(frozen=True, slots=True)
class Branch:
    """Which run another one was until it went its own way."""

    scenario_hash: str  # SHA-256 of that run's resolved scenario
    day: int  # from which on it differs
    changes: dict[str, str]  # what differs, as TOML writes it, by dotted name


@dataclass(frozen=True, slots=True)
class Manifest:
    """Where a run's numbers come from."""

    weal: str  # version
    git_revision: str  # of the source tree, "" outside one
    scenario: str  # name
    seed: int
    days_planned: int
    days_done: int
    interrupted: bool
    python: str
    libraries: dict[str, str]
    input_hashes: dict[str, str]
    plugins: dict[str, str]  # file name to SHA-256 of its content
    attribution: str  # whom maps of the streets must name
    model: str = ""  # version of the model, without plug-ins; "" in folders of older versions
    branch: Branch | None = None  # None: it went its own way from the first day


@dataclass(frozen=True, slots=True)
class RunData:
    """All of a run folder but its report."""

    folder: Path
    scenario: Scenario
    manifest: Manifest
    indicators: pd.DataFrame  # (days, indicators), index: day
    tables: dict[str, pd.DataFrame]
    texts: dict[str, list[str]]


def make_manifest(
    scenario: Scenario,
    *,
    days_done: int,
    hashes: dict[str, str],
    plugins: dict[str, str],
    attribution: str,
    seed: int,
    branch: Branch | None = None,
) -> Manifest:
    """The manifest of a run that has lived `days_done` days."""
    return Manifest(
        weal=version("weal"),
        git_revision=git_revision(),
        scenario=scenario.name,
        seed=seed,
        days_planned=scenario.days,
        days_done=days_done,
        interrupted=days_done < scenario.days,
        python=machine.python_version(),
        libraries={name: version(name) for name in LIBRARIES},
        input_hashes=hashes,
        plugins=plugins,
        attribution=attribution,
        model=model_version(),
        branch=branch,
    )


def refuse_foreign(folder: Path) -> None:
    """Refuse to replace a folder that holds something else than a run.

    Raises:
        RunFolderError: if there is such a folder, or a file or link, of that name.
        OSError: if no folder of that name can be written.
    """
    refuse_unwritable(folder)
    if folder.is_symlink():
        raise RunFolderError(f"{folder}: is a link; name the folder itself")
    if not folder.exists():
        return
    if not folder.is_dir():
        raise RunFolderError(f"{folder}: is no folder; choose another name")
    if any(folder.iterdir()) and not (folder / "manifest.json").is_file():
        raise RunFolderError(
            f"{folder}: holds something else than a run (it has no manifest.json) and is left "
            "alone; choose another name"
        )


def write_run(
    folder: Path,
    market: Marketplace,
    scenario: Scenario,
    manifest: Manifest,
    report: Callable[[Path], object],
) -> None:
    """Write a run's folder, whole or not at all; an old run of that name is replaced.

    Args:
        folder: its final name.
        market: the market at its end.
        scenario: what it was made from.
        manifest: where its numbers come from.
        report: writes the report into the folder, from what it finds there.

    Raises:
        RunFolderError: if a folder of that name holds something else.
        OSError: if the folder cannot be written.
    """
    refuse_foreign(folder)
    with folder_written_whole(folder, overwrite=True) as new:
        (new / "scenario.toml").write_text(to_toml(scenario), encoding="utf-8")
        (new / "manifest.json").write_text(
            json.dumps(asdict(manifest), indent=2) + "\n", encoding="utf-8"
        )
        _write_frame(new / "indicators.parquet", _indicator_table(market))
        for name in TABLES:
            _write_frame(new / f"{name}.parquet", event_table(getattr(market, name)))
        _write_frame(new / "transfers.parquet", event_table(market.ledger.transfers))
        for name, table in map_tables(market).items():
            _write_frame(new / f"{name}.parquet", table)
        (new / "texts.json").write_text(
            json.dumps(
                {
                    "reviews": list(market.texts),
                    "rules": list(market.rules),
                    "evidence": list(market.evidence),
                    "learning": list(market.learning_metrics),
                    "explanations": list(market.explanation_parts),
                    "explained": _explained_titles(market),
                    "categories": list(market.category_names),
                    "groups": list(market.group_names),
                },
                ensure_ascii=False,
                indent=1,
            )
            + "\n",
            encoding="utf-8",
        )
        report(new)


def listings_named(explanations: Mapping[str, Any]) -> NDArray[np.int64]:
    """The listings that a table of explanations names, ascending: those of the texts' titles."""
    named = np.union1d(explanations["listing"], explanations["about"]).astype(np.int64)
    return named[named >= 0]


def _explained_titles(market: Marketplace) -> list[str]:
    titles = market.title_texts()
    return [titles[one] for one in listings_named(market.explanations.to_dict()).tolist()]


def read_run(folder: Path) -> RunData:
    """Read a run's folder.

    Raises:
        RunFolderError: if it is missing, lacks one of its files, holds one that is damaged, or
            names the policy of a plug-in that is not loaded.
    """
    if not folder.is_dir():
        raise RunFolderError(f"{folder}: no such folder; a run's folder is what `weal run` names")
    wanted = ["scenario.toml", "manifest.json", "indicators.parquet", "texts.json"]
    names = (*TABLES, "transfers", *MAP_TABLES)
    wanted += [f"{name}.parquet" for name in names]
    missing = [name for name in wanted if not (folder / name).is_file()]
    if len(missing) == len(wanted):
        raise RunFolderError(f"{folder}: holds no run; a run's folder is what `weal run` names")
    if missing:
        raise RunFolderError(f"{folder}: not a whole run folder; missing: {', '.join(missing)}")
    manifest = read_manifest(folder)
    there = [name for name in OPTIONAL if (folder / f"{name}.parquet").is_file()]
    return RunData(
        folder=folder,
        scenario=_scenario_of(folder, manifest),
        manifest=manifest,
        indicators=_read_frame(folder / "indicators.parquet").set_index("day"),
        tables={name: _read_frame(folder / f"{name}.parquet") for name in (*names, *there)},
        texts=_read_texts(folder / "texts.json"),
    )


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a run's folder.

    Raises:
        RunFolderError: if the file is no manifest.
        OSError: if it cannot be read.
    """
    path = folder / "manifest.json"
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        branch = told.get("branch")
        return Manifest(**{**told, "branch": None if branch is None else Branch(**branch)})
    except (ValueError, TypeError, AttributeError) as error:
        raise RunFolderError(f"{path}: is no manifest of a run: {error}") from None


def _read_frame(path: Path) -> pd.DataFrame:
    """A table of a run; without threads, which cost more than they save on small tables."""
    try:
        table = pq.ParquetFile(path).read(use_threads=False)
    except (pa.ArrowException, OSError) as error:
        raise RunFolderError(f"{path}: not a whole Parquet file: {error}") from error
    frame: pd.DataFrame = table.to_pandas(use_threads=False)
    return frame


def _read_texts(path: Path) -> dict[str, list[str]]:
    try:
        told: Any = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise RunFolderError(f"{path}: is no JSON: {error}") from error
    if not isinstance(told, dict):
        raise RunFolderError(f"{path}: holds no lists of texts by name")
    texts: dict[str, list[str]] = told
    return texts


def _scenario_of(folder: Path, manifest: Manifest) -> Scenario:
    try:
        return load_toml(folder / "scenario.toml", Scenario)
    except ScenarioError as error:
        if not manifest.plugins:
            raise
        wanted = " ".join(f"--plugin {name}" for name in manifest.plugins)
        raise RunFolderError(
            f"{error}\n{folder}: was made with policies of plug-ins; give their files: {wanted}"
        ) from error


def event_table(table: Table) -> pa.Table:
    """A table of events with each column's unit and meaning in the schema."""
    fields, arrays = [], []
    for name, column in table.schema.items():
        array = pa.array(table[name])
        meaning = {"unit": column.unit, "meaning": column.meaning}
        if column.hidden:
            meaning["hidden"] = "no policy sees it"
        fields.append(pa.field(name, array.type, metadata=meaning))
        arrays.append(array)
    return pa.Table.from_arrays(arrays, schema=pa.schema(fields))


def _indicator_table(market: Marketplace) -> pa.Table:
    values = market.health.values()
    columns: dict[str, Any] = {"day": np.arange(len(values), dtype=np.int32)}
    for number, name in enumerate(market.health.names):
        columns[name] = values[:, number]
    return pa.table(columns)


def _write_frame(path: Path, table: pa.Table) -> None:
    pq.write_table(table, path, compression="zstd")


def git_revision() -> str:
    """The revision of the source tree that runs, with a + where it has changes; "" outside git."""
    source = Path(__file__).resolve().parent
    try:
        command = ["git", "-C", os.fspath(source), "describe", "--always", "--dirty=+"]
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=10)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()
