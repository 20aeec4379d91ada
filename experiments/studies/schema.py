"""A study: a base scenario, what is varied in it, by which design, and what is looked at.

Levers are what a policy designer can set; uncertainties are what nobody knows. Both are fields of
the scenario by their dotted names. A point of a study is a setting of the levers in a world: a
choice of the uncertainties, or other policies plugged in.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Annotated, Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from sim.settings.base import Settings

HEALTH_INDEX = "health_index"
"""The composite index of a scenario, which an outcome may name like an indicator."""

LARGEST_SEED = 2**31 - 1

LevelValue = bool | int | float | str


RUN_COLUMNS = ("point", "setting", "world", "replication", "seed", "run")
"""Columns of the table of runs before those of factors and outcomes."""


def by_dotted_name(changes: dict[str, Any]) -> dict[str, Any]:
    """Changes with one dotted name each: TOML may have tables in tables for them.

    Raises:
        ValueError: if a field is changed twice, in two ways to write its name.
    """
    from experiments.studies.dotted_changes import spread  # late: it loads the scenario's schema

    found: dict[str, Any] = {}
    for key, value, _ in spread(changes):
        if key in found:
            raise ValueError(f"{key}: stands twice")
        found[key] = value
    return found


class Factor(Settings):
    """A field of the scenario that a study varies, over levels or over a range."""

    key: str = Field(min_length=1, description="dotted name of the field")
    label: str = Field("", max_length=80, description="what reports call it; empty: its key")
    unit: str = Field("", max_length=40, description="unit that reports write behind its values")
    levels: tuple[LevelValue, ...] | None = Field(
        None, min_length=1, max_length=1000, description="values, in the order of tables"
    )
    low: float | None = Field(None, allow_inf_nan=False, description="smallest value of a range")
    high: float | None = Field(None, allow_inf_nan=False, description="largest value of a range")
    steps: int | None = Field(
        None, ge=2, le=1000, description="values of the range that a grid takes, ends included"
    )
    scale: Literal["linear", "log"] = Field(
        "linear", description="whether a range is covered evenly, or evenly in its logarithm"
    )

    @model_validator(mode="after")
    def _levels_or_range(self) -> Self:
        ranged = self.low is not None or self.high is not None
        if (self.levels is None) == (not ranged):
            raise ValueError("must have either levels = [...], or both low and high")
        if self.levels is not None:
            twice = [n for n, one in enumerate(self.levels) if one in self.levels[:n]]
            _refuse(f"levels.{n}: stands twice" for n in twice)
            _refuse(["steps: belongs to a range, not to levels"] if self.steps else [])
            _refuse(["scale: belongs to a range, not to levels"] if self.scale == "log" else [])
        elif self.low is None or self.high is None:
            raise ValueError("a range needs both low and high")
        elif not self.low < self.high:
            raise ValueError(f"low = {self.low:g}: must be below high = {self.high:g}")
        elif self.scale == "log" and self.low <= 0:
            raise ValueError(f'low = {self.low:g}: must be above 0 with scale = "log"')
        return self


class Lever(Factor):
    """What a policy designer can set."""

    base: LevelValue | None = Field(
        None,
        description="value that others are compared with; absent: the scenario's own where it is "
        "among the values, otherwise the first",
    )


class Uncertainty(Factor):
    """What nobody knows; its nominal value is the scenario's."""


class Alternative(Settings):
    """Other policies, or other settings of any kind, under which the answer is looked at again."""

    label: str = Field(min_length=1, max_length=80, description="what reports call it")
    changes: dict[str, Any] = Field(
        min_length=1, description="values by dotted name of the scenario's field"
    )

    _flattened = field_validator("changes")(by_dotted_name)


class Grid(Settings):
    """All combinations of the levers' values, each in every world."""

    method: Literal["grid"] = Field("grid", description="design of the study")
    worlds: Literal["one_at_a_time", "crossed", "latin_hypercube"] = Field(
        "one_at_a_time",
        description="the nominal world, and: each uncertainty at each of its values alone; or all "
        "combinations of them; or a Latin hypercube over their ranges",
    )
    world_samples: int = Field(
        32, ge=2, le=100_000, description="worlds of a Latin hypercube beside the nominal one"
    )
    world_replications: int | None = Field(
        None,
        ge=2,
        le=100_000,
        description="replications in worlds other than the nominal; absent: as many as there",
    )


