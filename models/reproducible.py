"""A scope in which PyTorch gives the same bits whatever the machine's thread settings.

Sums of floats depend on how threads share them out, and a few kernels are free to differ from run
to run. Inside this scope PyTorch computes on one thread and refuses kernels that are not
deterministic; on leaving, also by an exception, the caller's settings are as they were.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def reproducible_torch() -> Iterator[None]:
    """Compute deterministically and on one thread within the `with` block.

    The settings are PyTorch's, hence of the whole process: do not enter from two Python threads
    at once. Simulations run in parallel as processes, which this leaves undisturbed.
    """
    threads = torch.get_num_threads()
    deterministic = torch.are_deterministic_algorithms_enabled()
    warn_only = torch.is_deterministic_algorithms_warn_only_enabled()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(deterministic, warn_only=warn_only)
        torch.set_num_threads(threads)
