"""The settings of the learned recommender, each with its range and meaning."""

from pydantic import BaseModel, ConfigDict, Field


class RecommenderConfig(BaseModel):
    """How large the recommender's network is, how it learns and when it stops.

    The four `*_precision` settings are inverse variances of Gaussian priors with mean zero: a
    user, an item or a weight moves away from zero only as far as the log insists. They are what
    keeps a thin log from being learned by heart; with much data they hardly matter.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    embedding_size: int = Field(
        default=64, ge=1, le=1024, description="Numbers that describe a user, and an item."
    )
    hidden_units: int = Field(
        default=32, ge=1, le=1024, description="Rectified units in the network's hidden layer."
    )
    initial_scale: float = Field(
        default=0.1,
        gt=0.0,
        le=10.0,
        description="Standard deviation of an embedding's entries before its first training.",
    )
    learning_rate: float = Field(default=0.015, gt=0.0, le=1.0, description="Adam's step size.")
    batch_size: int = Field(
        default=4096, ge=1, le=10_000_000, description="Rows of the log in one gradient step."
    )
    max_epochs: int = Field(
        default=20, ge=1, le=10_000, description="Passes over the training rows at most."
    )
    patience: int = Field(
        default=3,
        ge=1,
        le=10_000,
        description="Epochs without a better held-out loss after which training stops.",
    )
    validation_share: float = Field(
        default=0.1,
        ge=0.0,
        le=0.5,
        description="Share of user-item pairs held out to decide when to stop; 0 trains "
        "max_epochs on every row.",
    )
    embedding_precision: float = Field(
        default=2.0,
        ge=0.0,
        le=1e6,
        description="Prior precision of each entry of a user's and an item's embedding.",
    )
    user_bias_precision: float = Field(
        default=20.0,
        ge=0.0,
        le=1e6,
        description="Prior precision of a user's inclination to buy at all (20: standard "
        "deviation 0.22 on the logit scale).",
    )
    item_bias_precision: float = Field(
        default=2.0,
        ge=0.0,
        le=1e6,
        description="Prior precision of an item's popularity (2: standard deviation 0.71 on the "
        "logit scale).",
    )
    network_precision: float = Field(
        default=1.0, ge=0.0, le=1e6, description="Prior precision of the hidden layer's weights."
    )
