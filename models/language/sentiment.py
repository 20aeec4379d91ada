"""Sentiment of texts by a fine-tuned language model: LoRA matrices and one linear layer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from models.array_checks import FloatArray, check_same_length, checked_floats
from models.language.backbone import Backbone, mean_pooled
from models.language.config import AdapterConfig
from models.language.encoding import TextEncoder, check_texts, tokenised
from models.language.lora import adapted, adapter_weights, merged
from models.language.storage import load_adapter, save_adapter
from models.language.training import FitReport, trained
from models.reproducible import reproducible_torch
from models.training.fitting import device_named

KIND = "sentiment"

_UNTRAINED = "the adapter was not trained yet: call fit first"

_HEAD = "head."


class SentimentAdapter:
    """The chance that a text is positive. Same texts, labels and seed: same weights."""

    def __init__(
        self, backbone: Backbone, config: AdapterConfig | None = None, *, device: str = "cpu"
    ) -> None:
        """Make an untrained adapter.

        Args:
            backbone: the language model; it is not changed.
            config: shape and training.
            device: where it trains and predicts: a name for `models.training.fitting.device_named`.

        Raises:
            models.training.fitting.DeviceError: if there is no such device.
        """
        self.backbone, self.config = backbone, config or AdapterConfig()
        self.device = device_named(device)
        self._weights: dict[str, Tensor] = {}
        self._encoder: TextEncoder | None = None

    def fit(self, texts: Sequence[str], labels: npt.ArrayLike, *, seed: int = 0) -> FitReport:
        """Train from the backbone on; what an earlier training learned is forgotten.

        Args:
            texts: n texts.
            labels: (n,) how positive each is, in [0, 1]; a share is a doubt, such as among raters.
            seed: of all that the training draws.

        Raises:
            ValueError: if there is no text, or not one label in [0, 1] a text.
            FloatingPointError: if the training diverges.
        """
        check_texts("texts", texts)
        wanted = checked_floats("labels", labels, lower=0.0, upper=1.0)
        check_same_length(texts=np.arange(len(texts)), labels=wanted)
        if len(texts) == 0:
            raise ValueError("texts: at least one labelled text is needed")
        target = torch.from_numpy(wanted.astype(np.float32)).to(self.device)
        config, tokenizer = self.config, self.backbone.tokenizer
        with reproducible_torch(self.device), torch.random.fork_rng():
            torch.manual_seed(seed)
            model = adapted(self.backbone, config).to(self.device).train()
            # From 0 on, so that the first predictions are doubt and not chance.
            head = nn.Linear(self.backbone.size, 1).to(self.device)
            nn.init.zeros_(head.weight)
            nn.init.zeros_(head.bias)

            def loss_of(rows: npt.NDArray[np.int64]) -> Tensor:
                chosen = [texts[row] for row in rows]
                batch = tokenised(tokenizer, chosen, config.max_tokens, self.device)
                logit = head(functional.normalize(mean_pooled(model, batch), dim=1)).squeeze(1)
                return functional.binary_cross_entropy_with_logits(logit, target[rows])

            tuned = [one for one in model.parameters() if one.requires_grad]
            groups = [
                {"params": tuned, "lr": config.learning_rate},
                {"params": list(head.parameters()), "lr": config.head_rate, "weight_decay": 0.0},
            ]
            lengths = np.array([len(text) for text in texts], dtype=np.int64)
            report = trained(groups, loss_of, lengths, config, seed)
            learned = adapter_weights(model)
            learned |= {
                _HEAD + name: tensor.detach().cpu().clone()
                for name, tensor in head.state_dict().items()
            }
        self._take(learned)
        return report

    def predict(self, texts: Sequence[str]) -> FloatArray:
        """(n,) chance that each text is positive.

        Raises:
            ValueError: if the adapter was not trained, or `texts` is no sequence of texts.
        """
        if self._encoder is None:
            raise ValueError(_UNTRAINED)
        features = torch.from_numpy(self._encoder.embed(texts))
        logit = functional.linear(
            features, self._weights[_HEAD + "weight"], self._weights[_HEAD + "bias"]
        )
        chance: FloatArray = torch.sigmoid(logit).squeeze(1).numpy().astype(np.float64)
        return chance

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
        head = {
            _HEAD + "weight": torch.empty((1, backbone.size)),
            _HEAD + "bias": torch.empty(1),
        }
        config, weights = load_adapter(folder, KIND, backbone, AdapterConfig, head)
        adapter = cls(backbone, config, device=device)
        adapter._take(weights)
        return adapter

    def _take(self, weights: Mapping[str, Tensor]) -> None:
        self._weights = dict(weights)
        lora = {name: one for name, one in weights.items() if not name.startswith(_HEAD)}
        model = merged(self.backbone, self.config, lora, self.device)
        self._encoder = TextEncoder(
            self.backbone, model, max_tokens=self.config.max_tokens, device=self.device
        )
