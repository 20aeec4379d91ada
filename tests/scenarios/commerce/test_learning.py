"""What a market starts from is what the shop's data show."""

from __future__ import annotations

import csv
from collections import Counter
from typing import Any

import numpy as np
import pytest
from scipy.stats import spearmanr

from scenarios.commerce.consumers import normal_scores, purchase_history
from scenarios.commerce.learn import Assumptions
from scenarios.commerce.store import ImportedCommerce, load
from scenarios.commerce.tables import import_tables
from scenarios.commerce.tastes import learn_tastes
from sim.catalogue import category_reference_price
from sim.stylised_facts import top_share


def read(shop: Any, **options: Any) -> ImportedCommerce:
    import_tables(shop.items, shop.interactions, shop.out, overwrite=True, **options)
    return load(shop.out)


@pytest.fixture(scope="module")
def imported(large_shop: Any) -> ImportedCommerce:
    return read(large_shop)


@pytest.fixture(scope="module")
def rows(large_shop: Any) -> list[dict[str, str]]:
    with large_shop.interactions.open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def goods(large_shop: Any) -> dict[str, dict[str, str]]:
    with large_shop.items.open(newline="") as file:
        return {row["item_id"]: row for row in csv.DictReader(file)}


def test_price_quartiles_are_those_of_the_data(imported: ImportedCommerce, goods: dict) -> None:
    prices = [float(row["price"]) for row in goods.values()]
    expected = np.quantile(prices, [0.25, 0.5, 0.75])
    assert imported.summary.price_quartiles == pytest.approx(expected)
    quartiles = np.quantile(imported.catalogue().price / 100, [0.25, 0.5, 0.75])
    assert quartiles == pytest.approx(expected)


def test_category_shares_are_those_of_the_data(
    imported: ImportedCommerce, rows: list, goods: dict
) -> None:
    lines = Counter(goods[row["item_id"]]["category"] for row in rows)
    for name, (of_items, of_lines) in imported.summary.categories.items():
        assert of_items == pytest.approx(0.25)
        assert of_lines == pytest.approx(lines[name] / len(rows))
    people = imported.population()
    needs = people.visits_per_day * people.lines_per_visit
    share = needs @ people.category_share / needs.sum()
    expected = [lines[name] / len(rows) for name in imported.catalogue().category_names]
    assert share == pytest.approx(expected, abs=0.01)


def test_consumers_come_as_often_and_buy_as_much_as_in_the_data(
    imported: ImportedCommerce, rows: list
) -> None:
    people = imported.population()
    order = list(dict.fromkeys(row["user_id"] for row in rows))
    lines = Counter(row["user_id"] for row in rows)
    visits = Counter(user for user, _ in {(r["user_id"], r["timestamp"][:10]) for r in rows})
    assert people.lines_per_visit == pytest.approx([lines[u] / visits[u] for u in order])
    days = imported.summary.days
    came = -np.expm1(-people.visits_per_day)
    assert came == pytest.approx([visits[u] / days for u in order], abs=0.5 / days)
    assert top_share(people.visits_per_day) > 0.25


def test_best_sellers_remain_best_sellers_at_their_prices(
    imported: ImportedCommerce, rows: list
) -> None:
    catalogue, people = imported.catalogue(), imported.population()
    buyers = Counter(item for _, item in {(r["user_id"], r["item_id"]) for r in rows})
    count = np.array([buyers[item] for item in imported.item_id])
    relative = catalogue.price / category_reference_price(catalogue)[catalogue.category]
    attraction = np.exp(
        catalogue.appeal[:, None] - people.price_sensitivity * relative[:, None]
    ).mean(axis=1)
    for c in range(len(catalogue.category_names)):
        inside = catalogue.category == c
        share = attraction[inside] / attraction[inside].sum()
        assert share == pytest.approx((count + 0.5)[inside] / (count + 0.5)[inside].sum(), rel=0.1)
        assert catalogue.appeal[inside].mean() == pytest.approx(0.0, abs=1e-9)