class LatinHypercube(Settings):
    """A Latin hypercube over levers and uncertainties together."""

    method: Literal["latin_hypercube"] = Field(description="design of the study")
    samples: int = Field(64, ge=2, le=1_000_000, description="points")


class Sobol(Settings):
    """Saltelli's sample for Sobol indices over levers and uncertainties together."""

    method: Literal["sobol"] = Field(description="design of the study")
    samples: int = Field(
        64, ge=2, le=1_048_576, description="base samples, a power of 2; there are N (k + 2) points"
    )
    second_order: bool = Field(
        False, description="whether to estimate second-order indices, from N (2 k + 2) points"
    )

    @field_validator("samples")
    @classmethod
    def _power_of_two(cls, samples: int) -> int:
        if samples & (samples - 1):
            below = 1 << (samples.bit_length() - 1)
            raise ValueError(f"must be a power of 2, such as {below} or {2 * below}")
        return samples


class Morris(Settings):
    """Morris's elementary effects over levers and uncertainties together."""

    method: Literal["morris"] = Field(description="design of the study")
    trajectories: int = Field(
        20, ge=2, le=100_000, description="trajectories r; there are r (k + 1) points"
    )
    grid_levels: int = Field(
        4, ge=2, le=100, multiple_of=2, description="levels of the grid on which they move"
    )


Design = Annotated[Grid | LatinHypercube | Sobol | Morris, Field(discriminator="method")]


class Outcome(Settings):
    """What a study looks at: an indicator, in a window of days, by a statistic."""

    name: str = Field(
        pattern=r"^[a-z][a-z0-9_]*$",
        max_length=60,
        description="what tables and code call it: small letters, digits and _",
    )
    label: str = Field("", max_length=80, description="what reports call it; empty: its name")
    indicator: str = Field(description=f"name of an indicator, or {HEALTH_INDEX}")
    first_day: int = Field(0, ge=0, le=3649, description="first day of the window")
    end_day: int | None = Field(
        None, ge=1, le=3650, description="first day after the window; absent: to the end of the run"
    )
    statistic: Literal["mean", "sum", "last", "min", "max", "median", "sd", "quantile"] = Field(
        "mean", description="what is made of the days of the window"
    )
    quantile: float | None = Field(
        None, ge=0.0, le=1.0, description='share of days below, where statistic = "quantile"'
    )
    better: Literal["higher", "lower", "none"] | None = Field(
        None, description="which way is better; absent: as the indicator says"
    )
    at_least: float | None = Field(
        None, allow_inf_nan=False, description="red line: no setting may go below it"
    )
    at_most: float | None = Field(
        None, allow_inf_nan=False, description="red line: no setting may go above it"
    )

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        wrong = []
        if self.end_day is not None and self.end_day <= self.first_day:
            wrong.append(f"end_day = {self.end_day}: must be after first_day = {self.first_day}")
        if self.statistic == "quantile" and self.quantile is None:
            wrong.append('quantile: missing; statistic = "quantile" needs it')
        if self.statistic != "quantile" and self.quantile is not None:
            told = 'goes with statistic = "quantile" only'
            wrong.append(f"quantile = {self.quantile:g}: {told}")
        if self.indicator == HEALTH_INDEX and self.statistic != "mean":
            wrong.append(f'statistic: {HEALTH_INDEX} is of the window\'s means; must be "mean"')
        if None not in (self.at_least, self.at_most) and self.at_least > self.at_most:  # type: ignore[operator]
            wrong.append(f"at_least = {self.at_least:g}: must not be above at_most")
        _refuse(wrong)
        return self

    @field_validator("indicator")
    @classmethod
    def _exists(cls, indicator: str) -> str:
        if indicator != HEALTH_INDEX:
            from sim.health.registry import find  # late: it loads the measurement of health

            find(indicator)
        return indicator


