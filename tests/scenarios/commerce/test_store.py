"""An import is read back as it was written, or refused."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from scenarios.commerce.faults import CommerceError
from scenarios.commerce.learn import Assumptions
from scenarios.commerce.store import load
from scenarios.commerce.summary import ImportSummary
from scenarios.commerce.tables import import_tables


def test_what_is_read_back_is_what_was_written(shop: Any) -> None:
    assumptions = Assumptions(taste_dimensions=4, default_margin=0.25)
    summary = import_tables(shop.items, shop.interactions, shop.out, assumptions=assumptions)
    imported = load(shop.out)
    assert imported.summary == summary
    assert imported.assumptions == assumptions
    assert [source["name"] for source in imported.sources] == ["items.csv", "interactions.csv"]
    assert [source["rows"] for source in imported.sources] == [4, 5]
    assert imported.item_id == ("k1", "k2", "t1", "t2")
    assert imported.lines.tolist() == [1, 0, 3, 1]
    catalogue, people = imported.catalogue(), imported.population()
    assert catalogue.category.dtype == np.int32
    assert catalogue.price.dtype == np.int64
    assert catalogue.attributes.shape == (4, 4)
    assert people.category_share.dtype == np.float32
    assert people.category_share.shape == (2, 2)
    assert people.taste.shape == (2, 4)
    assert people.group.dtype == np.int8
    assert people.group_names == ("all",)
    assert people.history is not None
    assert people.history.of(0).tolist() == [2, 0]


def test_the_hash_names_the_content(shop: Any) -> None:
    import_tables(shop.items, shop.interactions, shop.out)
    import_tables(shop.items, shop.interactions, shop.folder / "again")
    assert load(shop.out).content_hash() == load(shop.folder / "again").content_hash()
    shop.write_interactions([("ann", "k1", "2024-03-04")])
    import_tables(shop.items, shop.interactions, shop.out, overwrite=True)
    assert load(shop.out).content_hash() != load(shop.folder / "again").content_hash()


def test_a_folder_that_is_no_import_is_told(shop: Any) -> None:
    with pytest.raises(CommerceError, match=r"no imported data .* `weal import`"):
        load(shop.folder)


def test_a_changed_file_is_told(shop: Any) -> None:
    import_tables(shop.items, shop.interactions, shop.out)
    path = shop.out / "items.parquet"
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(raw)
    with pytest.raises(CommerceError, match=r"items\.parquet: missing or changed"):
        load(shop.out)


def test_another_version_is_told(shop: Any) -> None:
    import_tables(shop.items, shop.interactions, shop.out)
    path = shop.out / "commerce.json"
    metadata = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**metadata, "version": 99}), encoding="utf-8")
    with pytest.raises(CommerceError, match="version 99, but this program reads"):
        load(shop.out)
    path.write_text("{", encoding="utf-8")
    with pytest.raises(CommerceError, match="damaged"):
        load(shop.out)


def test_the_summary_is_plain_text_that_says_what_was_read_and_assumed(shop: Any) -> None:
    summary = import_tables(shop.items, shop.interactions, shop.out)
    text = str(summary)
    for part in (
        "items.csv: 4 rows read, 0 rejected",
        "2 consumers, 4 items, 3 merchants",
        "5 purchases of these items",
        "period: 2024-03-04 to 2024-03-17 (14 days)",
        "price: quartiles 4.88, 12.50, 25.00",
        "drinks: 50.0%, 80.0%",
        "repeat purchases: 50.0%",
        "assumed: 4 items without cost have a gross margin of 30%",
        "assumed: no ratings are given",
    ):
        assert part in text
    assert ImportSummary.from_json(json.loads(json.dumps(summary.to_json()))) == summary
