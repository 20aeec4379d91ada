"""What the report of a study says, as data: the page and report.json are made of this alone.

Numbers stand beside their text, so that both tell the same. A number is nan where nothing was
measured; report.json has null in its place.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Way = Literal["higher", "lower", "none"]
Change = Literal["better", "worse", "more", "less", "same", "unclear", "unknown"]
Fate = Literal["holds", "reversed", "unclear", "unknown"]


@dataclass(frozen=True, slots=True)
class Amount:
    """A mean, or a mean difference, with its interval."""

    mean: float
    low: float
    high: float
    n: int  # values, or pairs
    told: str  # the mean in words
    band: str  # its interval in words: "0.1 to 0.3"; "exactly" where there is no width


@dataclass(frozen=True, slots=True)
class Lever:
    """What a policy designer can set."""

    key: str
    label: str
    unit: str
    meaning: str  # of the field, as the schema of scenarios says
    levels: tuple[bool | int | float | str, ...]  # tested; of a drawn design: its ends
    told: tuple[str, ...]  # the same in words
    base: str  # level of the base, in words


@dataclass(frozen=True, slots=True)
class Setting:
    """A choice of the levers."""

    label: str
    is_base: bool
    may_be_best: bool
    red_lines: str  # kept, broken or unsure; "" where there are none
    places: tuple[int, ...]  # of its levels, by lever


@dataclass(frozen=True, slots=True)
class Row:
    """A quantity under every setting: an outcome, or what a side of the market has."""

    key: str
    label: str
    indicator: str
    unit: str
    better: Way
    window: str  # days in words
    meaning: str
    means: tuple[Amount, ...]  # by setting
    differences: tuple[Amount, ...]  # from the base, paired by luck; of the base: 0
    changes: tuple[Change, ...]  # what the differences' intervals say


@dataclass(frozen=True, slots=True)
class RedLine:
    """A limit, and who keeps it."""

    outcome: str
    told: str
    verdicts: tuple[str, ...]  # by setting
    means: tuple[Amount, ...]  # by setting, with the joint intervals that the verdicts rest on


@dataclass(frozen=True, slots=True)
class Front:
    """The Pareto front over several outcomes."""

    outcomes: tuple[str, ...]  # labels
    keys: tuple[str, ...]  # names
    on_front: tuple[bool, ...]  # by setting, by means
    may_be_on_front: tuple[bool, ...]  # not beaten for sure
    told: str


@dataclass(frozen=True, slots=True)
class World:
    """How the recommended setting fares in another world."""

    label: str
    kind: str
    factor: str  # the uncertainty that differs, "" for other worlds
    over_base: Amount | None  # recommended less base, so that more is better
    over_rival: Amount | None  # the same against the strongest other setting
    may_be_best: tuple[str, ...]  # settings
    red_lines: str  # whether the recommended setting keeps them here
    fate: Fate
    told: str


@dataclass(frozen=True, slots=True)
class Weighted:
    """How a setting fares when the index is made otherwise."""

    setting: str
    index: float  # as in the scenario
    rank: int
    share_first: float  # of weightings in which it is best
    mean_rank: float
    beaten_by_recommended: float  # share of weightings in which the recommended one beats it
    ranks: tuple[int, ...]  # by aggregation, with the scenario's weights
    flag: str  # in words, where its order with the recommended one is reversed


@dataclass(frozen=True, slots=True)
class Weightings:
    """The index with other weights, and put together in other ways."""

    draws: int
    dimensions: tuple[str, ...]
    aggregations: tuple[str, ...]
    rows: tuple[Weighted, ...]
    beats: tuple[tuple[float, ...], ...]  # share of weightings in which the row's setting is ahead
    reversals: tuple[str, ...]  # flagged, in words
    told: str


@dataclass(frozen=True, slots=True)
class Survival:
    """Whether the recommendation holds elsewhere."""

    recommended: str
    rival: str
    base: str
    worlds: tuple[World, ...]
    survives: bool | None  # None: nothing else was tried
    told: str


@dataclass(frozen=True, slots=True)
class Influence:
    """How much a factor moves an outcome, in a drawn design."""

    outcome: str
    factor: str
    values: tuple[Amount, ...]  # an index a kind


@dataclass(frozen=True, slots=True)
class Trend:
    """A quantity where a lever is low and where it is high, in a drawn design."""

    lever: str
    label: str
    unit: str
    low: Amount  # mean of the points in the lowest third of the lever
    high: Amount  # in the highest third
    difference: Amount  # high less low
    change: Change


@dataclass(frozen=True, slots=True)
class Influences:
    """Sensitivity indices of a drawn design."""

    method: str
    kinds: tuple[str, ...]
    rows: tuple[Influence, ...]
    luck: str  # what share of the deciding outcome is luck, in words
    trends: tuple[Trend, ...]


@dataclass(frozen=True, slots=True)
class FailedRuns:
    """Runs that gave no result, for one reason."""

    kind: str
    reason: str
    count: int
    places: str
    example: str  # traceback of one of them


@dataclass(frozen=True, slots=True)
class Assumption:
    """A field of the scenario that matters and was not varied."""

    key: str
    meaning: str
    value: str


@dataclass(frozen=True, slots=True)
class Untested:
    """What the study says nothing about."""

    told: tuple[str, ...]
    assumptions: tuple[Assumption, ...]
    sections: tuple[tuple[str, int, int], ...]  # section, its fields, of them varied
    without_value: tuple[str, ...]  # indicators


@dataclass(frozen=True, slots=True)
class Reproduction:
    """How to make the same again."""

    commands: tuple[tuple[str, str], ...]  # what for, and the command
    sweep: str  # the command that runs the study
    model: str
    study_hash: str
    scenario_hash: str
    seeds: str
    files: tuple[tuple[str, str], ...]  # plug-ins and their hashes


@dataclass(frozen=True, slots=True)
class StudyAnswer:
    """All that the report of a study says."""

    format: int
    name: str
    title: str
    question: str
    scenario: str
    design: str
    days: int
    runs: str  # how many of how many, in words
    warnings: tuple[str, ...]
    sentences: tuple[str, str, str]
    confidence: str
    rule: str
    deciding: str  # name of the outcome that decides
    more: tuple[str, ...]  # what else is to be said of the answer
    levers: tuple[Lever, ...]
    uncertainties: tuple[Lever, ...]
    settings: tuple[Setting, ...]  # of a grid
    recommended: int  # number of a setting; -1: none
    base: int
    zones: tuple[tuple[float, float], ...]  # best or tied, of one lever with numbers
    outcomes: tuple[Row, ...]
    sides: tuple[Row, ...]
    no_sides: tuple[str, ...]  # sides without a value, and why
    red_lines: tuple[RedLine, ...]
    front: Front | None
    survival: Survival | None
    weightings: Weightings | None
    influences: Influences | None
    no_slider: str  # why there is none; "" where there is one
    untested: Untested
    failures: tuple[FailedRuns, ...]
    method: tuple[str, ...]
    reproduction: Reproduction
