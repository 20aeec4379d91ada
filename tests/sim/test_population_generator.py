"""Generated consumers have the stylised facts that they promise."""

import numpy as np
import pytest
from pydantic import ValidationError

from sim.catalogue import Catalogue, Population
from sim.catalogue_generator import generate_catalogue
from sim.population_generator import generate_population
from sim.settings.generated_commerce import ConsumerGroup, GeneratedCatalogue, GeneratedPopulation
from sim.stylised_facts import top_share


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return generate_catalogue(GeneratedCatalogue(), np.random.default_rng(1))


def make(catalogue: Catalogue, n: int = 20_000, seed: int = 2, **changes: object) -> Population:
    return generate_population(
        GeneratedPopulation(**changes), catalogue, n, np.random.default_rng(seed)
    )


@pytest.fixture(scope="module")
def population(catalogue: Catalogue) -> Population:
    return make(catalogue)


def test_a_few_consumers_make_most_visits(catalogue: Catalogue, population: Population) -> None:
    assert population.visits_per_day.mean() == pytest.approx(0.05, rel=0.05)
    assert top_share(population.visits_per_day, 0.1) > 0.4
    alike = make(catalogue, activity_shape=50.0)
    assert top_share(alike.visits_per_day, 0.1) < 0.15


def test_category_shares_gather_around_what_is_listed(
    catalogue: Catalogue, population: Population
) -> None:
    assert population.category_share.sum(axis=1) == pytest.approx(1.0, abs=1e-5)
    listed = np.bincount(catalogue.category) / len(catalogue.category)
    assert population.category_share.mean(axis=0) == pytest.approx(listed, abs=0.01)
    narrow = make(catalogue, category_concentration=0.5).category_share.max(axis=1).mean()
    assert narrow > population.category_share.max(axis=1).mean() > 0.1


def test_even_the_narrowest_consumers_shop_somewhere(catalogue: Catalogue) -> None:
    narrow = make(catalogue, category_concentration=0.1)
    assert np.isfinite(narrow.category_share).all()
    assert narrow.category_share.sum(axis=1) == pytest.approx(1.0, abs=1e-5)


def test_tastes_lean_towards_what_is_on_sale(catalogue: Catalogue, population: Population) -> None:
    def best_match(p: Population) -> float:
        return float((p.taste[:500] @ catalogue.attributes.T).max(axis=1).mean())

    assert np.linalg.norm(population.taste, axis=1) == pytest.approx(1.0, abs=1e-5)
    assert best_match(population) > best_match(make(catalogue, taste_focus=0.0)) + 0.05


def test_means_and_medians_are_those_asked_for(population: Population) -> None:
    assert population.lines_per_visit.mean() == pytest.approx(1.4, abs=0.02)
    assert population.lines_per_visit.min() >= 1.0
    assert population.repeat_share.mean() == pytest.approx(0.3, abs=0.01)
    middle = population.group == 1
    assert np.median(population.income[middle]) == pytest.approx(3000, rel=0.05)
    assert np.median(population.price_sensitivity[middle]) == pytest.approx(2.6, rel=0.05)


def test_groups_differ_as_the_settings_say(population: Population) -> None:
    share = np.bincount(population.group, minlength=3) / len(population.group)
    assert share == pytest.approx([0.3, 0.5, 0.2], abs=0.02)
    income = [np.median(population.income[population.group == g]) for g in range(3)]
    assert np.array(income) / income[1] == pytest.approx([0.6, 1.0, 1.8], rel=0.1)
    sensitivity = [np.median(population.price_sensitivity[population.group == g]) for g in range(3)]
    assert np.array(sensitivity) / sensitivity[1] == pytest.approx([1.25, 1.0, 0.8], rel=0.05)


def test_profiles_are_scaled_to_a_week_and_a_day(catalogue: Catalogue) -> None:
    made = make(catalogue, n=1, weekday_profile=[0, 0, 0, 0, 0, 2, 2], hour_profile=[3.0] * 24)
    assert made.weekday_profile.tolist() == [0, 0, 0, 0, 0, 3.5, 3.5]
    assert made.hour_profile == pytest.approx(1 / 24)


def test_a_larger_population_begins_with_the_smaller_one(
    catalogue: Catalogue, population: Population
) -> None:
    # 70,000 crosses a block boundary of the widest columns.
    larger = make(catalogue, n=70_000)
    for name in ("visits_per_day", "category_share", "taste", "income", "price_sensitivity"):
        assert (getattr(larger, name)[:20_000] == getattr(population, name)).all(), name


def test_a_population_needs_a_consumer(catalogue: Catalogue) -> None:
    with pytest.raises(ValueError, match="at least 1 consumer"):
        make(catalogue, n=0)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"groups": [ConsumerGroup(name="all", share=0.5)]}, "sum to 1"),
        ({"groups": [ConsumerGroup(name="a", share=0.5)] * 2}, "names must differ"),
        ({"hour_profile": [0.0] * 24}, "hour_profile"),
        ({"weekday_profile": [1.0] * 6}, "weekday_profile"),
        ({"visits_per_day": 0.0}, "visits_per_day"),
    ],
)
def test_settings_that_make_no_population_are_refused(changes: dict, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        GeneratedPopulation(**changes)
