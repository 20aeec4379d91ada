"""Merchants weigh what cheating brings against the sanction that they expect (Becker 1968)."""

from functools import cache
from itertools import pairwise

import numpy as np
import pytest

from experiments.running import resolve
from policies.observations import RUNNING, Sanction, SanctionObservation
from scenarios.build import build
from sim.market import Marketplace
from sim.merchants.deterrence import (
    CHEATING,
    HONEST,
    Evidence,
    chance_of_detection,
    expected_cost,
    learn,
)
from sim.settings.deterrence import DeterrenceSettings

FORGETFUL_NEVER = 36_500.0


def settings(**given: object) -> DeterrenceSettings:
    plain = {"peers": 0.0, "forgetting_days": FORGETFUL_NEVER, "prior_days": 30.0}
    return DeterrenceSettings(model="expected_sanction", **(plain | given))


def lived_through(
    days: int, cheats: list[bool], struck: list[bool], cost: float, own: DeterrenceSettings
) -> Evidence:
    evidence = Evidence.none(len(cheats))
    hit = np.array(struck)
    for _ in range(days):
        learn(evidence, np.array(cheats), np.ones(len(cheats), np.bool_), hit, hit * cost, own)
    return evidence


NOBODY = np.zeros(3, np.bool_)


def test_without_experience_the_prior_is_believed() -> None:
    own = settings(prior_detection=0.02, prior_sanction=50.0)
    none = Evidence.none(3)
    assert chance_of_detection(none, own).tolist() == pytest.approx([0.02] * 3)
    assert expected_cost(none, NOBODY, own).tolist() == pytest.approx([100.0] * 3)
    assert chance_of_detection(none, settings(prior_days=0.0)).tolist() == [0.0] * 3


def test_own_experience_moves_the_belief_towards_what_happens() -> None:
    own = settings(prior_detection=0.02, prior_sanction=50.0)
    seen = lived_through(30, [True, True, False], [True, False, False], 900.0, own)
    chance = chance_of_detection(seen, own)
    assert chance == pytest.approx([(0.6 + 30) / 60, 0.6 / 60, 0.02], rel=1e-3)
    cost = expected_cost(seen, NOBODY, own)
    assert cost == pytest.approx([(3000 + 27_000) / 60, 3000 / 60, 100.0], rel=1e-3)


def test_what_befalls_others_counts_as_far_as_one_hears_of_it() -> None:
    own = settings(prior_detection=0.0, peers=1.0)
    seen = lived_through(10, [True, True, True], [True, False, False], 900.0, own)
    # Each hears of one of two others a day: the first of nobody struck, the others of half of them.
    assert seen.days[CHEATING].tolist() == pytest.approx([20.0] * 3, rel=1e-3)
    assert seen.sanctioned[CHEATING].tolist() == pytest.approx([10.0, 5.0, 5.0], rel=1e-3)
    assert seen.cost[CHEATING].tolist() == pytest.approx([9000.0, 4500.0, 4500.0], rel=1e-3)
    deaf = lived_through(10, [True] * 3, [True, False, False], 900.0, settings(peers=0.0))
    assert deaf.sanctioned[CHEATING].tolist() == pytest.approx([10.0, 0.0, 0.0], rel=1e-3)


def test_evidence_is_forgotten_with_its_half_life() -> None:
    own = settings(forgetting_days=5.0)
    evidence = lived_through(1, [True] * 3, [True] * 3, 900.0, own)
    closed = np.zeros(3, np.bool_)
    for _ in range(5):
        learn(evidence, closed, closed, closed, np.zeros(3), own)
    assert evidence.days[CHEATING].tolist() == pytest.approx([0.5] * 3)
    assert evidence.cost[CHEATING].tolist() == pytest.approx([450.0] * 3)


def test_wrongful_sanctions_weaken_deterrence() -> None:
    own = settings(prior_detection=0.1, prior_sanction=50.0)
    evidence = Evidence.none(3)
    evidence.cost[HONEST], evidence.days[HONEST] = [0.0, 6000.0, 60_000.0], 30.0
    cost = expected_cost(evidence, NOBODY, own)
    assert cost.tolist() == pytest.approx([500.0, 400.0, -500.0])


def test_an_open_case_makes_detection_certain() -> None:
    own = settings(prior_detection=0.01, prior_sanction=50.0)
    cost = expected_cost(Evidence.none(3), np.array([True, False, False]), own)
    assert cost.tolist() == pytest.approx([5000.0, 50.0, 50.0])


def test_newcomers_start_from_the_prior() -> None:
    own = settings(prior_detection=0.02)
    evidence = lived_through(30, [True], [True], 900.0, own)
    evidence.grow(3)
    assert chance_of_detection(evidence, own).tolist()[1:] == pytest.approx([0.02] * 2)


TOWN = (
    "roads.rows=5",
    "roads.columns=5",
    "couriers.count=0",
    "delivery.addresses=15",
    "commerce.generated.listings=150",
    "commerce.generated.merchants=50",
    "commerce.generated.categories=3",
    "commerce.population.visits_per_day=1.0",
    "consumers.count=400",
    "consumers.response.community=40",
    "merchants.strategies={cost_plus = 1.0}",
    "merchants.unlimited_stock=true",
    "merchants.entry_rate=0.0",
    "merchants.grace_days=365",
    "merchants.misconduct.counterfeit_share=0.0",
    "merchants.misconduct.fake_list_price_share=0.6",
    "merchants.misconduct.bait_share=0.0",
    "merchants.misconduct.bought_review_share=0.0",
    "merchants.misconduct.below_cost_share=0.0",
    "policies.rules={false_discount = {}}",
    'policies.fraud={name = "none"}',
    'policies.subsidy={name = "none"}',
    'policies.recommendation={name = "popularity"}',
    "events=[]",
    'merchants.deterrence.model="expected_sanction"',
    "merchants.deterrence.prior_detection=0.0",
)
"""Fifty merchants, six in ten of whom would tell false discounts; nobody gives up."""


