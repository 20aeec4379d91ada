"""How a training goes, whatever the model: its chance, its start, its length and its device."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import torch

DEVICES = ("cpu", "cuda", "mps", "auto")
"""Where a training can be asked to compute; `auto` takes the fastest that is there."""

Watch = Callable[[int, Mapping[str, float]], None]
"""Is told after every pass: its number, counted from 1, and numbers by name."""


class DeviceError(ValueError):
    """A device that does not exist, or that this machine does not have."""


@dataclass(frozen=True, slots=True)
class Fitting:
    """What a model's training is told besides the log."""

    seed: int = 0  # of all that the training draws
    warm: bool = False  # goes on from what was learned before; never so in a first training
    passes: int | None = None  # over the log at most; None: as the model's settings say
    watch: Watch | None = None
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))


def device_named(name: str) -> torch.device:
    """Return a device to compute on.

    Args:
        name: one of `DEVICES`, or one of several by number, as `cuda:1`.

    Raises:
        DeviceError: if there is no such device.
    """
    kind = name.partition(":")[0]
    if kind not in DEVICES:
        raise DeviceError(f"device: {name!r} is not one of {', '.join(DEVICES)}")
    there = {
        "cpu": True,
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
    }
    if name == "auto":
        return torch.device(next(one for one in ("cuda", "mps", "cpu") if there[one]))
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise DeviceError(f"device: {name!r} is not a device's name, such as cuda:1") from error
    count = torch.cuda.device_count() if kind == "cuda" else int(there.get(kind, False))
    if not there.get(kind, False) or (device.index or 0) >= count:
        has = ", ".join(one for one, is_there in there.items() if is_there)
        raise DeviceError(f"device: this machine has no {name}; it has {has}")
    return device