def test_tastes_tell_apart_consumers_who_buy_different_things(imported: ImportedCommerce) -> None:
    catalogue, people = imported.catalogue(), imported.population()
    odd_item = (np.array([int(item[1:]) for item in imported.item_id]) // 4) % 2 == 1
    match = people.taste @ catalogue.attributes.T
    prefers_odd = match[:, odd_item].mean(axis=1) > match[:, ~odd_item].mean(axis=1)
    # Consumers are numbered as they appear in the table, which is by number.
    is_odd = np.arange(len(prefers_odd)) % 2 == 1
    assert (prefers_odd == is_odd).mean() > 0.95
    assert np.linalg.norm(people.taste, axis=1) == pytest.approx(1.0, abs=1e-5)
    assert np.linalg.norm(catalogue.attributes, axis=1) == pytest.approx(1.0, abs=1e-5)


def test_consumers_who_buy_cheaply_are_the_more_price_sensitive(
    imported: ImportedCommerce, rows: list, goods: dict
) -> None:
    people, catalogue = imported.population(), imported.catalogue()
    reference = dict(
        zip(catalogue.category_names, category_reference_price(catalogue) / 100, strict=True)
    )
    relative: dict[str, list[float]] = {}
    for row in rows:
        item = goods[row["item_id"]]
        log_price = np.log(float(item["price"]) / reference[item["category"]])
        relative.setdefault(row["user_id"], []).append(log_price)
    frequent = np.array([len(prices) >= 20 for prices in relative.values()])
    mean = np.array([np.mean(prices) for prices in relative.values()])
    assert spearmanr(people.price_sensitivity[frequent], mean[frequent]).statistic < -0.9
    assert np.median(people.price_sensitivity) == pytest.approx(2.6, rel=0.05)
    assert np.log(people.price_sensitivity).std() == pytest.approx(0.4, abs=0.03)


def test_history_is_what_was_bought_last(imported: ImportedCommerce, rows: list) -> None:
    history = imported.population().history
    assert history is not None
    for consumer in (0, 7, 123):
        mine = [r for r in rows if r["user_id"] == f"u{consumer}"]
        mine.sort(key=lambda row: row["timestamp"], reverse=True)
        distinct = list(dict.fromkeys(row["item_id"] for row in mine))[:16]
        assert [imported.item_id[listing] for listing in history.of(consumer)] == distinct


def test_more_consumers_are_drawn_from_the_data(imported: ImportedCommerce) -> None:
    data = imported.population()
    drawn = imported.population(50_000, np.random.default_rng(1))
    assert len(drawn.visits_per_day) == 50_000
    assert drawn.visits_per_day.mean() == pytest.approx(data.visits_per_day.mean(), rel=0.02)
    assert drawn.history is not None
    assert data.history is not None
    known = {
        (float(v), int(i)): row
        for row, (v, i) in enumerate(zip(data.visits_per_day, data.income, strict=True))
    }
    for consumer in (0, 999, 49_999):
        row = known[float(drawn.visits_per_day[consumer]), int(drawn.income[consumer])]
        assert (drawn.taste[consumer] == data.taste[row]).all()
        assert drawn.history.of(consumer).tolist() == data.history.of(row).tolist()


def test_the_datas_own_consumers_come_in_order_without_chance(imported: ImportedCommerce) -> None:
    count = imported.summary.users
    assert (imported.population(count).income == imported.population().income).all()
    with pytest.raises(ValueError, match="rng: needed"):
        imported.population(count + 1)
    with pytest.raises(ValueError, match="at least 1"):
        imported.population(0)


def test_repeat_purchases_are_measured(shop: Any) -> None:
    shop.write_interactions(
        [("ann", "t1", f"2024-03-{day:02}T08:00:00") for day in range(1, 29)]
        + [
            ("bob", item, f"2024-03-{n:02}T20:00:00")
            for n, item in enumerate(["k1", "k2", "t2"], 1)
        ]
    )
    imported = read(shop)
    # Ann's 27 later purchases repeat, Bob's 2 do not.
    assert imported.summary.repeat_share == pytest.approx(27 / 29)
    ann, bob = imported.population().repeat_share
    assert ann == pytest.approx((27 + 5 * 27 / 29) / 32, abs=1e-6)
    assert bob == pytest.approx((0 + 5 * 27 / 29) / 7, abs=1e-6)


def test_weekdays_and_hours_are_those_of_the_visits(shop: Any) -> None:
    # Eight whole weeks of which only Saturdays see visits, in the evening.
    rows = [("ann", "t1", f"2024-01-{day:02}T20:10:00") for day in (6, 13, 20, 27)]
    rows += [("bob", "t1", "2024-01-01T20:30:00"), ("bob", "t1", "2024-02-25T20:30:00")]
    shop.write_interactions(rows)
    people = read(shop).population()
    assert people.weekday_profile.mean() == pytest.approx(1.0)
    assert np.argmax(people.weekday_profile) == 5
    # Saturday saw 4 visits on 8 days and the mean day 6/56, each with one mean day more.
    mean = 6 / 56
    assert people.weekday_profile[5] / people.weekday_profile[2] == pytest.approx((4 + mean) / mean)
    assert people.hour_profile.sum() == pytest.approx(1.0)
    assert people.hour_profile[20] == pytest.approx((6 + 1) / (6 + 24))


def test_income_covers_a_multiple_of_spending_and_a_usual_visit_a_week(shop: Any) -> None:
    shop.write_interactions(
        [("ann", "k1", f"2024-01-{day:02}") for day in range(1, 31)] + [("bob", "k1", "2024-01-30")]
    )
    ann, bob = read(shop, assumptions=Assumptions(income_factor=3.0)).population().income
    assert ann == 3 * 4000
    assert bob == round(3 * 4000 / 7)


def test_quality_without_ratings_is_read_from_repeat_purchases(shop: Any) -> None:
    rows = []
    for user in range(20):
        rows += [(f"u{user}", "t1", f"2024-01-{day:02}") for day in (1, 8, 15)]
        rows += [(f"u{user}", "t2", "2024-01-03")]
    shop.write_interactions(rows)
    quality = read(shop).catalogue().quality
    assert quality[2] > 0.7 > quality[3]
    assert quality[:2] == pytest.approx(0.7)


def test_items_that_nobody_bought_can_still_be_sold(shop: Any) -> None:
    shop.write_interactions([("u", "t1", "2024-01-01"), ("u", "t1", "2024-01-05")])
    catalogue = read(shop).catalogue()
    assert np.isfinite(catalogue.appeal).all()
    assert catalogue.appeal[2] > catalogue.appeal[3]
    assert np.linalg.norm(catalogue.attributes, axis=1) == pytest.approx(1.0, abs=1e-6)


def two_tastes(users: int, items: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(4)
    user = np.repeat(np.arange(users), 12)
    item = rng.integers(items // 2, size=len(user)) * 2 + user % 2
    return user, item, (np.arange(items) // 2) % 5


@pytest.mark.parametrize(("users", "items"), [(100, 60), (2000, 300)])
def test_both_decompositions_find_the_two_tastes(users: int, items: int) -> None:
    user, item, category = two_tastes(users, items)
    taste, attribute = learn_tastes(user, item, category, users, 8)
    same = (np.arange(users) % 2)[:, None] == (np.arange(items) % 2)
    match = taste @ attribute.T
    assert match[same].mean() > match[~same].mean() + 0.3
    assert taste.shape == (users, 8)
    again = learn_tastes(user, item, category, users, 8)
    assert (again[0] == taste).all()
    assert (again[1] == attribute).all()


def test_large_and_small_decomposition_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    user, item, category = two_tastes(100, 60)
    whole = learn_tastes(user, item, category, 100, 6)
    monkeypatch.setattr("scenarios.commerce.tastes._DENSE_ENTRIES", 0)
    iterated = learn_tastes(user, item, category, 100, 6)
    for exact, approximate in zip(whole, iterated, strict=True):
        assert approximate == pytest.approx(exact, abs=1e-4)


def test_popularity_is_no_taste() -> None:
    # All users divide their purchases alike, one item being far more popular.
    user = np.repeat(np.arange(30), 11)
    item = np.tile(np.r_[np.zeros(10, dtype=int), 1], 30)
    taste, attribute = learn_tastes(user, item, np.zeros(2, dtype=int), 30, 3)
    assert (taste == taste[0]).all()
    assert (attribute == attribute[0]).all()


def test_history_keeps_at_most_sixteen_listings() -> None:
    listing = np.r_[np.arange(40), 3]
    history = purchase_history(np.zeros(41, dtype=np.int32), listing, 2)
    assert history.of(0).tolist() == [3, *range(39, 24, -1)]
    assert history.of(1).tolist() == []


def test_normal_scores_are_symmetric_and_tie() -> None:
    scores = normal_scores(np.array([5.0, 1.0, 1.0, 0.0]))
    assert scores[1] == scores[2]
    assert scores[0] == pytest.approx(-scores[3])
