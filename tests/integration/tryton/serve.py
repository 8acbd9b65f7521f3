"""Serve one Tryton database on a free port; runs in Tryton's environment.

Usage: `TRYTOND_CONFIG=... TRYTOND_DATABASE_NAMES=... python -m tests.integration.tryton.serve`. Says its port
as the first line, and ends with its standard input, so that it never outlives the tests that started it.
"""

import os
import sys
import threading

from trytond.application import app  # type: ignore[import-not-found]
from werkzeug.serving import make_server


def _end_with_the_tests() -> None:
    sys.stdin.read()
    os._exit(0)


def main() -> None:
    """Listen first, then tell: who reads the port can call at once."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    print(server.port, flush=True)
    threading.Thread(target=_end_with_the_tests, daemon=True).start()
    server.serve_forever()


if __name__ == "__main__":
    main()
