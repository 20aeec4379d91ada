"""Libraries that only some installations have."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

from packaging.version import Version

NEEDED = {"ray": ("ray", "2.54"), "dask": ("distributed", "2026.1")}
"""By name of the extra: the library, and the oldest version that works."""


class MissingExtraError(ValueError):
    """A library that is not installed, or too old."""


def require(extra: str) -> None:
    """Make sure that the library of an extra is there, without importing it.

    Args:
        extra: one of `NEEDED`.

    Raises:
        MissingExtraError: if it is not, or too old.
    """
    library, oldest = NEEDED[extra]
    how = f"pip install 'weal[{extra}]' (in Weal's own folder: pip install -e '.[{extra}]')"
    try:
        found = version(library)
    except PackageNotFoundError as error:
        raise MissingExtraError(
            f"executor {extra}: the library {library} is not installed: {how}"
        ) from error
    if Version(found) < Version(oldest):
        raise MissingExtraError(
            f"executor {extra}: {library} {found} is too old, {oldest} or newer is needed: {how}"
        )
