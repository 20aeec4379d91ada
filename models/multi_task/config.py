"""What a multi-task network predicts, how large it is, and how it learns."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator


class Task(BaseModel):
    """One thing to predict."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, description="by which its labels and predictions go")
    kind: Literal["binary", "real"] = Field(
        "binary", description="binary: a probability of labels in [0, 1]; real: a mean"
    )


class MultiTaskConfig(BaseModel):
    """Settings of the network and of its training."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    tasks: tuple[Task, ...] = Field(min_length=1, description="what is predicted")
    embedding_size: int = Field(
        16, ge=1, le=1024, description="numbers that describe a user, and an item"
    )
    hidden_units: int = Field(32, ge=1, le=1024, description="units of the layer that all share")
    weighting: Literal["uncertainty", "equal"] = Field(
        "uncertainty",
        description="of the tasks' losses: by the noise of each task, learned along, or all alike",
    )
    learning_rate: float = Field(0.01, gt=0.0, le=1.0, description="Adam's step size")
    l2: float = Field(
        0.1,
        ge=0.0,
        le=1e3,
        description="penalty on the squared embeddings of a row and on the shared layer",
    )
    batch_size: int = Field(1024, ge=1, le=10_000_000, description="rows in one gradient step")
    max_epochs: int = Field(30, ge=1, le=10_000, description="passes over the rows at most")
    patience: int = Field(
        5, ge=1, le=10_000, description="epochs without a better held-out loss before it stops"
    )
    validation_share: float = Field(
        0.1, ge=0.0, le=0.5, description="rows held out to decide when to stop; 0: none"
    )

    @model_validator(mode="after")
    def _names_differ(self) -> Self:
        names = [task.name for task in self.tasks]
        if len(set(names)) < len(names):
            raise ValueError(f"tasks: names must differ, got {', '.join(names)}")
        return self
