"""A language model small enough for a quick test: two layers, random weights, words as tokens."""

from __future__ import annotations

import pytest

from models.language.backbone import Backbone, import_transformers

WORDS = (
    *("good", "great", "fine", "lovely", "bad", "awful", "poor", "broken", "the", "is", "very"),
    *("kettle", "rice", "phone", "drill", "tea", "pan", "oats", "case", "saw", "cup"),
    *("red", "blue", "green", "steel", "wood", "glass", "paper", "tin", "wool", "silk"),
)


def tiny_bert(seed: int = 0) -> Backbone:
    """D = 32; another seed, other weights. Skips where the extra `lm` is not installed."""
    pytest.importorskip("peft")
    tokenizers = pytest.importorskip("tokenizers")
    import torch

    transformers = import_transformers()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
    vocabulary = {word: place for place, word in enumerate([*special, *WORDS])}
    model = tokenizers.models.WordLevel(vocabulary, unk_token="[UNK]")
    words = tokenizers.Tokenizer(model)
    words.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_object=words, pad_token="[PAD]", unk_token="[UNK]"
    )
    settings = transformers.BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=64,
        attn_implementation="eager",
    )
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        network = transformers.BertModel(settings)
    return Backbone(f"tiny-{seed}", network.eval(), tokenizer)
