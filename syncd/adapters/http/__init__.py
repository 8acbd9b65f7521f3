"""HTTP for adapters: shared connections, JSON calls, and every failure as a `PortError`.

The only package that imports the HTTP client.
"""

from syncd.adapters.http.answers import LONGEST_WAIT, JsonAnswer, expecting, retry_after
from syncd.adapters.http.client import HttpAnswer, HttpCall, HttpClient, open_http
from syncd.adapters.http.json_client import MAX_BYTES, JsonClient
from syncd.adapters.http.paced import PacedHttp

__all__ = [
    "LONGEST_WAIT",
    "MAX_BYTES",
    "HttpAnswer",
    "HttpCall",
    "HttpClient",
    "JsonAnswer",
    "JsonClient",
    "PacedHttp",
    "expecting",
    "open_http",
    "retry_after",
]
