"""Several processes that train one model together: each takes part of every batch.

The processes add up their gradients before each step, so that a step is that of one process with
the whole batch, up to the order of additions. They find each other as `torchrun` arranges it.

Source: Li et al. (2020), "PyTorch Distributed: Experiences on Accelerating Data Parallel Training",
PVLDB 13(12).
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, slots=True)
class Processes:
    """Those who train together; alone by default."""

    rank: int = 0  # of this one
    size: int = 1

    @property
    def leads(self) -> bool:
        """Whether this process speaks for all."""
        return self.rank == 0

    def average_gradients(self, parameters: Sequence[Tensor], rows: int) -> None:
        """Replace each gradient by its mean over the rows of all processes.

        Args:
            parameters: the same in every process; their gradients are means over the own rows.
            rows: own rows; 0: the own gradients count nothing.
        """
        if self.size == 1:
            return
        import torch.distributed as together

        count = torch.tensor(float(rows))
        together.all_reduce(count)
        for parameter in parameters:
            gradient = parameter.grad
            if gradient is None or rows == 0:
                gradient = torch.zeros_like(parameter)
            gradient = gradient * (rows / max(float(count), 1.0))
            together.all_reduce(gradient)
            parameter.grad = gradient

    def sums(self, *amounts: float) -> list[float]:
        """Return each amount added up over all processes."""
        if self.size == 1:
            return list(amounts)
        import torch.distributed as together

        all_amounts = torch.tensor(amounts, dtype=torch.float64)
        together.all_reduce(all_amounts)
        return [float(one) for one in all_amounts]


@contextmanager
def joined_processes() -> Iterator[Processes]:
    """Join the processes that `torchrun` started; alone where it did not start this one."""
    size = int(os.environ.get("WORLD_SIZE", "1"))
    if size == 1 or "MASTER_ADDR" not in os.environ:
        yield Processes()
        return
    import torch.distributed as together

    together.init_process_group("gloo")
    try:
        yield Processes(together.get_rank(), together.get_world_size())
    finally:
        together.destroy_process_group()
