"""What README.md says of MQTT: every topic, schema, kind of event and message is what the program has."""

import json
import re
from datetime import UTC, datetime

import pytest

from syncd.adapters.events.mqtt.messages import CHANGES, KINDS
from syncd.adapters.mqtt import Broker
from syncd.adapters.sources.mqtt.messages import read_stock
from tests.docs.readme_rig import README, ROOT, blocks, rows
from tests.unit.adapters.mqtt_schemas import FOLDER, NAMES, fits

TEXT = README.read_text(encoding="utf-8")
TOPICS = {row[0].strip("`"): row[3].strip("`") for row in rows(TEXT, "## MQTT")}
BROKER = Broker(host="h", port=1, client_id="c", base="BASE")


def test_the_table_has_every_topic() -> None:
    assert set(TOPICS) == {
        BROKER.trigger_topic,
        BROKER.stock_topic("SOURCE"),
        BROKER.ask_topic("SOURCE"),
        BROKER.state_topic,
        BROKER.event_topic("KIND"),
        "BASE/shop/SHOP/state",
        "BASE/source/SOURCE/state",
        "BASE/alert/KIND",
    }


def test_every_schema_stands_in_the_table_and_is_there() -> None:
    assert {schema for schema in TOPICS.values() if schema != "-"} == {
        f"{name}.schema.json" for name in NAMES
    }
    assert [name for name in NAMES if not FOLDER.joinpath(f"{name}.schema.json").is_file()] == []
    assert (ROOT / "syncd/adapters/mqtt/schemas").is_dir()


def test_every_kind_of_event_stands_in_the_table_and_no_other() -> None:
    _, _, after = TEXT.partition("| `BASE/alert/KIND`")
    named = {word for row in rows(after, "\n\n") for word in _codes(row[0])}

    assert named == {*KINDS.values(), *CHANGES.values()}


def _codes(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


@pytest.mark.parametrize("block", blocks(TEXT, "json"))
def test_the_message_that_is_shown_fits_its_schema_and_is_read(block: object) -> None:
    text = str(getattr(block, "text", ""))
    assert fits("stock", json.loads(text))
    assert read_stock(text.encode(), now=datetime(2026, 11, 23, 9, tzinfo=UTC)).skus == {"MUG"}
