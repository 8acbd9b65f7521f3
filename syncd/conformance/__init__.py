"""What every channel owes, as a suite that pytest runs against any of them.

An author of an adapter writes a factory, a callable that returns an async context manager of a `Bench`, and
runs::

    pytest --syncd-channel your.module:factory

The bench holds the opened channel and the platform behind it, in the words of `syncd.conformance.rig`. What
the platform cannot do at all is left out of `Bench.abilities`; the tests that need it are skipped and say so,
and the summary counts them. In a test suite of one's own a class does the same::

    from syncd.conformance.suite import ChannelConformance

    class TestBazaar(ChannelConformance):
        factory = staticmethod(bazaar_bench)

Importing this package needs no pytest; the suite and the plug-in need the extra `syncd[conformance]`.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from syncd.conformance.rig import Ability, Bench, Buyers, Fault, Gate, Rig, Stock, Task

__all__ = ["Ability", "Bench", "Buyers", "Fault", "Gate", "Rig", "Stock", "Task"]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever it is called
    """Return a word of the rig, which is imported by then.

    pytest loads the plug-in wherever syncd is installed, before anything is measured or rewritten, and so
    the plug-in must not bring half of the program along.
    """
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from syncd.conformance import rig  # noqa: PLC0415 - see above

    return getattr(rig, name)
