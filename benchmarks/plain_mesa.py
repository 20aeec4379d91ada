"""The consumer phase as a plain model writes it: one Mesa agent a consumer, objects, no arrays.

The same phase as `sim.ranking` and `sim.shopping`, rule by rule: best-sellers and a few random
places, search results, the subsidy for newcomers and its budget, visits with several needs, repeat
purchases, patience, the logit with outside option and rival, what is lost when a shelf is empty,
baits, fees once a visit, purses that are refilled, stock, memory, orders and a ledger. It is
written for speed as far as plain Python goes: slots, lists and local names. It is here to be
compared with, and is not used by Weal.
"""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass
from operator import attrgetter, mul
from random import Random

import mesa
import numpy as np

from models.text_search import BM25Config, BM25Index
from policies.search.bm25 import DEPTH
from sim.arrivals import LINES
from sim.choice import Weights
from sim.columns import MEMORY
from sim.consumers import believed_quality
from sim.ledger import Owner
from sim.market import Marketplace
from sim.rivalry import rival_price_level
from sim.shopping import choice_weights
from sim.views import may_be_sold


@dataclass(slots=True, eq=False)
class Listing:
    """Something on sale; money in cents."""

    row: int
    merchant: int
    category: int
    price: int
    advertised: int
    reference_price: float
    unit_cost: int
    commission: float
    appeal: float
    expected_quality: float
    true_quality: float
    counterfeit: bool
    attributes: tuple[float, ...]
    allowed: bool
    stock: int
    sold_recently: float
    units_sold: int


@dataclass(slots=True, eq=False)
class Order:
    """A bought unit; money in cents."""

    day: int
    minute: float
    consumer: int
    group: int
    listing: Listing
    unit_price: int
    subsidy: int
    fee: int
    commission: int
    source: str
    place: int
    repeat: bool
    match: float


