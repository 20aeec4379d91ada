"""Adam, all tensors of a network in one fused call.

`torch.optim` has the same, and imports PyTorch's compiler on the way, which takes longer (1.5 s)
than the training of a small market.

Source: Kingma & Ba (2015), "Adam: A Method for Stochastic Optimization", ICLR.
"""

from collections.abc import Iterable

import torch
from torch import Tensor

BETAS, EPSILON = (0.9, 0.999), 1e-8


class Adam:
    """Adam on some parameters, equal to the bit to `torch.optim.Adam(parameters, fused=True)`."""

    def __init__(
        self,
        parameters: Iterable[Tensor],
        learning_rate: float,
        betas: tuple[float, float] = BETAS,
    ) -> None:
        """Start with moments of zero.

        Args:
            parameters: leaf tensors, changed in place by `step`.
            learning_rate: step size, > 0.
            betas: how slowly the means of gradients, and of their squares, forget, in [0, 1).
        """
        self.parameters = list(parameters)
        self.learning_rate = learning_rate  # may be changed between steps
        self._betas = betas
        self._first = [torch.zeros_like(one) for one in self.parameters]
        self._second = [torch.zeros_like(one) for one in self.parameters]
        self._steps = [
            torch.zeros((), dtype=torch.float32, device=one.device) for one in self.parameters
        ]

    def forget_gradients(self) -> None:
        """Let go of the gradients of the last batch."""
        for parameter in self.parameters:
            parameter.grad = None

    def step(self) -> None:
        """Move every parameter that has a gradient."""
        rows = [row for row, one in enumerate(self.parameters) if one.grad is not None]
        if not rows:
            return
        steps = [self._steps[row] for row in rows]
        with torch.no_grad():
            for step in steps:
                step += 1
            # The kernel has no public name; a test compares.
            torch._fused_adam_(
                [self.parameters[row] for row in rows],
                [one.grad for one in self.parameters if one.grad is not None],
                [self._first[row] for row in rows],
                [self._second[row] for row in rows],
                [],
                steps,
                lr=self.learning_rate,
                beta1=self._betas[0],
                beta2=self._betas[1],
                weight_decay=0.0,
                eps=EPSILON,
                amsgrad=False,
                maximize=False,
            )
