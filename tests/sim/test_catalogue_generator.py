"""The generated catalogue has the stylised facts that it promises."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from scipy.stats import kstest

from sim.catalogue import Catalogue
from sim.catalogue_generator import generate_catalogue, pareto_sizes
from sim.settings.generated_commerce import GeneratedCatalogue
from sim.stylised_facts import pareto_exponent, top_share, zipf_exponent
from sim.vocabulary import CATEGORY_WORDS, MERCHANT_NAME_LIMIT, merchant_name


def make(seed: int = 1, **changes: object) -> Catalogue:
    return generate_catalogue(GeneratedCatalogue(**changes), np.random.default_rng(seed))


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return make()


def within(catalogue: Catalogue, values: np.ndarray) -> list[np.ndarray]:
    return [values[catalogue.category == c] for c in range(len(catalogue.category_names))]


def test_prices_are_log_normal_within_a_category(catalogue: Catalogue) -> None:
    groups = within(catalogue, np.log(catalogue.price))
    scores = np.concatenate([(g - g.mean()) / g.std(ddof=1) for g in groups if len(g) > 50])
    assert kstest(scores, "norm").pvalue > 0.01
    assert np.mean([g.std() for g in groups]) == pytest.approx(0.5, abs=0.03)


def test_a_log_normal_is_not_taken_for_granted(catalogue: Catalogue) -> None:
    groups = within(catalogue, catalogue.price.astype(float))
    scores = np.concatenate([(g - g.mean()) / g.std(ddof=1) for g in groups if len(g) > 50])
    assert kstest(scores, "norm").pvalue < 1e-6


def test_dear_goods_are_in_dear_categories(catalogue: Catalogue) -> None:
    dearness = {words.name: words.dearness for words in CATEGORY_WORDS}
    medians = [np.median(prices) for prices in within(catalogue, catalogue.price)]
    order = np.argsort([dearness[name] for name in catalogue.category_names])
    assert np.corrcoef(np.arange(len(order)), np.log(medians)[order])[0, 1] > 0.9


def test_every_merchant_and_every_category_has_a_listing() -> None:
    small = make(listings=40, merchants=40, categories=32, category_evenness=0.1)
    assert np.bincount(small.merchant, minlength=40).min() == 1
    assert np.bincount(small.category, minlength=32).min() >= 1


def test_merchant_sizes_have_a_long_tail(catalogue: Catalogue) -> None:
    size = np.bincount(catalogue.merchant)
    assert size.min() >= 1
    assert top_share(size, 0.1) > 0.5
    assert pareto_exponent(size, largest=50).exponent == pytest.approx(1.06, abs=0.15)
    even = np.bincount(make(merchant_size_tail=10.0).merchant)
    assert top_share(even, 0.1) < 0.2


def test_sales_at_list_prices_follow_zipfs_law() -> None:
    one = make(categories=1, zipf_exponent=1.1, price_worth=0.0)
    assert zipf_exponent(np.exp(one.appeal)) == pytest.approx(1.1, abs=0.02)


def test_appeal_makes_up_for_the_price_of_dear_listings(catalogue: Catalogue) -> None:
    def correlation(c: Catalogue) -> float:
        log_price = np.concatenate([g - g.mean() for g in within(c, np.log(c.price))])
        return float(np.corrcoef(log_price, np.concatenate(within(c, c.appeal)))[0, 1])

    assert correlation(catalogue) > 0.5
    assert abs(correlation(make(price_worth=0.0))) < 0.05


def test_appeal_has_mean_zero_within_each_category(catalogue: Catalogue) -> None:
    assert max(abs(values.mean()) for values in within(catalogue, catalogue.appeal)) < 1e-9


def test_quality_has_the_asked_mean_spread_and_correlation_with_price() -> None:
    made = make(listings=20_000, quality_price_correlation=0.6, quality_appeal_correlation=0.5)
    assert made.quality.min() >= 0.0
    assert made.quality.max() <= 1.0
    assert made.quality.mean() == pytest.approx(0.65, abs=0.01)
    assert made.quality.std() == pytest.approx(0.18, abs=0.01)
    log_price = np.concatenate([g - g.mean() for g in within(made, np.log(made.price))])
    quality = np.concatenate(within(made, made.quality))
    assert np.corrcoef(log_price, quality)[0, 1] == pytest.approx(0.6, abs=0.05)


def test_costs_leave_a_margin_within_the_asked_range(catalogue: Catalogue) -> None:
    margin = 1.0 - catalogue.unit_cost / catalogue.price
    rounding = 0.5 / catalogue.price
    assert (margin >= 0.2 - rounding).all()
    assert (margin <= 0.5 + rounding).all()


def test_styles_bring_attributes_closer_together() -> None:
    def mean_square_cosine(c: Catalogue) -> float:
        some = c.attributes[:800]
        return float(((some @ some.T) ** 2).mean())

    assert mean_square_cosine(make(style_focus=3.0)) > 1.5 * mean_square_cosine(
        make(style_focus=0.0)
    )


def test_attributes_are_unit_vectors(catalogue: Catalogue) -> None:
    assert np.linalg.norm(catalogue.attributes, axis=1) == pytest.approx(1.0, abs=1e-5)


def test_titles_name_a_thing_of_the_category_and_the_merchants_brand(catalogue: Catalogue) -> None:
    nouns = {words.name: words.nouns for words in CATEGORY_WORDS}
    for row in range(0, len(catalogue.title), 97):
        title = catalogue.title[row]
        category = catalogue.category_names[catalogue.category[row]]
        brand = catalogue.merchant_names[catalogue.merchant[row]].split()[0]
        assert any(noun in title for noun in nouns[category])
        assert title.endswith(brand)


def test_merchant_names_differ(catalogue: Catalogue) -> None:
    assert len(set(catalogue.merchant_names)) == 500
    assert len({merchant_name(m) for m in range(MERCHANT_NAME_LIMIT)}) == MERCHANT_NAME_LIMIT


def test_one_generator_state_gives_one_catalogue() -> None:
    first, second = (
        make(seed=3, listings=300, merchants=30),
        make(seed=3, listings=300, merchants=30),
    )
    assert first.title == second.title
    assert (first.price == second.price).all()
    assert (first.attributes == second.attributes).all()
    assert make(seed=4, listings=300, merchants=30).title != first.title


def test_a_setting_changes_only_what_it_is_about(catalogue: Catalogue) -> None:
    dearer = make(price_median=40.0)
    assert dearer.title == catalogue.title
    assert (dearer.attributes == catalogue.attributes).all()
    assert dearer.price / catalogue.price == pytest.approx(2.0, abs=0.02)


@given(st.integers(1, 60), st.integers(0, 500), st.floats(0.5, 10.0))
def test_sizes_sum_to_the_total_and_none_is_empty(count: int, more: int, tail: float) -> None:
    sizes = pareto_sizes(count + more, count, tail)
    assert sizes.sum() == count + more
    assert sizes.min() >= 1


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"listings": 10, "merchants": 11}, "merchants"),
        ({"listings": 10, "merchants": 5, "categories": 11}, "categories"),
        ({"margin_low": 0.6}, "margin_low"),
        ({"quality_mean": 0.95, "quality_sd": 0.4}, "quality_sd"),
        ({"quality_price_correlation": 0.9, "quality_appeal_correlation": 0.9}, "squares"),
        ({"listing": 10}, "listing"),
    ],
)
def test_settings_that_contradict_each_other_are_refused(changes: dict, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        GeneratedCatalogue(**changes)
