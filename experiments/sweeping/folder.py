"""What a sweep keeps of itself in its study's folder, beside the runs."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from experiments.studies.loading import LoadedStudy, find_study, resolve_study, shipped_names
from experiments.studies.schema import Study
from experiments.studies.store import study_folder
from policies.registry import load_plugin
from scenarios.atomic import refuse_unwritable, remove_all_leftovers, write_file_atomically
from scenarios.errors import ScenarioError
from scenarios.loading import load_toml
from scenarios.writing import to_toml

STUDY, BASE, SWEEP, PLAN = "study.toml", "base.toml", "sweep.json", "plan.parquet"


class StudyFolderError(ValueError):
    """A folder that is not a study's, or is another study's."""


@dataclass(frozen=True, slots=True)
class SweepRecord:
    """The last sweep of a folder, for `weal status` and for whoever goes on."""

    study: str  # as it was named
    overrides: tuple[str, ...]
    plugins: tuple[str, ...]  # absolute paths
    files_from: str  # where the scenario's relative paths start from
    model: str
    executor: str
    workers: int
    timeout_s: float | None
    process: int
    host: str
    started: str  # ISO 8601, UTC
    planned: int  # runs, the target's further batches left out
    done_before: int  # of them, when it began
    ended: str = ""  # "finished", "interrupted", "stopped"; "" before its end
    target: str = ""  # how the target of precision stands, in words

    @classmethod
    def begin(
        cls,
        loaded: LoadedStudy,
        study: str | Path,
        overrides: Sequence[str],
        model: str,
        *,
        executor: str,
        workers: int,
        timeout_s: float | None,
    ) -> SweepRecord:
        """The record of a sweep that begins."""
        return cls(
            study=str(study),
            overrides=tuple(overrides),
            plugins=tuple(str(one.absolute()) for one in loaded.plugins),
            files_from=str(loaded.folder.absolute()),
            model=model,
            executor=executor,
            workers=workers,
            timeout_s=timeout_s,
            process=os.getpid(),
            host=socket.gethostname(),
            started=datetime.now(UTC).isoformat(timespec="seconds"),
            planned=0,
            done_before=0,
        )

    def with_(self, **changes: Any) -> SweepRecord:
        """A record with other values."""
        return replace(self, **changes)


def refuse_foreign(folder: Path, loaded: LoadedStudy) -> None:
    """Refuse a folder that holds something else than this study.

    Raises:
        StudyFolderError: if it does.
        OSError: if nothing can be written there.
    """
    refuse_unwritable(folder / STUDY)
    if not folder.exists():
        return
    if not folder.is_dir():
        raise StudyFolderError(f"{folder}: is no folder; choose another name")
    name = name_in(folder)
    if name is None and any(folder.iterdir()):
        raise StudyFolderError(
            f"{folder}: holds something else than a study (it has no {STUDY}) and is left alone; "
            "choose another name"
        )
    if name is not None and name != loaded.study.name:
        raise StudyFolderError(
            f"{folder}: holds the study {name!r}, not {loaded.study.name!r}, and is left alone; "
            "choose another folder"
        )


def name_in(folder: Path) -> str | None:
    """The name of the study whose folder it is; None where it is none's.

    Raises:
        StudyFolderError: if it is one that cannot be read.
    """
    if not (folder / STUDY).is_file():
        return None
    try:
        return load_toml(folder / STUDY, Study).name
    except ScenarioError as error:
        raise StudyFolderError(
            f"{error}\n{folder}: was made by another version of Weal, or changed by hand; "
            "choose another folder"
        ) from None


def write_study(folder: Path, loaded: LoadedStudy) -> None:
    """Keep the resolved study, whose scenario is the base scenario beside it."""
    kept = loaded.study.model_copy(update={"scenario": BASE, "changes": {}})
    for name, text in ((BASE, to_toml(loaded.base)), (STUDY, to_toml(kept))):
        path = folder / name
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            write_file_atomically(path, text)


def write_record(folder: Path, record: SweepRecord) -> None:
    """Keep the record of a sweep."""
    write_file_atomically(folder / SWEEP, json.dumps(asdict(record), indent=2) + "\n")


def read_record(folder: Path) -> SweepRecord:
    """The record of a folder's last sweep.

    Raises:
        StudyFolderError: if there is none, or it cannot be read.
    """
    path = folder / SWEEP
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        told |= {key: tuple(told[key]) for key in ("overrides", "plugins")}
        return SweepRecord(**told)
    except FileNotFoundError:
        raise StudyFolderError(f"{folder}: holds no sweep; `weal sweep STUDY` makes one") from None
    except (ValueError, TypeError, KeyError) as error:
        raise StudyFolderError(f"{path}: cannot be read ({error}); sweep again") from None


def write_plan(folder: Path, model: str, runs: Sequence[tuple[str, int, int]]) -> None:
    """Keep which runs are asked for: name, point and replication each."""
    names = ("run", "point", "replication")
    columns = list(zip(*runs, strict=True)) or [(), (), ()]
    kinds = (pa.string(), pa.int64(), pa.int64())
    arrays = [pa.array(one, kind) for one, kind in zip(columns, kinds, strict=True)]
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table(arrays, names=list(names)), sink, compression="zstd")
    write_file_atomically(folder / model / PLAN, sink.getvalue().to_pybytes())


def read_plan(folder: Path, model: str) -> list[tuple[str, int, int]]:
    """The runs that were asked for; none where no sweep has begun."""
    path = folder / model / PLAN
    if not path.is_file():
        return []
    table = pq.ParquetFile(path).read(use_threads=False)
    columns = (table[name].to_pylist() for name in ("run", "point", "replication"))
    return list(zip(*columns, strict=True))


def make_folders(folder: Path, model: str) -> None:
    """Make a study's folder for a version of the model."""
    for name in ("runs", "failed", "shards"):
        (folder / model / name).mkdir(parents=True, exist_ok=True)


