"""Couriers on their rounds: when they leave and for where, and breaks, shifts and dropping out."""

from __future__ import annotations

import math
from collections.abc import Callable

from policies.observations import TravelTimes
from sim.delivery.calendar import HANDOVER, LEAVE, Calendar
from sim.delivery.fleet import FleetColumns, Route
from sim.delivery.jobs import Conditions
from sim.delivery.known_jobs import JobColumns
from sim.delivery.records import Stop, StopKind
from sim.delivery.tallies import Tallies


class Rounds:
    """What couriers do with the routes that they are given."""

    def __init__(
        self,
        jobs: JobColumns,
        fleet: FleetColumns,
        conditions: Conditions,
        calendar: Calendar,
        tallies: Tallies,
        travel_at: Callable[[float], TravelTimes],
        slowdown: Callable[[float], float],
        accepts: Callable[[int, int], bool],
    ) -> None:
        """Couriers before their shifts; the arguments are those of the day."""
        self.jobs, self.fleet, self.conditions = jobs, fleet, conditions
        self.calendar, self.tallies = calendar, tallies
        self.travel_at, self.slowdown, self.accepts = travel_at, slowdown, accepts
        self.refused: list[tuple[int, int]] = []  # courier and row of the known jobs
        self._answers: dict[tuple[int, int], bool] = {}
        couriers = len(fleet.courier)
        self._departures = [0] * couriers  # only the last departure that was scheduled counts
        self._leaves = [math.inf] * couriers  # when it is scheduled

    def begin_shift(self, k: int, now: float) -> None:
        """Courier k takes work, unless it has dropped out before."""
        if not self.fleet.gone[k]:
            self.fleet.on_shift[k] = True
            self.fleet.changed[k] = True
            self._plan_departure(k, now)
            self.calendar.wake(now)

    def end_shift(self, k: int, now: float) -> None:
        """Parcels that courier k has not fetched wait for somebody else."""
        self.fleet.on_shift[k] = False
        self.fleet.changed[k] = True
        self._give_back(k, now)
        self.calendar.wake(now)

    def go_offline(self, k: int, now: float) -> None:
        """Courier k drops out, once it is done with what it is committed to."""
        if self.fleet.at[k] is None:
            self.drop_out(k, now)
        else:
            self.fleet.drops_out[k] = True

    def drop_out(self, k: int, now: float) -> None:
        """Courier k stops working: somebody else fetches what it carries from where it is."""
        fleet, jobs, tallies = self.fleet, self.jobs, self.tallies
        fleet.drops_out[k], fleet.gone[k] = False, True
        fleet.on_shift[k] = False
        fleet.shift_end[k] = min(float(fleet.shift_end[k]), now)
        tallies.end[k] = min(tallies.end[k], max(now, float(fleet.free_at[k])))
        self._give_back(k, now)
        for job in list(fleet.bag[k]):
            jobs.relay(job, int(fleet.place[k]), now)
            tallies.relays += 1
        fleet.bag[k].clear()
        fleet.parcels[k] = 0
        fleet.load[k] = 0
        fleet.in_shop[k] = False
        fleet.lingers[k] = 0.0
        self.set_route(k, [], now)
        self.calendar.wake(now)

    def set_route(self, k: int, route: Route, now: float, leave_at: float = -math.inf) -> None:
        """Give courier k a route, on which it leaves at a minute at the earliest."""
        fleet = self.fleet
        fleet.set_route(k, route)
        fleet.leave_at[k] = leave_at
        fleet.changed[k] = True
        # Who is still in a shop looks at its route at the end of this minute.
        if fleet.at[k] is None and not fleet.in_shop[k]:
            self._plan_departure(k, now)

    def take_out(self, k: int, job: int, now: float) -> None:
        """Take a job that is not fetched out of the route of courier k."""
        self._keep(k, [stop for stop in self.fleet.route(k) if stop[0] != job], now)

    def move(self, k: int, place: int, now: float) -> None:
        """Courier k goes where orders are expected if it has nothing else to do."""
        fleet = self.fleet
        if fleet.at[k] is not None or fleet.route_length[k] > 0 or fleet.free_at[k] > now:
            return
        if self.minutes(k, place, now) > 0.0:
            self._departures[k] += 1
            self._leaves[k] = math.inf
            fleet.rest[k] = 0.0
            self._commit(k, StopKind.MOVE, -1, place, now)

    def go_home(self, k: int) -> None:
        """Courier k drives to its base after its last stop."""
        fleet, tallies = self.fleet, self.tallies
        origin, base, left = int(fleet.place[k]), int(fleet.base[k]), float(fleet.free_at[k])
        if origin != base:
            arrived = self._drive(k, base, left)
            tallies.stops.append(
                Stop(k, StopKind.RETURN, -1, origin, base, left, arrived, arrived, fleet.parcels[k])
            )
            tallies.end[k] = max(tallies.end[k], arrived)

    def minutes(self, k: int, place: int, now: float) -> float:
        """Minutes that courier k drives to a place if it leaves now."""
        table = self.travel_at(now).minutes
        factor = float(self.fleet.speed[k]) * self.slowdown(now)
        return float(table[self.fleet.place[k], place]) * factor

    def finish_stop(self, k: int, now: float) -> Stop:
        """Courier k hands over or arrives; what is left of its service begins."""
        fleet, tallies = self.fleet, self.tallies
        stop = fleet.at[k]
        if stop is None:
            raise AssertionError(f"courier {k} finished a stop that it never began")
        fleet.at[k] = None
        fleet.changed[k] = True
        fleet.free_at[k] = now + fleet.rest[k]
        tallies.end[k] = max(tallies.end[k], now + fleet.rest[k])
        return stop

    def go_on(self, k: int, now: float) -> None:
        """Courier k, done with a stop, looks at its route at the end of this minute."""
        if self.fleet.drops_out[k]:
            self.drop_out(k, now)
        elif self.fleet.route_length[k] == 0:
            self.calendar.wake(now)
        self._schedule(k, now)

    def leave(self, k: int, now: float, version: int) -> None:
        """Courier k, busy with nothing, takes its break, drives to its first stop, or waits."""
        fleet = self.fleet
        if version != self._departures[k]:
            return
        self._leaves[k] = math.inf
        if fleet.in_shop[k] and self._stays_in_shop(k, now):
            return
        if now >= fleet.free_at[k]:
            if now >= fleet.rests_at(k):
                self._rest(k, now)
            elif fleet.route_length[k] == 0:
                self.calendar.wake(now)
            elif now >= fleet.leave_at[k]:
                self._set_out(k, now)
                return
        self._plan_departure(k, now)

    def _plan_departure(self, k: int, now: float) -> None:
        """Let courier k look at its route when it can leave, or when its break is due."""
        fleet = self.fleet
        free = max(now, float(fleet.free_at[k]))
        minute = math.inf
        if fleet.route_length[k] > 0:
            minute = max(free, fleet.leave_at[k])
        elif free > now:
            minute = free
        minute = min(minute, max(free, fleet.rests_at(k)))
        if minute != self._leaves[k]:
            self._schedule(k, minute)

    def _schedule(self, k: int, minute: float) -> None:
        """Let courier k look at its route at a minute, and not before."""
        self._departures[k] += 1
        self._leaves[k] = minute
        self.calendar.push(minute, LEAVE, k, self._departures[k])

    def _stays_in_shop(self, k: int, now: float) -> bool:
        """Whether courier k, still in the shop, has more to fetch there."""
        fleet = self.fleet
        if fleet.route_length[k] > 0:
            job, is_dropoff = fleet.first(k)
            if not is_dropoff and self.jobs.pickup[job] == fleet.place[k]:
                if self._takes(k, job, now):
                    self._go(k, now)
                else:
                    self._put_back(k, job, now)
                    self._schedule(k, now)
                return True
        fleet.in_shop[k] = False
        fleet.lingers[k] = 0.0
        fleet.changed[k] = True
        return False

    def _set_out(self, k: int, now: float) -> None:
        """Courier k drives to its first stop, unless it turns it down or would be too late."""
        job, is_dropoff = self.fleet.first(k)
        if is_dropoff or self._takes(k, job, now):
            self._go(k, now)
        else:
            self._put_back(k, job, now)

    def _takes(self, k: int, job: int, now: float) -> bool:
        """Whether courier k fetches a job: by the end of its shift, and willing."""
        fleet, jobs = self.fleet, self.jobs
        reached = now
        if not (fleet.in_shop[k] and jobs.pickup[job] == fleet.place[k]):
            reached += self.minutes(k, int(jobs.pickup[job]), now)
            reached += self.conditions.service_before * float(jobs.pickup_service[job])
        if max(reached, float(jobs.ready[job])) > fleet.shift_end[k]:
            return False
        taken = self._answers.get((k, job))
        if taken is None:
            taken = self._answers[k, job] = self.accepts(k, int(jobs.index[job]))
            self.tallies.offers[k] += 1
            if not taken:
                self.tallies.refusals[k] += 1
                self.refused.append((k, job))
                self.calendar.wake(now)
        return taken

    def _put_back(self, k: int, job: int, now: float) -> None:
        self.jobs.wait(job)
        self.take_out(k, job, now)

    def _keep(self, k: int, kept: Route, now: float) -> None:
        """Leave courier k these of its stops; when it leaves stays as planned for the first."""
        same = bool(kept) and kept[0] == self.fleet.first(k)
        self.set_route(k, kept, now, self.fleet.leave_at[k] if same else -math.inf)

    def _give_back(self, k: int, now: float) -> None:
        """What courier k has not fetched waits for somebody else."""
        bag, route = self.fleet.bag[k], self.fleet.route(k)
        for job, is_dropoff in route:
            if not is_dropoff:
                self.jobs.wait(job)
        self._keep(k, [stop for stop in route if stop[0] in bag], now)

    def _rest(self, k: int, now: float) -> None:
        """Courier k takes its break, by the end of its shift; others may take its work over."""
        fleet = self.fleet
        minutes = max(min(fleet.break_minutes[k], float(fleet.shift_end[k]) - now), 0.0)
        fleet.break_at[k] = math.inf
        self.tallies.resting[k] += minutes
        fleet.free_at[k] = now + minutes
        fleet.changed[k] = True
        self.calendar.wake(now)

    def _go(self, k: int, now: float) -> None:
        """Courier k is committed to the first stop of its route."""
        job, is_dropoff = self.fleet.take_first(k)
        if is_dropoff:
            self._go_to_door(k, job, now)
        else:
            self._go_to_shop(k, job, now)

    def _go_to_door(self, k: int, job: int, now: float) -> None:
        fleet, jobs, before = self.fleet, self.jobs, self.conditions.service_before
        service = float(jobs.dropoff_service[job])
        fleet.load[k] -= jobs.units[job]
        del fleet.bag[k][job]
        fleet.rest[k] = (1.0 - before) * service
        self.tallies.serving[k] += service
        reached, handover = self._commit(
            k, StopKind.DROPOFF, job, int(jobs.dropoff[job]), now, before * service,
            float(jobs.not_before[job]),
        )  # fmt: skip
        self.tallies.waiting[k] += handover - reached

    def _go_to_shop(self, k: int, job: int, now: float) -> None:
        fleet, jobs, before = self.fleet, self.jobs, self.conditions.service_before
        place, service = int(jobs.pickup[job]), 0.0
        if not (fleet.in_shop[k] and place == fleet.place[k]):
            self.tallies.visits[k] += 1
            service = float(jobs.pickup_service[job])
            fleet.rest[k] = (1.0 - before) * service
            self.tallies.serving[k] += service
        jobs.set_out_for(job, now)
        fleet.load[k] += jobs.units[job]
        fleet.bag[k][job] = None
        reached, handover = self._commit(
            k, StopKind.PICKUP, job, place, now, before * service, jobs.true_ready[job]
        )
        fleet.in_shop[k] = self.conditions.shared_pickup
        if self.conditions.shared_pickup:
            fleet.lingers[k] = fleet.rest[k]
        # The dispatcher knows no more than what the merchant expects.
        fleet.free_at[k] = max(reached, float(jobs.ready[job])) + fleet.rest[k]
        self.tallies.waiting[k] += handover - reached

    def _commit(
        self,
        k: int,
        kind: StopKind,
        job: int,
        place: int,
        now: float,
        service: float = 0.0,
        not_before: float = -math.inf,
    ) -> tuple[float, float]:
        """Courier k leaves for a stop, which nothing changes any more.

        Args:
            k: the courier.
            kind: of the stop.
            job: its row, or -1.
            place: where it is.
            now: minute of the departure.
            service: minutes between the arrival and the handover.
            not_before: minute before which nothing is handed over.

        Returns:
            The minutes at which the courier is ready for the handover, and of the handover.
        """
        fleet = self.fleet
        origin, parcels = int(fleet.place[k]), fleet.parcels[k]
        arrived = self._drive(k, place, now)
        reached = arrived + service
        handover = max(reached, not_before)
        fleet.at[k] = Stop(k, kind, job, origin, place, now, arrived, handover, parcels)
        fleet.place[k] = place
        fleet.free_at[k] = handover + fleet.rest[k]
        fleet.changed[k] = True
        self.calendar.push(handover, HANDOVER, k)
        return reached, handover

    def _drive(self, k: int, place: int, now: float) -> float:
        """Courier k drives; returns the minute of its arrival."""
        origin, minutes = int(self.fleet.place[k]), self.minutes(k, place, now)
        if not math.isfinite(minutes):
            raise AssertionError(f"there is no way from place {origin} to place {place}")
        metres = float(self.travel_at(now).metres[origin, place])
        self.tallies.drive(k, minutes, metres, self.fleet.parcels[k])
        return now + minutes
