"""Re-optimisation by a library: VROOM plans anew whatever is not committed."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from policies.dispatch.options import Planning, minutes_between_decisions
from policies.dispatch.planning import Board
from policies.observations import DispatchObservation, DispatchPlan

PER_MINUTE = 60
"""Units of VROOM's whole-numbered time in a minute."""

LAST = 10_000_000
"""VROOM's time that is never reached: 115 days."""

ONE_OF_ITS_OWN = 1_000_000
"""First of the skills that mark parcels which some courier has turned down."""


class VroomMissingError(ValueError):
    """The library is not installed."""


class Vroom:
    """Lets VROOM minimise driving within windows: from ready until the promise, or somewhat later.

    What VROOM leaves out, as no window can be kept, is inserted where it costs least.

    Source: VROOM, Vehicle Routing Open-source Optimization Machine, by Coupey, Nicod & Varnier.
    """

    family: ClassVar[str] = "dispatch"
    name: ClassVar[str] = "vroom"

    class Params(Planning):
        """Parameters of the re-optimisation."""

        decide_every: float = Field(
            2.0,
            ge=0.0,
            le=120.0,
            description="minutes between decisions; 0: whenever something happens",
        )
        exploration: int = Field(1, ge=0, le=5, description="VROOM's level of exploration")
        patience: float = Field(
            10.0,
            ge=0.0,
            le=1440.0,
            description="minutes after its earliest possible handover by which VROOM must bring a "
            "parcel; its promise, if that is earlier and still possible",
        )

    def __init__(self, params: Params) -> None:
        """Take the parameters.

        Raises:
            VroomMissingError: If the library is not installed.
        """
        self.params = params
        _library()

    @property
    def decides_every(self) -> float:
        """Minutes between decisions; 0: whenever something happens."""
        return minutes_between_decisions(self.params)

    def dispatch(self, observation: DispatchObservation) -> DispatchPlan:
        """Plan anew, then insert what was left out."""
        from policies.dispatch.bundles import release
        from policies.dispatch.evaluation import set_stops
        from policies.dispatch.insertion import insert_in_turn
        from policies.dispatch.prepositioning import with_moves

        board = Board(observation, self.params)
        parts = board.sheet, board.work, board.team, board.minutes, board.terms
        jobs = np.concatenate([board.due(), release(*parts)])
        if not len(jobs):
            return board.plan()
        for k, stops in self._routes(jobs, board).items():
            if len(stops) <= board.terms.most_stops:
                row = np.array(stops, np.int64)
                before = board.stops_of(k)
                set_stops(k, row, len(row), board.sheet)
                if not board.may_be_driven(k):
                    set_stops(k, before, len(before), board.sheet)
                    board.evaluate(k)
        left = np.setdiff1d(jobs, board.planned())
        order = np.lexsort((left, board.work["due"][left]))
        insert_in_turn(left[order], *parts, board.refused, len(board.team), len(left))
        return with_moves(board.plan(), board)

    def _routes(self, jobs: NDArray[np.int64], board: Board) -> dict[int, list[int]]:
        """VROOM's stops of each courier who gets something to do."""
        vroom = _library()
        couriers = np.flatnonzero(board.team["takes_work"])
        work, team = board.work, board.team
        carried = {int(k): [s >> 1 for s in board.stops_of(k).tolist()] for k in couriers}
        rows = np.concatenate([jobs, *[np.array(c, np.int64) for c in carried.values()]])
        places = np.unique(
            np.concatenate(
                [
                    work["pickup"][jobs],
                    work["dropoff"][rows],
                    team["place"][couriers],
                    team["base"][couriers],
                ]
            )
        )
        problem = vroom.Input()
        drive = board.minutes[np.ix_(places, places)] * PER_MINUTE
        problem.set_durations_matrix("car", np.rint(drive).astype(np.uint32))
        turned_down = {int(job): ONE_OF_ITS_OWN + n for n, job in enumerate(board.refused[:, 1])}
        where = {int(place): row for row, place in enumerate(places)}
        for k in couriers.tolist():
            refused = board.refused[board.refused[:, 0] == k, 1].tolist()
            may = {skill for job, skill in turned_down.items() if job not in refused}
            home = {"end": where[int(team["base"][k])]} if board.terms.must_return else {}
            problem.add_vehicle(
                vroom.Vehicle(
                    k,
                    start=where[int(team["place"][k])],
                    **home,
                    profile="car",
                    capacity=[int(team["capacity"][k]), board.terms.most_on_board],
                    skills={k, *may},
                    time_window=self._shift(k, board),
                    speed_factor=float(np.clip(1.0 / team["speed"][k], 0.2, 5.0)),
                    max_tasks=board.terms.most_stops,
                )
            )
        for k, on_board in carried.items():
            for job in on_board:
                problem.add_job(
                    vroom.Job(
                        job,
                        location=where[int(work["dropoff"][job])],
                        delivery=[int(work["units"][job]), 1],
                        service=_whole(work["dropoff_service"][job]),
                        skills={k},
                        priority=100,
                    )
                )
        for job in jobs.tolist():
            ready, door = self._windows(job, board)
            problem.add_shipment(
                vroom.ShipmentStep(
                    job,
                    location=where[int(work["pickup"][job])],
                    service=_whole(work["pickup_service"][job]),
                    time_windows=[ready],
                ),
                vroom.ShipmentStep(
                    job,
                    location=where[int(work["dropoff"][job])],
                    service=_whole(work["dropoff_service"][job]),
                    time_windows=[door],
                ),
                amount=[int(work["units"][job]), 1],
                skills={turned_down[job]} if job in turned_down else set(),
            )
        solution = problem.solve(exploration_level=self.params.exploration, nb_threads=1)
        return _read(solution.routes, carried)

    def _shift(self, k: int, board: Board) -> Any:
        """From when the courier can leave; only where it must be back does the shift end all."""
        end = board.team["shift_end"][k] if board.terms.must_return else np.inf
        return _library().TimeWindow(
            self._time(board.team["start"][k], board),
            max(self._time(end, board), self._time(board.team["start"][k], board) + 1),
        )

    def _windows(self, job: int, board: Board) -> tuple[Any, Any]:
        """When the services at the shop and at the door may begin."""
        window = _library().TimeWindow
        one, before, now = board.work[job], board.terms.service_before, board.seen.now
        begin = one["ready"] - before * one["pickup_service"]
        drive = float(board.minutes[one["pickup"], one["dropoff"]]) * board.seen.slowdown
        earliest = max(begin, now) + one["pickup_service"] + drive
        last = earliest + self.params.patience
        if one["due"] > earliest:
            last = min(last, one["due"])
        last = min(last, one["deadline"] - before * one["dropoff_service"])
        first = self._time(one["not_before"] - before * one["dropoff_service"], board)
        return (
            window(self._time(begin, board), max(self._time(one["pickup_by"], board), 1)),
            window(first, max(self._time(last, board), first + 1)),
        )

    def _time(self, minute: float, board: Board) -> int:
        """Whole units of time since now, within what VROOM can count."""
        return int(np.clip((minute - board.seen.now) * PER_MINUTE, 0, LAST))


def _whole(minutes: float) -> int:
    return round(float(minutes) * PER_MINUTE)


def _read(routes: Any, carried: dict[int, list[int]]) -> dict[int, list[int]]:
    """The stops of each courier in VROOM's table; what it left on board comes last."""
    found: dict[int, list[int]] = {}
    for k, kind, job in zip(routes["vehicle_id"], routes["type"], routes["id"], strict=True):
        if kind in ("job", "delivery", "pickup"):
            found.setdefault(int(k), []).append(2 * int(job) + (kind != "pickup"))
    for k, stops in found.items():
        there = set(stops)
        stops += [2 * job + 1 for job in carried.get(k, []) if 2 * job + 1 not in there]
    return found


def _library() -> Any:
    """The library VROOM.

    Raises:
        VroomMissingError: If it is not installed.
    """
    try:
        import vroom
    except ImportError as error:
        raise VroomMissingError(
            "dispatch policy 'vroom' needs the library pyvroom: pip install 'weal[vroom]'"
        ) from error
    return vroom
