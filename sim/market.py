"""The marketplace: a Mesa model whose day is a list of named phases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import mesa
import numpy as np

from policies.arrays import BoolArray, FloatArray, IntArray
from policies.observations import FeeSchedule, Ruling
from sim import (
    delivery,
    events,
    health,
    inspection,
    learning,
    merchants,
    ranking,
    response,
    rivalry,
    safeguards,
    shopping,
)
from sim.campaign_records import CampaignRegister
from sim.campaigns import Campaigns
from sim.catalogue import Catalogue, Population, category_reference_price
from sim.columns import Consumers
from sim.consumers import ConsumerPopulation, found_consumers
from sim.day import DayRecord
from sim.driving import Driving
from sim.emergencies import Emergencies
from sim.event_tables import (
    CASES,
    COMPLAINTS,
    CONSUMER_GROUPS,
    DELIVERIES,
    EXPLANATIONS,
    FINDINGS,
    LEARNING,
    LEGS,
    MERCHANT_SIZES,
    ORDERS,
    RETURNS,
    REVIEWS,
    SANCTIONS,
    SHIFTS,
    TURNOVER,
)
from sim.fee_notices import FeeNotices
from sim.fees import grow_fees
from sim.health.panel import Panel
from sim.health.recommendation import exposure
from sim.history import History
from sim.institutions import Platform, Regulator
from sim.ledger import Ledger, Owner, Purpose
from sim.merchants.conduct import Conduct
from sim.merchants.deterrence import Deterrence
from sim.merchants.market_position import Shelves
from sim.merchants.spoilage import Perishables
from sim.merchants.unit_costs import (
    CostIndex,
    average_total_cost,
    average_variable_cost,
    net_price,
)
from sim.once_only import Bought
from sim.platform_conduct import ConductRegister
from sim.platform_log import PlatformLog
from sim.platform_prices import PlatformPrices
from sim.policy_set import PolicySet
from sim.price_watch import PriceWatch
from sim.queries import draw_queries
from sim.ratings import Ratings
from sim.recency import EFFECTIVE_DAYS, RECENT
from sim.reductions import Reductions
from sim.rivalry import RivalBooks
from sim.roads import RoadNetwork, TravelTable
from sim.roads.background import Demand
from sim.settings.market import MarketSettings
from sim.settings.named_categories import unknown_categories
from sim.standing_subsidies import prices_when_subsidies_began
from sim.streams import Streams
from sim.tables import Table
from sim.wrongdoing import Deeds

HISTORY_DAYS = 120
"""Days of prices and sales that the market's memory holds: a drift of a quarter, and a month."""

PHASES: tuple[tuple[str, Callable[[Marketplace], None]], ...]


@dataclass(frozen=True, slots=True)
class MarketInputs:
    """The real or generated things that a market starts from."""

    network: RoadNetwork
    catalogue: Catalogue
    population: Population
    reference_price: IntArray | None = None  # (C,) cents; None: the median list price
    demand: Demand | None = None  # other traffic of the busiest hour; None: by road class


