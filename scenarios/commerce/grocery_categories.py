"""How The Complete Journey's 303 product categories are grouped into two dozen.

Its departments are too coarse (groceries are two thirds of all purchases) and its product
categories too many for a market in which consumers' needs differ by category.
"""

from __future__ import annotations

import re

NOT_GOODS = re.compile(
    r"^(FUEL|COUPON|CNTRL/STORE SUP|POSTAL CENTER)\||\|.*(COUPON|TICKETS|PREPAID)"
)
"""Departments and product categories that are payments, petrol or services."""

OTHER = "General merchandise"

# The first pattern that is found in "DEPARTMENT|PRODUCT CATEGORY" decides.
_GROUPS: tuple[tuple[str, str], ...] = (
    ("Natural foods", r"^NUTRITION\|"),
    ("Fruit and vegetables", r"^PRODUCE\|"),
    ("Meat and seafood", r"^(MEAT|SEAFOOD|SEAFOOD-PCKGD)\|"),
    ("Packaged meat", r"^MEAT-PCKGD\|"),
    ("Deli", r"^(DELI|SALAD BAR|CHEF SHOPPE|RESTAURANT)\|"),
    ("Bakery", r"^PASTRY\||\|(BAKED BREAD|BAKED SWEET)"),
    ("Pets", r"\|(CAT|DOG) (FOOD|LITTER)|\|(PET CARE|BIRD SEED)"),
    ("Baby", r"\|(BABY|INFANT|DIAPERS)"),
    ("Juices", r"\|(REFRGRATD JUICES|CANNED JUICES|FRZN JCE)"),
    ("Frozen food", r"\|(FRZN|FROZEN|ICE CREAM)"),
    (
        "Milk and eggs",
        r"\|(FLUID MILK|MILK BY-PROD|CANNED MILK|EGGS|BUTTER|MARGARINES|MISC. DAIRY)",
    ),
    ("Cheese and yogurt", r"\|(CHEESE|YOGURT)"),
    ("Beer, wine and spirits", r"^SPIRITS\||\|(BEERS|LIQUOR|.*WINE)"),
    ("Soft drinks and water", r"\|(SOFT DRINKS|WATER|ISOTONIC|PWDR|NEW AGE)"),
    ("Coffee and tea", r"\|(COFFEE|TEAS|COCOA)"),
    ("Candy", r"\|CANDY"),
    ("Breakfast", r"\|(COLD CEREAL|HOT CEREAL|CONVENIENT BRKFST|MOLASSES|PNT BTR|SYRUPS)"),
    ("Snacks", r"\|(BAG SNACKS|CRACKERS|COOKIES|WAREHOUSE SNACKS|SNACK NUTS|POPCORN)"),
    ("Baking", r"\|(BAKING|SUGARS|FLOUR|DRY MIX DESSERTS|REFRGRATD DOUGH)"),
    (
        "Sauces and spices",
        r"\|(CONDIMENTS|SALD DRSNG|PASTA SAUCE|DRY SAUCES|SPICES|PICKLE|OLIVES|SHORTENING)",
    ),
    (
        "Canned and dry food",
        r"\|(SOUP|.*SHELF STABLE|BEANS|DRY BN|DINNER MXS|DRY NOODLES|HISPANIC|.*ORIENTAL)",
    ),
    (
        "Household",
        r"\|(FD WRAPS|BATH TISSUES|PAPER|FACIAL|HOUSEHOLD|LAUNDRY|DISHWASH|AIR CARE|BLEACH|BROOMS)",
    ),
    (
        "Health and beauty",
        r"^COSMETICS\||\|(HAIR|ORAL|SOAP|COLD AND FLU|FEMININE|DEODORANTS|SHAVING|HAND/BODY)",
    ),
    (
        "Health and beauty",
        r"\|(ANALGESICS|FIRST AID|VITAMINS|DIETARY|ANTACIDS|SINUS|LAXATIVES|EYE AND|FOOT|SUNTAN)",
    ),
)
_PATTERNS = tuple((name, re.compile(pattern)) for name, pattern in _GROUPS)


def grocery_category(department: str, product_category: str) -> str:
    """The category of a product.

    Args:
        department: its department in The Complete Journey.
        product_category: its product category there, empty if it has none.

    Returns:
        One of two dozen names.
    """
    label = f"{department}|{product_category}"
    return next((name for name, pattern in _PATTERNS if pattern.search(label)), OTHER)
