"""Q-learning sellers, after Calvano, Calzolari, Denicolò and Pastorello."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from policies.arrays import IntArray
from policies.merchant_pricing.learning_in_trade import Learners
from policies.merchant_pricing.pricing_game import Game, markup_grid
from policies.merchant_pricing.sellers import Roster, competitors
from policies.observations import DemandKnowledge, PricingView
from policies.params import PolicyParams

if TYPE_CHECKING:
    from policies.merchant_pricing.rehearsal import Rehearsal

LARGEST = 1 << 27
"""Cells of the largest table that a rehearsal may fill: a gigabyte."""


class RehearsalError(ValueError):
    """A rehearsal that the scenario asks for and that cannot be."""


@dataclass(frozen=True, slots=True)
class _Played:
    """A category's rehearsal: who took part, at which markups, and what came of it."""

    merchants: tuple[int, ...]
    game: Game
    result: Rehearsal


class QLearning:
    """Learns by trial and error which price pays in which state; knows no theory of its rivals.

    A seller tries equally spaced prices about the competitive and the monopoly price and updates
    `Q(s, a) <- (1 - alpha) Q(s, a) + alpha (profit + delta max Q(s', .))`; it explores with chance
    `exp(-beta t)`, else does what it thinks best. Sellers move at once.

    In trade a seller learns from its own sales, a step every `period` days. With `rehearsal` all
    sellers of a category that use the strategy first play the game of the demand system that the
    market shows them, until no strategy changes (again when sellers come or go), and then do in
    trade what they learned, without learning on. They reckon with the platform's steering as it is
    announced to them.

    Source: Calvano, Calzolari, Denicolò & Pastorello (2020), "Artificial intelligence, algorithmic
    pricing, and collusion", American Economic Review 110(10); Watkins & Dayan (1992), "Q-learning",
    Machine Learning 8.
    """

    family: ClassVar[str] = "merchant_pricing"
    name: ClassVar[str] = "q_learning"
    knows_demand: ClassVar[bool] = True

    class Params(PolicyParams):
        """How sellers learn."""

        alpha: float = Field(0.15, gt=0.0, le=1.0, description="learning rate")
        delta: float = Field(0.95, ge=0.0, lt=1.0, description="discount factor a decision")
        beta: float = Field(
            0.02,
            gt=0.0,
            le=10.0,
            description="decay of exploration: the chance of a random price is exp(-beta t) at "
            "decision t",
        )
        m: int = Field(15, ge=2, le=201, description="prices that each seller may ask")
        grid_margin: float = Field(
            0.1,
            ge=0.0,
            le=2.0,
            description="how far the prices reach below the competitive and above the monopoly "
            "price (xi), share of the distance between the two",
        )
        period: int = Field(1, ge=1, le=28, description="days between two decisions")
        rehearsal: bool = Field(
            False,
            description="true: sellers learn until their strategies stand before they trade, and "
            "not in trade",
        )
        patience: int = Field(
            100_000,
            ge=1,
            le=1_000_000_000,
            description="periods without a change of any strategy after which a rehearsal ends",
        )
        max_periods: int = Field(
            100_000_000,
            ge=1,
            le=10_000_000_000,
            description="periods after which a rehearsal ends in any case",
        )

    def __init__(self, params: Params) -> None:
        self.params = params
        self._played: dict[int, _Played] = {}
        self._learners: Learners | None = None
        self._row = np.empty(0, dtype=np.int64)  # in the learners, by a seller's first listing; -1
        self._founded_with: tuple[object, ...] = ()

    @property
    def looks_back(self) -> int:
        """Days of its past that it needs."""
        return self.params.period

    def price(self, view: PricingView) -> IntArray:
        """(n,) prices of the day; yesterday's between two decisions.

        Raises:
            RehearsalError: if there can be no rehearsal as the scenario asks for it.
            ValueError: if the view holds no knowledge of demand.
        """
        if view.demand is None:
            raise ValueError("q_learning needs the demand system")
        self._forget_what_no_longer_fits()
        roster = Roster.of(view)
        if self.params.rehearsal:
            markup, decides = self._as_rehearsed(view, view.demand, roster)
        else:
            markup, decides = self._from_trade(view, view.demand, roster)
        return np.where(decides[roster.seller], roster.prices(markup), view.price)

    def rehearsals(self) -> tuple[Rehearsal, ...]:
        """What the latest rehearsal of each category came to, by number of the category."""
        return tuple(self._played[category].result for category in sorted(self._played))

    def _forget_what_no_longer_fits(self) -> None:
        """Start anew where an intervention has changed what the tables were made for."""
        params = self.params
        grid = (params.m, params.grid_margin)
        made_for = (True, params) if params.rehearsal else (False, grid)
        if made_for != self._founded_with:
            self._played, self._learners = {}, None
            self._row = np.empty(0, dtype=np.int64)
            self._founded_with = made_for

    def _as_rehearsed(
        self, view: PricingView, demand: DemandKnowledge, roster: Roster
    ) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """(K,) markups that sellers have learned to ask, and (K,) whether they decide today."""
        markup = np.zeros(len(roster))
        decides = np.full(len(roster), view.day % self.params.period == 0)
        for category in np.unique(roster.category).tolist():
            who = roster.of_category(category)
            merchants = tuple(roster.merchant[who].tolist())
            played = self._played.get(category)
            fresh = (
                played is None
                or played.merchants != merchants
                or played.game.prominence != demand.prominence
            )
            if played is None or fresh:
                played = self._rehearse(view, demand, roster, who)
                self._played[category] = played
            node = played.result.node if fresh else _node_of(played.game, view, roster, who)
            action = played.result.greedy[node]
            game, seller = played.game, np.arange(len(who))
            markup[who] = game.price[seller, action] - game.sellers.cost
            decides[who] |= fresh
        return markup, decides

    def _rehearse(
        self, view: PricingView, demand: DemandKnowledge, roster: Roster, who: NDArray[np.int64]
    ) -> _Played:
        from policies.merchant_pricing.rehearsal import Terms, rehearse

        params, n = self.params, len(who)
        steered = 0 < demand.prominence.shown < n
        if steered and roster.listings[who].max() > 1:
            raise RehearsalError(
                "policies.merchant_pricing.q_learning.rehearsal: where steering shows the cheapest "
                f"only, a merchant may have one listing a category, not "
                f"{int(roster.listings[who].max())}; set rehearsal = false"
            )
        cells = params.m ** (n + 1) * n * (n if demand.prominence.keeps else 1)
        if cells > LARGEST:
            raise RehearsalError(
                f"policies.merchant_pricing.q_learning.rehearsal: {n} sellers with m = {params.m} "
                f"prices each fill a table of {cells:.1e} cells, and at most {LARGEST:.1e} are "
                "possible; set a smaller m, or rehearsal = false"
            )
        sellers = competitors(view, demand, roster, who)
        grid = markup_grid(sellers, params.m, params.grid_margin)
        game = Game.of(sellers, grid, demand.prominence)
        terms = Terms(params.alpha, params.delta, params.beta, params.patience, params.max_periods)
        luck = view.draw[roster.first[who]]
        seed = int(luck[0] * 2.0**53)
        node = int(luck[-1] * game.nodes)
        merchants = tuple(roster.merchant[who].tolist())
        return _Played(merchants, game, rehearse(game, terms, node, seed))

    def _from_trade(
        self, view: PricingView, demand: DemandKnowledge, roster: Roster
    ) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """(K,) markups by what sellers have learned from sales, and who decides today."""
        params = self.params
        row, new = self._rows(view, demand, roster)
        learners = self._learners
        assert learners is not None
        due = new | (view.day - learners.decided_on[row] >= params.period)
        first = roster.first
        others = learners.place_of_others(
            row, view.category_mean_price[first].astype(np.float64), roster.cost[first]
        )
        days = slice(-params.period, None)
        listed = roster.sum(view.price_history[days].min(axis=0) > 0) == roster.listings
        learns = np.flatnonzero(due & ~new & listed)
        units = roster.sum(view.units_history[days].sum(axis=0))
        unstarted = learns[~learners.known[row[learns]]]
        learners.start(row[unstarted], units[unstarted], params.period, params.delta)
        profit = roster.sum(_profit_a_day(view, params.period))
        learners.learn(row[learns], profit[learns], others[learns], params.alpha, params.delta)
        decide = np.flatnonzero(due)
        luck = view.draw[first[decide]]
        learners.decide(row[decide], others[decide], luck, params.beta, view.day)
        return learners.grid[row, learners.action[row]], due

    def _rows(
        self, view: PricingView, demand: DemandKnowledge, roster: Roster
    ) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """(K,) rows of the sellers in the learners' columns, and who is new; founds the new."""
        listing = view.listing[roster.first]
        unheard_of = max(int(listing.max()) + 1 - len(self._row), 0)
        self._row = np.pad(self._row, (0, unheard_of), constant_values=-1)
        new = self._row[listing] < 0
        parts = [] if self._learners is None else [self._learners]
        count = sum(len(part) for part in parts)
        for category in np.unique(roster.category[new]).tolist():
            who = roster.of_category(category)
            sellers = competitors(view, demand, roster, who)
            grid = markup_grid(sellers, self.params.m, self.params.grid_margin)
            first = roster.first[who]
            attraction = np.exp(sellers.worth[:, None] - grid / sellers.scale)
            share = attraction / (attraction + demand.others[first, None])
            entering = np.flatnonzero(new[who])
            more = Learners.new(
                grid=grid[entering],
                shape=(sellers.margin[:, None] * grid * share)[entering],
                share=share[entering],
                opening_price=view.price[first[entering]].astype(np.float64),
                opening_mean=view.category_mean_price[first[entering]].astype(np.float64),
            )
            parts.append(more)
            self._row[listing[who[entering]]] = count + np.arange(len(entering))
            count += len(entering)
        if new.any():
            self._learners = Learners.all_of(parts)
        return self._row[listing], new


def _node_of(game: Game, view: PricingView, roster: Roster, who: NDArray[np.int64]) -> int:
    """The node of yesterday: the prices that sellers asked, and whom the platform showed."""
    n, m = len(game.price), game.price.shape[1]
    first = roster.first[who]
    markup = view.price[first] - roster.cost[first]
    grid = game.price - game.sellers.cost[:, None]
    action = np.abs(grid - markup[:, None]).argmin(axis=1)
    profile = int((action * m ** np.arange(n)).sum())
    if not game.prominence.keeps:
        return profile
    seen = np.flatnonzero(view.shown[first])
    holder = int(seen[0]) if len(seen) else int(view.price[first].argmin())
    return profile * n + holder


def _profit_a_day(view: PricingView, period: int) -> NDArray[np.float64]:
    """(n,) cents a day that listings earned over the last `period` days, at today's unit cost."""
    kept = view.price_history[-period:] * (1.0 - view.commission)
    margin = kept + view.seller_subsidy - view.unit_cost
    profit: NDArray[np.float64] = (margin * view.units_history[-period:]).sum(axis=0) / period
    return profit
