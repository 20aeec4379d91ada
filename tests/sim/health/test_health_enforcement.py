"""Indicators of enforcement, by hand: who is found, what is cured, what errors cost."""

import math
from types import SimpleNamespace

import numpy as np
import pytest

from sim.cases import Outcome
from sim.health import find
from sim.ledger import Owner, Purpose
from sim.sanctioning import Issuer, Measure, overturn
from sim.settings.deterrence import DeterrenceSettings


def value(market: SimpleNamespace, name: str) -> float:
    return find(name).measure(market)


def sanction(market: SimpleNamespace, **given: object) -> np.ndarray:
    plain = dict.fromkeys(market.sanctions.schema, 0) | {"day": 10, "finding": -1}
    return market.sanctions.append(**(plain | given))


def test_cheats_and_those_who_do_not_dare(market: SimpleNamespace) -> None:
    market.deterrence.could = np.array([True, True, False])
    market.deterrence.cheats = np.array([True, False, False])
    assert value(market, "cheating_share") == pytest.approx(1 / 3)
    assert value(market, "deterred_share") == 0.5
    market.books.is_open[1] = False
    assert value(market, "cheating_share") == 0.5
    assert value(market, "deterred_share") == 0.0


def test_the_perceived_chance_is_that_of_those_who_could_cheat(market: SimpleNamespace) -> None:
    assert math.isnan(value(market, "perceived_detection"))
    deterrence = DeterrenceSettings(model="expected_sanction", prior_detection=0.1, prior_days=10.0)
    market.settings.merchants = market.settings.merchants.model_copy(
        update={"deterrence": deterrence}
    )
    market.deterrence.could = np.array([True, True, False])
    evidence = market.deterrence.evidence
    evidence.days[1], evidence.sanctioned[1] = [0.0, 10.0, 10.0], [0.0, 9.0, 0.0]
    assert value(market, "perceived_detection") == pytest.approx((0.1 + 0.5) / 2)


def test_precision_and_recall_of_the_regulator_count_merchants(market: SimpleNamespace) -> None:
    market.deterrence.cheated_on = np.array([9, 10, -1])
    sanction(market, merchant=0)
    sanction(market, merchant=0, kind=Measure.FINE)
    sanction(market, merchant=2, wrongful=True)
    sanction(market, merchant=1, issuer=Issuer.PLATFORM)
    sanction(market, merchant=-1)
    assert value(market, "regulator_precision") == 0.5
    assert value(market, "regulator_recall") == 0.5
    market.day = 38
    assert math.isnan(value(market, "regulator_precision"))
    assert math.isnan(value(market, "regulator_recall"))


def test_cures_count_among_the_cases_that_were_looked_at_again(market: SimpleNamespace) -> None:
    plain = dict.fromkeys(market.cases.schema, 0)
    for day, closed_on, outcome in (
        (4, 6, Outcome.CURED),
        (4, 10, Outcome.CURED),
        (9, 10, Outcome.NOT_CURED),
        (9, 10, Outcome.LAPSED),
        (9, -1, Outcome.OPEN),
    ):
        market.cases.append(**(plain | {"day": day, "closed_on": closed_on, "outcome": outcome}))
    assert value(market, "cured_share") == pytest.approx(2 / 3)
    assert value(market, "cure_days") == 4.0


def test_what_wrongful_bans_cost_honest_merchants(market: SimpleNamespace) -> None:
    ban = {"kind": Measure.DELIST, "merchant": 1, "listing": 1, "days": 7}
    cost = {"sales": 500.0, "margin": 90.0}
    row = sanction(market, **ban, **cost, wrongful=True)
    sanction(market, **ban, **cost, wrongful=True, issuer=Issuer.PLATFORM)
    sanction(market, **(ban | {"merchant": 2, "listing": 2}), sales=1500.0, margin=300.0)
    assert value(market, "wrongful_sanctions") == 2.0
    assert value(market, "wrongful_bans") == 1.0
    assert value(market, "wrongful_lost_sales") == 5.0
    assert value(market, "wrongful_lost_margin") == 0.9
    assert value(market, "wrongful_cost_share") == 0.25
    market.day = 17  # the regulator's ban has ended, the platform's ends tomorrow
    assert value(market, "wrongful_lost_sales") == 5.0
    market.day = 18
    assert value(market, "wrongful_bans") == value(market, "wrongful_lost_sales") == 0.0
    market.day = 12
    market.books.other_cost = np.zeros(3, np.int64)
    overturn(market, np.concatenate([row, row + 1]))
    assert value(market, "wrongful_lost_margin") == 0.0


def test_closures_cost_the_whole_shop_and_demotions_no_place_on_sale(
    market: SimpleNamespace,
) -> None:
    closed = {"kind": Measure.CLOSE, "merchant": 0, "listing": -1, "wrongful": True}
    sanction(market, **closed, days=-1, sales=800.0)
    demoted = {"kind": Measure.DEMOTE, "merchant": 1, "listing": -1, "wrongful": True}
    sanction(market, **demoted, days=14, sales=100.0)
    assert value(market, "wrongful_bans") == 2.0
    assert value(market, "wrongful_lost_sales") == 9.0
    market.books.is_open[0] = False
    assert value(market, "wrongful_lost_sales") == 1.0


def test_money_that_goes_back(market: SimpleNamespace) -> None:
    ledger = market.ledger
    merchant, treasury = ledger.account(Owner.MERCHANT, 1), ledger.account(Owner.TREASURY)
    consumer, outside = ledger.account(Owner.CONSUMER, 3), ledger.account(Owner.OUTSIDE)
    ledger.transfer(10, merchant, treasury, 5_000, Purpose.FINE)
    ledger.transfer(10, treasury, merchant, 2_000, Purpose.FINE)
    ledger.transfer(10, merchant, consumer, 300, Purpose.RESTITUTION)
    ledger.transfer(10, outside, merchant, 200, Purpose.RESTITUTION)
    assert value(market, "fines_paid_back") == 20.0
    assert value(market, "restitution") == 3.0
    market.today.inspections = 7
    assert value(market, "inspections") == 7.0
