"""What README.md says of alerts is what the program does."""

import re

import pytest

from syncd.domain.alerts.document import ALERT_SCHEMA
from syncd.domain.alerts.kinds import TRAITS, AlertKind, Ends
from tests.docs.readme_rig import README, rows

TEXT = README.read_text(encoding="utf-8")
TABLE = {
    AlertKind(kind): row[1:] for row in rows(TEXT, "### Alerts") for kind in re.findall(r"`(\w+)`", row[0])
}


def test_every_kind_is_in_the_table_and_no_other() -> None:
    assert set(TABLE) == set(AlertKind)


@pytest.mark.parametrize("kind", AlertKind)
def test_a_kind_has_the_level_and_the_end_that_the_table_says(kind: AlertKind) -> None:
    level, _, end = TABLE[kind]
    assert level == TRAITS[kind].level.value
    assert (end == "lapses") is (TRAITS[kind].ends is Ends.LAPSES)


def test_an_alert_is_described_with_all_its_keys() -> None:
    paragraph = next(part for part in TEXT.split("\n\n") if part.startswith("An entry of `alerts`"))
    named = set(re.findall(r"`([a-z]+)`", paragraph))
    assert set(ALERT_SCHEMA["properties"]) <= named
