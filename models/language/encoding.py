"""Texts into vectors, in batches of like length."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from models.language.backbone import Backbone, mean_pooled

TEXTS_A_BATCH = 128

VectorArray = npt.NDArray[np.float32]


class TextEncoder:
    """An encoder as it is used: a backbone, as it came or with an adapter merged into it."""

    def __init__(
        self,
        backbone: Backbone,
        model: nn.Module | None = None,
        *,
        max_tokens: int = 64,
        device: str | torch.device = "cpu",
    ) -> None:
        """Take a model over.

        Args:
            backbone: whose tokenizer is used.
            model: with an adapter merged into it; absent: the backbone's own.
            max_tokens: a longer text is cut to so many.
            device: of PyTorch, where vectors are worked out.
        """
        self._tokenizer = backbone.tokenizer
        own = copy.deepcopy(backbone.model) if model is None else model  # which may move elsewhere
        self._model = own.to(device).eval()
        self._max_tokens, self._device = max_tokens, device
        self.size = backbone.size

    def pooled(self, texts: Sequence[str]) -> VectorArray:
        """(n, D) float32 mean state of each text's tokens; the same text has the same vector."""
        check_texts("texts", texts)
        distinct = {text: place for place, text in enumerate(dict.fromkeys(texts))}
        names = list(distinct)
        vectors = np.zeros((len(names), self.size), dtype=np.float32)
        for rows in _of_like_length(names):
            batch = tokenised(
                self._tokenizer, [names[row] for row in rows], self._max_tokens, self._device
            )
            with torch.inference_mode():
                vectors[rows] = mean_pooled(self._model, batch).cpu().numpy()
        return vectors[[distinct[text] for text in texts]]

    def embed(self, texts: Sequence[str]) -> VectorArray:
        """(n, D) float32 vectors of length 1: the product of two is their texts' likeness."""
        vectors = torch.from_numpy(self.pooled(texts))
        unit: VectorArray = functional.normalize(vectors, dim=1).numpy()
        return unit


def tokenised(
    tokenizer: Any, texts: Sequence[str], max_tokens: int, device: str | torch.device
) -> dict[str, Tensor]:
    """A batch for the encoder: ids, kinds and mask of tokens, each (B, T)."""
    batch = tokenizer(
        list(texts), padding=True, truncation=True, max_length=max_tokens, return_tensors="pt"
    )
    return {name: tensor.to(device) for name, tensor in batch.items()}


def check_texts(name: str, texts: Sequence[str]) -> None:
    """Refuse what is no sequence of texts.

    Raises:
        ValueError: if `texts` is one text, or holds something else than texts.
    """
    if isinstance(texts, str):
        raise ValueError(f"{name}: a sequence of texts is needed, got the one text {texts!r}")
    for place, text in enumerate(texts):
        if not isinstance(text, str):
            raise ValueError(f"{name}: position {place} is {text!r}, not a text")


def _of_like_length(texts: Sequence[str]) -> Iterator[npt.NDArray[np.int64]]:
    order = np.argsort([len(text) for text in texts], kind="stable").astype(np.int64)
    for start in range(0, len(order), TEXTS_A_BATCH):
        yield order[start : start + TEXTS_A_BATCH]
