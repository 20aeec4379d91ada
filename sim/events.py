"""Dated shocks and interventions begin and end; the rival answers, and fees are set for the day.

Activation: before anybody acts, all at once.

What holds today is worked out from the list of events, so that nothing has to be undone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numpy as np

from sim.closures import closures_on
from sim.emergencies import declare
from sim.fees import set_fees
from sim.rivalry import react
from sim.settings.dotted import replace
from sim.settings.events import (
    Change,
    CounterfeitWave,
    CourierDropout,
    CourierShortage,
    DataBreach,
    DemandSurge,
    Emergency,
    RivalPriceWar,
    SupplyShock,
)

if TYPE_CHECKING:
    from sim.market import Marketplace
    from sim.settings.market import MarketSettings

E = TypeVar("E")


def begin_and_end(market: Marketplace) -> None:
    """Let today's events hold: settings, demand, supplies, roads, couriers, the rival, fees."""
    active = tuple(
        event
        for event in market.initial_settings.events
        if event.day <= market.day and (event.until is None or market.day < event.until)
    )
    changes = {event.key: event.value for event in active if isinstance(event, Change)}
    if changes != market.changes:
        market.changes = changes
        market.settings = replace(market.initial_settings, changes)
        market.policies.change(market.settings.policies)
    market.demand_factor = float(np.prod([e.factor for e in _of(DemandSurge, active)]))
    market.courier_absence = max((e.share for e in _of(CourierShortage, active)), default=0.0)
    market.courier_dropout = sum(e.rate for e in _of(CourierDropout, active))
    market.counterfeit_wave_share = max((e.share for e in _of(CounterfeitWave, active)), default=0)
    market.today.breach = bool(_of(DataBreach, active))
    market.supply_factor = _supply_factors(market, _of(SupplyShock, active))
    if market.driving is not None:
        market.driving.begin_day(closures_on(active, market.day))
    war = max((e.discount for e in _of(RivalPriceWar, active)), default=0.0)
    declare(market, _of(Emergency, active))
    react(market, max(war, market.settings.rival.discount))
    set_fees(market)


def reschedule(market: Marketplace, settings: MarketSettings) -> None:
    """Give a market other events to come: what they change holds from the next morning on.

    Args:
        market: on the eve of a day.
        settings: its own, but for events that begin on that day or later.
    """
    market.initial_settings = settings
    market.settings = replace(settings, market.changes)


def _of(kind: type[E], active: tuple[object, ...]) -> list[E]:
    return [event for event in active if isinstance(event, kind)]


def _supply_factors(market: Marketplace, shocks: list[SupplyShock]) -> np.ndarray:
    factor = np.ones(len(market.category_names))
    for shock in shocks:
        hit = market.category_names.index(shock.category) if shock.category else slice(None)
        factor[hit] *= shock.factor
    return factor
