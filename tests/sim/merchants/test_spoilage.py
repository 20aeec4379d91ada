"""Perishable goods spoil on the shelf, and merchants order less of them."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.running import resolve
from scenarios.build import build
from scenarios.errors import ScenarioError
from sim.columns import Listings
from sim.market import Marketplace
from sim.merchants.spoilage import Perishables


def columns_of(count: int, **given: np.ndarray) -> Listings:
    """Listings whose columns are zero but for those given."""
    columns = {name: np.zeros(count, dtype=np.int64) for name in Listings.__slots__}
    return Listings(**(columns | given))


WORLD = (
    "commerce.generated.listings=60",
    "commerce.generated.merchants=12",
    "commerce.generated.categories=3",
    "consumers.count=200",
    "couriers.count=0",
    "events=[]",
    "policies.rules={}",
)
SPOILS = "merchants.shelf_life_days={Shoes = 3}"


def market_of(*overrides: str) -> Marketplace:
    scenario, folder = resolve("tiny", overrides=(*WORLD, *overrides))
    return build(scenario, folder=folder)


def shelf(life: int, stock: int, opening_age: float = 0.0) -> SimpleNamespace:
    """One perishable listing, and one that keeps."""
    market = SimpleNamespace(
        settings=SimpleNamespace(
            merchants=SimpleNamespace(shelf_life_days={"fish": life}, unlimited_stock=False)
        ),
        category_names=("fish", "salt"),
        listings=columns_of(
            2,
            category=np.array([0, 1]),
            stock=np.array([stock, 50]),
            unit_cost=np.array([300, 100]),
        ),
        books=SimpleNamespace(other_cost=np.zeros(1, dtype=np.int64)),
        streams=SimpleNamespace(uniform=lambda *_: np.array([opening_age])),
    )
    market.perishables = Perishables(market)
    return market


def morning(market: SimpleNamespace, arrived: int = 0) -> None:
    market.listings.stock[0] += arrived
    market.perishables.turn_over(market, np.array([arrived, 0]))


def left(market: SimpleNamespace) -> float:
    return float(market.perishables.life_left(market)[0])


def test_what_nobody_buys_spoils_when_its_shelf_life_is_over() -> None:
    market = shelf(life=3, stock=10)
    stock, life = [], []
    for _ in range(3):
        morning(market)
        stock.append(int(market.listings.stock[0]))
        life.append(left(market))
    assert stock == [10, 10, 0]
    assert life == pytest.approx([2 / 3, 1 / 3, 1.0])
    assert market.books.other_cost.tolist() == [10 * 300]
    assert market.listings.stock[1] == 50
    assert np.isnan(market.perishables.life_left(market)[1])


def test_the_oldest_are_sold_first() -> None:
    market = shelf(life=3, stock=10)
    morning(market, arrived=5)
    market.listings.stock[0] -= 10
    assert left(market) == pytest.approx(1.0)
    morning(market)
    morning(market)
    assert market.listings.stock[0] == 5
    morning(market)
    assert market.listings.stock[0] == 0


def test_opening_stock_came_in_on_a_day_of_its_own() -> None:
    market = shelf(life=4, stock=10, opening_age=0.99)
    morning(market)
    assert left(market) == pytest.approx(1 / 4)
    morning(market)
    assert market.listings.stock[0] == 0


@given(
    days=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=40),
    life=st.integers(2, 8),
)
def test_shelves_hold_what_a_book_of_all_batches_says(
    days: list[tuple[int, int]], life: int
) -> None:
    market = shelf(life=life, stock=0)
    batches: list[list[int]] = []  # day of arrival, units left
    for day, (arrived, wanted) in enumerate(days):
        morning(market, arrived)
        batches = [[came, units] for came, units in batches if came > day - life]
        batches.append([day, arrived])
        assert market.listings.stock[0] == sum(units for _, units in batches)
        on_shelf = [came for came, units in batches if units]
        oldest = on_shelf[0] if on_shelf else day
        assert left(market) == pytest.approx(1 - (day - oldest) / life)
        sold = min(wanted, int(market.listings.stock[0]))
        market.listings.stock[0] -= sold
        for batch in batches:
            taken = min(sold, batch[1])
            batch[1] -= taken
            sold -= taken


def test_spoiling_costs_merchants_and_no_money_is_lost() -> None:
    kept, spoiling = market_of(), market_of(SPOILS)
    profit = []
    for market in (kept, spoiling):
        before, total = market.ledger.total(), 0.0
        for _ in range(12):
            market.step()
            total += float(market.books.other_cost.sum())
        profit.append(total)
        assert market.ledger.total() == before == 0
    assert profit[1] > profit[0]


def test_merchants_order_no_more_than_they_expect_to_sell_in_time() -> None:
    market = market_of(SPOILS, "merchants.stock_cover_days=30.0", "merchants.stock_minimum=20")
    fish = np.array(market.category_names)[market.listings.category] == "Shoes"
    stock = market.listings.stock
    rate = market.founding_sales
    assert (stock[fish] <= np.maximum(np.ceil(3 * rate[fish]), 1)).all()
    assert (stock[~fish] >= 20).all()


def test_newcomers_shelves_are_followed_too() -> None:
    market = market_of(
        "merchants.shelf_life_days={Shoes = 3, Lighting = 5}",
        "merchants.entry_rate=0.5",
    )
    for _ in range(4):
        market.step()
    assert len(market.listings) > 60
    names = np.array(market.category_names)[market.listings.category]
    expected = np.flatnonzero(np.isin(names, ["Shoes", "Lighting"]))
    assert expected.max() >= 60
    assert market.perishables.listing.tolist() == expected.tolist()


def test_goods_that_are_bought_when_sold_do_not_spoil() -> None:
    market = market_of(SPOILS, "merchants.unlimited_stock=true")
    assert len(market.perishables.listing) == 0


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("merchants.shelf_life_days={Shoes = 1}", "2"),
        ("merchants.shelf_life_days={Shoes = 2.5}", "whole"),
    ],
)
def test_shelf_lives_are_whole_days(override: str, message: str) -> None:
    with pytest.raises(ScenarioError, match=message):
        resolve("tiny", overrides=(*WORLD, override))


@pytest.mark.parametrize(
    ("override", "key"),
    [
        ("merchants.shelf_life_days={Shoos = 3}", "merchants.shelf_life_days"),
        (
            'policies.rules={below_cost = {fresh = ["Shoos"]}}',
            "policies.rules.below_cost.fresh",
        ),
        (
            (
                'events=[{kind = "change", day = 1, key = "policies.rules.below_cost.seasonal", '
                'value = ["Shoos"]}]'
            ),
            "events.0.value",
        ),
        (
            (
                'events=[{kind = "change", day = 1, key = "policies.rules", '
                'value = {false_discount = {perishable = ["Shoos"]}}}]'
            ),
            "events.0.value",
        ),
    ],
)
def test_unknown_categories_are_told_with_their_key(override: str, key: str) -> None:
    rules = ("policies.rules={below_cost = {}}",) if "rules." in key or "events" in key else ()
    with pytest.raises(ValueError, match="no category 'Shoos' is sold") as told:
        market_of(*rules, override)
    assert key in str(told.value)
