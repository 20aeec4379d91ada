"""What comes of a handover at a shop, or at a door where somebody may be at home or not."""

from __future__ import annotations

from sim.delivery.fleet import FleetColumns
from sim.delivery.jobs import Conditions
from sim.delivery.known_jobs import JobColumns
from sim.delivery.rounds import Rounds
from sim.delivery.tallies import Tallies


class Doors:
    """Handovers of a day."""

    def __init__(
        self,
        jobs: JobColumns,
        fleet: FleetColumns,
        conditions: Conditions,
        tallies: Tallies,
        rounds: Rounds,
    ) -> None:
        """The arguments are those of the day."""
        self.jobs, self.fleet, self.conditions = jobs, fleet, conditions
        self.tallies, self.rounds = tallies, rounds

    def fetch(self, k: int, job: int, now: float) -> None:
        """Courier k takes a parcel on board."""
        self.jobs.fetch(job, k, now)
        self.jobs.holder[job] = k
        self.tallies.pickups[k] += 1
        self.fleet.parcels[k] += 1

    def hand_out(self, k: int, job: int, now: float) -> None:
        """Courier k is at the door with a parcel."""
        jobs, fleet = self.jobs, self.fleet
        fleet.parcels[k] -= 1
        if now > jobs.deadline[job]:
            jobs.spoil(job)
            return
        before = jobs.tries[job]
        jobs.tries[job] += 1
        fails = jobs.source.fails[jobs.index[job]]
        if not fails[min(before, len(fails) - 1)]:
            self.tallies.deliveries[k] += 1
            fleet.earned[k] += self.conditions.pay_per_delivery
            jobs.deliver(job, now)
        elif jobs.tries[job] + jobs.source.tried[jobs.index[job]] >= self.conditions.attempts:
            jobs.cancel(job)
        elif before + 1 < len(fails) and self._keeps(k, job, now):
            self._try_again(k, job, now)
        else:
            jobs.bring_back(job)

    def _keeps(self, k: int, job: int, now: float) -> bool:
        """Whether courier k can try once more before the end of its shift, and has room."""
        fleet, jobs = self.fleet, self.jobs
        if now + self.conditions.retry_after > fleet.shift_end[k]:
            return False
        load = most = int(fleet.load[k])
        route = fleet.route(k)
        for other, is_dropoff in route:
            load += int(jobs.units[other]) * (-1 if is_dropoff else 1)
            most = max(most, load)
        fits = most + int(jobs.units[job]) <= fleet.capacity[k]
        return fits and len(route) < fleet.route_job.shape[1]

    def _try_again(self, k: int, job: int, now: float) -> None:
        """The parcel stays on board, and comes last in the route unless the dispatcher replans."""
        fleet, jobs = self.fleet, self.jobs
        again = now + self.conditions.retry_after
        jobs.not_before[job] = max(again, float(jobs.not_before[job]))
        fleet.parcels[k] += 1
        fleet.load[k] += jobs.units[job]
        fleet.bag[k][job] = None
        if fleet.route_length[k] == 0:
            fleet.leave_at[k] = again - self.rounds.minutes(k, int(jobs.dropoff[job]), now)
        fleet.append(k, job, is_dropoff=True)
        self.rounds.calendar.wake(now)