class Replications(Settings):
    """How often each point is run: a fixed number, or until an interval is narrow enough."""

    count: int = Field(
        20, ge=1, le=100_000, description="runs of each point; with a target: the first look"
    )
    half_width: float | None = Field(
        None,
        gt=0.0,
        allow_inf_nan=False,
        description="target: half-width of the 95 % interval, in the outcome's unit; or as a share "
        "of the mean, where relative = true",
    )
    relative: bool = Field(False, description="whether the target is a share of the base's mean")
    of: Literal["difference", "mean"] = Field(
        "difference",
        description="whether the interval is that of differences from the base, or of means",
    )
    outcome: str = Field("", description="outcome that the target is about; empty: decide_by's")
    batch: int = Field(10, ge=1, le=100_000, description="runs added before each further look")
    at_most: int = Field(200, ge=1, le=1_000_000, description="runs of each point, in any case")

    @model_validator(mode="after")
    def _can_be_met(self) -> Self:
        if self.half_width is not None and self.count < 20:
            raise ValueError(
                f"count = {self.count}: the first look at a target needs 20 replications at least"
            )
        if self.half_width is not None and self.at_most < self.count:
            raise ValueError(f"at_most = {self.at_most}: must not be below count = {self.count}")
        return self


class Limits(Settings):
    """What a run may cost."""

    timeout_s: float | None = Field(
        None, gt=0.0, le=1e7, description="seconds that a run may take; absent: no limit"
    )


