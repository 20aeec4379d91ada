"""Losses of a training as TensorBoard shows them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from models.training.fitting import Watch


class TensorBoardError(ValueError):
    """TensorBoard is not installed."""


@contextmanager
def tensorboard_watch(folder: Path) -> Iterator[Watch]:
    """Write what a training tells after each pass; `tensorboard --logdir FOLDER` shows it.

    Args:
        folder: of the event file; made if missing.

    Raises:
        TensorBoardError: if TensorBoard is not installed.
    """
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError:
        raise TensorBoardError(
            "TensorBoard is not installed: pip install 'weal[tensorboard]'"
        ) from None
    writer = SummaryWriter(str(folder))

    def watch(number: int, told: Mapping[str, float]) -> None:
        for name, value in told.items():
            writer.add_scalar(name, value, number)

    try:
        yield watch
    finally:
        writer.close()
