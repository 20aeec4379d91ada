"""PyTorch's tensors, generators and optimisers in a state; layers are objects like others.

PyTorch is imported only where a state holds something of it.
"""

from __future__ import annotations

import sys
from typing import Any

from numpy.typing import NDArray

from sim.state.errors import StateError

TENSOR, GENERATOR, OPTIMISER, DTYPE = "tensor", "torch generator", "optimiser", "torch dtype"

_OPTIMISERS = "torch.optim."

_AS_INTEGERS = {"bfloat16": "int16"}
"""Types that NumPy lacks, and the type of the same bits that it has."""


def is_ours(thing: Any) -> bool:
    """Whether something is PyTorch's and no layer."""
    torch: Any = sys.modules.get("torch")
    if torch is None:
        return False
    if isinstance(thing, (torch.Tensor, torch.Generator, torch.dtype)):
        return True
    return isinstance(thing, torch.optim.Optimizer) and _is_shipped(type(thing))


def to_entry(thing: Any, number: int, encoder: Any, way: Any) -> list[Any]:
    """The entry of a tensor, a generator or an optimiser.

    Args:
        thing: for which `is_ours` holds.
        number: of its entry.
        encoder: the walk, which turns parts into what stands for them.
        way: how it was reached.
    """
    import torch

    from sim.state.encoding import refusal

    if isinstance(thing, torch.Generator):
        return [GENERATOR, encoder.value(thing.get_state(), way)]
    if isinstance(thing, torch.dtype):
        return [DTYPE, str(thing).removeprefix("torch.")]
    if isinstance(thing, torch.optim.Optimizer):
        kind = type(thing)
        parts = {name: getattr(thing, name) for name in ("defaults", "param_groups", "state")}
        return [OPTIMISER, f"{kind.__module__}:{kind.__qualname__}", *encoder.named(parts, way)]
    wrong = _why_not(thing)
    if wrong:
        raise refusal(type(thing), way, wrong)
    dtype = str(thing.dtype).removeprefix("torch.")
    view: NDArray[Any] = _bits(thing.detach()).numpy()
    parameter = isinstance(thing, torch.nn.Parameter)
    grad = encoder.value(thing.grad, way.to(thing, ".grad"))
    return [TENSOR, dtype, thing.requires_grad, parameter, grad, *encoder.array(number, view)]


def tensor(
    array: NDArray[Any], dtype: str, *, requires_grad: bool, parameter: bool, alone: bool
) -> Any:
    """A tensor of an array's content.

    Args:
        array: the content, as NumPy has it.
        dtype: PyTorch's name of its type.
        requires_grad: whether gradients are kept for it.
        parameter: whether it is a parameter of a layer.
        alone: nothing shares its memory, so that it gets memory as PyTorch aligns it.
    """
    import torch

    made = torch.from_numpy(array)
    made = made.clone() if alone else made
    if dtype in _AS_INTEGERS:
        made = made.view(getattr(torch, dtype))
    if parameter:
        return torch.nn.Parameter(made, requires_grad=requires_grad)
    return made.requires_grad_(requires_grad)


def dtype_of(name: str) -> Any:
    """PyTorch's type of a name.

    Raises:
        StateError: if there is none.
    """
    import torch

    found = getattr(torch, name, None)
    if not isinstance(found, torch.dtype):
        raise StateError(f"{name}: is no type of tensors")
    return found


def generator(state: Any) -> Any:
    """A generator that goes on from a state."""
    import torch

    made = torch.Generator()
    made.set_state(state)
    return made


def empty_optimiser(name: str) -> Any:
    """An optimiser without its parts.

    Raises:
        StateError: if PyTorch has none of that name.
    """
    import torch

    module, _, kind = name.partition(":")
    found = getattr(sys.modules.get(module), kind, None)
    if not (isinstance(found, type) and issubclass(found, torch.optim.Optimizer)):
        raise StateError(f"{name}: is no optimiser")
    if not _is_shipped(found):
        raise StateError(f"{name}: is no optimiser of PyTorch's own")
    return object.__new__(found)


def _is_shipped(kind: type[Any]) -> bool:
    return f"{kind.__module__}.".startswith(_OPTIMISERS)


def _why_not(thing: Any) -> str:
    """Why a tensor cannot be saved; "" if it can."""
    import torch

    if type(thing) not in (torch.Tensor, torch.nn.Parameter):
        return "it is a tensor of a special kind"
    if thing.device.type != "cpu" or thing.layout != torch.strided or thing.is_quantized:
        return f"it is not a plain one in main memory ({thing.device}, {thing.layout})"
    if thing.grad_fn is not None:
        return "it belongs to a computation; detach it"
    if vars(thing) or thing.is_conj() or thing.is_neg():
        return "it has attributes of its own"
    try:
        _bits(thing.detach()).numpy()
    except TypeError as error:
        return str(error)
    return ""


def _bits(thing: Any) -> Any:
    import torch

    integers = _AS_INTEGERS.get(str(thing.dtype).removeprefix("torch."))
    return thing if integers is None else thing.view(getattr(torch, integers))
