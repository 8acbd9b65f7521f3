"""A loop whose threads are none: what would run in one runs at once, so that a cycle costs no switching."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")


class AtOnce(ThreadPoolExecutor):
    """An executor that has done its work when `submit` returns."""

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:  # noqa: ANN401
        """Return the future of a call that is over."""
        done: Future[T] = Future()
        try:
            done.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - whoever waits for it gets it
            done.set_exception(error)
        return done


def runner() -> asyncio.Runner:
    """Return a runner of such a loop; whoever asked for it closes it."""
    made = asyncio.Runner()
    made.get_loop().set_default_executor(AtOnce())
    return made
