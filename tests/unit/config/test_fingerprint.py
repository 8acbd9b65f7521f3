"""What decides a quantity, in one short text."""

from pathlib import Path

import pytest

from tests.unit.config.stand import POOL, SOURCE, TMALL, VALID, load_text


def fingerprint(folder: Path, text: str, environ: dict[str, str] | None = None) -> str:
    return load_text(folder, text, environ).fingerprint


@pytest.mark.parametrize(
    "text",
    [
        VALID + "# a comment\n",
        VALID + "[cycle]\nevery = '5m'\npolicy = 'freeze'\n",
        VALID + "[guard]\nmax_off_percent = 5\n",
        VALID + "timeout = '5s'\ncalls_per_second = 1\npolicy = 'freeze'\n",
        SOURCE + "timeout = '5s'\n" + POOL + TMALL,
        VALID + '[log]\nlevel = "debug"\n',
    ],
)
def test_what_decides_no_quantity_leaves_the_fingerprint(tmp_path: Path, text: str) -> None:
    assert fingerprint(tmp_path, text) == fingerprint(tmp_path, VALID)


@pytest.mark.parametrize(
    "text",
    [
        VALID + "weight = 2\n",
        VALID + 'suffix_separators = ["-"]\n',
        VALID.replace("stock.csv", "other.csv"),
        VALID.replace("127.0.0.1", "127.0.0.2"),
        VALID.replace("shared", "split"),
        SOURCE + "max_age = '2h'\n" + POOL + TMALL,
        VALID + "[[virtual]]\nsku = 'A'\nwarehouse = 'east'\nunits = 1\n",
        VALID + "[[bundles]]\nsku = 'S'\ncomponents = {A = 1}\n",
    ],
)
def test_what_decides_a_quantity_changes_the_fingerprint(tmp_path: Path, text: str) -> None:
    assert fingerprint(tmp_path, text) != fingerprint(tmp_path, VALID)


def test_a_secret_does_not_go_into_the_fingerprint(tmp_path: Path) -> None:
    text = VALID + 'token = "env:T"\nheaders = {A = "env:T"}\n'
    assert fingerprint(tmp_path, text, {"T": "one"}) == fingerprint(tmp_path, text, {"T": "two"})


def test_the_order_of_tables_keys_does_not_matter_to_the_fingerprint(tmp_path: Path) -> None:
    swapped = VALID.replace(
        'type = "stall"\nurl = "http://127.0.0.1"', 'url = "http://127.0.0.1"\ntype = "stall"'
    )
    assert fingerprint(tmp_path, swapped) == fingerprint(tmp_path, VALID)


def test_settings_that_json_does_not_know_go_into_the_fingerprint(tmp_path: Path) -> None:
    places = [fingerprint(tmp_path, VALID + f"page = {{seen = ['{one}', 'b', 'c']}}\n") for one in "aad"]
    assert (places[0] == places[1], places[0] == places[2]) == (True, False)