def remove_temporaries(folder: Path, model: str) -> None:
    """Remove what killed processes left; the caller holds the folder's lock."""
    for name in ("runs", "failed", "shards", "."):
        remove_all_leftovers(folder / model / name)


def means_folder(study_or_folder: str | Path) -> bool:
    """Whether a name means a folder: one of a study, or one that is no shipped study's name."""
    path = Path(study_or_folder)
    return path.is_dir() and ((path / STUDY).is_file() or str(path) not in shipped_names())


def folder_of(study_or_folder: str | Path) -> Path:
    """A study's folder by the study's name or file, or the folder itself.

    Raises:
        StudyFolderError: if it is a folder that is no study's.
        scenarios.errors.ScenarioError: if it is nothing of that kind.
    """
    path = Path(study_or_folder)
    if means_folder(path):
        if name_in(path) is None:
            raise StudyFolderError(f"{path}: holds no study; `weal sweep STUDY` makes its folder")
        return path
    file = find_study(study_or_folder)
    return study_folder(load_toml(file, Study).name or file.stem)


def load_stored(folder: Path, plugins: Sequence[Path] = ()) -> LoadedStudy:
    """The study that a folder keeps, as it was swept last.

    Args:
        folder: the study's folder.
        plugins: Python files with policies of the user's own; a folder can never make code run.

    Raises:
        StudyFolderError: if it holds none.
        scenarios.errors.ScenarioError: if it does not fit this version of Weal.
    """
    for plugin in plugins:
        load_plugin(plugin)
    if name_in(folder) is None:
        raise StudyFolderError(f"{folder}: holds no study; `weal sweep STUDY` makes its folder")
    study = load_toml(folder / STUDY, Study)
    files_from = Path(read_record(folder).files_from)
    return resolve_study(study, folder / STUDY, plugins=plugins, files_from=files_from)
