"""Purses, where purchases were found, and the rival."""

import numpy as np

from experiments.running import resolve
from scenarios.build import build
from sim.choice import NOTHING, RIVAL
from sim.event_tables import Source
from sim.ledger import Owner, Purpose
from sim.market import Marketplace


def market_of(*overrides: str) -> Marketplace:
    scenario, folder = resolve("tiny", overrides=["events=[]", *overrides])
    return build(scenario, folder=folder)


def lived(days: int, *overrides: str) -> Marketplace:
    market = market_of(*overrides)
    for _ in range(days):
        market.step()
    return market


def test_purses_are_filled_to_the_budget_in_turn_and_never_above_it() -> None:
    market = market_of("consumers.budget_days=5")
    budget = market.crowd.income * 5
    for day in range(12):
        before = market.ledger.balance_of(Owner.CONSUMER)
        market.step()
        book = market.ledger.transfers
        rows = (book["day"] == day) & (book["purpose"] == Purpose.INCOME)
        first = int(market.ledger.account(Owner.CONSUMER, 0))
        who = book["payee"][rows] - first
        assert day == 0 or set((who % 5).tolist()) <= {day % 5}
        np.testing.assert_array_equal(before[who] + book["amount"][rows], budget[who])
        missing = np.flatnonzero(before < budget)
        due = missing if day == 0 else missing[missing % 5 == day % 5]
        assert set(due.tolist()) == set(who.tolist())


def test_nobody_buys_what_the_purse_cannot_pay() -> None:
    market = market_of()
    market.crowd.income[:] = 0
    for _ in range(3):
        market.step()
    assert len(market.orders) == 0


def test_orders_say_where_and_at_which_place_the_listing_was_seen() -> None:
    market = market_of("consumers.choice.search_share=0.6", "consumers.choice.result_size=2")
    seen = set()
    for _ in range(8):
        market.step()
        today, orders = market.today, market.orders
        session = np.flatnonzero(today.session_choice > NOTHING)
        assert len(session) == len(today.orders)
        for s, row in zip(session.tolist(), today.orders.tolist(), strict=True):
            listing, place = int(orders["listing"][row]), int(orders["position"][row])
            source = Source(int(orders["source"][row]))
            seen.add(source)
            shown = {
                Source.REPEAT: [int(today.session_repeat[s])],
                Source.SEARCH: today.results[s].tolist(),
                Source.SLATE: today.slate[s].tolist(),
            }[source]
            assert shown[place] == listing
            assert place < today.examined[s]
            assert source != Source.SEARCH or today.session_query[s] >= 0
    assert seen == {Source.REPEAT, Source.SEARCH, Source.SLATE}


def rivals_share(trust: float) -> float:
    """Of those who find nothing on the platform, who goes to the rival."""
    market = market_of("rival.present=true", "rival.utility=3.0", "consumers.count=1000")
    market.crowd.trust[:] = trust
    market.listings.stock[:] = 0
    market.step()
    choice = market.today.session_choice
    assert (choice < 0).all()
    return float((choice == RIVAL).mean())


def test_those_who_trust_the_platform_less_go_to_the_rival_more() -> None:
    assert rivals_share(0.1) > rivals_share(0.9) + 0.1


def test_a_cheaper_rival_takes_more() -> None:
    shares = [
        float((lived(3, "rival.present=true", discount).today.session_choice == RIVAL).mean())
        for discount in ("rival.discount=0.0", "rival.discount=0.5")
    ]
    assert shares[0] < shares[1]
