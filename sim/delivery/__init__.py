"""Couriers deliver: parcels, shifts, and a day's drives on an event heap; or the post does."""

from sim.delivery.couriers import Courier, hire
from sim.delivery.phase import deliver

__all__ = ["Courier", "deliver", "hire"]
