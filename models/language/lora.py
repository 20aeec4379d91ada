"""Low-rank adaptation: which small matrices are trained instead of the model's own weights.

A linear map `W x` becomes `W x + alpha / rank * B A x` with A of `rank` rows; only A and B learn.

Source: Hu et al. (2022), "LoRA: Low-Rank Adaptation of Large Language Models", ICLR; the library
`peft`.
"""

from __future__ import annotations

import copy
import warnings
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from models.language.backbone import Backbone, import_peft
from models.language.config import AdapterConfig


def adapted(
    backbone: Backbone, config: AdapterConfig, weights: Mapping[str, Tensor] | None = None
) -> Any:
    """A copy of the backbone with LoRA matrices, which alone are trainable.

    Args:
        backbone: is not changed.
        config: rank, alpha, dropout and targets.
        weights: of a trained adapter; absent: B is 0, so that nothing changes yet, and A is drawn
            from PyTorch's global generator.

    Raises:
        ValueError: if the backbone has no linear maps of the names in `config.targets`.
    """
    peft = import_peft()
    settings = peft.LoraConfig(
        r=config.rank,
        lora_alpha=config.alpha,
        lora_dropout=config.dropout,
        target_modules=list(config.targets),
        bias="none",
    )
    with warnings.catch_warnings():
        # Of transformers, about an attribute that peft reads.
        warnings.simplefilter("ignore", FutureWarning)
        model = peft.get_peft_model(copy.deepcopy(backbone.model), settings)
        if weights is not None:
            peft.set_peft_model_state_dict(model, dict(weights))
    return model


def adapter_weights(model: Any) -> dict[str, Tensor]:
    """The LoRA matrices of what `adapted` made, on the CPU, by name."""
    state = import_peft().get_peft_model_state_dict(model)
    return {name: tensor.detach().cpu().clone() for name, tensor in sorted(state.items())}


def merged(
    backbone: Backbone, config: AdapterConfig, weights: Mapping[str, Tensor], device: torch.device
) -> nn.Module:
    """A copy of the backbone into whose own weights an adapter's were added: as fast as without."""
    with torch.random.fork_rng():
        model: nn.Module = adapted(backbone, config, weights).merge_and_unload()
    return model.to(device).eval()
