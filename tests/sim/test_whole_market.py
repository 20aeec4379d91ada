"""Invariants of the whole market, on small versions of the scenarios that ship."""

from typing import Any

import numpy as np
import pytest
from futures import SMALL
from quiet_markets import SELDOM

from experiments.running import resolve
from scenarios.build import build
from scenarios.find import shipped_names
from sim.event_tables import OrderStatus
from sim.ledger import Owner
from sim.market import Marketplace
from sim.stylised_facts import zipf_exponent


def market_of(scenario: str, *overrides: str) -> Marketplace:
    resolved, folder = resolve(scenario, overrides=overrides)
    return build(resolved, folder=folder)


def lived(scenario: str, days: int, *overrides: str) -> Marketplace:
    market = market_of(scenario, *overrides)
    for _ in range(days):
        market.step()
    return market


def tables(market: Marketplace) -> dict[str, dict[str, np.ndarray]]:
    names = ("orders", "deliveries", "reviews", "complaints", "sanctions", "shifts", "turnover")
    return {name: getattr(market, name).to_dict() for name in names}


def assert_same(first: Marketplace, second: Marketplace) -> None:
    np.testing.assert_array_equal(first.health.values(), second.health.values())
    for name, columns in tables(first).items():
        for column, values in columns.items():
            np.testing.assert_array_equal(values, tables(second)[name][column])


def small_scenarios() -> list[Any]:
    names = [name for name in shipped_names() if name not in {"grocery", "duopoly", "tiny"}]
    return [pytest.param(name, SMALL, id=name) for name in names] + [
        pytest.param("tiny", (), id="tiny"),
        pytest.param("duopoly", (), id="duopoly"),
    ]


@pytest.mark.parametrize(("scenario", "overrides"), small_scenarios())
def test_money_is_conserved_and_nobody_overdraws_on_any_day(scenario, overrides) -> None:
    market = market_of(scenario, *overrides)
    for _ in range(30 if scenario == "subsidy_war" else 16):
        market.step()
        assert market.ledger.total() == 0
        assert market.ledger.balance_of(Owner.CONSUMER).min() >= 0
        assert market.listings.stock.min() >= 0


def test_no_order_is_ever_lost() -> None:
    market = lived("tiny", 14)
    orders, jobs = market.orders, market.deliveries
    status = orders["status"]
    assert set(np.unique(status).tolist()) <= {int(one) for one in OrderStatus}
    open_ = status == OrderStatus.OPEN
    limit = market.settings.delivery.give_up_days + 1
    assert (orders["day"][open_] >= market.day - 1 - limit).all()
    assert (jobs["status"][orders["job"][open_]] == OrderStatus.OPEN).all()
    arrived = np.isin(status, [OrderStatus.DELIVERED, OrderStatus.REFUNDED])
    assert (jobs["status"][orders["job"][arrived]] == OrderStatus.DELIVERED).all()
    assert np.isfinite(orders["closed"][~open_]).all()
    # What is off sale before it is packed is cancelled, and the rest of its parcel comes.
    gone = (status == OrderStatus.CANCELLED) & (orders["closed"] % 1440.0 != 0.0)
    assert (jobs["status"][orders["job"][gone]] == OrderStatus.CANCELLED).all()


def test_cancelled_orders_are_paid_back_whole() -> None:
    market = lived("tiny", 14, "delivery.failure_rate=0.6")
    orders = market.orders
    gone = np.flatnonzero(orders["status"] == OrderStatus.CANCELLED)
    assert len(gone) > 0
    paid = (orders["unit_price"] - orders["unit_subsidy"]) * orders["quantity"]
    np.testing.assert_array_equal(orders["refunded"][gone], (paid + orders["delivery_fee"])[gone])


def test_the_same_seed_gives_the_same_market() -> None:
    assert_same(lived("tiny", 10), lived("tiny", 10))


def test_another_seed_gives_another_market() -> None:
    first, second = lived("tiny", 3), lived("tiny", 3, "seed=2")
    assert not np.array_equal(first.health.values(), second.health.values())


@pytest.mark.parametrize(
    "lever",
    [
        "policies.price_regulation.max_per_unit=999.0",
        "platform.complaint_staff=50",
        "delivery.postage=9.0",
        "merchants.misconduct.bait_discount=0.5",
    ],
)
def test_a_lever_that_no_agent_can_feel_changes_nothing_at_all(lever: str) -> None:
    quiet = (
        SELDOM,
        "policies.subsidy.name=none",
        "merchants.misconduct.bait_share=0.0",
        "events=[]",
    )
    assert_same(lived("tiny", 8, *quiet), lived("tiny", 8, *quiet, lever))


def test_the_same_consumers_come_whatever_the_policy() -> None:
    first = market_of("tiny", "events=[]")
    second = market_of("tiny", "events=[]", "policies.subsidy.name=none")
    first.step()
    second.step()
    np.testing.assert_array_equal(first.today.visitors, second.today.visitors)
    np.testing.assert_array_equal(first.today.session_minute, second.today.session_minute)
    np.testing.assert_array_equal(first.today.session_category, second.today.session_category)


