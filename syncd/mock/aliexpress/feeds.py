"""The bulk methods: a job takes many products at once, and tells later what became of each.

What an item of a job looks like is not documented here; it is taken as an entry of the batch method is. That
the answers of a job are texts of JSON is ours too, and so is a job that is not done showing no results.
"""

import json
from datetime import timedelta

from syncd.mock.aliexpress.params import Params, Query
from syncd.mock.aliexpress.plan import Method, Plan, Row
from syncd.mock.aliexpress.refusal import Failure, Refusal, invalid
from syncd.mock.aliexpress.state import AliexpressState
from syncd.mock.aliexpress.writes import Wish, Writes, read_content
from syncd.mock.core import Call
from syncd.mock.faults import Strikes

_STOCKS = "PRODUCT_STOCKS_UPDATE"
_MOST_ITEMS = 2000
_FIRST_JOB = 200_000_000_000


class Feeds:
    """The jobs of one shop."""

    def __init__(self, state: AliexpressState, writes: Writes) -> None:
        self._state = state
        self._writes = writes
        self._jobs: dict[str, list[Row]] = {}

    def methods(self) -> dict[str, Method]:
        """Return each method by its name."""
        return {
            "aliexpress.solution.feed.submit": self._submit,
            "aliexpress.solution.feed.query": self._query,
        }

    def _submit(self, params: Params) -> Plan:
        if params.text("operation_type") != _STOCKS:
            raise invalid("operation_type", _STOCKS)
        items = [self._read_item(entry) for entry in params.objects("item_list", _MOST_ITEMS)]

        def work(call: Call, _: Strikes) -> Row:
            call.applied.extend([False] * sum(len(wish.lines) for _, wish in items))
            job = str(_FIRST_JOB + len(self._jobs))
            results = self._jobs[job] = []
            due = self._state.now() + timedelta(seconds=self._state.aliexpress.feed_seconds)
            self._state.jobs.append((due, lambda: results.extend(self._done(*item) for item in items)))
            return {"job_id": int(job)}

        lines = [line for _, wish in items for line in wish.lines]
        return Plan(
            work=work,
            listings=tuple(line.id for line in lines),
            quantities=tuple(line.value for line in lines),
        )

    def _query(self, params: Params) -> Plan:
        job = params.id("job_id")

        def work(_: Call, __: Strikes) -> Row:
            if job not in self._jobs:
                raise Refusal("JOB_NOT_FOUND", f"there is no job {job}", of_service=True)
            results = self._jobs[job]
            return {"job_id": int(job), "result_list": [*results]}

        return Plan(work=work)

    def _read_item(self, entry: Query) -> tuple[str, Wish]:
        return entry.text("item_content_id"), self._writes.read_wish(read_content(entry.text("item_content")))

    def _done(self, content_id: str, wish: Wish) -> Row:
        result: Row = {"success": True, "product_id": wish.product}
        try:
            self._writes.write(wish)
        except Failure as failure:
            result |= {"success": False, "error_code": failure.code, "error_message": failure.message}
        return {"item_content_id": content_id, "item_execution_result": json.dumps(result)}
