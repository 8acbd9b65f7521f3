"""What it costs to plan: everything, what a snapshot changed, 1 % of it, and one SKU among many or few."""

import gc
import pickle
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from time import process_time

import numpy as np

from syncd.domain.book import State, make_book
from syncd.domain.decision import Question, decide, decide_on
from syncd.domain.listing_columns import ListingColumns
from syncd.domain.model import StockRow
from syncd.domain.pipeline import compute
from syncd.domain.standing import News, Standing
from tests.bench.kernel import Kernel, make_kernel
from tests.bench.measuring import Figure, Size, timed
from tests.bench.world import make_state, moved, question_of, rested, stock_of

EVERY = 20
"""One SKU of so many has changed since the counters were right."""

HUNDREDTH = 100
FEW_SHOPS = 2
"""Shops of the catalogues that are compared by their size: more would not fit into memory."""


def plan(size: Size, tell: Callable[[str], None]) -> Iterator[Figure]:
    """Measure a whole decision, and one about what a snapshot changed, against the kernel; and the memory."""
    tell(f"making {size.skus} SKUs in {size.shops} shops")
    before = settled(size.skus, size.shops)
    state, hundredth = (moved(before, every) for every in (EVERY, HUNDREDTH))
    question = question_of(state)
    columns: list[float] = []
    judged: list[float] = []
    listed: list[float] = []
    bare: list[float] = []
    kernel = _kernel(state)
    # What is there already would be looked at before each measurement.
    gc.freeze()
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
    whole = [sum(parts) for parts in zip(columns, judged, strict=True)]
    yield Figure(name="plan.book", unit="CPU s", ours=columns, theirs=bare)
    yield Figure(name="plan.decide", unit="CPU s", ours=judged, theirs=bare)
    yield Figure(name="plan.whole", unit="CPU s", ours=whole, theirs=bare, goal=2.5)
    yield Figure(name="plan.changes", unit="CPU s", ours=listed, theirs=bare)
    yield from _standing(size, (before, hundredth, state), bare, tell)
    tell("plan: once more for its memory")
    yield Figure(
        name="plan.peak",
        unit="bytes a listing",
        ours=[_traced(lambda: decide(state, question))[1] / len(state.listings)],
        theirs=[(kernel.bytes + _traced(kernel.run)[1]) / len(state.listings)],
    )


def _standing(
    size: Size, states: tuple[State, State, State], bare: Sequence[float], tell: Callable[[str], None]
) -> Iterator[Figure]:
    """Measure decisions on what is new, from the figures of a whole snapshot to the guarded plan."""
    before, hundredth, after = states
    question = question_of(before)
    beginning: list[float] = []
    total: list[float] = []
    percent: list[float] = []
    standing, bytes_ = _traced_standing(before, question)
    gc.freeze()
    for run in range(size.runs):
        tell(f"plan: what is new, run {run + 1} of {size.runs}")
        with timed((process_time, beginning)):
            standing = Standing(decide(before, question), question)
        with timed((process_time, percent)):
            _hear(standing, before, hundredth, question)
        # Back to where it was: what is measured is one snapshot after another.
        _hear(standing, hundredth, before, question)
        with timed((process_time, total)):
            _hear(standing, before, after, question)
    gc.unfreeze()
    yield Figure(name="plan.total", unit="CPU s", ours=total, theirs=bare, goal=2.5)
    proportional = EVERY / HUNDREDTH
    yield Figure(name="plan.one_percent", unit="CPU s", ours=percent, theirs=total, goal=proportional)
    yield Figure(name="plan.beginning", unit="CPU s", ours=beginning, theirs=bare)
    yield Figure(name="plan.memory", unit="bytes a listing", ours=[bytes_ / len(before.listings)], goal=100)


def one_sku(size: Size, tell: Callable[[str], None]) -> Iterator[Figure]:
    """Measure the decision after one SKU changed, in a large catalogue against a small one."""
    tell(f"making {size.many_skus} and {size.few_skus} SKUs in {FEW_SHOPS} shops")
    # Nobody else needs the other catalogue; what comes next shall have the memory.
    settled.cache_clear()
    talks = []
    for skus in (size.many_skus, size.few_skus):
        state = settled(skus, FEW_SHOPS)
        question = question_of(state)
        talks.append((Standing(decide(state, question), question), state, question))
    samples: tuple[list[float], list[float]] = ([], [])
    gc.collect()
    gc.freeze()
    for run in range(size.runs * _OFTEN):
        tell(f"one_sku: run {run + 1} of {size.runs * _OFTEN}") if run % _OFTEN == 0 else None
        for (standing, state, question), taken in zip(talks, samples, strict=True):
            stock = stock_of(state)
            at = len(stock.skus) // 2 + run
            row = stock.take(np.array([at]), (stock.skus[at],))[0]
            with timed((process_time, taken)):
                _one(standing, state, row._replace(on_hand=row.on_hand + 10), question)
            _one(standing, state, row, question)
    gc.unfreeze()
    settled.cache_clear()
    yield Figure(name="one_sku", unit="CPU s", ours=samples[0], theirs=samples[1], goal=1.2)


_OFTEN = 4
"""So short a time is taken more often."""


def _one(standing: Standing, state: State, row: StockRow, question: Question) -> None:
    decision = standing.after(News(state=state, question=question, stock=[row]))
    if decision is None:
        raise RuntimeError("one row of stock must not need a whole decision")


def _hear(standing: Standing, before: State, after: State, question: Question) -> None:
    """Find what a whole snapshot changed, and decide on it."""
    stock = stock_of(after).changed_since(stock_of(before))
    if standing.after(News(state=after, question=question, stock=stock)) is None:
        raise RuntimeError("rows of stock must not need a whole decision")


@cache
def settled(skus: int, shops: int) -> State:
    """Return a state in which nothing is left to do; it is kept for who asks again."""
    # What is made on the way is looked at once, and not again each time that there is half as much more.
    gc.disable()
    try:
        state = make_state(skus, shops)
        return rested(state, question_of(state))
    finally:
        gc.enable()


def _kernel(state: State) -> Kernel:
    figures = compute(make_book(state))
    return make_kernel(figures.book, figures)


def _traced_standing(state: State, question: Question) -> tuple[Standing, float]:
    """Return a standing decision and the bytes that stay with it, its columns of listings included."""
    gc.collect()
    tracemalloc.start()
    try:
        standing = Standing(decide(state, question), question)
        gc.collect()
        # What it keeps of the state was there before; that is made once more to see what it takes.
        kept = (list(state.levels), decide(state, question).plan.book.skus)
        copies = pickle.loads(pickle.dumps(kept))  # noqa: S301 - our own
        gc.collect()
        stays = tracemalloc.get_traced_memory()[0]
        del copies, kept
        return standing, stays + ListingColumns.of(state.listings).bytes
    finally:
        tracemalloc.stop()


def _traced(work: Callable[[], object]) -> tuple[int, int]:
    """Return the bytes that stay after `work`, and the most that it holds at one time."""
    gc.collect()
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