def hidden_columns(market: Marketplace) -> dict[str, np.ndarray]:
    listings, crowd = market.listings, market.crowd
    return {
        "quality": listings.quality,
        "genuine_quality": listings.genuine_quality,
        "appeal": listings.appeal,
        "attributes": listings.attributes,
        "counterfeit": listings.counterfeit,
        "taste": crowd.taste,
        "price_sensitivity": crowd.price_sensitivity,
        "trust": crowd.trust,
    }


def arrays_in(value: Any, seen: set[int]) -> list[np.ndarray]:
    """All arrays that can be reached from an observation through its fields."""
    if id(value) in seen:
        return []
    seen.add(id(value))
    if isinstance(value, np.ndarray):
        return [value]
    if isinstance(value, (tuple, list)):
        return [array for one in value[:1000] for array in arrays_in(one, seen)]
    names = getattr(type(value), "__slots__", ()) or ()
    names = (names,) if isinstance(names, str) else tuple(names)
    names += tuple(vars(value)) if hasattr(value, "__dict__") else ()
    return [
        a for name in names if hasattr(value, name) for a in arrays_in(getattr(value, name), seen)
    ]


def test_no_policy_can_reach_the_hidden_truth(monkeypatch) -> None:
    market = market_of("tiny", 'policies.recommendation.name="learned"')
    from policies.protocols import FAMILIES

    shown: dict[str, list[Any]] = {}

    def watch(policy: Any, method: str) -> None:
        original = getattr(policy, method)

        def recorded(*arguments: Any) -> Any:
            shown.setdefault(f"{policy.family}.{method}", []).append(arguments)
            secrets = hidden_columns(market)
            for array in arrays_in(arguments, set()):
                for name, secret in secrets.items():
                    assert not np.shares_memory(array, secret), f"{policy.family} sees {name}"
                    if array.shape == secret.shape and array.size > 20:
                        same = np.array_equal(array, secret)
                        varied = len(np.unique(secret)) > 2
                        assert not (same and varied), f"{policy.family} sees a copy of {name}"
            return original(*arguments)

        monkeypatch.setattr(policy, method, recorded)

    for policy in market.policies.all():
        watch(policy, FAMILIES[policy.family][1])
        if hasattr(policy, "learn"):
            watch(policy, "learn")
    for _ in range(8):
        market.step()
    assert {name.split(".")[0] for name in shown} == set(FAMILIES)


def test_what_policies_are_shown_cannot_be_written(monkeypatch) -> None:
    market = market_of("tiny")
    seen: list[Any] = []
    original = market.policies.recommendation.recommend
    monkeypatch.setattr(
        market.policies.recommendation,
        "recommend",
        lambda observation: (seen.append(observation), original(observation))[1],
    )
    market.step()
    with pytest.raises(ValueError, match="read-only"):
        seen[0].listings.price[0] = 1


def test_the_log_holds_every_purchase_once() -> None:
    keep = "policies.privacy.name=keep_all"
    market = lived("baseline", 6, *SMALL, "consumers.choice.search_share=0.8", keep)
    buyers, listings, days = market.log.purchases()
    orders = market.orders
    assert len(orders) > 100
    logged = np.lexsort((days, listings, buyers))
    placed = np.lexsort((orders["day"], orders["listing"], orders["consumer"]))
    np.testing.assert_array_equal(buyers[logged], orders["consumer"][placed])
    np.testing.assert_array_equal(listings[logged], orders["listing"][placed])


def test_interventions_begin_and_end() -> None:
    change = (
        'events=[{kind="change", day=2, until=4, key="platform.commission", value=0.3}, '
        '{kind="demand_surge", day=2, until=4, factor=6.0}, '
        '{kind="courier_shortage", day=2, until=4, share=1.0}, '
        '{kind="supply_shock", day=2, until=4, factor=2.0}, '
        '{kind="road_closure", day=2, until=4, share=0.5, slowdown=10.0}]'
    )
    market = market_of("tiny", change)
    free = market.driving.at(720.0).minutes.sum()
    arrivals, couriers, commissions, minutes = [], [], [], []
    for day in range(6):
        market.step()
        arrivals.append(market.today.arrivals)
        couriers.append(int((market.shifts["day"] == day).sum()))
        commissions.append(market.settings.platform.commission)
        minutes.append(float(market.driving.at(720.0).minutes.sum()))
    assert commissions == [0.12, 0.12, 0.3, 0.3, 0.12, 0.12]
    assert min(arrivals[2:4]) > 2 * max(arrivals[:2] + arrivals[4:])
    assert couriers[2:4] == [0, 0]
    assert min(couriers[:2] + couriers[4:]) > 0
    assert min(minutes[2:4]) > 1.5 * free
    assert minutes[:2] == minutes[4:] == [pytest.approx(free)] * 2
    np.testing.assert_array_equal(
        market.listings.unit_cost[~market.listings.counterfeit],
        market.listings.genuine_cost[~market.listings.counterfeit],
    )


