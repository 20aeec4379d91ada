"""Words from which the generated catalogue makes titles that can be read and searched.

Each line is one category: its name, how dear it is on the whole (only the order counts), nouns,
traits, specifications, and a sentence for descriptions. The words are our own and name no real
brand.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CategoryWords:
    """What listings of one category are called."""

    name: str
    dearness: float  # relative price level; only its order among categories is used
    nouns: tuple[str, ...]
    traits: tuple[str, ...]
    specifications: tuple[str, ...]
    use: str


def _split(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(","))


def _words(
    name: str, dearness: float, nouns: str, traits: str, specifications: str, use: str
) -> CategoryWords:
    return CategoryWords(name, dearness, _split(nouns), _split(traits), _split(specifications), use)


CATEGORY_WORDS: tuple[CategoryWords, ...] = (
    _words(
        "Kitchen",
        20,
        "kettle, saucepan, frying pan, chopping board, bread knife, colander, whisk, teapot, "
        "mixing bowl, baking tray, ladle, grater, rolling pin, spice rack, salad spinner, wok",
        "Copper, Steel, Cast iron, Bamboo, Enamel, Glass, Ceramic, Silicone",
        "1 l, 1.5 l, 2 l, 20 cm, 24 cm, 28 cm",
        "For everyday cooking.",
    ),
    _words(
        "Groceries",
        3,
        "rice, lentils, olive oil, honey, oats, tomato paste, pasta, chickpeas, flour, vinegar, "
        "peanut butter, sea salt, coconut milk, mustard, raisins, couscous",
        "Organic, Wholegrain, Smoked, Fine, Wild, Roasted, Unsalted, Stone-ground",
        "250 g, 400 g, 500 g, 750 g, 1 kg, 2 kg",
        "A staple for the pantry.",
    ),
    _words(
        "Phones",
        320,
        "smartphone, feature phone, satellite phone, foldable phone, rugged phone, senior phone, "
        "gaming phone, compact phone, dual-SIM phone, camera phone",
        "Graphite, Silver, Midnight blue, Pearl white, Coral, Mint, Slate, Sand",
        "64 GB, 128 GB, 256 GB, 512 GB, 1 TB",
        "With a two-year warranty.",
    ),
    _words(
        "Women's clothing",
        38,
        "summer dress, cardigan, blouse, pleated skirt, trench coat, jumpsuit, linen trousers, "
        "wrap dress, knit jumper, blazer, camisole, jeans, raincoat, tunic",
        "Floral, Striped, Navy, Emerald, Ivory, Terracotta, Checked, Black",
        "XS, S, M, L, XL",
        "Cut for comfort, washable at 30 degrees.",
    ),
    _words(
        "Beauty",
        14,
        "lipstick, mascara, face cream, hand soap, body lotion, shampoo, nail polish, eye serum, "
        "cleansing gel, sun lotion, face mask, lip balm, hair oil, conditioner",
        "Rose, Aloe, Almond, Lavender, Argan, Matte, Hydrating, Fragrance-free",
        "30 ml, 50 ml, 100 ml, 200 ml, 300 ml",
        "Tested by dermatologists.",
    ),
    _words(
        "Toys",
        22,
        "building blocks, jigsaw puzzle, toy train, board game, plush bear, doll house, kite, "
        "marble run, card game, spinning top, play kitchen, science kit, toy tractor, yo-yo",
        "Wooden, Rainbow, Classic, Giant, Glow-in-the-dark, Pocket, Magnetic, Musical",
        "24 pieces, 50 pieces, 100 pieces, age 3+, age 6+, age 8+",
        "For rainy afternoons.",
    ),
    _words(
        "Sports",
        30,
        "football, tennis racket, yoga mat, skipping rope, dumbbell, basketball, swim goggles, "
        "badminton set, resistance band, cricket bat, gym bag, running belt, boxing gloves",
        "Pro, Training, Junior, Lightweight, Match, Grip, Indoor, Weighted",
        "size 3, size 5, 1 kg, 2 kg, 5 kg, set of 2",
        "For training and matches.",
    ),
    _words(
        "Books",
        12,
        "novel, cookbook, atlas, travel guide, detective story, poetry collection, biography, "
        "picture book, dictionary, history of the sea, field guide to birds, short stories, "
        "gardening book, comic",
        "Illustrated, Paperback, Hardcover, Annotated, Pocket, Large-print, Bilingual, Collected",
        "volume 1, volume 2, 200 pages, 320 pages, 480 pages, new edition",
        "Good reading.",
    ),
    _words(
        "Furniture",
        180,
        "bookcase, armchair, dining table, bedside table, sofa, wardrobe, desk, stool, coat rack, "
        "chest of drawers, bench, coffee table, bed frame, office chair",
        "Oak, Walnut, Pine, Rattan, Velvet, Steel-frame, Ash, Beech",
        "60 cm, 80 cm, 120 cm, 140 cm, 180 cm",
        "Delivered flat with tools.",
    ),
    _words(
        "Audio",
        70,
        "headphones, earbuds, bluetooth speaker, turntable, soundbar, radio, microphone, "
        "headset, amplifier, cassette player, subwoofer, music streamer",
        "Wireless, Noise-cancelling, Waterproof, Foldable, Studio, Portable, Retro, Open-back",
        "10 h battery, 20 h battery, 30 h battery, 20 W, 40 W, 80 W",
        "Clear sound at home and on the way.",
    ),
    _words(
        "Shoes",
        58,
        "running shoes, ankle boots, sandals, loafers, trainers, slippers, hiking boots, heels, "
        "ballet flats, rain boots, espadrilles, clogs",
        "Leather, Suede, Canvas, Mesh, Vegan, Lined, White, Tan",
        "size 36, size 38, size 40, size 42, size 44, size 46",
        "With a cushioned sole.",
    ),
    _words(
        "Household",
        7,
        "laundry liquid, dish soap, paper towels, bin bags, glass cleaner, sponge set, broom, "
        "mop, descaler, stain remover, clothes pegs, dish brush, toilet paper, candles",
        "Lemon, Eucalyptus, Refillable, Concentrated, Unscented, Recycled, Extra-strong, Soft",
        "500 ml, 1 l, 2 l, pack of 4, pack of 10, pack of 20",
        "Keeps the house clean.",
    ),
    _words(
        "Computers",
        420,
        "laptop, desktop computer, mini PC, tablet, monitor, netbook, workstation, e-reader, "
        "network storage, all-in-one computer",
        "Silent, Ultra-thin, Space grey, Convertible, Refurbished, Rugged, Curved, Touchscreen",
        "8 GB RAM, 16 GB RAM, 32 GB RAM, 13 inch, 15 inch, 27 inch",
        "Ready for work out of the box.",
    ),
    _words(
        "Garden",
        26,
        "watering can, pruning shears, plant pot, garden hose, seed tray, wheelbarrow, bird "
        "feeder, trowel, compost bin, hedge trimmer, raised bed, garden gloves, rake, rain barrel",
        "Zinc, Terracotta, Galvanised, Cedar, Folding, Frost-proof, Green, Long-handled",
        "2 l, 5 l, 10 l, 25 cm, 40 cm, 15 m",
        "For beds, balconies and borders.",
    ),
    _words(
        "Drinks",
        9,
        "coffee beans, green tea, apple juice, sparkling water, lemonade, black tea, cocoa, "
        "ginger beer, oat drink, elderflower cordial, herbal tea, tonic water",
        "Dark roast, Organic, Cold-pressed, Decaf, Cloudy, Single-estate, Sugar-free, Spiced",
        "250 g, 500 g, 0.33 l, 0.75 l, 1 l, pack of 6",
        "Best before twelve months.",
    ),
    _words(
        "Men's clothing",
        36,
        "shirt, chinos, pullover, polo shirt, parka, jeans, waistcoat, hoodie, shorts, overshirt, "
        "t-shirt, pyjamas, blazer, thermal vest",
        "Oxford, Slim-fit, Merino, Flannel, Navy, Charcoal, Olive, Organic-cotton",
        "S, M, L, XL, XXL",
        "Made to be worn often.",
    ),
    _words(
        "Pets",
        16,
        "dog bed, cat tree, bird cage, aquarium filter, dog lead, cat litter, chew toy, food "
        "bowl, rabbit hutch, grooming brush, dog food, cat food, fish food, carrier bag",
        "Padded, Reflective, Grain-free, Stainless, Washable, Sisal, Chicken, Salmon",
        "small, medium, large, 1 kg, 3 kg, 10 kg",
        "For happy animals.",
    ),
    _words(
        "Tools",
        48,
        "cordless drill, hammer, screwdriver set, spirit level, handsaw, spanner set, toolbox, "
        "sander, tape measure, pliers, soldering iron, workbench, heat gun, chisel set",
        "Heavy-duty, Compact, Insulated, Magnetic, Ratcheting, Forged, Brushless, Folding",
        "12 V, 18 V, 5 m, 10 pieces, 32 pieces, 108 pieces",
        "For home and workshop.",
    ),
    _words(
        "Stationery",
        6,
        "notebook, fountain pen, pencil set, desk calendar, envelopes, stapler, sketch pad, "
        "highlighters, ring binder, sticky notes, ink bottle, ruler, washi tape, eraser",
        "Dotted, Ruled, Recycled, Pastel, Leather-bound, Graphite, Acid-free, Watercolour",
        "A6, A5, A4, pack of 3, pack of 12, pack of 24",
        "For desk and bag.",
    ),
    _words(
        "Bags",
        52,
        "backpack, tote bag, suitcase, messenger bag, handbag, wallet, duffel bag, laptop "
        "sleeve, belt bag, toiletry bag, shopping trolley, purse",
        "Leather, Waxed-canvas, Quilted, Recycled, Water-repellent, Cork, Black, Cognac",
        "5 l, 15 l, 22 l, 35 l, 60 l",
        "With an inside pocket.",
    ),
    _words(
        "Baby",
        24,
        "pushchair, nappies, baby bottle, sleeping bag, high chair, baby monitor, bib set, "
        "changing mat, teether, carrier, muslin cloths, night light, bath seat, romper",
        "Soft, Organic, Adjustable, BPA-free, Foldable, Star-print, Breathable, Quick-dry",
        "0-3 months, 3-6 months, 6-12 months, set of 3, set of 6",
        "Gentle to small skin.",
    ),
    _words(
        "Lighting",
        40,
        "table lamp, floor lamp, pendant light, string lights, desk lamp, wall light, torch, "
        "lantern, night lamp, ceiling light, LED bulb, reading light",
        "Brass, Paper, Dimmable, Solar, Frosted, Rattan, Opal-glass, Black",
        "5 W, 9 W, 15 W, 30 cm, 45 cm, 10 m",
        "Warm white light.",
    ),
    _words(
        "Watches",
        140,
        "wristwatch, smartwatch, pocket watch, diving watch, chronograph, dress watch, alarm "
        "clock, wall clock, pilot watch, stopwatch",
        "Automatic, Quartz, Titanium, Leather-strap, Rose-gold, Skeleton, Ceramic, Vintage",
        "32 mm, 36 mm, 40 mm, 42 mm, 44 mm",
        "Runs on time.",
    ),
    _words(
        "Home textiles",
        28,
        "duvet cover, bath towel, cushion, throw blanket, curtain, table runner, bed sheet, rug, "
        "pillowcase, tea towel, bathrobe, tablecloth",
        "Linen, Cotton, Wool, Waffle, Striped, Sage, Indigo, Jacquard",
        "40 x 40 cm, 50 x 100 cm, 80 x 80 cm, 135 x 200 cm, 140 x 240 cm",
        "Soft and durable.",
    ),
    _words(
        "Camping",
        64,
        "tent, sleeping bag, camping stove, headlamp, cool box, hammock, folding chair, water "
        "filter, hiking pole, mess kit, dry bag, insulated flask, tarp, compass",
        "Ultralight, Three-season, Inflatable, Titanium, Insulated, Storm-proof, Compact, Olive",
        "1 person, 2 person, 4 person, 0.5 l, 20 l, 40 l",
        "For nights outside.",
    ),
    _words(
        "Health",
        18,
        "blood pressure monitor, thermometer, multivitamin, first-aid kit, massage ball, heating "
        "pad, plasters, magnesium tablets, electric toothbrush, knee support, hot water bottle, "
        "bathroom scale",
        "Digital, High-strength, Soothing, Travel, Rechargeable, Elastic, Fast, Daily",
        "30 pieces, 60 pieces, 120 pieces, size M, size L",
        "Read the leaflet before use.",
    ),
    _words(
        "Cycling",
        75,
        "bicycle helmet, bike lock, pannier, bike light, city bike, bike pump, saddle, bell, "
        "child seat, bike computer, cycling gloves, mudguard set",
        "Reflective, Aluminium, Gel, Folding, Waterproof, USB, Carbon, Classic",
        "26 inch, 28 inch, size M, size L, 90 cm, 120 cm",
        "For every day on the road.",
    ),
    _words(
        "Snacks",
        4,
        "dark chocolate, crisps, almonds, fruit gums, crackers, popcorn, granola bar, biscuits, "
        "dried mango, pretzels, nougat, trail mix",
        "Salted, Caramel, Paprika, Hazelnut, Sesame, Chilli, Vegan, Honey",
        "50 g, 80 g, 100 g, 150 g, 200 g, pack of 12",
        "Keep dry and cool.",
    ),
    _words(
        "Jewellery",
        90,
        "necklace, earrings, bracelet, ring, brooch, pendant, anklet, cufflinks, charm, hair clip",
        "Silver, Gold-plated, Pearl, Amber, Onyx, Moonstone, Jade, Filigree",
        "16 cm, 18 cm, 42 cm, 45 cm, size 52, size 56",
        "In a gift box.",
    ),
    _words(
        "Cameras",
        260,
        "mirrorless camera, action camera, tripod, instant camera, zoom lens, camera drone, "
        "film camera, binoculars, webcam, telescope",
        "Compact, Full-frame, Weather-sealed, Stabilised, Carbon, Wide-angle, 4K, Classic",
        "12 MP, 24 MP, 45 MP, 8x42, 50 mm, 70-200 mm",
        "For steady pictures.",
    ),
    _words(
        "Car accessories",
        34,
        "phone holder, jump starter, seat cover, dash camera, roof box, car charger, floor mat, "
        "tyre inflator, ice scraper, boot organiser, sunshade, towing rope",
        "Universal, Magnetic, Heavy-duty, Quilted, Foldable, All-weather, Rubber, Fast",
        "12 V, 24 V, set of 2, set of 4, 300 l, 400 l",
        "Fits most cars.",
    ),
    _words(
        "Instruments",
        210,
        "acoustic guitar, ukulele, keyboard, cajon, violin, recorder, harmonica, drum pad, "
        "kalimba, trumpet, mandolin, metronome",
        "Spruce, Mahogany, Beginner, Concert, Electric, Handmade, Maple, Travel",
        "1/2 size, 3/4 size, 4/4 size, 25 keys, 61 keys, 88 keys",
        "Set up and tuned.",
    ),
)


def categories_of(count: int) -> tuple[CategoryWords, ...]:
    """The categories of a generated market: as many as wanted, of all kinds, whatever the seed.

    Args:
        count: 1 to the number of categories that there are words for.
    """
    return tuple(CATEGORY_WORDS[place * len(CATEGORY_WORDS) // count] for place in range(count))


_BRANDS = _split(
    "Hestia, Arbor, Meridian, Juniper, Larkspur, Cobalt, Tamar, Orla, Fenwick, Solace, "
    "Bramble, Harrow, Isola, Kestrel, Linden, Marlow, Nimbus, Osprey, Pomona, Quarry, Rowan, "
    "Sable, Thistle, Umbra, Verity, Willow, Yarrow, Zephyr, Alder, Beacon, Cinder, Delphi, "
    "Ember, Fjord, Gable, Heron, Indigo, Jasper, Kelso, Lumen, Mistral, Noor, Onda, Pallas, "
    "Quill, Ridge, Sorrel, Tern, Ursa, Vesper, Wren, Xenia, Ystad, Zora, Amaro, Bergen, "
    "Calypso, Dune, Elara, Fable, Grove, Hollis, Ilex, Jura, Koru, Lodestar, Maren, Nova, "
    "Opal, Peregrine, Quince, Rook, Saffron, Talus, Ulva, Valon, Weald, Yonder, Zinnia"
)

_TRADES = _split(
    "Trading, Supply, & Sons, Market, Outlet, Store, Goods, Wares, Direct, Depot, House, "
    "Brothers, Emporium, Corner, Works, Merchants, Select, Warehouse, & Daughters, Bazaar, "
    "Collective, Provisions, Traders, Shop, Studio, Import, Export, Arcade, Exchange, "
    "Sourcing, Pavilion, Company, Partners, Cooperative, Stores, Retail, Online, Express, "
    "Central, Workshop"
)

_TOWNS = _split(
    "Northgate, Eastcliff, Westbrook, Southport, Millbridge, Ashford, Stonehaven, Oakridge, "
    "Riverside, Lakeside, Harbour, Hilltop, Kingsway, Queensbury, Fairview, Greenfield, "
    "Highbury, Kirkwall, Langley, Maplewood, Newhaven, Oldbury, Parkside, Redcliffe, Seaton, "
    "Thornbury, Upton, Valleyfield, Wexford, Yarmouth, Beaumont"
)

SHORT_MERCHANT_NAMES = len(_BRANDS) * len(_TRADES)
"""How many distinct merchant names do without a town."""

MERCHANT_NAME_LIMIT = SHORT_MERCHANT_NAMES * (len(_TOWNS) + 1)
"""How many distinct merchant names the words give."""


def merchant_brand(merchant: int) -> str:
    """The word by which a merchant's goods are known, which is the first of its name."""
    return _BRANDS[merchant % len(_BRANDS)]


def merchant_name(merchant: int) -> str:
    """The name of merchant `merchant`, different for every number.

    Args:
        merchant: 0 <= merchant < MERCHANT_NAME_LIMIT.

    Returns:
        Such as "Hestia Trading" or, once these are used up, "Hestia Trading of Northgate".

    Raises:
        ValueError: if the number is out of range.
    """
    if not 0 <= merchant < MERCHANT_NAME_LIMIT:
        raise ValueError(f"merchant must lie in 0..{MERCHANT_NAME_LIMIT - 1}, not {merchant}")
    turn, brand = divmod(merchant, len(_BRANDS))
    town, shift = divmod(turn, len(_TRADES))
    # Shifting by the brand lets a small market show more than one kind of trade.
    trade = _TRADES[(shift + brand) % len(_TRADES)]
    name = f"{_BRANDS[brand]} {trade}"
    return name if town == 0 else f"{name} of {_TOWNS[town - 1]}"