class Marketplace(mesa.Model):
    """Merchants, consumers and couriers on a road network, a platform and a regulator.

    Every field is state that phases read and change; nothing here is seen by a policy, which is
    handed frozen views of it.
    """

    driving: Driving | None  # trips between places; None without couriers
    _titles_frozen: tuple[str, ...]
    _descriptions_frozen: tuple[str, ...]

    def __init__(self, settings: MarketSettings, inputs: MarketInputs, seed: int) -> None:
        """Found a market.

        Args:
            settings: the parts of its scenario.
            inputs: streets, catalogue and population.
            seed: the run's seed, >= 0.
        """
        super().__init__(rng=seed)
        self.settings = settings
        self.initial_settings = settings
        self.streams = Streams(seed)
        self.day = 0
        self.today = DayRecord()
        self.health = health.DailyIndicators()
        self._open_tables()
        self._found_city(inputs)
        self._found_commerce(inputs)
        self._found_conditions()
        self.policies = PolicySet(
            settings.policies, settings.merchants.strategies_in_use(), settings.couriers.carriers
        )

    def step(self) -> None:
        """Live one day: every phase in turn."""
        self.today = DayRecord()
        for _, phase in PHASES:
            phase(self)
        self._close_day()

    @property
    def crowd(self) -> Consumers:
        """The consumers' columns."""
        columns: Consumers = self.consumers.columns
        return columns

    def cents(self, amount: float) -> int:
        """An amount in currency units as whole cents."""
        return round(amount * 100)

    def title_texts(self) -> tuple[str, ...]:
        """Titles of all listings; the same object until a listing is added."""
        if len(self._titles_frozen) != len(self.titles):
            self._titles_frozen = tuple(self.titles)
        return self._titles_frozen

    def description_texts(self) -> tuple[str, ...]:
        """Descriptions of all listings; the same object until a listing is added."""
        if len(self._descriptions_frozen) != len(self.descriptions):
            self._descriptions_frozen = tuple(self.descriptions)
        return self._descriptions_frozen

    @property
    def travel(self) -> TravelTable | None:
        """Trips between the places on the empty roads of today; None without couriers."""
        return None if self.driving is None else self.driving.free

    def end(self) -> None:
        """Let go of the agents, which Mesa's registry would keep alive."""
        self.remove_all_agents()
        # Mesa 3.3 keeps dead models alive here; later versions have no such registry.
        getattr(mesa.Agent, "_ids", {}).pop(self, None)

    def _open_tables(self) -> None:
        self.orders, self.deliveries = Table(ORDERS), Table(DELIVERIES)
        self.shifts, self.legs = Table(SHIFTS), Table(LEGS)
        self.reviews, self.complaints = Table(REVIEWS), Table(COMPLAINTS)
        self.returns, self.sanctions = Table(RETURNS), Table(SANCTIONS)
        self.cases = Table(CASES)
        self.findings, self.turnover = Table(FINDINGS), Table(TURNOVER)
        self.evidence: list[str] = []  # a sentence for each row of the findings
        self.consumer_groups, self.merchant_sizes = Table(CONSUMER_GROUPS), Table(MERCHANT_SIZES)
        self.learning, self.learning_metrics = Table(LEARNING), list[str]()
        self.explanations, self.explanation_parts = Table(EXPLANATIONS), list[str]()
        self.first_open_order = 0  # no order before it is open
        self.rules: list[str] = []
        self.texts: list[str] = []
        self.log = PlatformLog()

    def _found_city(self, inputs: MarketInputs) -> None:
        """Choose the road nodes that are places, and work out the trips between them."""
        self.network = inputs.network
        rng = self.streams.generator("places")
        nodes = inputs.network.n_nodes
        count = min(self.settings.delivery.addresses, nodes)
        self.places: IntArray = np.sort(rng.choice(nodes, size=count, replace=False))
        # Test networks may have no coordinates: all their nodes count as equally central.
        x, y = np.nan_to_num(self.network.x), np.nan_to_num(self.network.y)
        centre = np.array([np.median(x), np.median(y)])
        self.distance_from_centre = np.hypot(x[self.places] - centre[0], y[self.places] - centre[1])
        self.hub = int(np.argmin(self.distance_from_centre))
        self.demand = inputs.demand
        self.driving = Driving(self) if self.settings.couriers.count > 0 else None

    def _found_commerce(self, inputs: MarketInputs) -> None:
        """Open shops, populate the city and hire couriers."""
        catalogue, population, settings = inputs.catalogue, inputs.population, self.settings
        self.category_names = catalogue.category_names
        wrong = "\n".join(unknown_categories(settings, self.category_names))
        if wrong:
            raise ValueError(wrong)
        self.group_names = population.group_names
        self.weekday_profile = population.weekday_profile
        self.hour_profile = population.hour_profile
        self.reference_price = (
            category_reference_price(catalogue)
            if inputs.reference_price is None
            else inputs.reference_price
        )
        self.titles, self.descriptions = list(catalogue.title), list(catalogue.description)
        self._titles_frozen = ()
        self._descriptions_frozen = ()
        self.merchant_names = list(catalogue.merchant_names)
        self.queries = draw_queries(
            self.titles, catalogue.category, len(self.category_names), self.streams
        )
        self.ledger = Ledger(
            len(population.visits_per_day), len(self.merchant_names), settings.couriers.count
        )
        columns = found_consumers(population, settings.consumers, len(self.places), self.streams)
        self.consumers = ConsumerPopulation(self, columns)
        self.ratings, self.bought = Ratings(len(columns)), Bought(len(columns))
        self.panel = Panel(
            len(columns),
            columns.taste.shape[1],
            self.streams.uniform("health/panel", 0, np.arange(len(columns))),
        )
        self.friends = response.found_social_graph(
            len(columns), settings.consumers.response, self.streams
        )
        self.platform, self.regulator = Platform(self), Regulator(self)
        self.ledger.transfer(
            0,
            self.ledger.account(Owner.OUTSIDE),
            self.ledger.account(Owner.PLATFORM),
            self.cents(settings.platform.capital),
            Purpose.CAPITAL,
        )
        self.standing_campaigns: Campaigns | None = None
        self.standing_served: FloatArray = np.empty(0)
        self.subsidy_eve: IntArray | None = None
        self.standing_steering = self.today.steering
        self.conduct = Conduct()
        merchants.found(self, catalogue)
        self.deterrence = Deterrence()
        delivery.hire(self)
        count = len(self.listings)
        self.advertised_past, self.checkout_past, self.announced_past = (
            History(HISTORY_DAYS, count) for _ in range(3)
        )
        self.units_past = History(HISTORY_DAYS, count, np.int32)
        self.empty_shelf_past = History(HISTORY_DAYS, count, np.bool_)
        self.reductions = Reductions(count)
        self.last_sold_on: IntArray = np.full(count, -1)  # day; -1: nothing was ever sold
        self.below_cost_past, self.below_total_cost_past = (
            History(HISTORY_DAYS, count, np.bool_) for _ in range(2)
        )
        self.cost_index = CostIndex(
            HISTORY_DAYS + 1, len(self.category_names), self.listings.unit_cost
        )
        self.perishables = Perishables(self)
        self.deeds = Deeds(count)
        self.founding_sales = self.listings.sold_recently / EFFECTIVE_DAYS
        self.emergencies = Emergencies.none(len(self.category_names), count)
        self.price_watch = PriceWatch(count)
        self.platform_prices = PlatformPrices.none(count, len(self.books))
        self.initial_price = self.listings.price.copy()
        self.shelves = Shelves.of(self)

    def _found_conditions(self) -> None:
        """What events and the recent past make of a day."""
        self.changes: dict[str, object] = {}
        self.demand_factor = 1.0
        self.courier_absence = 0.0
        self.courier_dropout = 0.0  # rate an hour, beside the scenario's
        self.counterfeit_wave_share = 0.0
        self.supply_factor = np.ones(len(self.category_names))
        rival = self.settings.rival
        self.rival_books = RivalBooks(discount=rival.discount, present=rival.present)
        self.fees = FeeSchedule(
            np.full(len(self.listings), self.settings.platform.commission),
            self.cents(self.settings.platform.delivery_fee),
        )
        self.fee_notices = FeeNotices()
        self.conduct_register = ConductRegister(len(self.listings))
        self.standing_ruling = Ruling(max_subsidy=None)
        self.subsidy_at_ruling = 0
        self.campaign_register = CampaignRegister(len(self.listings))
        self.gmv_recently = 0.0
        self.subsidy_recently = 0.0
        self.revenue_recently = 0.0
        self.subsidy_so_far = 0
        self.orders_recently = 0.0
        self.orders_yesterday = 0

    def _close_day(self) -> None:
        """Move the market's memory on by a day."""
        table, today, listings = self.orders, self.today.orders, self.listings
        weight = 1.0 if self.day == 0 else RECENT
        gmv = float((table["unit_price"][today] * table["quantity"][today]).sum())
        revenue = float(table["commission"][today].sum() + table["delivery_fee"][today].sum())
        self.gmv_recently += weight * (gmv - self.gmv_recently)
        self.revenue_recently += weight * (revenue - self.revenue_recently)
        self.subsidy_recently += weight * (self.today.subsidy_paid - self.subsidy_recently)
        self.subsidy_so_far += self.today.subsidy_paid - self.today.subsidy_returned
        self.campaign_register.close_day(self, average_variable_cost(self))
        self.orders_yesterday = len(today)
        self.orders_recently += weight * (len(today) - self.orders_recently)
        rivalry.close_books(self)
        self.conduct_register.close_day(self)
        listings.shown_recently += exposure(self)
        for recently in (
            listings.sold_recently,
            listings.shown_recently,
            listings.complaints_recently,
            listings.returns_recently,
        ):
            recently *= 1.0 - RECENT
        self.standing_campaigns = self.today.campaigns
        self.standing_served = self.today.campaign_served
        self.subsidy_eve = prices_when_subsidies_began(self)
        self.standing_steering = self.today.steering
        sold = table["listing"][today], table["quantity"][today]
        self.remember_prices(np.bincount(*sold, minlength=len(listings)))
        self.day += 1

    def remember_prices(self, units: IntArray) -> None:
        """Enter today's prices and sales in the record of the last days.

        Args:
            units: (L,) sold today.
        """
        listings = self.listings
        self.advertised_past.push(listings.advertised)
        self.checkout_past.push(listings.price)
        self.announced_past.push(listings.list_price)
        self.reductions.enter(self.day, listings.list_price, listings.advertised)
        variable, price = average_variable_cost(self), net_price(self)
        self.below_cost_past.push(price < variable)
        self.below_total_cost_past.push(price < average_total_cost(self, variable))
        self.units_past.push(units)
        # What ends a day empty without a sale began it so.
        self.empty_shelf_past.push((listings.stock < 1) & (units == 0))
        self.last_sold_on[units > 0] = self.day

    @property
    def price_history(self) -> IntArray:
        """(H, L) cents advertised on the last H days, oldest first; 0: not listed."""
        return self.advertised_past.days

    @property
    def checkout_history(self) -> IntArray:
        """(H, L) cents asked at checkout on the last H days, oldest first; 0: not listed."""
        return self.checkout_past.days

    @property
    def announced_history(self) -> IntArray:
        """(H, L) cents announced as prices before discount on the last H days, oldest first."""
        return self.announced_past.days

    @property
    def units_history(self) -> IntArray:
        """(H, L) units sold on the last H days, oldest first."""
        return self.units_past.days

    @property
    def empty_shelf_history(self) -> BoolArray:
        """(H, L) whether there was nothing to sell all day, on the last H days, oldest first."""
        return self.empty_shelf_past.days

    @property
    def below_cost_history(self) -> BoolArray:
        """(H, L) whether the net price was below the variable cost of that day, oldest first."""
        return self.below_cost_past.days

    def grow_history(self) -> None:
        """Give listings that are new today zeros in the market's memory."""
        new = len(self.listings) - self.advertised_past.days.shape[1]
        for past in (
            self.advertised_past,
            self.checkout_past,
            self.announced_past,
            self.units_past,
            self.empty_shelf_past,
            self.below_cost_past,
            self.below_total_cost_past,
        ):
            past.grow(new)
        self.perishables.grow(self, np.arange(len(self.listings) - new, len(self.listings)))
        self.deeds.grow(new)
        self.reductions.grow(new)
        self.founding_sales = np.pad(self.founding_sales, (0, new))
        self.last_sold_on = np.pad(self.last_sold_on, (0, new), constant_values=-1)
        self.emergencies.grow(new)
        self.shelves.grow(self)
        self.price_watch.grow(new)
        self.campaign_register.grow(new)
        self.platform_prices.grow(new, len(self.books))
        self.conduct_register.grow(new)
        grow_fees(self, new)
        self.initial_price = np.concatenate([self.initial_price, self.listings.price[-new:]])


PHASES = (
    ("events", events.begin_and_end),
    ("merchants act", merchants.act),
    ("regulator inspects", inspection.inspect),
    ("platform ranks", ranking.rank),
    ("consumers shop", shopping.shop),
    ("couriers deliver", delivery.deliver),
    ("consumers respond", response.respond),
    ("platform protects", safeguards.protect),
    ("platform learns", learning.learn),
    ("health is measured", health.measure),
)
