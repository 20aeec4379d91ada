"""Our Adam takes the steps of PyTorch's."""

import torch

from models.training.adam import Adam


def test_adam_takes_the_same_steps_to_the_bit_as_that_of_torch() -> None:
    generator = torch.Generator().manual_seed(3)
    start = [torch.randn(shape, generator=generator) for shape in ((7, 4), (5,), ())]
    ours = [one.clone().requires_grad_() for one in start]
    theirs = [one.clone().requires_grad_() for one in start]
    adam = Adam(ours, 0.01)
    reference = torch.optim.Adam(theirs, lr=0.01, fused=True)
    for _ in range(5):
        push = torch.randn((7, 4), generator=generator)
        for parameters in (ours, theirs):
            loss = (parameters[0] * push).square().sum() + parameters[1].sum() * parameters[2]
            loss.backward()
        adam.step()
        reference.step()
        adam.forget_gradients()
        reference.zero_grad(set_to_none=True)
        assert all(torch.equal(one, other) for one, other in zip(ours, theirs, strict=True))


def test_a_parameter_without_a_gradient_stays() -> None:
    felt, unfelt = (torch.ones(2, requires_grad=True) for _ in range(2))
    adam = Adam([felt, unfelt], 0.1)
    felt.sum().backward()
    adam.step()
    assert torch.allclose(felt, torch.tensor([0.9, 0.9]))
    assert torch.equal(unfelt, torch.ones(2))
