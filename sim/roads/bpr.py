"""How a link slows down as it fills: the function of the Bureau of Public Roads."""

from dataclasses import dataclass

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
