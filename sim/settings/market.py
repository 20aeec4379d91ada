"""All that a market is made of; a scenario adds its title, length and seed."""

from __future__ import annotations

from pydantic import Field

from sim.settings.base import Settings
from sim.settings.commerce import CommerceSettings
from sim.settings.consumers import ConsumerSettings
from sim.settings.couriers import CourierSettings, DeliverySettings
from sim.settings.events import Event
from sim.settings.health import HealthSettings
from sim.settings.merchants import MerchantSettings
from sim.settings.platform import PlatformSettings, RegulatorSettings, RivalSettings
from sim.settings.policies import PolicyChoices
from sim.settings.roads import RoadSettings


class MarketSettings(Settings):
    """The parts of a market."""

    roads: RoadSettings = Field(default_factory=RoadSettings, description="the city")
    commerce: CommerceSettings = Field(
        default_factory=CommerceSettings, description="what is on sale and who buys"
    )
    consumers: ConsumerSettings = Field(default_factory=ConsumerSettings, description="consumers")
    merchants: MerchantSettings = Field(default_factory=MerchantSettings, description="merchants")
    couriers: CourierSettings = Field(default_factory=CourierSettings, description="couriers")
    delivery: DeliverySettings = Field(default_factory=DeliverySettings, description="delivery")
    platform: PlatformSettings = Field(default_factory=PlatformSettings, description="the platform")
    rival: RivalSettings = Field(default_factory=RivalSettings, description="the rival platform")
    regulator: RegulatorSettings = Field(
        default_factory=RegulatorSettings, description="the regulator"
    )
    policies: PolicyChoices = Field(default_factory=PolicyChoices, description="policies by family")
    events: tuple[Event, ...] = Field((), description="dated shocks and interventions")
    health: HealthSettings = Field(
        default_factory=HealthSettings, description="how health is measured"
    )
