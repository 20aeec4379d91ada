"""How consumers respond to a day: one module for each kind of response."""

from sim.response.phase import respond
from sim.response.social_graph import SocialGraph, found_social_graph

__all__ = ["SocialGraph", "found_social_graph", "respond"]
