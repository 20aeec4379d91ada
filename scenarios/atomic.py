"""Files and folders that appear whole or not at all.

Guarantees, on a POSIX file system:

- At any moment, also after a kill or a power cut, the final name holds the old content or the new
  one, never a part. New content is written under a hidden temporary name in the same folder,
  flushed to disk, and renamed; the rename is flushed too before the call returns.
- A folder that replaces another is the one exception: an operating system cannot swap two folders
  portably, so that for an instant nothing has the name. Killed at that instant, the old folder is
  there under a hidden name, and the next write of the name, or `remove_leftovers`, puts it back.
- An exception, Ctrl-C among them, removes the temporary. What killed processes leave is removed
  when the same name is next written: the hidden name tells host and process, and no content of a
  process that lives, or of another host, is ever touched.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_HOST = re.sub(r"[^A-Za-z0-9-]", "-", socket.gethostname()) or "host"
_HIDDEN = re.compile(
    r"\.(?P<name>.+)\.(?P<host>[A-Za-z0-9-]+)\.(?P<pid>\d+)\.[0-9a-f]{8}\.(?P<kind>tmp|old)"
)

_in_use: set[str] = set()  # hidden names of this process: another had its number before


def write_file_atomically(path: Path, content: bytes | str, *, mend: bool = True) -> None:
    """Write a file whole or not at all; an old file of that name is replaced.

    Args:
        path: its final name; the folder must exist.
        content: bytes, or text that is written as UTF-8.
        mend: remove first what killed processes left of the name, which reads the whole folder; in
            one of many files, who owns it calls `remove_all_leftovers` instead.

    Raises:
        OSError: if it cannot be written; the old file is untouched.
    """
    if mend:
        remove_leftovers(path)
    with _hidden(path, "tmp") as temporary:
        with temporary.open("xb") as file:
            file.write(content.encode("utf-8") if isinstance(content, str) else content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    flush(path.parent)


@contextmanager
def folder_written_whole(path: Path, *, overwrite: bool = False) -> Iterator[Path]:
    """Write a folder whole or not at all.

    Args:
        path: its final name; parents are made.
        overwrite: replace a folder of that name.

    Yields:
        An empty folder to write into; it gets its name when the block ends.

    Raises:
        FileExistsError: if there is something of that name and `overwrite` is not set, or it is no
            folder.
        OSError: if it cannot be written; an old folder is untouched.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    remove_leftovers(path)
    _refuse_existing(path, overwrite=overwrite)
    with _hidden(path, "tmp") as temporary:
        temporary.mkdir()
        yield temporary
        for entry in sorted(temporary.rglob("*")):
            flush(entry)
        flush(temporary)
        _refuse_existing(path, overwrite=overwrite)
        if path.exists():
            _replace(path, temporary)
        else:
            temporary.rename(path)
        flush(path.parent)


def refuse_unwritable(path: Path) -> None:
    """Find out before long work, not after it, that its result could not be written.

    Args:
        path: the final name of a file or folder; its parents need not exist.

    Raises:
        OSError: if nothing can be made in the nearest folder above it that exists.
    """
    above = path.absolute().parent
    while not os.path.lexists(above):
        above = above.parent
    if not above.is_dir():
        raise NotADirectoryError(f"{path}: {above} is no folder; choose another name")
    try:
        with _hidden(above / path.name, "tmp") as probe:
            probe.mkdir()
    except OSError as error:
        raise OSError(
            f"{path}: nothing can be written in {above} ({error.strerror}); choose another place"
        ) from error


def remove_leftovers(path: Path) -> None:
    """Mend what killed processes left of earlier tries to write `path`.

    A folder that was moved away and whose replacement never came is put back.
    """
    if not path.parent.is_dir():
        return
    with os.scandir(path.parent) as entries:
        hidden = sorted(e.name for e in entries if e.name.startswith(f".{path.name}."))
    for name in hidden:
        match = _HIDDEN.fullmatch(name)
        if match is None or match["name"] != path.name or _is_in_use(match):
            continue
        leftover = path.parent / name
        if match["kind"] == "old" and not path.exists():
            leftover.rename(path)
        else:
            _remove(leftover)


def remove_all_leftovers(folder: Path) -> None:
    """Remove what killed processes left of files in a folder, and what nobody needs any more.

    The temporary of a file that is there in whole is not needed: whoever wrote it, on whichever
    host. So this is for folders of files that are written once.

    Args:
        folder: the folder; nothing is done where there is none.
    """
    if not folder.is_dir():
        return
    with os.scandir(folder) as entries:
        matches = [_HIDDEN.fullmatch(one.name) for one in entries if one.name.startswith(".")]
    for match in matches:
        if match is None or match["kind"] != "tmp":
            continue
        if not _is_in_use(match) or (folder / match["name"]).exists():
            _remove(folder / match.string)


@contextmanager
def _hidden(path: Path, kind: str) -> Iterator[Path]:
    """A free name beside `path`; what has that name at the end is removed."""
    name = f".{path.name}.{_HOST}.{os.getpid()}.{uuid.uuid4().hex[:8]}.{kind}"
    _in_use.add(name)
    try:
        yield path.parent / name
    finally:
        _remove(path.parent / name)
        _in_use.discard(name)


def _replace(path: Path, new: Path) -> None:
    """Put a new folder in an old one's place."""
    with _hidden(path, "old") as old:
        path.rename(old)
        try:
            new.rename(path)
        except BaseException:
            if not path.exists():
                old.rename(path)
            raise


def _refuse_existing(path: Path, *, overwrite: bool) -> None:
    if os.path.lexists(path) and not (overwrite and path.is_dir() and not path.is_symlink()):
        raise FileExistsError(f"{path}: exists already; choose another name or remove it")


def _is_in_use(match: re.Match[str]) -> bool:
    """Whether the process that chose a hidden name may still need it."""
    pid = int(match["pid"])
    if match["host"] != _HOST:
        return True
    if pid == os.getpid():
        return match.string in _in_use
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def flush(path: Path) -> None:
    """Flush a file, or a folder's list of names, to disk."""
    if path.is_symlink():
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
