"""Texts that belong together, such as a query, or a history, and what was bought after it.

Both texts go through one encoder, and their cosine is the score. It learns by telling each query's
item from the other items of its batch. Those are drawn as often as they are bought, which is taken
back by the logarithm of each item's share: otherwise what sells well would be learned to be wrong.

Source: Oord, Li & Vinyals (2018), "Representation Learning with Contrastive Predictive Coding" (the
loss); Yi et al. (2019), "Sampling-Bias-Corrected Neural Modeling for Large Corpus Item
Recommendations", RecSys.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from models.array_checks import IdArray, check_same_length, checked_ids
from models.language.backbone import Backbone, mean_pooled
from models.language.config import RankingConfig
from models.language.encoding import TextEncoder, VectorArray, check_texts, tokenised
from models.language.lora import adapted, adapter_weights, merged
from models.language.storage import load_adapter, save_adapter
from models.language.training import FitReport, trained
from models.reproducible import reproducible_torch
from models.training.fitting import device_named

KIND = "ranking"

_UNTRAINED = "the adapter was not trained yet: call fit first"

_MASKED = -1e9


class RankingAdapter:
    """How well an item's text answers a query or goes on from a history."""

    def __init__(
        self, backbone: Backbone, config: RankingConfig | None = None, *, device: str = "cpu"
    ) -> None:
        """Make an untrained adapter.

        Args:
            backbone: the language model; it is not changed.
            config: shape and training.
            device: where it trains and encodes: a name for `models.training.fitting.device_named`.

        Raises:
            models.training.fitting.DeviceError: if there is no such device.
        """
        self.backbone, self.config = backbone, config or RankingConfig()
        self.device = device_named(device)
        self._weights: dict[str, Tensor] = {}
        self._encoder: TextEncoder | None = None

    def fit(
        self,
        queries: Sequence[str],
        items: Sequence[str],
        query: npt.ArrayLike,
        item: npt.ArrayLike,
        *,
        seed: int = 0,
    ) -> FitReport:
        """Train from the backbone on; what an earlier training learned is forgotten.

        Args:
            queries: Q texts of queries or histories.
            items: M texts of items.
            query: (P,) of each pair that belongs together, the place in `queries`.
            item: (P,) its place in `items`; a pair may be there more than once.
            seed: of all that the training draws.

        Raises:
            ValueError: if there is no pair, or one of them points past the texts.
            FloatingPointError: if the training diverges.
        """
        check_texts("queries", queries)
        check_texts("items", items)
        asked, taken = checked_ids("query", query), checked_ids("item", item)
        check_same_length(query=asked, item=taken)
        if len(asked) == 0:
            raise ValueError("query: at least one pair is needed")
        _check_within("query", asked, len(queries))
        _check_within("item", taken, len(items))
        share = np.bincount(taken, minlength=len(items)) / len(taken)
        log_share = np.log(share, where=share > 0, out=np.zeros(len(items)))
        together = np.unique(asked * len(items) + taken)
        config = self.config
        with reproducible_torch(self.device), torch.random.fork_rng():
            torch.manual_seed(seed)
            model = adapted(self.backbone, config).to(self.device).train()

            def embedded(texts: list[str]) -> Tensor:
                batch = tokenised(self.backbone.tokenizer, texts, config.max_tokens, self.device)
                return functional.normalize(mean_pooled(model, batch), dim=1)

            def loss_of(rows: npt.NDArray[np.int64]) -> Tensor:
                who, first = np.unique(taken[rows], return_inverse=True)
                left = embedded([queries[one] for one in asked[rows]])
                right = embedded([items[one] for one in who])
                logit = left @ right.T / config.temperature
                logit = logit - torch.from_numpy(log_share[who].astype(np.float32)).to(self.device)
                # What the query was followed by at other times is no wrong answer either.
                also = np.isin(asked[rows][:, None] * len(items) + who, together)
                also[np.arange(len(rows)), first] = False
                logit = logit.masked_fill(torch.from_numpy(also).to(self.device), _MASKED)
                return functional.cross_entropy(logit, torch.from_numpy(first).to(self.device))

            tuned = [one for one in model.parameters() if one.requires_grad]
            lengths = np.array([len(queries[one]) for one in asked], dtype=np.int64)
            groups = [{"params": tuned, "lr": config.learning_rate}]
            report = trained(groups, loss_of, lengths, config, seed)
            learned = adapter_weights(model)
        self._take(learned)
        return report

    @property
    def encoder(self) -> TextEncoder:
        """The encoder with this adapter merged into it.

        Raises:
            ValueError: if the adapter was not trained.
        """
        if self._encoder is None:
            raise ValueError(_UNTRAINED)
        return self._encoder

    def scores(self, queries: Sequence[str], items: Sequence[str]) -> VectorArray:
        """(Q, M) float32 cosine of every query with every item, higher is better."""
        found: VectorArray = self.encoder.embed(queries) @ self.encoder.embed(items).T
        return found

    def save(self, folder: Path) -> Path:
        """Write the adapter, and not the language model, into a folder.

        Returns:
            The file written. Same adapter, same bytes.

        Raises:
            ValueError: if it was not trained.
            OSError: if the folder cannot be made or written.
        """
        if not self._weights:
            raise ValueError(_UNTRAINED)
        return save_adapter(folder, KIND, self.backbone, self.config, self._weights)

    @classmethod
    def load(cls, folder: Path, backbone: Backbone, *, device: str = "cpu") -> Self:
        """Read what `save` wrote.

        Raises:
            models.weight_files.ModelFileError: if the file is missing, damaged, of another kind
                or format, or was trained on another language model.
        """
        config, weights = load_adapter(folder, KIND, backbone, RankingConfig, {})
        adapter = cls(backbone, config, device=device)
        adapter._take(weights)
        return adapter

    def _take(self, weights: Mapping[str, Tensor]) -> None:
        self._weights = dict(weights)
        model = merged(self.backbone, self.config, weights, self.device)
        self._encoder = TextEncoder(
            self.backbone, model, max_tokens=self.config.max_tokens, device=self.device
        )


def _check_within(name: str, ids: IdArray, count: int) -> None:
    if len(ids) and ids.max() >= count:
        raise ValueError(f"{name}: {ids.max()} is past the last of the {count} texts")
