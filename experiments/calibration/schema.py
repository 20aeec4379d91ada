"""A calibration: a scenario, parameters with their priors, a table of target moments, a method."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from experiments.studies.schema import by_dotted_name
from sim.settings.base import Settings


class Parameter(Settings):
    """A field of the scenario that nobody has measured, and what is known of it beforehand."""

    key: str = Field(min_length=1, description="dotted name of the field")
    label: str = Field("", max_length=80, description="what reports call it; empty: its key")
    prior: Literal["uniform", "loguniform", "normal"] = Field(
        "uniform",
        description="uniform; uniform in the logarithm; or normal, cut off at low and high",
    )
    low: float = Field(description="smallest value that is possible")
    high: float = Field(description="largest value that is possible")
    mean: float | None = Field(None, description='of the prior "normal", before it is cut off')
    sd: float | None = Field(
        None, gt=0.0, description='standard deviation of the prior "normal", before it is cut off'
    )

    @model_validator(mode="after")
    def _is_a_law(self) -> Self:
        wrong = []
        if not self.low < self.high:
            wrong.append(f"low = {self.low:g}: must be below high = {self.high:g}")
        elif self.prior == "loguniform" and self.low <= 0.0:
            wrong.append(f'low = {self.low:g}: must be above 0 with prior = "loguniform"')
        for name, value in (("mean", self.mean), ("sd", self.sd)):
            if value is None and self.prior == "normal":
                wrong.append(f'{name}: missing; prior = "normal" needs it')
            if value is not None and self.prior != "normal":
                wrong.append(f'{name} = {value:g}: goes with prior = "normal" only')
        _refuse(wrong)
        return self


class RejectionSettings(Settings):
    """Approximate Bayesian computation: rejection with regression adjustment."""

    draws: int = Field(
        128, ge=16, le=1_048_576, description="parameters drawn in a round, each simulated"
    )
    rounds: int = Field(
        2,
        ge=1,
        le=10,
        description="rounds; each after the first draws from the prior within the range that the "
        "last one's posterior had",
    )
    accepted: float = Field(
        0.3, gt=0.0, le=1.0, description="share of draws kept, the nearest to the targets"
    )
    adjustment: Literal["local_linear", "none"] = Field(
        "local_linear", description="whether kept draws are moved to where the targets are"
    )


class MomentsSettings(Settings):
    """The simulated method of moments."""

    draws: int = Field(
        64, ge=4, le=1_048_576, description="parameters of the first look, spread over the priors"
    )
    starts: int = Field(
        1, ge=1, le=100, description="best of the first look from which the search starts"
    )
    max_evaluations: int = Field(
        12, ge=1, le=10_000, description="points that the search tries from each start, in a step"
    )
    difference: float = Field(
        0.05,
        gt=0.0,
        le=0.25,
        description="step of the finite differences, as a share of the prior's probability",
    )


class PredictiveSettings(Settings):
    """The posterior predictive check."""

    draws: int = Field(60, ge=2, le=100_000, description="parameters drawn from the posterior")
    replications: int | None = Field(
        None,
        ge=1,
        le=10_000,
        description="runs of each under fresh luck; absent: one where the target is a run, "
        "otherwise as many as in the fit",
    )


class Calibration(Settings):
    """All that a calibration needs beside the code and the table of targets."""

    name: str = Field("", max_length=60, description="short name; the file's, if empty")
    title: str = Field("", max_length=120, description="what reports call it")
    description: str = Field("", max_length=1000, description="what it is for, in a few sentences")
    scenario: str = Field(
        description="base scenario: one that ships, or a TOML file, relative to this one"
    )
    days: int | None = Field(
        None, ge=1, le=3650, description="length of its runs, days; absent: the scenario's"
    )
    seed: int | None = Field(
        None,
        ge=0,
        le=2**31 - 1,
        description="seed of replication 0, r more in replication r; absent: the scenario's",
    )
    changes: dict[str, Any] = Field(
        default_factory=dict,
        description="other values in the base scenario, by the dotted name of its field",
    )
    parameters: tuple[Parameter, ...] = Field(min_length=1, description="what is looked for")
    targets: str = Field(
        min_length=1, description="CSV file of target moments, relative to this one"
    )
    observation: Literal["mean", "run"] = Field(
        "mean",
        description="what a target is: an estimate of the model's expectation, wrong by its "
        "standard error alone; or of one history, that chance could have made otherwise, as it "
        "makes runs differ",
    )
    method: Literal["abc", "smm"] = Field(
        "abc",
        description="approximate Bayesian computation, or the simulated method of moments",
    )
    replications: int = Field(
        4, ge=2, le=100_000, description="runs of each point, under the same luck at every point"
    )
    covariance_replications: int = Field(
        20,
        ge=2,
        le=100_000,
        description="runs at one point, near the targets, that tell how runs differ by luck",
    )
    abc: RejectionSettings = Field(
        default_factory=RejectionSettings, description="approximate Bayesian computation"
    )
    smm: MomentsSettings = Field(
        default_factory=MomentsSettings, description="the simulated method of moments"
    )
    predictive: PredictiveSettings = Field(
        default_factory=PredictiveSettings, description="the posterior predictive check"
    )
    timeout_s: float | None = Field(
        None, gt=0.0, le=1e7, description="seconds that a run may take; absent: no limit"
    )

    _flattened = field_validator("changes")(by_dotted_name)

    @field_validator("name")
    @classmethod
    def _a_folder_can_have_the_name(cls, name: str) -> str:
        if name.startswith((".", "-")) or not all(sign.isprintable() for sign in name):
            raise ValueError("must begin with a letter or digit and have printable signs only")
        if {"/", "\\"} & set(name):
            raise ValueError("must hold no slash: results are kept in a folder of this name")
        return name

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        keys = [one.key for one in self.parameters]
        wrong = [f"{key}: stands twice" for key in sorted({k for k in keys if keys.count(k) > 1})]
        wrong += [f"{key}: is both calibrated and changed" for key in keys if key in self.changes]
        _refuse(wrong)
        return self


def _refuse(wrong: Iterable[str]) -> None:
    lines = list(wrong)
    if lines:
        raise ValueError("\n".join(lines))
