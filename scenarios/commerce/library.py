"""Where imports lie, so that a scenario can name one.

An import with a bare name goes into the user's library; one with a path goes there. A scenario
may name either.
"""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

from scenarios.commerce.faults import CommerceError

METADATA = "commerce.json"
"""The file that makes a folder an import."""

LIBRARY_VARIABLE = "WEAL_COMMERCE"
"""Environment variable that names another folder as the library."""


def library() -> Path:
    """The folder of imports with a bare name; it need not exist yet."""
    chosen = os.environ.get(LIBRARY_VARIABLE)
    return Path(chosen) if chosen else platformdirs.user_data_path("weal") / "commerce"


def folder_for(name: str) -> Path:
    """Where an import of this name is written.

    Args:
        name: a bare name such as `myshop`, or a path, which has a separator in it.

    Returns:
        The folder.

    Raises:
        CommerceError: if the name is empty or no name of a folder.
    """
    if name.strip() in {"", ".", ".."}:
        raise CommerceError(f"{name!r}: is no name for an import; give one such as myshop")
    path = Path(name)
    return library() / name if path.name == name else path


def check_free(folder: Path, *, overwrite: bool) -> None:
    """Refuse a folder that an import may not be written to.

    Args:
        folder: where the import shall be.
        overwrite: whether an earlier import may be replaced; other folders never are.

    Raises:
        CommerceError: if something stands in the way.
    """
    if not (folder.exists() or folder.is_symlink()):
        return
    if not overwrite:
        raise CommerceError(f"{folder}: exists already; choose another name, or use --overwrite")
    if folder.is_symlink() or not folder.is_dir():
        raise CommerceError(f"{folder}: is no folder; choose another name")
    if any(folder.iterdir()) and not (folder / METADATA).is_file():
        raise CommerceError(
            f"{folder}: is not an earlier import (it has no {METADATA}), so --overwrite leaves it "
            "alone; choose another name"
        )


def find(name: str, folder: Path | None = None) -> Path:
    """The import that a scenario names.

    Args:
        name: a bare name or a path.
        folder: the scenario's own folder, to which a path may be relative.

    Returns:
        The first that exists of: the path relative to `folder`, to the working folder, and the
        library's import of this name.

    Raises:
        CommerceError: if there is none.
    """
    places = [Path.cwd() / name, folder_for(name)]
    if folder is not None:
        places.insert(0, folder / name)
    for place in places:
        if (place / METADATA).is_file():
            return place
    looked = ", ".join(dict.fromkeys(str(place) for place in places))
    source = "completejourney" if name == "completejourney" else "ITEMS.csv INTERACTIONS.csv"
    raise CommerceError(
        f"{name!r}: no imported data of this name (looked at {looked}); make it with "
        f"`weal import {source} --out {name}`"
    )
