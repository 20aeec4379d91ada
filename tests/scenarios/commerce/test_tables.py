"""A shop's own tables are read as they are, or refused with the place and the reason."""

from __future__ import annotations

import csv
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.commerce.faults import CommerceError, RejectedRowsError
from scenarios.commerce.learn import Assumptions
from scenarios.commerce.store import load
from scenarios.commerce.tables import import_tables

HEADER = ("item_id", "title", "category", "price", "merchant_id")


def read(shop: Any, **options: Any) -> Any:
    import_tables(shop.items, shop.interactions, shop.out, **options)
    return load(shop.out)


def rejected(shop: Any) -> list[dict[str, str]]:
    with pytest.raises(RejectedRowsError):
        read(shop)
    assert not shop.out.exists()
    with (shop.folder / "imported.rejected.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_items_become_listings_as_they_are(shop: Any) -> None:
    catalogue = read(shop).catalogue()
    assert catalogue.title == ("Copper kettle", "Steel kettle", "Green tea", "Black tea")
    assert catalogue.price.tolist() == [4000, 2000, 500, 450]
    assert catalogue.category_names == ("kitchen", "drinks")
    assert catalogue.category.tolist() == [0, 0, 1, 1]
    assert catalogue.merchant_names == ("hestia", "tamar", "orla")
    assert catalogue.merchant.tolist() == [0, 0, 1, 2]
    assert catalogue.unit_cost.tolist() == [2800, 1400, 350, 315]
    assert catalogue.image is None


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_delimiters_and_byte_order_marks_are_recognised(
    shop: Any, delimiter: str, encoding: str
) -> None:
    rows = [("a;1", "Tee, grün", "d\tk", "5.5", "m")]
    shop.write_items(rows, delimiter=delimiter, encoding=encoding)
    shop.write_interactions([("u", "a;1", "2024-01-01")], delimiter=delimiter, encoding=encoding)
    imported = read(shop)
    assert imported.item_id == ("a;1",)
    assert imported.catalogue().title == ("Tee, grün",)
    assert imported.catalogue().price.tolist() == [550]


def test_columns_are_mapped_for_both_tables_or_for_one(shop: Any) -> None:
    shop.write_items(
        [("k", "Kessel", "Küche", "9.00", "m")], header=("sku", "name", "gruppe", "preis", "shop")
    )
    shop.write_interactions([("u", "k", "2024-01-01")], header=("kunde", "artikel", "zeit"))
    names = {
        "items.item_id": "sku",
        "interactions.item_id": "artikel",
        "title": "name",
        "category": "gruppe",
        "price": "preis",
        "merchant_id": "shop",
        "user_id": "kunde",
        "timestamp": "zeit",
    }
    assert read(shop, columns=names).catalogue().price.tolist() == [900]


@pytest.mark.parametrize(
    ("cell", "second"),
    [
        ("2024-03-04T09:15:00", 9 * 3600 + 900),
        ("2024-03-04 09:15", 9 * 3600 + 900),
        ("2024-03-04T09:15:00+05:00", 9 * 3600 + 900),
        ("2024-03-04T09:15:00Z", 9 * 3600 + 900),
        ("20240304", 0),
        ("2024-03-04", 0),
        ("1709543700", 9 * 3600 + 900),
        ("1709543700.25", 9 * 3600 + 900),
        ("1709543700000", 9 * 3600 + 900),
    ],
)
def test_times_are_read_on_the_shops_own_clock(shop: Any, cell: str, second: int) -> None:
    shop.write_interactions([("u", "k1", cell)])
    imported = read(shop)
    assert imported.summary.first_day == "2024-03-04"
    profile = imported.population().hour_profile
    if second:
        assert np.argmax(profile) == 9
    else:
        assert any("no times of day" in line for line in imported.summary.assumed)


@pytest.mark.parametrize(
    ("header", "extra", "expected"),
    [
        (("image",), ("1 2 3", "[4, 5, 6]", "7;8;9", "1,0,-1e2"), [1.0, 2.0, 3.0]),
        (("image_0", "image_1"), (("0.5", "1"),) * 4, [0.5, 1.0]),
    ],
)
def test_image_vectors_come_in_one_cell_or_in_columns(
    shop: Any, header: tuple, extra: tuple, expected: list[float]
) -> None:
    rows = [
        (f"i{n}", "t", "c", "1", "m", *(cell if isinstance(cell, tuple) else (cell,)))
        for n, cell in enumerate(extra)
    ]
    shop.write_items(rows, header=(*HEADER, *header))
    shop.write_interactions([("u", "i0", "2024-01-01")])
    image = read(shop).catalogue().image
    assert image.dtype == np.float32
    assert image[0].tolist() == expected


def test_costs_ratings_stars_quantities_and_texts_are_read(shop: Any) -> None:
    shop.write_items(
        [("a", "A", "c", "10", "m", "4.005"), ("b", "B", "c", "10", "m", "")],
        header=(*HEADER, "cost"),
    )
    rows = [("u", "a", "2024-01-01", "5", "", "3", "8.00", "lovely")] * 20
    rows += [("v", "b", "2024-01-02", "1", "", "", "", "")] * 20
    rows += [("w", "b", "2024-01-02", "5", "0.0", "1", "10.00", "bad")]
    header = (
        "user_id",
        "item_id",
        "timestamp",
        "stars",
        "rating",
        "quantity",
        "price_paid",
        "text",
    )
    shop.write_interactions(rows, header=header)
    imported = read(shop)
    catalogue = imported.catalogue()
    assert catalogue.unit_cost.tolist() == [400, 700]
    assert catalogue.quality[0] > 0.85
    assert catalogue.quality[1] < 0.15
    assert imported.reviews.text == ("lovely",) * 20 + ("bad",)
    assert imported.reviews.listing.tolist() == [0] * 20 + [1]
    # u paid 20 x 3 x 8.00 in two days; income is twice the spending a day.
    assert imported.population().income[0] == 2 * 20 * 3 * 800 // 2


BAD_ITEMS = [
    ("", "title", "is missing"),
    ("", "price", "is missing"),
    ("twelve", "price", "is not a number"),
    ("-3", "price", "must be above 0"),
    ("0", "price", "must be above 0"),
    ("0.004", "price", "is below one cent"),
    ("nan", "price", "is not a finite number"),
    ("1e999", "price", "is not a finite number"),
    ("1e12", "price", "must be at most 1,000,000,000"),
    ("1,234.50", "price", "has a thousands separator or a decimal comma"),
    ("12,50", "price", "has a thousands separator or a decimal comma"),
    ("1'234", "price", "has a thousands separator or a decimal comma"),
    ("€12.50", "price", "has a currency sign"),
    ("12.50 EUR", "price", "has a currency sign"),
    ("t1", "item_id", "occurs twice"),
]


@pytest.mark.parametrize(("cell", "column", "reason"), BAD_ITEMS)
def test_a_bad_item_is_told_with_line_column_value_and_reason(
    shop: Any, cell: str, column: str, reason: str
) -> None:
    bad = ["x9", "Cup", "kitchen", "3.00", "hestia"]
    bad[HEADER.index(column)] = cell
    shop.write_items([("t1", "Tea", "drinks", "5", "tamar"), bad])
    shop.write_interactions([("u", "t1", "2024-01-01")])
    (row,) = rejected(shop)
    assert (row["file"], row["line"], row["column"]) == ("items.csv", "3", column)
    assert row["value"] == cell
    assert row["reason"] == reason


BAD_INTERACTIONS = [
    ("user_id", "", "is missing"),
    ("item_id", "k9", "is no item of the table of items"),
    ("timestamp", "yesterday", "is no time"),
    ("timestamp", "2024-13-01", "is no time"),
    ("timestamp", "0", "lies outside the years 1990 to 2099"),
    ("rating", "1.2", "must be at most 1"),
    ("rating", "nan", "is not a finite number"),
    ("stars", "0", "must be at least 1"),
    ("stars", "6", "must be at most 5"),
    ("quantity", "0", "must be at least 1"),
    ("quantity", "1.5", "must be a whole number"),
    ("price_paid", "-1", "must be at least 0"),
]


@pytest.mark.parametrize(("column", "cell", "reason"), BAD_INTERACTIONS)
def test_a_bad_interaction_is_told_with_line_column_value_and_reason(
    shop: Any, column: str, cell: str, reason: str
) -> None:
    header = ("user_id", "item_id", "timestamp", "rating", "stars", "quantity", "price_paid")
    good = ["u", "k1", "2024-01-01", "0.5", "3", "1", "2.00"]
    bad = list(good)
    bad[header.index(column)] = cell
    shop.write_interactions([good, bad, good], header=header)
    (row,) = rejected(shop)
    assert (row["file"], row["line"], row["column"]) == ("interactions.csv", "3", column)
    assert (row["value"], row["reason"]) == (cell, reason)


def test_the_nearest_item_is_suggested(shop: Any) -> None:
    shop.write_interactions([("u", "k1", "2024-01-01"), ("u", "K2", "2024-01-01")])
    (row,) = rejected(shop)
    assert row["hint"] == "did you mean 'k2'?"


def test_lines_are_those_of_the_file_despite_newlines_in_cells(shop: Any) -> None:
    shop.items.write_text(
        "item_id,title,category,price,merchant_id\n"
        'k1,"Copper\nkettle",kitchen,40,hestia\n'
        "\n"
        "k2,Steel kettle,kitchen,free,hestia\n"
        "k3,too,few\n"
    )
    shop.write_interactions([("u", "k1", "2024-01-01")])
    assert [(row["line"], row["reason"]) for row in rejected(shop)] == [
        ("5", "is not a number"),
        ("6", "wrong number of cells"),
    ]


def test_all_bad_cells_of_both_files_are_told_at_once(shop: Any) -> None:
    shop.write_items([("k1", "", "kitchen", "x", "hestia"), ("k2", "A", "c", "1", "m")])
    shop.write_interactions([("", "k2", "2024-01-01"), ("u", "k2", "2024-01-01")])
    with pytest.raises(RejectedRowsError) as error:
        read(shop)
    assert [row.column for row in error.value.rows] == ["title", "price", "user_id"]
    message = str(error.value)
    assert message.startswith("2 rows cannot be imported:")
    assert "items.csv, line 2: price = 'x': is not a number" in message
    assert "--skip-bad-rows" in message


def test_a_long_list_of_faults_is_cut_in_the_message_only(shop: Any) -> None:
    shop.write_interactions([("u", "k1", "never")] * 50 + [("u", "k1", "2024-01-01")])
    with pytest.raises(RejectedRowsError, match="and 30 more") as error:
        read(shop)
    assert str(error.value).count("is no time") == 20
    assert len(rejected(shop)) == 50


def test_skipping_imports_the_good_rows_and_lists_the_others(shop: Any) -> None:
    shop.write_items(
        [
            ("k1", "Kettle", "kitchen", "40", "hestia"),
            ("k2", "Pan", "kitchen", "?", "hestia"),
            ("t1", "Tea", "drinks", "5", "tamar"),
        ]
    )
    shop.write_interactions(
        [
            ("u", "k1", "2024-01-01"),
            ("u", "k2", "2024-01-01"),
            ("u", "t1", "soon"),
            ("v", "t1", "2024-01-05"),
        ]
    )
    imported = read(shop, on_bad_row="skip")
    assert imported.item_id == ("k1", "t1")
    summary = imported.summary
    assert summary.rows_read == {"items.csv": 2, "interactions.csv": 2}
    assert summary.rows_rejected == {"items.csv": 1, "interactions.csv": 2}
    with (shop.out / "rejected.csv").open(encoding="utf-8", newline="") as file:
        reasons = [(row["line"], row["reason"]) for row in csv.DictReader(file)]
    assert reasons == [
        ("3", "is not a number"),
        ("3", "names an item whose own row was rejected"),
        ("4", "is no time"),
    ]
    text = str(summary)
    assert "items.csv: 2 rows read, 1 rejected" in text
    assert "1 × interactions.csv: timestamp: is no time" in text


cells = st.sampled_from(
    ["", "k1", "k2", "zz", "2024-01-01", "1704067200", "3.5", "-1", "nan", 'a"b', "x\ny", "é"]
)


@settings(max_examples=60)
@given(st.lists(st.lists(cells, min_size=2, max_size=4), max_size=12))
def test_rows_read_and_rejected_are_all_the_rows_of_the_file(rows: list[list[str]]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        items, interactions = folder / "items.csv", folder / "interactions.csv"
        items.write_text(
            "item_id,title,category,price,merchant_id\nk1,A,c,1,m\nk2,B,c,2,m\n", encoding="utf-8"
        )
        with interactions.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["user_id", "item_id", "timestamp"])
            writer.writerows([["u", "k1", "2024-01-01"], *rows])
        summary = import_tables(items, interactions, folder / "out", on_bad_row="skip")
        count = summary.rows_read["interactions.csv"] + summary.rows_rejected["interactions.csv"]
        assert count == 1 + len(rows)


def fault(shop: Any, **options: Any) -> str:
    with pytest.raises(CommerceError) as error:
        read(shop, **options)
    assert not isinstance(error.value, RejectedRowsError)
    assert not shop.out.exists()
    return str(error.value)


def test_a_missing_column_is_told_with_the_nearest_one(shop: Any) -> None:
    shop.write_items(header=("item_id", "title", "category", "prise", "merchant_id"))
    message = fault(shop)
    assert "items.csv: column 'price' is missing: did you mean 'prise'?" in message
    assert "--column price=NAME" in message


def test_missing_columns_of_both_files_are_told_at_once(shop: Any) -> None:
    shop.write_items(header=("item_id", "title", "category", "cents", "merchant_id"))
    shop.write_interactions(header=("who", "item_id", "timestamp"))
    message = fault(shop)
    assert "column 'price' is missing" in message
    assert "column 'user_id' is missing" in message


def test_a_mapped_column_that_is_not_there_is_told(shop: Any) -> None:
    assert "column 'preis' (mapped to price) is missing" in fault(shop, columns={"price": "preis"})
    message = fault(shop, columns={"cost": "einkauf"})
    assert "column 'einkauf' (mapped to cost) is missing" in message


def test_a_mapping_of_an_unknown_column_is_told(shop: Any) -> None:
    assert "did you mean 'price'?" in fault(shop, columns={"prize": "title"})
    assert "no such column" in fault(shop, columns={"goods.price": "title"})
    assert "no such column" in fault(shop, columns={"items.user_id": "title"})


def test_a_column_that_occurs_twice_is_told(shop: Any) -> None:
    shop.write_items(
        [(*row, "1") for row in [("k1", "A", "c", "1", "m")]], header=(*HEADER, "price")
    )
    assert "column 'price' occurs 2 times" in fault(shop)


def test_an_empty_file_and_one_without_rows_are_told(shop: Any) -> None:
    shop.write_interactions([])
    assert "no rows below the header" in fault(shop)
    shop.items.write_text("")
    assert "items.csv: the file is empty" in fault(shop)


def test_a_missing_file_is_told(shop: Any) -> None:
    shop.items.unlink()
    assert "cannot be read: No such file or directory" in fault(shop)


def test_another_encoding_is_told_with_the_byte(shop: Any) -> None:
    shop.items.write_bytes(b"item_id,title,category,price,merchant_id\nk1,K\xfcche,c,1,m\n")
    message = fault(shop)
    assert "byte 0xfc at byte position 45 (line 2)" in message
    assert "UTF-8" in message
    shop.items.write_bytes("item_id,title".encode("utf-16"))
    assert "the file is UTF-16" in fault(shop)


def test_a_quote_that_is_never_closed_is_told_with_its_line(shop: Any) -> None:
    shop.items.write_text(
        'item_id,title,category,price,merchant_id\nk1,A,c,1,m\nk2,"B,c,1,m\nk3,C,c,1,m\n'
    )
    assert "begins on line 3 opens a quote that is never closed" in fault(shop)


def test_interactions_of_another_shop_are_refused_even_when_skipping(shop: Any) -> None:
    shop.write_interactions([("u", "zzz", "2024-01-01")])
    with pytest.raises(RejectedRowsError, match="no row names an item of the table of items"):
        read(shop, on_bad_row="skip")


def test_a_table_without_a_good_row_is_refused_even_when_skipping(shop: Any) -> None:
    shop.write_items([("k1", "A", "c", "free", "m")])
    with pytest.raises(RejectedRowsError, match="none of its rows can be imported") as refused:
        read(shop, on_bad_row="skip")
    assert "line 2: price = 'free'" in str(refused.value)


def test_where_every_row_is_bad_every_row_is_listed(shop: Any) -> None:
    shop.write_items([(f"k{n}", "A", "c", "1,50", "m") for n in range(30)])
    assert [row["line"] for row in rejected(shop)] == [str(n + 2) for n in range(30)]


def test_one_star_is_never_read_as_the_best_rating(shop: Any) -> None:
    header = ("user_id", "item_id", "timestamp", "rating")
    rows = [("u", "k1", "2024-01-01", stars) for stars in ("1", "5", "3", "1", "")]
    shop.write_interactions(rows, header=header)
    with pytest.raises(RejectedRowsError, match="--column stars=NAME") as refused:
        read(shop)
    assert [row.line for row in refused.value.rows] == [2, 3, 4, 5]


def test_an_existing_folder_is_kept_unless_it_may_be_replaced(shop: Any) -> None:
    first = read(shop).content_hash()
    with pytest.raises(CommerceError, match="exists already"):
        read(shop)
    shop.write_interactions([("u", "k1", "2024-01-01")])
    assert read(shop, overwrite=True).content_hash() != first
    assert sorted(path.name for path in shop.folder.iterdir()) == [
        "imported",
        "interactions.csv",
        "items.csv",
    ]


def test_a_folder_that_is_no_import_is_never_replaced(shop: Any) -> None:
    shop.out.mkdir()
    (shop.out / "thesis.txt").write_text("years of work")
    with pytest.raises(CommerceError, match="is not an earlier import"):
        read(shop, overwrite=True)
    assert (shop.out / "thesis.txt").read_text() == "years of work"


def test_a_failure_while_writing_leaves_no_folder(
    shop: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("scenarios.commerce.store.json.dumps", full)
    with pytest.raises(CommerceError, match="cannot be written: disk full"):
        read(shop)
    assert sorted(path.name for path in shop.folder.iterdir()) == ["interactions.csv", "items.csv"]


def test_two_imports_give_equal_bytes(shop: Any) -> None:
    shop.write_large(users=40, items=24, lines=400)
    files = []
    for name in ("one", "two"):
        shop.out = shop.folder / name
        read(shop)
        files.append({path.name: path.read_bytes() for path in sorted(shop.out.iterdir())})
    assert files[0] == files[1]
    assert set(files[0]) == {
        "commerce.json",
        "consumers.parquet",
        "history.parquet",
        "items.parquet",
    }


def test_users_are_not_named_in_what_is_kept(shop: Any) -> None:
    shop.write_interactions([("ann@example.org", "k1", "2024-01-01")])
    read(shop)
    assert all(b"ann@example.org" not in path.read_bytes() for path in shop.out.iterdir())


def test_unused_columns_and_rounded_prices_are_noted(shop: Any) -> None:
    shop.write_items([("k1", "A", "c", "1.239", "m", "red")], header=(*HEADER, "colour"))
    shop.write_interactions([("u", "k1", "2024-01-01")])
    notes = "\n".join(read(shop).summary.notes)
    assert "items.csv: columns not used: colour" in notes
    assert "1 prices have more than two decimals" in notes


def test_small_categories_beyond_the_limit_become_one(shop: Any) -> None:
    shop.write_items([(f"i{n}", "t", f"c{n}", "1", "m") for n in range(5)])
    shop.write_interactions([("u", f"i{n}", "2024-01-01") for n in range(5) for _ in range(n + 1)])
    imported = read(shop, assumptions=Assumptions(max_categories=3))
    assert "the 3 least selling categories are one, 'other'" in imported.summary.assumed
    catalogue = imported.catalogue()
    assert catalogue.category_names == ("c3", "c4", "other")
    assert catalogue.category.tolist() == [2, 2, 2, 0, 1]


def test_only_the_best_selling_items_are_kept_when_asked(shop: Any) -> None:
    shop.write_items([(f"i{n}", "t", f"c{n}", "1", f"m{n}") for n in range(5)])
    shop.write_interactions([("u", f"i{n}", "2024-01-01") for n in range(5) for _ in range(n + 1)])
    imported = read(shop, assumptions=Assumptions(max_items=2))
    assert imported.item_id == ("i3", "i4")
    assert imported.catalogue().merchant_names == ("m3", "m4")
    # Baskets are those of the shop, with all its items.
    assert imported.population().lines_per_visit.tolist() == [15.0]