class Study(Settings):
    """All that a study's runs and analysis need beside the code."""

    name: str = Field("", max_length=60, description="short name; the file's, if empty")
    title: str = Field("", max_length=120, description="what reports call it")
    question: str = Field("", max_length=500, description="what it is to answer, in a sentence")
    scenario: str = Field(
        description="base scenario: one that ships, or a TOML file, relative to this one"
    )
    days: int | None = Field(
        None, ge=1, le=3650, description="length of its runs, days; absent: the scenario's"
    )
    seed: int | None = Field(
        None,
        ge=0,
        le=LARGEST_SEED,
        description="seed of replication 0, r more in replication r; absent: the scenario's",
    )
    changes: dict[str, Any] = Field(
        default_factory=dict,
        description="other values in the base scenario, by the dotted name of its field",
    )
    levers: tuple[Lever, ...] = Field((), description="what a policy designer can set")
    uncertainties: tuple[Uncertainty, ...] = Field((), description="what nobody knows")
    alternatives: tuple[Alternative, ...] = Field(
        (), description="other policies under which the answer is looked at again (grid only)"
    )
    design: Design = Field(default_factory=Grid, description="which points are run")
    outcomes: tuple[Outcome, ...] = Field(min_length=1, description="what is looked at")
    decide_by: str = Field(
        "", description="outcome that says which setting is best; empty: the first one"
    )
    pareto: tuple[str, ...] = Field(
        (), description="outcomes of the Pareto front; empty: all of which a way is better"
    )
    replications: Replications = Field(
        default_factory=Replications, description="how often each point is run"
    )
    limits: Limits = Field(default_factory=Limits, description="what a run may cost")

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
        _refuse([*self._told_twice(), *self._unknown_outcomes(), *self._undecided()])
        return self

    @model_validator(mode="after")
    def _fits_its_design(self) -> Self:
        factors = [*self.levers, *self.uncertainties]
        if not factors and not (self.alternatives and isinstance(self.design, Grid)):
            _refuse(["levers: nothing is varied; give a lever or an uncertainty at least"])
        if isinstance(self.design, Grid):
            _refuse(self._not_in_a_grid(self.design))
        else:
            _refuse(self._not_in_a_drawn_design())
        return self

    def _factors(self) -> Iterable[tuple[str, Factor]]:
        """Levers and uncertainties with their places in the file."""
        yield from ((f"levers.{n}", one) for n, one in enumerate(self.levers))
        yield from ((f"uncertainties.{n}", one) for n, one in enumerate(self.uncertainties))

    def _told_twice(self) -> Iterable[str]:
        known: set[str] = set()
        for place, factor in self._factors():
            if factor.key in known:
                yield f"{place}.key = {factor.key!r}: is varied twice"
            elif factor.key in self.changes:
                yield f"{place}.key = {factor.key!r}: is both varied and changed"
            known.add(factor.key)
        for n, one in enumerate(self.outcomes):
            if one.name in {*RUN_COLUMNS, *known}:
                told = "is a column of the table of runs already; take another name"
                yield f"outcomes.{n}.name = {one.name!r}: {told}"
        named = [("outcomes", "name", [one.name for one in self.outcomes])]
        named += [("alternatives", "label", [one.label for one in self.alternatives])]
        for table, key, names in named:
            for n, name in enumerate(names):
                if name in names[:n]:
                    yield f"{table}.{n}.{key} = {name!r}: stands twice"

    def _unknown_outcomes(self) -> Iterable[str]:
        names = [one.name for one in self.outcomes]
        given = {"decide_by": self.decide_by, "replications.outcome": self.replications.outcome}
        given |= {f"pareto.{n}": one for n, one in enumerate(self.pareto)}
        for key, one in given.items():
            if one not in {"", *names}:
                near = get_close_matches(one, names, n=1)
                hint = f"; did you mean {near[0]}?" if near else ""
                yield f"{key} = {one!r}: no such outcome; known: {', '.join(names)}{hint}"

    def _undecided(self) -> Iterable[str]:
        """Outcomes that are to tell better from worse, and cannot."""
        named = {one.name: (n, one) for n, one in enumerate(self.outcomes)}
        hint = 'give it better = "higher" or "lower", or decide by another outcome'
        if self.decide_by in named and way(named[self.decide_by][1]) == "none":
            yield f"decide_by = {self.decide_by!r}: neither more nor less of it is better; {hint}"
        if not self.decide_by and isinstance(self.design, Grid) and len(self.levers) > 0:
            first = self.outcomes[0]
            if way(first) == "none":
                told = "decides, as decide_by names none, and neither more nor less of it is better"
                yield f"outcomes.0: {told}; {hint}"
        for n, one in enumerate(self.pareto):
            if one in named and way(named[one][1]) == "none":
                yield f"pareto.{n} = {one!r}: neither more nor less of it is better"

    def _not_in_a_grid(self, design: Grid) -> Iterable[str]:
        sampled = design.worlds == "latin_hypercube"
        for place, one in self._factors():
            if sampled and place.startswith("uncertainties"):
                continue
            if one.levels is None and one.steps is None:
                yield f"{place}: a range needs steps in a grid"
        if design.worlds != "one_at_a_time" and not self.uncertainties:
            yield f"design.worlds = {design.worlds!r}: there are no uncertainties"

    def _not_in_a_drawn_design(self) -> Iterable[str]:
        if self.alternatives:
            yield f'alternatives: go with design.method = "grid", not {self.method!r}'
        for place, one in self._factors():
            if one.levels is not None and len(one.levels) < 2:
                yield f"{place}.levels: must be two at least where a design draws from them"
            if getattr(one, "base", None) is not None:
                yield f"{place}.base: goes with a grid, where others are compared with it"

    @property
    def method(self) -> str:
        """The design's name."""
        return self.design.method

    @property
    def factors(self) -> tuple[Factor, ...]:
        """Levers and uncertainties."""
        return (*self.levers, *self.uncertainties)

    @property
    def deciding(self) -> Outcome:
        """The outcome that says which setting is best."""
        return self.outcome(self.decide_by or self.outcomes[0].name)

    @property
    def targeted(self) -> Outcome:
        """The outcome that the target of precision is about."""
        return self.outcome(self.replications.outcome or self.deciding.name)

    def outcome(self, name: str) -> Outcome:
        """The outcome of a name.

        Raises:
            KeyError: if there is none.
        """
        found = next((one for one in self.outcomes if one.name == name), None)
        if found is None:
            raise KeyError(name)
        return found


def way(outcome: Outcome) -> Literal["higher", "lower", "none"]:
    """Which way of an outcome is better."""
    if outcome.better is not None:
        return outcome.better
    if outcome.statistic == "sd":
        return "none"
    if outcome.indicator == HEALTH_INDEX:
        return "higher"
    from sim.health.registry import find

    return find(outcome.indicator).better


def unit_of(outcome: Outcome) -> str:
    """The unit of an outcome's values."""
    if outcome.indicator == HEALTH_INDEX:
        return "0 to 1"
    from sim.health.registry import find

    unit = find(outcome.indicator).unit
    return unit.removesuffix(" a day") if outcome.statistic == "sum" else unit


def _refuse(wrong: Iterable[str]) -> None:
    lines = list(wrong)
    if lines:
        raise ValueError("\n".join(lines))