def market_of(*overrides: str) -> Marketplace:
    scenario, folder = resolve("tiny", overrides=(*TOWN, *overrides))
    return build(scenario, folder=folder)


class Fines:
    """Fines every merchant that is found, at once and by one amount."""

    family = "sanctions"
    name = "fines"

    def __init__(self, cents: int) -> None:
        self.cents = cents

    def sanction(self, observation: SanctionObservation) -> tuple[Sanction, ...]:
        found = {
            one.merchant: one
            for one, stage in zip(observation.findings, observation.stage, strict=True)
            if stage != RUNNING
        }
        return tuple(
            Sanction(merchant, one.listing, "fine", one.rule, 0, self.cents, 1, one.evidence)
            for merchant, one in sorted(found.items())
        )


DAYS = 70


@cache
def cheating(inspections: int | None, fine: float) -> tuple[float, float]:
    """Share of merchant-days after the first month spent cheating, and on the last of the days.

    Of the merchants that could cheat and have customers, under one luck.
    """
    market = market_of(
        *(() if inspections is None else (f"regulator.inspections_per_day={inspections}",)),
        "regulator.risk_share=0.0",
    )
    market.policies.sanctions = Fines(round(fine * 100))
    days = []
    for _ in range(DAYS):
        market.step()
        days.append(market.deterrence.cheats.copy())
    sales = np.bincount(market.listings.merchant, market.listings.units_sold, minlength=50)
    could = market.deterrence.could & (sales > 0)
    assert could.sum() > 15
    share = np.array(days)[:, could].mean(axis=1)
    return float(share[30:].mean()), float(share[-1])


INSPECTIONS = (1, 10, 50, None)
FINES = (1.0, 20.0, 400.0)


@pytest.mark.parametrize(("fine", "fall"), [(1.0, 0.15), (20.0, 0.5), (400.0, 0.01)])
def test_misconduct_falls_as_inspections_rise(fine: float, fall: float) -> None:
    shares = [cheating(inspections, fine)[0] for inspections in INSPECTIONS]
    assert all(few >= many for few, many in pairwise(shares))
    assert shares[0] > shares[-1] + fall


@pytest.mark.parametrize("inspections", INSPECTIONS)
def test_misconduct_falls_as_fines_rise(inspections: int | None) -> None:
    shares = [cheating(inspections, fine)[0] for fine in FINES]
    assert all(low > high for low, high in pairwise(shares))
    assert shares[0] > shares[-1] + 0.6


def test_with_certain_detection_and_a_fine_above_the_gain_nobody_cheats_in_the_end() -> None:
    assert cheating(None, 5000.0)[1] == 0.0


@pytest.mark.parametrize(("inspections", "fine"), [(0, 400.0), (None, 0.0)])
def test_without_enforcement_everybody_who_could_cheats(
    inspections: int | None, fine: float
) -> None:
    assert cheating(inspections, fine) == (1.0, 1.0)


def test_the_ladder_deters_too_and_honest_merchants_cheat_in_no_case() -> None:
    free = market_of('policies.sanctions={name = "none"}')
    ruled = market_of()
    for _ in range(60):
        free.step()
        ruled.step()
    assert free.health.latest()["deterred_share"] == 0.0
    assert ruled.health.latest()["deterred_share"] > 0.8
    assert not (ruled.deterrence.cheats & ~ruled.deterrence.could).any()
    assert ruled.health.latest()["perceived_detection"] > 0.05


def test_after_a_lift_of_enforcement_misconduct_comes_back() -> None:
    lifted = 'events=[{kind = "change", day = 40, key = "policies.sanctions.name", value = "none"}]'
    market = market_of(lifted, "merchants.deterrence.forgetting_days=20")
    shares = []
    for _ in range(140):
        market.step()
        shares.append(market.health.latest()["cheating_share"])
    assert min(shares[20:40]) < 0.1
    assert shares[-1] > 0.4


def test_by_the_simpler_model_a_culprit_is_deterred_for_a_while() -> None:
    market = market_of(
        'merchants.deterrence.model="after_sanction"', "regulator.deterrence_days=25"
    )
    for _ in range(20):
        market.step()
    culprits = market.sanctions["merchant"][~market.sanctions["wrongful"]]
    assert len(culprits) > 0
    until = {market.merchants[row].deterred_until for row in culprits.tolist()}
    assert min(until) >= 25
    assert max(until) <= 19 + 25


def test_a_day_of_thousands_adds_up() -> None:
    own = settings(peers=10.0)
    merchants = 20_000
    evidence, luck = Evidence.none(merchants), np.random.default_rng(1)
    cheats, struck = luck.random(merchants) < 0.3, luck.random(merchants) < 0.01
    everybody = np.ones(merchants, np.bool_)
    learn(evidence, cheats, everybody, struck, struck * 900.0, own)
    assert evidence.days.sum() == pytest.approx(merchants * 21.0)
