"""Where requests come from, as far as it can be known, and whom they think they talk to."""

import asyncio
from collections.abc import Mapping

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from multidict import CIMultiDict

from syncd.console.security.front import Front
from tests.unit.console.security.stage import settings

PROXIES = ["10.0.0.0/8", "2001:db8:1::/48"]


class Line(asyncio.Transport):
    """A connection from an address."""

    def __init__(self, peer: str | None) -> None:
        super().__init__({"peername": None if peer is None else (peer, 4711)})


def asked(peer: str | None, headers: Mapping[str, str] | None = None) -> web.Request:
    """Return a request that came over a connection from `peer`."""
    return make_mocked_request("GET", "/", CIMultiDict(headers or {}), transport=Line(peer))


@pytest.mark.parametrize(
    ("peer", "forwarded", "counted"),
    [
        ("192.0.2.1", "", "192.0.2.1"),
        ("192.0.2.1", "203.0.113.9", "192.0.2.1"),
        ("10.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "198.51.100.1, 203.0.113.9, 10.2.3.4", "203.0.113.9"),
        ("10.0.0.1", "10.2.3.4", "10.2.3.4"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "203.0.113.9, rubbish", "10.0.0.1"),
        ("10.0.0.1", "rubbish, 203.0.113.9", "203.0.113.9"),
        ("::ffff:10.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("2001:db8:1::5", "2001:db8:2::7", "2001:db8:2::/64"),
        ("2001:db8:2::7", "", "2001:db8:2::/64"),
        ("fe80::1%eth0", "", "fe80::/64"),
        (None, "203.0.113.9", "unknown"),
    ],
)
def test_a_caller_is_who_the_last_of_our_own_proxies_saw(
    peer: str | None, forwarded: str, counted: str
) -> None:
    request = asked(peer, {"X-Forwarded-For": forwarded} if forwarded else {})
    assert Front(settings(proxies=PROXIES)).caller_of(request) == counted


def test_of_several_headers_the_last_is_what_our_proxy_wrote() -> None:
    made_up, added = ("X-Forwarded-For", "198.51.100.1"), ("X-Forwarded-For", "203.0.113.9")
    request = make_mocked_request("GET", "/", CIMultiDict([made_up, added]), transport=Line("10.0.0.1"))
    assert Front(settings(proxies=PROXIES)).caller_of(request) == "203.0.113.9"


def test_a_request_without_an_address_has_none() -> None:
    assert Front(settings()).address_of(asked(None)) == ""


@pytest.mark.parametrize(
    ("peer", "is_let_in"),
    [("10.0.0.1", True), ("127.0.0.1", True), ("::1", True), ("192.0.2.1", False), (None, False)],
)
def test_with_a_proxy_in_front_only_it_and_this_machine_are_let_in(
    peer: str | None, *, is_let_in: bool
) -> None:
    assert Front(settings(proxies=PROXIES)).is_let_in(asked(peer)) is is_let_in


def test_without_a_proxy_everybody_is_let_in() -> None:
    assert Front(settings()).is_let_in(asked("192.0.2.1"))


@pytest.mark.parametrize(
    "host",
    ["a b", "[::1", "localhost:99999", "localhost/x", "me@localhost", "localhost?x", "localhost#x", "-"],
)
def test_what_is_no_host_of_ours_is_not_known(host: str) -> None:
    assert not Front(settings()).knows_host(asked("127.0.0.1", {"Host": host}))


@pytest.mark.parametrize(
    ("origin", "is_ours"),
    [
        ("https://stock.example", True),
        ("https://stock.example:443", True),
        ("https://STOCK.example", True),
        ("https://stock.example:8443", True),
        ("http://stock.example", False),
        ("https://evil.example", False),
        ("https://stock.example.evil.example", False),
        ("https://stock.example@evil.example", False),
        ("null", False),
        ("https://stock.example:x", False),
        ("file://stock.example", False),
    ],
)
def test_behind_a_proxy_the_name_and_https_make_the_origin(origin: str, *, is_ours: bool) -> None:
    request = asked("10.0.0.1", {"Host": "stock.example", "Origin": origin})
    assert Front(settings(proxies=PROXIES)).is_from_ourselves(request) is is_ours


def test_without_one_the_port_counts_too() -> None:
    front, host = Front(settings()), {"Host": "127.0.0.1:8700"}
    assert front.is_from_ourselves(asked("127.0.0.1", host | {"Origin": "http://127.0.0.1:8700"}))
    assert not front.is_from_ourselves(asked("127.0.0.1", host | {"Origin": "http://127.0.0.1:8701"}))