class PlainConsumer(mesa.Agent):
    """A consumer that visits, looks at results and slates, chooses by logit and pays."""

    __slots__ = (
        "active", "categories", "group", "income", "last_order", "memory", "more_lines", "orders",
        "purse", "refill_day", "repeat_share", "sensitivity", "surplus", "taste", "trust",
        "visit_rate",
    )  # fmt: skip

    def __init__(self, model: PlainMarket, market: Marketplace, row: int) -> None:
        super().__init__(model)
        crowd = market.crowd
        self.active = bool(crowd.active[row])
        self.visit_rate = float(crowd.visits_per_day[row])
        self.more_lines = max(float(crowd.lines_per_visit[row]) - 1.0, 0.0)
        self.categories = crowd.category_cumulative[row].tolist()
        self.taste = tuple(crowd.taste[row].tolist())
        self.sensitivity = float(crowd.price_sensitivity[row])
        self.trust = float(crowd.trust[row])
        self.repeat_share = float(crowd.repeat_share[row])
        self.income = int(crowd.income[row])
        self.group = int(crowd.group[row])
        self.orders = int(crowd.orders[row])
        self.last_order = int(crowd.last_order[row])
        self.memory = [model.listings[j] for j in crowd.memory[row].tolist() if j >= 0]
        self.refill_day = row % model.budget_days
        self.purse = model.purses[row]
        self.surplus = 0.0

    def shop(self) -> None:
        """One day of this consumer."""
        model = self.model
        if model.day % model.budget_days == self.refill_day:
            missing = self.income * model.budget_days - self.purse
            if missing > 0:
                self.purse += missing
                model.transfers.append((model.day, "outside", self.unique_id, missing, "income"))
        random = model.random.random
        rate = self.visit_rate * model.visit_factor
        draw = random()
        if draw >= rate or not self.active or draw >= -math.expm1(-rate):
            return
        model.visits += 1
        minute = model.minute()
        fee_due = model.delivery_fee
        for _ in range(min(1 + poisson(random, self.more_lines), LINES)):
            model.sessions += 1
            if self.meet_a_need(minute, fee_due):
                fee_due = 0

    def meet_a_need(self, minute: float, fee: int) -> bool:
        """One need: what is considered, and what is chosen of it; whether something was bought."""
        model = self.model
        random = model.random.random
        again = None
        if random() < self.repeat_share and self.memory:
            again = self.memory[int(random() * len(self.memory))]
            category = again.category
        else:
            draw = random()
            category = 0
            for upto in self.categories:
                if draw < upto:
                    break
                category += 1
            category = min(category, len(self.categories) - 1)
        patience = 1 + int(math.log(1.0 - random()) / model.log_stop)
        considered: list[tuple[Listing, str, int]] = []
        if again is not None and again.allowed and again.stock > 0:
            considered.append((again, "repeat", 0))
        queries = model.queries[category]
        if queries and random() < model.search_share:
            results = model.results[queries[int(random() * len(queries))]]
            considered += [(one, "search", k) for k, one in enumerate(results[:patience])]
            patience -= model.result_size
        if patience > 0:
            slate = model.slate(category)
            considered += [(one, "slate", k) for k, one in enumerate(slate[:patience])]
        return self.choose(considered, category, minute, fee)

    def choose(
        self, considered: list[tuple[Listing, str, int]], category: int, minute: float, fee: int
    ) -> bool:
        """Multinomial logit by Gumbel draws, and payment for what wins."""
        model, weights, random = self.model, self.model.weights, self.model.random.random
        log, exp = math.log, math.exp
        slope = self.sensitivity / model.reference_price[category]
        trust = weights.trust * (self.trust - 0.5)
        common = weights.base + trust - weights.quality * 0.5 - slope * fee
        gain = 1.0 + weights.reference
        rival = model.rival_utility - self.sensitivity * model.rival_price - trust
        fallback = max(model.outside_utility - log(-log(random())), rival - log(-log(random())))
        alone = exp(model.outside_utility) + exp(rival)
        total, correction = alone, 0.0
        best = wanted = fallback
        chosen, chosen_subsidy, chosen_match = None, 0, 0.0
        eligible = self.orders < model.newcomer_orders
        seen: set[int] = set()
        for one in considered:
            listing = one[0]
            if listing.row in seen:
                continue
            seen.add(listing.row)
            pay = listing.advertised
            subsidy = min(model.subsidy, listing.price) if eligible else 0
            if subsidy > model.subsidy_left:
                subsidy = 0
            match = sum(map(mul, self.taste, listing.attributes))
            v = (
                common
                + weights.appeal * listing.appeal
                + weights.taste * match
                + weights.quality * listing.expected_quality
                + slope * (weights.reference * listing.reference_price - gain * (pay - subsidy))
            )
            if listing in self.memory:
                v += weights.loyalty
            u = v - log(-log(random()))
            if listing.price - subsidy + fee > self.purse:
                continue
            if u > wanted:
                wanted = u
            if listing.stock < 1:
                continue
            e = exp(v)
            total += e
            correction += e * (listing.true_quality - listing.expected_quality)
            if u > best:
                best, chosen, chosen_subsidy, chosen_match = u, one, subsidy, match
        self.surplus = (log(total / alone) + weights.quality * correction / total) / slope
        model.surplus += self.surplus
        model.lost += wanted > best
        if chosen is None:
            return False
        listing, source, place = chosen
        trick = listing.price - listing.advertised
        if trick > 0 and best - slope * gain * trick < fallback:
            model.abandoned += 1
            return False
        self.buy(listing, source, place, chosen_subsidy, chosen_match, minute, fee)
        return True

    def buy(
        self, listing: Listing, source: str, place: int, subsidy: int, match: float,
        minute: float, fee: int,
    ) -> None:  # fmt: skip
        """Pay, take from the shelf, write the order down, remember."""
        model = self.model
        goods = listing.price - subsidy
        self.purse -= goods + fee
        model.platform_account += goods + fee
        model.subsidy_left -= subsidy
        order = Order(
            model.day, minute, self.unique_id, self.group, listing, listing.price, subsidy, fee,
            round(listing.price * listing.commission), source, place, listing in self.memory, match,
        )  # fmt: skip
        model.orders.append(order)
        model.transfers.append((model.day, self.unique_id, "platform", goods, "payment"))
        if fee:
            model.transfers.append((model.day, self.unique_id, "platform", fee, "fee"))
        listing.stock -= 1
        listing.units_sold += 1
        listing.sold_recently += 1.0
        self.orders += 1
        self.last_order = model.day
        self.memory = [listing, *[one for one in self.memory if one is not listing]][:MEMORY]


