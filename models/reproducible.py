"""A scope in which PyTorch gives the same bits whatever the machine's thread settings.

Sums of floats depend on how threads share them out, and a few kernels are free to differ from run
to run. Inside this scope PyTorch computes on one thread and refuses kernels that are not
deterministic; on leaving, also by an exception, the caller's settings are as they were.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch

# Its one setting is a property of the module that type checkers do not see.
_MEMORY: Any = torch.utils.deterministic


@contextmanager
def reproducible_torch(device: torch.device | None = None) -> Iterator[None]:
    """Compute deterministically and on one thread within the `with` block.

    The settings are PyTorch's, hence of the whole process: do not enter from two Python threads
    at once. Simulations run in parallel as processes, which this leaves undisturbed.

    Args:
        device: that is computed on; absent: the processor. Elsewhere the same bits are not
            promised, and kernels that may differ from run to run are allowed.
    """
    threads = torch.get_num_threads()
    mode = torch.get_deterministic_debug_mode()
    fills_memory = _MEMORY.fill_uninitialized_memory
    torch.set_num_threads(1)
    # `use_deterministic_algorithms` would say the same, and import PyTorch's compiler for it: 2 s.
    on_processor = device is None or device.type == "cpu"
    torch.set_deterministic_debug_mode("error" if on_processor else "default")
    # Filling every new tensor with NaN only shows reads of memory that nobody wrote, and costs a
    # sixth of a training.
    _MEMORY.fill_uninitialized_memory = False
    try:
        yield
    finally:
        _MEMORY.fill_uninitialized_memory = fills_memory
        torch.set_deterministic_debug_mode(mode)
        torch.set_num_threads(threads)
