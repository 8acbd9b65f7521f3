"""The faults of the conformance kit as every mock is told them, and the secrets that none may show."""

from collections.abc import Mapping

from syncd.conformance import Fault
from syncd.mock import Fault as MockFault
from syncd.mock import FaultKind

TOKEN = "hush-hush-token"
"""What the mock takes for the seller's token; it must never be shown."""

SECRET = "hush-hush-secret"
"""What signs the calls."""

REFRESH = "hush-hush-refresh"
"""What buys the next token."""

MAX_BYTES = 200_000
"""The largest answer that a channel under test should read (`max_bytes`)."""

_HTML = f"<html><body>We will be back soon, {TOKEN}</body></html>"
_MALFORMED = f'{{"listing":{{"id":1}},"result":[7],"text":"{TOKEN} {SECRET}"}}'
_FORBIDDEN = 403

FAULTS: Mapping[Fault, MockFault] = {
    Fault.RESET: MockFault(kind=FaultKind.RESET),
    Fault.LOST_REPLY: MockFault(kind=FaultKind.LOST_REPLY),
    Fault.HANGING: MockFault(kind=FaultKind.DELAY),
    Fault.SERVER_ERROR: MockFault(kind=FaultKind.SERVER_ERROR, status=502),
    Fault.BUSY: MockFault(kind=FaultKind.SERVER_ERROR),
    Fault.TIMED_OUT: MockFault(kind=FaultKind.SERVER_ERROR, applied=True),
    Fault.THROTTLED: MockFault(kind=FaultKind.THROTTLE),
    Fault.THROTTLED_FOR_7_SECONDS: MockFault(kind=FaultKind.THROTTLE, retry_after=7),
    Fault.TOKEN_EXPIRED: MockFault(kind=FaultKind.TOKEN_EXPIRED),
    Fault.TOKEN_REVOKED: MockFault(kind=FaultKind.TOKEN_REVOKED),
    Fault.FORBIDDEN: MockFault(kind=FaultKind.SERVER_ERROR, status=_FORBIDDEN),
    Fault.HTML: MockFault(kind=FaultKind.GARBAGE, body=_HTML),
    Fault.MALFORMED: MockFault(kind=FaultKind.GARBAGE, body=_MALFORMED),
    Fault.EMPTY: MockFault(kind=FaultKind.GARBAGE, body="{}"),
    Fault.BLANK: MockFault(kind=FaultKind.GARBAGE, body=""),
    Fault.TRUNCATED: MockFault(kind=FaultKind.CUT_BODY),
    Fault.HUGE: MockFault(kind=FaultKind.GARBAGE, body="{}" + " " * (MAX_BYTES + 1)),
}
