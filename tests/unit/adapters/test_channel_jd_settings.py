"""The settings of the channel `jd`."""

from typing import Any

import pytest
from pydantic import ValidationError

from syncd.adapters.channels.jd import JdSettings
from tests.unit.adapters.jd_rig import ACCOUNT


def problems(**settings: Any) -> list[tuple[str, str]]:  # noqa: ANN401
    with pytest.raises(ValidationError) as caught:
        JdSettings.model_validate({**ACCOUNT, **settings})
    assert "planted" not in str(caught.value)
    return [(".".join(map(str, error["loc"])), error["type"]) for error in caught.value.errors()]


def test_an_account_is_enough() -> None:
    settings = JdSettings.model_validate(ACCOUNT)
    assert (settings.url, settings.oauth_url) == (
        "https://api.jd.com/routerjson",
        "https://open-oauth.jd.com/oauth2",
    )
    assert (settings.unlisted_is_done, settings.booked, settings.keyed_calls) == (False, True, False)


@pytest.mark.parametrize("name", sorted(ACCOUNT))
def test_an_account_lacks_nothing(name: str) -> None:
    left = {key: value for key, value in ACCOUNT.items() if key != name}
    with pytest.raises(ValidationError) as caught:
        JdSettings.model_validate(left)
    assert [error["loc"] for error in caught.value.errors()] == [(name,)]


@pytest.mark.parametrize(
    ("settings", "key"),
    [
        ({"url": "ftp://x"}, "url"),
        ({"oauth_url": "https://x/?planted=1"}, "oauth_url"),
        ({"app_secret": "planted secret"}, "app_secret"),
        ({"access_token": ""}, "access_token"),
        ({"refresh_token": "planted\n"}, "refresh_token"),
        ({"page_size": 51}, "page_size"),
        ({"order_page_size": 101}, "order_page_size"),
        ({"order_window": "31d"}, "order_window"),
        ({"order_states": []}, "order_states"),
        ({"store_id": -1}, "store_id"),
        ({"write_modes": ["delta"]}, "write_modes"),
        ({"token_expires": "soon"}, "token_expires"),
        ({"order_statuses": {"X": "sold"}}, "order_statuses.X"),
        ({"errors": {"2": "nothing"}}, "errors.2"),
        ({"sandbox": True}, "sandbox"),
    ],
)
def test_what_cannot_be_is_named_by_its_key(settings: dict[str, Any], key: str) -> None:
    assert [where for where, _ in problems(**settings)] == [key]


@pytest.mark.parametrize("kind", ["done", "duplicate"])
def test_no_error_is_taken_for_done(kind: str) -> None:
    assert problems(errors={"2": kind}) == [("", "errors")]
