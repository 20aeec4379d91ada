"""Merchants: how they are founded, price, stock up, cheat, enter and give up."""

from sim.merchants.agent import Merchant
from sim.merchants.founding import found
from sim.merchants.phase import act

__all__ = ["Merchant", "act", "found"]
