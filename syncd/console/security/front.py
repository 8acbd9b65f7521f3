"""Where a request comes from, and whom it thinks it talks to."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from aiohttp import web

from syncd.config.http import HttpTable

_LOCAL = "localhost"
_DEFAULT_PORTS = {"http": 80, "https": 443}
_IPV6_HOME = 64

Address = IPv4Address | IPv6Address


class Front:
    """Tells true callers from pretended ones.

    `X-Forwarded-For` is believed only of the proxies in the settings, and only as far as these wrote it
    themselves. A name in `Host` that is not ours is refused: a page elsewhere could make its own name
    stand for this machine (DNS rebinding), which an address cannot.
    """

    def __init__(self, settings: HttpTable) -> None:
        self._settings = settings
        self._names = frozenset({_LOCAL, *settings.hosts})

    def caller_of(self, request: web.Request) -> str:
        """Return whom a request counts for: an IPv6 home is one caller, however many addresses it has."""
        address = self._peer(request)
        if address is None:
            return "unknown"
        if isinstance(address, IPv6Address):
            return str(ip_network((address, _IPV6_HOME), strict=False))
        return str(address)

    def address_of(self, request: web.Request) -> str:
        """Return the address that a request comes from, empty if it has none."""
        address = self._peer(request)
        return "" if address is None else str(address)

    def is_let_in(self, request: web.Request) -> bool:
        """Return whether the connection comes from where it may: with proxies in front only from them."""
        if not self._settings.proxies or self._settings.tls_cert is not None:
            return True
        address = _address(request.remote or "")
        return address is not None and (address.is_loopback or self._is_proxy(address))

    def knows_host(self, request: web.Request) -> bool:
        """Return whether the request names this server as its people do."""
        hosts = request.headers.getall("Host", [])
        if len(hosts) != 1:
            return False
        name = _hostname(f"//{hosts[0]}")
        return name is not None and (name in self._names or _address(name) is not None)

    def is_from_ourselves(self, request: web.Request) -> bool:
        """Return whether no page of another origin sent the request, as far as the browser says."""
        if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
            return False
        origin = request.headers.get("Origin")
        return origin is None or self._is_ours(origin, request.headers.get("Host", ""))

    def _is_ours(self, origin: str, host: str) -> bool:
        scheme = "https" if self._settings.is_encrypted else "http"
        theirs, ours = _origin(origin), _origin(f"{scheme}://{host}")
        if theirs is None or ours is None:
            return False
        # A proxy may leave out the port that people see.
        return theirs[:2] == ours[:2] if self._settings.proxies else theirs == ours

    def _peer(self, request: web.Request) -> Address | None:
        address = _address(request.remote or "")
        if address is None or not self._is_proxy(address):
            return address
        # A proxy may add a header of its own behind the one that a caller made up.
        said_by = ",".join(request.headers.getall("X-Forwarded-For", []))
        for part in reversed(said_by.split(",")):
            said = _address(part.strip())
            if said is None:
                break
            address = said
            if not self._is_proxy(said):
                break
        return address

    def _is_proxy(self, address: Address) -> bool:
        return any(address in network for network in self._settings.proxies)


def _address(text: str) -> Address | None:
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def _hostname(url: str) -> str | None:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    if parts.username is not None or parts.path or parts.query or parts.fragment:
        return None
    return parts.hostname


def _origin(text: str) -> tuple[str, str, int] | None:
    """Return scheme, name and port; None for `null` and anything that is no origin."""
    name = _hostname(text)
    if name is None:
        return None
    parts = urlsplit(text)
    port = parts.port or _DEFAULT_PORTS.get(parts.scheme)
    return None if port is None else (parts.scheme, name, port)
