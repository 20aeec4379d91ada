"""How a link slows down as it fills: the function of the Bureau of Public Roads."""

from dataclasses import dataclass

import numpy as np

from sim.roads.arrays import FloatArray


@dataclass(frozen=True, slots=True)
class BprParameters:
    """What the BPR function needs to know of L links."""

    capacity: FloatArray  # (L,) vehicles per time unit of the demand, > 0
    b: FloatArray  # (L,) dimensionless, >= 0
    power: FloatArray  # (L,) dimensionless, >= 0

    def minutes(self, free_flow_minutes: FloatArray, flow: FloatArray) -> FloatArray:
        """Minutes (L,) to drive each link when `flow` (L,) vehicles per time unit use it.

        Source: Bureau of Public Roads (1964), Traffic Assignment Manual:
        t = t0 * (1 + b * (flow / capacity) ** power).
        """
        congestion = self.b * (flow / self.capacity) ** self.power
        return free_flow_minutes * (1.0 + congestion)

    def integral(self, free_flow_minutes: FloatArray, flow: FloatArray) -> float:
        """Beckmann's objective: minutes of each link integrated from no flow to its flow, added up.

        Args:
            free_flow_minutes: (L,) minutes on empty links.
            flow: (L,) vehicles per time unit, >= 0.

        Source: Beckmann, McGuire & Winsten (1956), Studies in the Economics of Transportation.
        """
        congestion = self.b * (flow / self.capacity) ** self.power / (self.power + 1.0)
        return float((free_flow_minutes * flow * (1.0 + congestion)).sum())

    def slope(self, free_flow_minutes: FloatArray, flow: FloatArray) -> FloatArray:
        """Minutes (L,) by which a link slows down a vehicle more; 0 on empty links.

        Below power 1 the slope at no flow is infinite, which no direction can be weighed by.
        """
        ratio = flow / self.capacity
        used = ratio > 0
        rise = np.power(ratio, self.power - 1.0, where=used, out=np.zeros_like(ratio))
        # With power 1 an empty link slows down as any other.
        rise[~used & (self.power == 1.0)] = 1.0
        slope: FloatArray = free_flow_minutes * self.b * self.power / self.capacity * rise
        return slope
