"""A small market and another value of a key, for every setting: by theme."""

from felt_cases import (
    city_and_goods,
    consumers,
    couriers,
    delivery,
    events_and_health,
    fairness,
    merchants,
    platform,
    regulator,
    subsidies,
)
from felt_cases.case import Case

CASES: list[Case] = [
    *city_and_goods.CASES,
    *consumers.CASES,
    *merchants.CASES,
    *delivery.CASES,
    *couriers.CASES,
    *platform.CASES,
    *fairness.CASES,
    *subsidies.CASES,
    *regulator.CASES,
    *events_and_health.CASES,
]
