"""What it costs to plan: all shops after a delivery, and one SKU among many or few."""

import gc
import tracemalloc
from collections.abc import Callable, Iterator
from functools import cache
from time import process_time

from syncd.domain.book import State, make_book
from syncd.domain.decision import decide, decide_on
from syncd.domain.pipeline import compute
from tests.bench.kernel import Kernel, make_kernel
from tests.bench.measuring import Figure, Size, timed
from tests.bench.world import make_state, moved, question_of

EVERY = 20
"""One cell of so many has changed since the counters were right."""


def plan(size: Size, tell: Callable[[str], None]) -> Iterator[Figure]:
    """Measure columns, judgement and list of changes in CPU seconds against the kernel, and the memory."""
    tell(f"making {size.skus} SKUs in {size.shops} shops")
    state = moved(_settled(size.skus, size.shops), EVERY)
    question = question_of(state)
    columns: list[float] = []
    judged: list[float] = []
    listed: list[float] = []
    bare: list[float] = []
    kernel = _kernel(state)
    for run in range(size.runs):
        tell(f"plan: run {run + 1} of {size.runs}")
        with timed((process_time, bare)):
            kernel.run()
        with timed((process_time, columns)):
            book = make_book(state)
        with timed((process_time, judged)):
            decision = decide_on(book, question)
        with timed((process_time, listed)):
            going = decision.going()
        tell(f"plan: {len(going)} changes may go")
        del book, decision, going
    yield Figure(name="plan.book", unit="CPU s", ours=columns, theirs=bare)
    yield Figure(name="plan.decide", unit="CPU s", ours=judged, theirs=bare)
    yield Figure(name="plan.changes", unit="CPU s", ours=listed, theirs=bare)
    tell("plan: once more for its memory")
    listings = len(state.listings)
    yield Figure(
        name="plan.memory",
        unit="bytes a listing",
        ours=[_peak(lambda: decide(state, question)) / listings],
        theirs=[(kernel.bytes + _peak(kernel.run)) / listings],
    )


def one_sku(size: Size, tell: Callable[[str], None]) -> Iterator[Figure]:
    """Measure a cycle in which one SKU changed, in a large catalogue against a small one."""
    tell(f"making {size.skus} and {size.few_skus} SKUs in {size.shops} shops")
    many, few = (moved(_settled(skus, size.shops), 0) for skus in (size.skus, size.few_skus))
    ours: list[float] = []
    theirs: list[float] = []
    for run in range(size.runs):
        tell(f"one_sku: run {run + 1} of {size.runs}")
        for state, samples in ((few, theirs), (many, ours)):
            with timed((process_time, samples)):
                decide(state, question_of(state))
    # Nobody after this needs the large catalogue; what comes next shall have the memory.
    _settled.cache_clear()
    yield Figure(name="one_sku", unit="CPU s", ours=ours, theirs=theirs)


@cache
def _settled(skus: int, shops: int) -> State:
    return make_state(skus, shops)


def _kernel(state: State) -> Kernel:
    figures = compute(make_book(state))
    return make_kernel(figures.book, figures)


def _peak(work: Callable[[], object]) -> int:
    """Return the most bytes that `work` holds at one time beyond what was there before."""
    gc.collect()
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
