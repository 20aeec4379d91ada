"""Settings of merchants: money, stock, turnover, strategies and misconduct."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from sim.settings.base import Settings
from sim.settings.deterrence import DeterrenceSettings
from sim.settings.restocking import RestockingSettings


class MisconductSettings(Settings):
    """Which merchants cheat, and how; all off by default."""

    counterfeit_share: float = Field(
        0.0, ge=0.0, le=1.0, description="share of merchants that sell counterfeits"
    )
    counterfeit_quality: float = Field(
        0.1, ge=0.0, le=1.0, description="true quality of a counterfeit"
    )
    counterfeit_cost: float = Field(
        0.3,
        ge=0.01,
        le=1.0,
        description="a counterfeit's unit cost as a share of the genuine one's",
    )
    counterfeit_price_cut: float = Field(
        0.2,
        ge=0.0,
        le=0.9,
        description="how far below the genuine article a counterfeit is priced, share of the cost "
        "that it pretends to have",
    )
    fake_list_price_share: float = Field(
        0.0,
        ge=0.0,
        le=1.0,
        description="share of merchants that announce false prices before discount",
    )
    fake_list_price_markup: float = Field(
        0.5, ge=0.0, le=5.0, description="false price over the true one, share of the true one"
    )
    bait_share: float = Field(
        0.0,
        ge=0.0,
        le=1.0,
        description="share of merchants that advertise below the checkout price",
    )
    bait_discount: float = Field(
        0.25, ge=0.0, le=0.9, description="how far the advertised price is below the checkout price"
    )
    bought_review_share: float = Field(
        0.0, ge=0.0, le=1.0, description="share of merchants that buy reviews"
    )
    bought_reviews_per_day: float = Field(
        0.2, ge=0.0, le=50.0, description="bought reviews a day and merchant"
    )
    bought_review_price: float = Field(
        5.0, ge=0.0, le=1000.0, description="price of a bought review, currency units"
    )
    below_cost_share: float = Field(
        0.0,
        ge=0.0,
        le=1.0,
        description="share of large merchants that sell below cost from a war chest",
    )
    below_cost_depth: float = Field(
        0.2, ge=0.0, le=0.9, description="how far below unit cost they price, share of unit cost"
    )
    war_chest: float = Field(
        50_000.0,
        ge=0.0,
        le=1e9,
        description="currency units that such a merchant, or one whose strategy preys, may lose",
    )


class StrategiesBySize(Settings):
    """Pricing strategies of merchants of one size; empty: those of all merchants."""

    small: dict[str, float] = Field(
        default_factory=dict,
        description="strategies of small merchants, entrants among them, and the share that uses "
        "each; sum 1; empty: those of all",
    )
    medium: dict[str, float] = Field(
        default_factory=dict, description="strategies of medium merchants, alike"
    )
    large: dict[str, float] = Field(
        default_factory=dict, description="strategies of large merchants, alike"
    )


class MerchantSettings(Settings):
    """Money, stock and turnover of merchants."""

    strategies: dict[str, float] = Field(
        default_factory=lambda: {"cost_plus": 0.5, "adaptive": 0.5},
        description="pricing strategies by name and the share of merchants that use each; sum 1",
    )
    strategies_by_size: StrategiesBySize = Field(
        default_factory=StrategiesBySize,
        description="strategies of merchants of one size, in the place of `strategies`",
    )
    small_share: float = Field(
        0.8, ge=0.0, le=1.0, description="share of merchants, by number of listings, called small"
    )
    large_share: float = Field(
        0.02, ge=0.0, le=1.0, description="share of merchants, by number of listings, called large"
    )
    capital_days: float = Field(
        365.0, ge=0.0, le=3650.0, description="median start-up capital, in days of fixed cost"
    )
    capital_log_sd: float = Field(
        0.8, ge=0.0, le=3.0, description="standard deviation of the logarithm of start-up capital"
    )
    fixed_cost_per_listing: float = Field(
        0.6, ge=0.0, le=1e9, description="fixed cost a day and listing, currency units"
    )
    stock_cover_days: float = Field(
        14.0, ge=0.5, le=365.0, description="days of expected sales that an order of stock covers"
    )
    stock_minimum: int = Field(
        4, ge=1, le=1_000_000_000, description="units below which no stock order goes"
    )
    lead_time_days: float = Field(
        3.0, ge=0.0, le=90.0, description="mean days until ordered stock arrives"
    )
    unlimited_stock: bool = Field(
        False, description="true: goods are bought when sold and never run out"
    )
    shelf_life_days: dict[str, Annotated[int, Field(ge=2, le=365)]] = Field(
        default_factory=dict,
        description="days that goods keep, by name of the category (2 to 365); categories not "
        "named do not spoil; without effect where stock is unlimited",
    )
    preparation_minutes: float = Field(
        12.0, ge=0.0, le=600.0, description="mean minutes until an order is ready for pickup"
    )
    opening_hour: float = Field(8.0, ge=0.0, le=24.0, description="hour at which shops open")
    closing_hour: float = Field(22.0, ge=0.0, le=24.0, description="hour at which shops close")
    entry_rate: float = Field(
        0.0005,
        ge=0.0,
        le=1.0,
        description="entries a day and open merchant when profits just pay for the capital",
    )
    entry_elasticity: float = Field(
        2.0, ge=0.0, le=20.0, description="how strongly entry follows the mean profit margin"
    )
    entry_forecast: bool = Field(
        False,
        description="true: at most one newcomer a day, which opens only if it expects its profit, "
        "once prices have settled, to cover its fixed cost",
    )
    entrant_variation: float = Field(
        0.1,
        ge=0.0,
        le=0.5,
        description="how far an entrant's goods differ from those that they are modelled on: "
        "standard deviation of the logarithm of cost, and of quality; 0: copies",
    )
    entrant_listings: int = Field(
        5, ge=1, le=1000, description="mean listings that an entrant brings"
    )
    grace_days: int = Field(
        7, ge=0, le=365, description="days with a negative balance before a merchant gives up"
    )
    refusal_share: float = Field(
        0.3,
        ge=0.0,
        le=1.0,
        description="share of merchants that refuse prices below their variable cost where the "
        "platform sets them without asking",
    )
    fee_exit_share: float = Field(
        0.5,
        ge=0.0,
        le=1.0,
        description="share of merchants that leave on publication of a rise of commissions that "
        "would turn their recent profit into a loss",
    )
    restocking: RestockingSettings = Field(
        default_factory=RestockingSettings, description="when stock is ordered"
    )
    misconduct: MisconductSettings = Field(
        default_factory=MisconductSettings, description="who cheats and how"
    )
    deterrence: DeterrenceSettings = Field(
        default_factory=DeterrenceSettings, description="what keeps them from it"
    )

    def strategies_of(self, size: str) -> dict[str, float]:
        """Names and shares of the strategies of merchants of one size: small, medium or large."""
        own: dict[str, float] = getattr(self.strategies_by_size, size)
        return own or self.strategies

    def strategies_in_use(self) -> tuple[str, ...]:
        """Names of all strategies that merchants of some size use."""
        by_size = self.strategies_by_size
        tables = (self.strategies, by_size.small, by_size.medium, by_size.large)
        return tuple(dict.fromkeys(name for table in tables for name in table))
