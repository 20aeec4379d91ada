"""Find instances of dispatch, whichever kind they are."""

from __future__ import annotations

from pathlib import Path
from zipfile import is_zipfile

from experiments.dispatching.grubhub import is_grubhub, read_grubhub
from experiments.dispatching.instance import Instance, InstanceError
from experiments.dispatching.li_lim import is_li_lim, read_li_lim

EXPECTED = (
    "expected a folder with orders.txt, restaurants.txt, couriers.txt and instance_parameters.txt "
    "(Grubhub's), a text file in the format of Li and Lim, or a folder of such instances"
)


def find_instances(path: Path) -> list[Path]:
    """The instances at a path: itself, or those that lie in it, by name.

    Raises:
        InstanceError: There is none.
    """
    if not path.exists():
        raise InstanceError(f"{path}: no such file or folder; {EXPECTED}")
    if path.is_file() and is_zipfile(path):
        raise InstanceError(f"{path}: is a zip archive; unpack it and name what was in it")
    if is_grubhub(path) or is_li_lim(path):
        return [path if path.name not in ("", "..") else path.resolve()]
    inside = sorted(path.iterdir()) if path.is_dir() else []
    found = [one for one in inside if is_grubhub(one) or is_li_lim(one)]
    if not found:
        raise InstanceError(f"{path}: holds no instance; {EXPECTED}")
    return found


def read_instance(path: Path) -> Instance:
    """Read one instance.

    Raises:
        InstanceError: It cannot be read; the message says what is wrong and where.
    """
    if is_grubhub(path):
        return read_grubhub(path)
    if is_li_lim(path):
        return read_li_lim(path)
    raise InstanceError(f"{path}: is no instance; {EXPECTED}")
