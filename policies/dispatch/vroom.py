"""Re-optimisation by VROOM, an open-source solver of vehicle routing problems."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from pydantic import Field

from policies.dispatch.routes import Route, plan_of, route_of
from policies.observations import DispatchObservation, DispatchPlan
from policies.params import PolicyParams
from policies.registry import PolicyError

if TYPE_CHECKING:
    from policies.dispatch.vroom_question import Question

SECONDS = 60.0
"""VROOM counts whole seconds."""

TASKS = ("pickup", "delivery", "job")

WIDER = 3.0
"""Times the slack with which VROOM is asked again for parcels that it has no courier for."""


class Vroom:
    """Solves the routing of all that is not committed yet with VROOM, when a parcel has no courier.

    VROOM serves as many parcels as it can, the longest waiting first, and then drives as little as
    it can; minutes to the door cost it nothing. So a parcel's window at the door ends `slack`
    minutes after the soonest at which an idle courier could bring it. What VROOM cannot serve by
    then it is asked for again with a wider window; the rest waits.

    VROOM starts several searches and keeps the first of those that end equally good, so that its
    answer would depend on the machine's threads. Every stop is therefore a place of its own here,
    with legs that cost up to one second more, each by a number of its own: no two answers tie.

    Source: Coupey, Nicod & Varnier (2024), VROOM v1.14, Vehicle Routing Open-source Optimization
    Machine.
    """

    family: ClassVar[str] = "dispatch"
    name: ClassVar[str] = "vroom"

    class Params(PolicyParams):
        """Parameters of the re-optimisation."""

        decide_every: float = Field(2.0, gt=0.0, le=120.0, description="minutes between decisions")
        exploration: int = Field(
            1, ge=0, le=5, description="VROOM's exploration level: higher is better and slower"
        )
        slack: float = Field(
            3.0,
            ge=0.0,
            le=14_400.0,
            description="minutes that a parcel may come to its door later than would be possible",
        )
        vehicle_minutes: float = Field(
            0.0,
            ge=0.0,
            le=100_000.0,
            description="minutes of driving that are worth sending out one courier less",
        )

    def __init__(self, params: Params) -> None:
        try:
            import vroom  # noqa: F401
        except ImportError as error:
            raise PolicyError(
                "dispatch policy 'vroom' needs the library pyvroom: pip install 'weal[vroom]'"
            ) from error
        self.params = params

    @staticmethod
    def parameters_for_vehicle_routing() -> dict[str, Any]:
        """Parameters for routing where windows are hard, and couriers come before distance."""
        return {"slack": 14_400.0, "vehicle_minutes": 10_000.0, "exploration": 5}

    @property
    def decides_every(self) -> float:
        """Minutes between decisions."""
        return self.params.decide_every

    def dispatch(self, observation: DispatchObservation) -> DispatchPlan:
        """Plan anew what waits, or is planned and not fetched, if anything waits."""
        from policies.dispatch.vroom_question import Question

        if not len(observation.waiting) or not observation.fleet.on_shift.any():
            return plan_of({})
        question = Question(observation)
        slack = dict.fromkeys(question.jobs.tolist(), self.params.slack)
        table = self._answer(question, slack)
        served = {int(row.id) for row in _tasks(table)}
        left = [job for job in slack if job not in served]
        if left:
            slack |= dict.fromkeys(left, self.params.slack * WIDER)
            table = self._answer(question, slack)
        routes = _changed(question, table)
        waits = _first_waits(table)
        leave_at = [observation.now + waits.get(k, 0.0) for k in routes]
        return plan_of(routes, np.array(leave_at, dtype=np.float64))

    def _answer(self, question: Question, slack: dict[int, float]) -> Any:
        params = self.params
        return question.answer(slack, params.slack, params.vehicle_minutes, params.exploration)


def _tasks(table: Any) -> Iterator[Any]:
    """Rows of VROOM's answer that fetch or bring something."""
    if len(table):  # it has no columns where VROOM can serve nobody
        yield from (row for row in table.itertuples() if row.type in TASKS)


def _first_waits(table: Any) -> dict[int, float]:
    """Minutes from now at which each courier need not have left yet for its first stop."""
    waits: dict[int, float] = {}
    if len(table):
        for row in table[table["type"] != "start"].itertuples():
            done = float(row.arrival + row.waiting_time - row.duration) / SECONDS
            waits.setdefault(int(row.vehicle_id), done)
    return waits


def _changed(question: Question, table: Any) -> dict[int, Route]:
    """The routes of VROOM's answer that differ from the present ones."""
    routes: dict[int, Route] = {k: [] for k in question.couriers.tolist()}
    for row in _tasks(table):
        routes[int(row.vehicle_id)].append((int(row.id), row.type != "pickup"))
    changed = {}
    for k, route in routes.items():
        # Who carries something brings it, also where VROOM left it out.
        served = {job for job, _ in route}
        whole = [*((job, True) for job in question.aboard[k] if job not in served), *route]
        if whole != route_of(question.seen, k):
            changed[k] = whole
    return changed
