"""How an adapter is shaped and trained."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class AdapterConfig(BaseModel):
    """LoRA's shape and the training's steps; the same for both kinds of adapter."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rank: int = Field(8, ge=1, le=256, description="columns of each pair of small matrices")
    alpha: float = Field(16.0, gt=0.0, le=1024.0, description="their product counts alpha / rank")
    dropout: float = Field(0.05, ge=0.0, lt=1.0, description="share of a matrix's inputs dropped")
    targets: tuple[str, ...] = Field(
        ("query", "value"), min_length=1, description="linear maps of a layer that are adapted"
    )
    max_tokens: int = Field(64, ge=4, le=512, description="a longer text is cut to so many tokens")
    batch_size: int = Field(32, ge=2, le=4096, description="texts, or pairs, in a gradient step")
    epochs: int = Field(4, ge=1, le=1000, description="passes over the examples")
    least_steps: int = Field(
        40, ge=1, le=100_000, description="gradient steps at least: few examples are passed oftener"
    )
    learning_rate: float = Field(0.001, gt=0.0, le=1.0, description="AdamW's largest step size")
    head_rate: float = Field(
        0.01, gt=0.0, le=1.0, description="the same for the head of a sentiment adapter"
    )
    weight_decay: float = Field(0.01, ge=0.0, le=10.0, description="AdamW's pull towards 0")
    warm_up: float = Field(
        0.1, ge=0.0, le=0.9, description="share of the steps in which the step size grows from 0"
    )


class RankingConfig(AdapterConfig):
    """An adapter for ranking: texts are compared by their cosine."""

    batch_size: int = Field(64, ge=2, le=4096, description="texts, or pairs, in a gradient step")
    temperature: float = Field(
        0.05, gt=0.0, le=10.0, description="cosines are divided by it before the softmax"
    )
