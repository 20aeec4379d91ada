"""Files and folders that appear whole or not at all.

Guarantees, on a POSIX file system: at any moment, also after a kill or a power cut, the final name
holds the old content, the new content, or (for a folder that is replaced) for an instant nothing;
never a part. New content is written under a temporary name in the same folder, flushed to disk, and
renamed. What killed processes leave behind has their process number in its name and is removed when
the same name is next written.
"""

from __future__ import annotations

import os
import re
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_TEMPORARY = re.compile(r"^\.(?P<name>.+)\.(?P<pid>\d+)-[0-9a-f]{8}\.(?:tmp|old)$")


def write_file_atomically(path: Path, content: bytes | str) -> None:
    """Write a file whole or not at all.

    Args:
        path: its final name; the folder must exist.
        content: bytes, or text that is written as UTF-8.

    Raises:
        OSError: if it cannot be written; the old file is untouched.
    """
    remove_leftovers(path)
    temporary = _temporary(path, "tmp")
    try:
        with temporary.open("wb") as file:
            file.write(content.encode("utf-8") if isinstance(content, str) else content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _flush_folder(path.parent)


@contextmanager
def folder_written_whole(path: Path, *, overwrite: bool = False) -> Iterator[Path]:
    """Write a folder whole or not at all.

    Args:
        path: its final name; parents are made.
        overwrite: replace a folder of that name.

    Yields:
        An empty folder to write into.

    Raises:
        FileExistsError: if there is something of that name and `overwrite` is not set, or it is no
            folder.
    """
    if path.exists() and not (overwrite and path.is_dir()):
        raise FileExistsError(f"{path}: exists already; choose another name or remove it")
    path.parent.mkdir(parents=True, exist_ok=True)
    remove_leftovers(path)
    temporary = _temporary(path, "tmp")
    temporary.mkdir()
    try:
        yield temporary
        for file in sorted(temporary.rglob("*")):
            _flush(file)
        _flush_folder(temporary)
        _put_in_place(temporary, path)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise
    _flush_folder(path.parent)


def remove_leftovers(path: Path) -> None:
    """Remove what killed processes left of earlier tries to write `path`."""
    if not path.parent.is_dir():
        return
    for entry in path.parent.iterdir():
        match = _TEMPORARY.match(entry.name)
        if match and match["name"] == path.name and not _alive(int(match["pid"])):
            if entry.is_dir():
                shutil.rmtree(entry, ignore_errors=True)
            else:
                entry.unlink(missing_ok=True)


def _temporary(path: Path, kind: str) -> Path:
    return path.parent / f".{path.name}.{os.getpid()}-{uuid.uuid4().hex[:8]}.{kind}"


def _put_in_place(temporary: Path, path: Path) -> None:
    if not path.exists():
        temporary.rename(path)
        return
    old = _temporary(path, "old")
    path.rename(old)
    try:
        temporary.rename(path)
    except OSError:
        old.rename(path)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _flush(path: Path) -> None:
    if path.is_dir():
        _flush_folder(path)
        return
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
