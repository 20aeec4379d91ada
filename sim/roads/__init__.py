"""Where one can drive, how far, and how long it takes.

A `RoadNetwork` comes from a file (`read_aequilibrae`, `read_fleetpy`, `read_tntp`,
`read_graphml`) or is made (`grid`). A `TravelTable` holds the trips between the places of a market.
A `TripTable` is demand for travel, and `user_equilibrium` puts it on the roads.
"""

from sim.roads.aequilibrae import read_aequilibrae
from sim.roads.assignment import Assignment, system_optimum, user_equilibrium
from sim.roads.bpr import BprParameters
from sim.roads.classes import DEFAULT_SPEED_KPH
from sim.roads.errors import RoadDataError, UnreachableError
from sim.roads.fleetpy import read_fleetpy
from sim.roads.graphml import read_graphml
from sim.roads.grid import grid
from sim.roads.network import Dropped, RoadNetwork
from sim.roads.tntp import read_tntp
from sim.roads.travel_table import TravelTable
from sim.roads.trip_files import read_flows, read_trips
from sim.roads.trips import TripTable

__all__ = [
    "DEFAULT_SPEED_KPH",
    "Assignment",
    "BprParameters",
    "Dropped",
    "RoadDataError",
    "RoadNetwork",
    "TravelTable",
    "TripTable",
    "UnreachableError",
    "grid",
    "read_aequilibrae",
    "read_fleetpy",
    "read_flows",
    "read_graphml",
    "read_tntp",
    "read_trips",
    "system_optimum",
    "user_equilibrium",
]
