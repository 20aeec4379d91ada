"""What a study may say without effect, so that its author is told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from experiments.studies.dotted_changes import parts_of, value_of
from experiments.studies.schema import Grid, Study
from scenarios.schema import Scenario
from sim.settings.events import Change


def notes_on(study: Study, base: Scenario) -> tuple[str, ...]:
    """What is allowed and changes nothing, a sentence each.

    Args:
        study: a study without errors.
        base: its scenario.
    """
    return (*_unfelt(study, base), *_without_effect(study, base))


def _unfelt(study: Study, base: Scenario) -> Iterator[str]:
    """Factors that no agent can feel in this scenario, as far as the scenario tells."""
    alternatives = [name for one in study.alternatives for name in one.changes]
    for one in study.factors:
        why = _why_nobody_feels(parts_of(one.key), base)
        if why and not any(_touches(name, "merchants") for name in alternatives):
            yield f"{one.key}: no agent can feel it, as {why}"
        events = [
            event
            for event in base.events
            if isinstance(event, Change)
            and event.day == 0
            and f"{one.key}.".startswith(f"{event.key}.")
        ]
        for event in events:
            if event.until is None or event.until >= base.days:
                yield f"{one.key}: no agent can feel it, as an event changes {event.key} on day 0"


def _why_nobody_feels(parts: tuple[str, ...], base: Scenario) -> str:
    if parts[:2] == ("policies", "merchant_pricing") and len(parts) > 3:
        by_size = base.merchants.strategies_by_size
        tables: list[Any] = [base.merchants.strategies]
        tables += [getattr(by_size, size) for size in type(by_size).model_fields]
        if not any(table.get(parts[2], 0.0) > 0.0 for table in tables if table):
            return f"no merchant prices by {parts[2]}"
    of_couriers = parts[0] == "couriers" or parts[:2] == ("policies", "dispatch")
    if of_couriers and parts[1:] != ("count",) and base.couriers.count == 0:
        return "there are no couriers"
    return ""


def _touches(name: str, key: str) -> bool:
    return f"{name}.".startswith(f"{key}.")


def _without_effect(study: Study, base: Scenario) -> Iterator[str]:
    """Values of the study that its other values leave without a meaning."""
    for n, one in enumerate(study.uncertainties):
        if isinstance(study.design, Grid) and study.design.worlds == "one_at_a_time":
            own = value_of(base, one.key)
            if one.levels is not None and own in one.levels:
                yield (
                    f"uncertainties.{n}.levels: {own} is the scenario's own value, and its world "
                    "the nominal one"
                )
    for n, other in enumerate(study.alternatives):
        if all(value_of(base, key) == value for key, value in other.changes.items()):
            yield f"alternatives.{n}.changes: change nothing, these are the scenario's own values"
    replications = study.replications
    if replications.half_width is None:
        for name in ("relative", "of", "outcome", "batch", "at_most"):
            if name in replications.model_fields_set:
                yield f"replications.{name}: has no effect without half_width, the target"
    design = study.design
    if isinstance(design, Grid):
        if "world_samples" in design.model_fields_set and design.worlds != "latin_hypercube":
            yield 'design.world_samples: has no effect without worlds = "latin_hypercube"'
        if design.world_replications is not None:
            if not study.uncertainties and not study.alternatives:
                yield "design.world_replications: has no effect, there is the nominal world alone"
            elif design.world_replications > replications.count:
                yield (
                    f"design.world_replications = {design.world_replications}: has no effect "
                    f"beyond replications.count = {replications.count}"
                )
    else:
        for n, factor in enumerate(study.factors):
            if factor.steps is not None:
                table = "levers" if n < len(study.levers) else "uncertainties"
                place = n if n < len(study.levers) else n - len(study.levers)
                yield f"{table}.{place}.steps: has no effect where a design draws from the range"
