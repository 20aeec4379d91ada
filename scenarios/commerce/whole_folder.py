"""Write a folder whole or not at all.

The files are written into a new folder beside the final one, forced to disk, and the folder is
renamed. Whoever looks sees the old folder, or none, or the new one complete; a kill at any moment
leaves at most a hidden folder `.NAME.partial-*`. With `overwrite` there is a moment, between two
renames, in which a reader finds no folder.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scenarios.commerce.faults import CommerceError


def check_free(folder: Path, *, overwrite: bool, marker: str) -> None:
    """Refuse a folder that may not be written.

    Args:
        folder: where the result shall be.
        overwrite: whether an earlier result may be replaced.
        marker: a file that every earlier result has; other folders are never replaced.

    Raises:
        CommerceError: if something stands in the way.
    """
    if not (folder.exists() or folder.is_symlink()):
        return
    if not overwrite:
        raise CommerceError(f"{folder}: exists already; choose another name, or use --overwrite")
    if folder.is_symlink() or not folder.is_dir():
        raise CommerceError(f"{folder}: is no folder; choose another name")
    if any(folder.iterdir()) and not (folder / marker).is_file():
        raise CommerceError(
            f"{folder}: is not an earlier import (it has no {marker}), so --overwrite leaves it "
            "alone; choose another name"
        )


@contextmanager
def whole_folder(folder: Path, *, overwrite: bool, marker: str) -> Iterator[Path]:
    """A folder to write files into, which becomes `folder` when the block ends well.

    Args:
        folder: where the result shall be; missing parents are made.
        overwrite: whether an earlier result may be replaced.
        marker: a file that every earlier result has.

    Yields:
        The folder to write into.

    Raises:
        CommerceError: if something stands in the way or the disk refuses.
    """
    check_free(folder, overwrite=overwrite, marker=marker)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        made = tempfile.mkdtemp(prefix=f".{folder.name}.partial-", dir=folder.parent)
    except OSError as error:
        raise CommerceError(f"{folder}: cannot be written: {error.strerror}") from error
    partial = Path(made)
    try:
        yield partial
        partial.chmod(0o755)
        for path in sorted(partial.iterdir()):
            _sync(path)
        _sync(partial)
        check_free(folder, overwrite=overwrite, marker=marker)
        _replace(partial, folder)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    _sync(folder.parent)


def write_whole(path: Path, text: str) -> None:
    """Write a text file whole or not at all, replacing what was there.

    Args:
        path: the file; missing parents are made.
        text: its content.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, made = tempfile.mkstemp(prefix=f".{path.name}.partial-", dir=path.parent)
    partial = Path(made)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        partial.chmod(0o644)
        partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def _replace(partial: Path, folder: Path) -> None:
    if not folder.exists():
        partial.rename(folder)
        return
    old = Path(tempfile.mkdtemp(prefix=f".{folder.name}.old-", dir=folder.parent))
    folder.rename(old / folder.name)
    partial.rename(folder)
    shutil.rmtree(old)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
