"""Merchants: how they are founded, price, stock up, cheat, enter and give up."""

from sim.merchants.agent import Merchant
from sim.merchants.founding import found
from sim.merchants.phase import act
from sim.merchants.pricing import OWN_HISTORY

__all__ = ["OWN_HISTORY", "Merchant", "act", "found"]
