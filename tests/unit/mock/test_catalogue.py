"""Catalogues from a seed."""

from collections import Counter

from syncd.mock.catalogue import ListingShape, make_catalogue, make_listings, make_skus, make_stock
from syncd.mock.core import PARTS


def test_the_same_seed_gives_the_same_catalogue() -> None:
    assert make_catalogue(5, shops=("a", "b")) == make_catalogue(5, shops=("a", "b"))


def test_another_seed_gives_another_catalogue() -> None:
    assert make_catalogue(5).stock != make_catalogue(6).stock


def test_a_shop_made_alone_is_the_shop_made_with_others() -> None:
    together = make_catalogue(5, shops=("a", "b")).shops["b"]
    assert make_listings(5, "b", make_skus(5)) == together


def test_two_shops_of_one_seed_list_differently() -> None:
    shops = make_catalogue(5, shops=("a", "b")).shops
    assert [x.code for x in shops["a"].listings] != [x.code for x in shops["b"].listings]


def test_all_skus_differ() -> None:
    assert len(set(make_skus(1, 5000))) == 5000


def test_some_skus_have_letters_beyond_ascii() -> None:
    assert 0 < sum(not sku.isascii() for sku in make_skus(1, 1000)) < 200


def test_every_sku_has_stock_figures_in_every_warehouse() -> None:
    stock = make_stock(1, ["A", "B"], ("east", "west"))
    assert [(cell.sku, cell.warehouse) for cell in stock.cells] == [
        ("A", "east"),
        ("A", "west"),
        ("B", "east"),
        ("B", "west"),
    ]


def test_no_stock_is_promised_that_is_not_there() -> None:
    cells = make_stock(1, make_skus(1, 1000)).cells
    figures = [cell.figures for cell in cells]
    assert all(set(f) == set(PARTS) and f["allocated"] + f["unsellable"] <= f["on_hand"] for f in figures)


def test_a_shop_writes_codes_in_every_way() -> None:
    shop = make_listings(1, "shop", make_skus(1, 500))
    codes = {listing.id: listing.code for listing in shop.listings}
    ways = Counter(
        "plain"
        if codes[listing] == sku
        else "prefix"
        if codes[listing].endswith(f"-{sku}")
        else "suffix"
        if codes[listing].startswith(f"{sku}-")
        else "pack"
        for listing, sku in shop.bound.items()
    )
    assert set(ways) == {"plain", "prefix", "suffix", "pack"}


def test_the_packs_are_the_codes_that_hold_several_units() -> None:
    shop = make_listings(1, "shop", make_skus(1, 500))
    assert {pack.code for pack in shop.packs} == {x.code for x in shop.listings if x.code.endswith("*12")}


def test_some_listings_belong_to_no_sku() -> None:
    shop = make_listings(1, "shop", make_skus(1, 100), ListingShape(stray=0.05))
    assert len(shop.listings) - len(shop.bound) == 5


def test_some_items_have_several_listings() -> None:
    shop = make_listings(1, "shop", make_skus(1, 500))
    sizes = Counter(Counter(listing.item for listing in shop.listings).values())
    assert set(sizes) == {1, 2, 3}


def test_no_two_listings_have_one_id_or_one_code() -> None:
    shop = make_listings(1, "shop", make_skus(1, 2000))
    ids, codes = {x.id for x in shop.listings}, {x.code for x in shop.listings}
    assert (len(ids), len(codes)) == (len(shop.listings), len(shop.listings))


def test_ids_are_too_long_for_a_float() -> None:
    listing = make_listings(1, "shop", make_skus(1)).listings[1]
    assert str(int(float(listing.id))) != listing.id