class PlainMarket(mesa.Model):
    """Consumers as agents; what is on sale, and who they are, is taken from a Weal market."""

    def __init__(self, market: Marketplace, seed: int = 1) -> None:
        super().__init__(rng=seed)
        settings, choice = market.settings, market.settings.consumers.choice
        self.random = Random(seed)
        self.day = market.day
        self.weights: Weights = choice_weights(market)
        self.reference_price = market.reference_price.tolist()
        self.outside_utility = choice.outside_utility
        self.rival_utility = settings.rival.utility
        self.rival_price = rival_price_level(market)
        self.delivery_fee = market.fees.delivery_fee
        self.log_stop = math.log1p(-1.0 / choice.examined_mean)
        self.search_share = choice.search_share
        self.slate_size, self.result_size = choice.slate_size, choice.result_size
        self.budget_days = settings.consumers.budget_days
        self.weekdays = market.weekday_profile.tolist()
        self.hours = np.cumsum(market.hour_profile).tolist()
        subsidy = market.policies.subsidy.params
        self.subsidy = market.cents(subsidy.amount)
        self.daily_budget = market.cents(subsidy.daily_budget or 0.0)
        self.newcomer_orders = subsidy.newcomer_orders
        self.explored = round(market.policies.recommendation.params.exploration * self.slate_size)
        self.running_cost = market.cents(settings.platform.running_cost_per_day)
        self.purses = market.ledger.balance_of(Owner.CONSUMER).tolist()
        self.listings = _listings(market)
        self.by_category: list[list[Listing]] = [[] for _ in market.category_names]
        for listing in self.listings:
            self.by_category[listing.category].append(listing)
        self.queries, self._matches = _queries(market, self.listings)
        self.results: list[list[Listing]] = []
        self.visits = self.sessions = self.lost = self.abandoned = self.platform_account = 0
        self.surplus = 0.0
        self.orders: list[Order] = []
        self.transfers: list[tuple[int, str | int, str | int, int, str]] = []
        for row in range(len(market.crowd)):
            PlainConsumer(self, market, row)

    def step(self) -> None:
        """One day: the platform opens, and consumers shop in random order."""
        self.transfers.append((self.day, "platform", "outside", self.running_cost, "operation"))
        self.visit_factor = self.weekdays[self.day % 7]
        self.subsidy_left = self.daily_budget
        self.on_sale = [
            [one for one in own if one.allowed and one.stock > 0] for own in self.by_category
        ]
        self.best = [
            heapq.nlargest(self.slate_size, own, key=attrgetter("sold_recently"))
            for own in self.on_sale
        ]
        self.results = [
            [one for one in matches if one.allowed and one.stock > 0][: self.result_size]
            for matches in self._matches
        ]
        self.agents.shuffle_do("shop")
        self.day += 1

    def slate(self, category: int) -> list[Listing]:
        """The best-sellers, with random listings in evenly spaced places."""
        slate = self.best[category].copy()
        own = self.on_sale[category]
        last = len(slate) - 1
        for step in range(self.explored):
            place = last - step * (last - 1) // max(self.explored - 1, 1)
            if place > 0:
                slate[place] = own[int(self.random.random() * len(own))]
        return slate

    def minute(self) -> float:
        """A minute of the day, by the hours' weights."""
        draw = self.random.random() * self.hours[-1]
        hour = 0
        while hour < 23 and draw >= self.hours[hour]:
            hour += 1
        return (hour + self.random.random()) * 60.0


def poisson(random, mean: float) -> int:  # type: ignore[no-untyped-def]
    """A Poisson count by inversion."""
    if mean <= 0.0:
        return 0
    probability = cumulative = math.exp(-mean)
    draw, count = random(), 0
    while draw > cumulative and count < LINES:
        count += 1
        probability *= mean / count
        cumulative += probability
    return count


def _listings(market: Marketplace) -> list[Listing]:
    listings = market.listings
    quality = believed_quality(listings, market.settings.consumers.response)
    columns = (
        listings.merchant, listings.category, listings.price, listings.advertised,
        listings.reference_price, listings.unit_cost, market.fees.commission, listings.appeal,
        quality, listings.quality, listings.counterfeit, listings.attributes, may_be_sold(market),
        listings.stock, listings.sold_recently, listings.units_sold,
    )  # fmt: skip
    rows = zip(*(column.tolist() for column in columns), strict=True)
    found = [Listing(row, *values) for row, values in enumerate(rows)]
    for listing in found:
        listing.attributes = tuple(listing.attributes)
    return found


def _queries(
    market: Marketplace, listings: list[Listing]
) -> tuple[list[list[int]], list[list[Listing]]]:
    """Each category's queries, and the listings that match each query, best first."""
    search = market.policies.search.params
    documents = [
        f"{title} {text}" for title, text in zip(market.titles, market.descriptions, strict=True)
    ]
    index = BM25Index(documents, BM25Config(k1=search.k1, b=search.b))
    depth = DEPTH * market.settings.consumers.choice.result_size
    found = index.top_k(list(market.queries.text), depth)[0]
    matches = [[listings[j] for j in row if j >= 0] for row in found.tolist()]
    first, count = market.queries.first.tolist(), market.queries.count.tolist()
    queries = [list(range(one, one + n)) for one, n in zip(first, count, strict=True)]
    return queries, matches