def test_a_counterfeit_wave_comes_and_goes() -> None:
    wave = 'events=[{kind="counterfeit_wave", day=1, until=3, share=0.5}]'
    market = market_of("tiny", wave, "merchants.misconduct.counterfeit_share=0.0")
    fakes = []
    for _ in range(4):
        market.step()
        fakes.append(int(market.listings.counterfeit.sum()))
    assert fakes[0] == fakes[3] == 0
    assert min(fakes[1:3]) > 0


def test_sales_are_zipf_like_and_partly_repeated() -> None:
    market = lived("tiny", 40, "consumers.count=1500", "merchants.unlimited_stock=true", SELDOM)
    sold = np.sort(market.listings.units_sold)[::-1]
    exponent = zipf_exponent(sold[sold > 0])
    assert 0.4 < exponent < 2.5
    assert 0.05 < market.orders["repeat"].mean() < 0.9


def test_a_consumer_is_a_view_of_a_row() -> None:
    market = lived("tiny", 2)
    consumer = market.consumers[17]
    assert consumer.trust == market.crowd.trust[17]
    assert len(market.consumers) == 400
    assert market.consumers[-1].row == 399
    with pytest.raises(IndexError, match="there are 400"):
        market.consumers[400]
    with pytest.raises(AttributeError, match="a consumer has no 'wealth'"):
        _ = consumer.wealth


def test_agents_are_mesa_agents_and_a_market_lets_go_of_them() -> None:
    import mesa

    market = lived("tiny", 1)
    assert isinstance(market, mesa.Model)
    assert all(isinstance(one, mesa.Agent) for one in (*market.merchants, *market.couriers))
    assert isinstance(market.consumers, mesa.Agent)
    market.end()
    assert len(market.agents) == 0


def test_the_platform_runs_up_its_cost_every_day_whatever_is_sold() -> None:
    cheap, dear = (lived("tiny", 3, f"platform.running_cost_per_day={c}") for c in (0.0, 250.0))
    np.testing.assert_array_equal(cheap.orders["listing"], dear.orders["listing"])
    gap = [m.ledger.balance_of(Owner.PLATFORM)[0] for m in (cheap, dear)]
    assert gap[0] - gap[1] == 3 * 25_000
    profit = [m.health.frame()["profit"].to_numpy() for m in (cheap, dear)]
    np.testing.assert_allclose(profit[0] - profit[1], 250.0)


def test_a_breach_is_over_the_next_day() -> None:
    market = lived("tiny", 4, 'events=[{kind="data_breach", day=2}]')
    exposed = market.health.frame()["records_exposed"].to_numpy()
    assert (exposed > 0).tolist() == [False, False, True, False]


@pytest.mark.parametrize("to_seller", ["true", "false"])
def test_a_subsidy_for_newcomers_is_paid_for_newcomers_whoever_receives_it(to_seller: str) -> None:
    market = lived(
        "tiny",
        6,
        "events=[]",
        "policies.price_regulation.name=none",
        'policies.subsidy={name = "targeted", recipients = "newcomers", share = 0.2, '
        f"newcomer_orders = 1, to_seller = {to_seller}}}",
    )
    orders = market.orders
    first_day = {}
    for consumer, day in zip(orders["consumer"].tolist(), orders["day"].tolist(), strict=True):
        first_day.setdefault(consumer, day)
    new = np.array([first_day[c] for c in orders["consumer"].tolist()]) == orders["day"]
    paid = orders["seller_subsidy" if to_seller == "true" else "unit_subsidy"]
    assert (paid[new] > 0).all()
    assert (paid[~new] == 0).all()
    assert 0 < new.sum() < len(new)


def test_the_same_consumers_come_with_the_same_luck_on_every_day_whatever_the_policy() -> None:
    world = (
        "events=[]",
        "consumers.response.churn_rate=0.0",
        "commerce.population.repeat_share=0.0",  # what is wanted again depends on what was bought
    )
    generous = 'policies.subsidy={name = "flat", share = 0.5}'
    scenarios = [resolve("tiny", overrides=[*world, *more]) for more in ((), (generous,))]
    poor, rich = (build(scenario, folder=folder) for scenario, folder in scenarios)
    differing = 0
    for _ in range(6):
        poor.step()
        rich.step()
        for column in ("visitors", "session_consumer", "session_minute", "session_category"):
            mine, other = getattr(poor.today, column), getattr(rich.today, column)
            np.testing.assert_array_equal(mine, other, err_msg=column)
        differing += int((poor.today.session_choice != rich.today.session_choice).sum())
    assert differing > 50
