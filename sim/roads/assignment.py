"""Traffic assignment: flows at which no driver, or no planner, would change a path.

Source: Mitradjieva & Lindberg (2013), "The stiff is moving: conjugate direction Frank-Wolfe
methods with applications to traffic assignment", Transportation Science 47(2); Beckmann, McGuire
& Winsten (1956), Studies in the Economics of Transportation.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import brentq

from sim.roads.arrays import FloatArray
from sim.roads.bpr import BprParameters
from sim.roads.errors import RoadDataError
from sim.roads.loading import Loaded, load
from sim.roads.network import RoadNetwork
from sim.roads.trips import TripTable

MOST_CONJUGATE = 0.99
"""Largest weight of the former target in the next: 1 would not move (the paper's 1 - delta)."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """Flows on L links, and how near to equilibrium they are."""

    flow: FloatArray  # (L,) vehicles per time unit
    minutes: FloatArray  # (L,) minutes of each link at this flow; closed ones as if open
    total_minutes: float  # vehicle-minutes of all trips: sum of flow * minutes
    objective: float  # Beckmann's, in vehicle-minutes: sum of the integrals of minutes over flow
    relative_gap: float  # vehicle-minutes above the fastest paths' / the fastest paths', >= 0
    iterations: int
    objectives: FloatArray  # (iterations + 1,) Beckmann's objective of each iterate


def user_equilibrium(
    network: RoadNetwork,
    trips: TripTable,
    *,
    gap: float = 1e-5,
    most_iterations: int = 1000,
    start: FloatArray | None = None,
    remembered: int = 2,
) -> Assignment:
    """Flows at which every used path is a fastest one, by conjugate Frank-Wolfe.

    Each iteration loads all trips on the fastest paths, makes the direction conjugate to the last
    ones with respect to the Hessian of Beckmann's objective, and searches the line exactly.

    Args:
        network: roads with BPR parameters; closed links are not used.
        trips: demand between its nodes, per time unit of the capacities.
        gap: relative gap at which it ends, > 0.
        most_iterations: at which it ends in any case, >= 0.
        start: (L,) feasible flows to begin with: those of an equilibrium of the same pairs, scaled
            as the demand; the fastest paths of the empty roads when left out.
        remembered: directions to which the next is conjugate: 0 (Frank & Wolfe), 1 (conjugate) or
            2 (bi-conjugate).

    Raises:
        RoadDataError: there are no BPR parameters, or an argument is outside its range.
        UnreachableError: some trips cannot be driven.

    Source: Wardrop (1952), Proceedings of the Institution of Civil Engineers 1(3), first principle;
    Mitradjieva & Lindberg (2013), the algorithms CFW and BFW.
    """
    bpr = _parameters(network)
    _check(network, gap, most_iterations, start, remembered)
    free = network.minutes  # of empty roads, as they are today
    minutes = bpr.minutes(free, np.zeros(network.n_links))
    flow = load(network, trips, minutes=minutes).flow if start is None else start.copy()
    objectives = [bpr.integral(free, flow)]
    directions = _Directions(remembered)
    iteration = 0
    while True:
        minutes = bpr.minutes(free, flow)
        fastest = load(network, trips, minutes=minutes)
        reached = _relative_gap(flow, minutes, trips, fastest)
        if reached <= gap or iteration == most_iterations:
            break
        target = directions.target(bpr.slope(free, flow), flow, fastest.flow)
        step = _line_search(bpr, free, flow, target - flow)
        flow = np.maximum(flow + step * (target - flow), 0.0)
        directions.remember(target, step)
        objectives.append(bpr.integral(free, flow))
        iteration += 1
    return Assignment(
        flow=flow,
        minutes=minutes,
        total_minutes=float(flow @ minutes),
        objective=objectives[-1],
        relative_gap=reached,
        iterations=iteration,
        objectives=np.array(objectives),
    )


def system_optimum(
    network: RoadNetwork, trips: TripTable, *, gap: float = 1e-5, most_iterations: int = 1000
) -> Assignment:
    """Flows with the fewest vehicle-minutes in all: an equilibrium of marginal minutes.

    With BPR functions the marginal minutes t + v t' are BPR functions with b (1 + power) for b.

    Args:
        network: roads with BPR parameters; closed links are not used.
        trips: demand between its nodes, per time unit of the capacities.
        gap: relative gap, of marginal minutes, at which it ends, > 0.
        most_iterations: at which it ends in any case, >= 0.

    Returns:
        The flows, with `minutes`, `total_minutes` and `objective` as drivers have them there; the
        gap and the objectives of the iterates are those of marginal minutes.

    Raises:
        RoadDataError: there are no BPR parameters, or an argument is outside its range.
        UnreachableError: some trips cannot be driven.

    Source: Wardrop (1952), second principle; Pigou (1920), The Economics of Welfare.
    """
    bpr = _parameters(network)
    marginal = replace(
        network, bpr=BprParameters(bpr.capacity, bpr.b * (1.0 + bpr.power), bpr.power)
    )
    found = user_equilibrium(marginal, trips, gap=gap, most_iterations=most_iterations)
    minutes = bpr.minutes(network.minutes, found.flow)
    return replace(
        found,
        minutes=minutes,
        total_minutes=float(found.flow @ minutes),
        objective=bpr.integral(network.minutes, found.flow),
    )


def flow_difference(flow: FloatArray, known: FloatArray) -> float:
    """Sum over links of what two flows (L,) differ by, over the sum of the known ones."""
    return float(np.abs(flow - known).sum() / known.sum())


def _parameters(network: RoadNetwork) -> BprParameters:
    if network.bpr is None:
        raise RoadDataError.at(
            network.name,
            "its links have no capacities, so that nothing is known of their congestion",
            "a TNTP network, or one that with_capacities() gave capacities by road class",
        )
    return network.bpr


def _check(
    network: RoadNetwork, gap: float, iterations: int, start: FloatArray | None, remembered: int
) -> None:
    if not (math.isfinite(gap) and gap > 0):
        raise RoadDataError.at(network.name, f"gap is {gap}", "a finite number > 0")
    if iterations < 0:
        raise RoadDataError.at(network.name, f"most_iterations is {iterations}", "a number >= 0")
    if remembered not in {0, 1, 2}:
        raise RoadDataError.at(network.name, f"remembered is {remembered}", "0, 1 or 2 directions")
    if start is not None and (
        start.shape != (network.n_links,) or not np.all(np.isfinite(start) & (start >= 0))
    ):
        raise RoadDataError.at(
            network.name, f"start has shape {start.shape}", f"({network.n_links},) flows >= 0"
        )


def _relative_gap(
    flow: FloatArray, minutes: FloatArray, trips: TripTable, fastest: Loaded
) -> float:
    least = float(trips.trips @ fastest.minutes)
    # Rounding alone could put the total below the least that is possible.
    return max(float(flow @ minutes) - least, 0.0) / least if least > 0 else 0.0


@dataclass(slots=True)
class _Directions:
    """The points that the last steps went towards: at most two."""

    remembered: int
    former: tuple[FloatArray, ...] = ()  # (L,) each, the last one first
    step: float = 0.0  # the last one

    def remember(self, target: FloatArray, step: float) -> None:
        """Keep a target; at a whole step it is where we stand, and gives no direction."""
        self.former = (target, *self.former)[: self.remembered] if step < 1.0 else ()
        self.step = step

    def target(self, hessian: FloatArray, flow: FloatArray, fastest: FloatArray) -> FloatArray:
        """The point (L,) to move towards: conjugate to the steps before."""
        if len(self.former) == 2:
            return self._biconjugate(hessian, flow, fastest)
        if len(self.former) == 1:
            return self._conjugate(hessian, flow, fastest)
        return fastest

    def _conjugate(self, hessian: FloatArray, flow: FloatArray, fastest: FloatArray) -> FloatArray:
        former = self.former[0]
        weighted = (former - flow) * hessian
        weight = _ratio(weighted, fastest - flow, fastest - former)
        weight = min(max(weight, 0.0), MOST_CONJUGATE)
        return weight * former + (1.0 - weight) * fastest

    def _biconjugate(
        self, hessian: FloatArray, flow: FloatArray, fastest: FloatArray
    ) -> FloatArray:
        last, before = self.former
        between = (self.step * last + (1.0 - self.step) * before - flow) * hessian
        weighted = (last - flow) * hessian
        gain = fastest - flow
        mu = max(-_ratio(between, gain, before - last), 0.0)
        nu = -_ratio(weighted, gain, last - flow)
        nu = max(nu + mu * self.step / (1.0 - self.step), 0.0)
        return (fastest + nu * last + mu * before) / (1.0 + mu + nu)


def _ratio(weighted: FloatArray, one: FloatArray, other: FloatArray) -> float:
    """Quotient of the products of a direction (L,) with two others, weighted by the Hessian.

    0 where it is not finite: then nothing of the former target is taken.
    """
    numerator, denominator = float(weighted @ one), float(weighted @ other)
    if denominator == 0.0 or not math.isfinite(numerator / denominator):
        return 0.0
    return numerator / denominator


def _line_search(
    bpr: BprParameters, free: FloatArray, flow: FloatArray, direction: FloatArray
) -> float:
    """The step in [0, 1] at which the objective's derivative along the direction is zero."""

    def slope(step: float) -> float:
        return float(direction @ bpr.minutes(free, np.maximum(flow + step * direction, 0.0)))

    if slope(1.0) <= 0.0:
        return 1.0
    if slope(0.0) >= 0.0:
        return 0.0
    return float(brentq(slope, 0.0, 1.0, xtol=1e-14, rtol=1e-13))
