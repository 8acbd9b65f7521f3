"""Why nothing happens, for every reason there is, and the plan as people and programs read it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from syncd.domain.model import ShopName, Sku
from syncd.domain.policy import Stop
from syncd.domain.records import ShopState, ShopStatus
from syncd.domain.topology import PolicyName, PoolMode, Rule
from syncd.errors import Kind, PortError
from syncd.services.cycle import View
from syncd.services.queries import Explainer, Json, change_document, plan_document
from tests.unit.services.cycle_world import World, shops_of, shown

A = ShopName("a")
ONE = shops_of("a")


async def look(world: World) -> View:
    """Look a minute later: an answer as old as the last one is no news."""
    world.clock.advance(60)
    return await world.cycle.look(save=False)


async def why_not(world: World) -> str | None:
    found = Explainer(await look(world)).explain(Sku("A"))
    because: str | None = found["shops"]["a"]["held_because"]
    return because


async def a_world(stock: Mapping[str, int] | None = None, **settings: Any) -> World:  # noqa: ANN401
    return await World(stock or {"A": 10}, **({"shops": ONE} | settings)).filled()


# --- why not -------------------------------------------------------------------------------------------


async def test_what_is_as_it_should_be_has_no_reason() -> None:
    assert await why_not(await a_world()) is None


@pytest.mark.parametrize(
    ("policy", "why"),
    [
        (PolicyName.FREEZE, Stop.FREEZE),
        (PolicyName.DRY_RUN, Stop.DRY_RUN),
        (PolicyName.NO_RAISE, Stop.NO_RAISE),
    ],
)
async def test_a_policy_is_the_reason(policy: PolicyName, why: Stop) -> None:
    world = await World({"A": 10}, shops=shops_of("a", policy=policy)).filled()

    assert await why_not(world) == why.words


async def test_a_policy_against_delisting_is_the_reason() -> None:
    low = (Rule(name="overrides[0]", values={"warning_level": 5}),)
    world = World({"A": 3}, shops=shops_of("a", policy=PolicyName.NO_DELIST), rules=low)

    assert await why_not(await world.filled()) == Stop.NO_DELIST.words


async def test_what_is_held_says_how_to_release_it() -> None:
    world = await a_world()
    world.stock(A=0)
    digest = (await world.run()).view.decision.digest

    because = await why_not(world)

    assert because is not None
    assert because.endswith(f"release it once with: syncd approve {digest}")


async def test_figures_that_cannot_be_believed_are_the_reason() -> None:
    world = await a_world(rules=(Rule(name="overrides[0]", values={"cap": 5}),))
    world.rule(cap=8)
    world.lose(PortError(Kind.TRANSIENT, "down"))

    assert await why_not(world) == Stop.SHAKY.words


async def test_a_shop_that_cannot_be_read_is_the_reason() -> None:
    world = await a_world()
    world.stock(A=12)
    for _ in range(3):
        world.shop("a").fail_observe(PortError(Kind.TRANSIENT, "down"))

    assert await why_not(world) == Stop.UNREAD.words


async def test_units_that_are_taken_first_are_the_reason() -> None:
    world = await a_world(shops=shops_of("a", "b"), mode=PoolMode.SPLIT)
    weights = (Rule(name="overrides[0]", values={"weight": 3}, shops=(A,)),)
    world.topology = replace(world.topology, rules=weights)
    world.fingerprint += "1"
    world.restart()

    assert await why_not(world) == Stop.TAKE_FIRST.words


@pytest.mark.parametrize("status", [ShopStatus.PAUSED, ShopStatus.FROZEN])
async def test_a_shop_that_a_person_stopped_is_the_reason(status: ShopStatus) -> None:
    world = await a_world()
    state: ShopState = (await world.store.shops())[A]
    await world.store.save_shop(replace(state, status=status))

    assert await why_not(world) == "the shop is paused, frozen or retired"


async def test_what_a_person_took_down_is_the_reason() -> None:
    world = await a_world()
    world.shop("a").put(shown("A", 10, on_sale=False))

    assert await why_not(world) == "off sale by person; syncd puts back only what it took down itself"


@pytest.mark.parametrize(
    "stop", [Stop.DEFICIT, Stop.UNRESOLVED, Stop.FOREIGN, Stop.SHAKY, Stop.UNREAD, Stop.TAKE_FIRST]
)
async def test_every_other_stop_is_said_in_its_own_words(stop: Stop) -> None:
    world = await a_world()
    world.stock(A=7)
    view = await look(world)
    view.decision.stop[:] = stop

    assert Explainer(view).explain(Sku("A"))["shops"]["a"]["held_because"] == stop.words


async def test_a_counter_that_was_never_read_is_the_reason() -> None:
    world = World({"A": 10}, shops=ONE)
    world.shop("a").put(shown("A", None))
    await world.run()

    assert await why_not(world) == "its counter was never read"


# --- the plan ------------------------------------------------------------------------------------------


async def planned(world: World, *, shop: str = "") -> Json:
    view = await look(world)
    found = [c for c in view.decision.plan.changes() if shop in ("", c.shop)]
    return plan_document(view, found)


async def test_a_plan_counts_what_it_changes_by_shop() -> None:
    world = await a_world({"A": 10, "B": 10, "C": 10})
    world.stock(A=0, B=15, C=10)

    plan = (await planned(world))["shops"]["a"]

    assert (plan["changes"], plan["to_zero"], plan["raised_units"], plan["held"]) == (2, 1, 5, None)


async def test_a_plan_restricted_to_one_shop_counts_only_that() -> None:
    world = await a_world(shops=shops_of("a", "b"))
    world.stock(A=8)

    plan = await planned(world, shop="b")

    assert (plan["shops"]["a"]["changes"], plan["shops"]["b"]["changes"], len(plan["changes"])) == (0, 1, 1)


async def test_a_plan_says_what_is_held_and_by_which_limit() -> None:
    world = await a_world()
    world.stock(A=0)

    plan = await planned(world)

    assert plan["shops"]["a"]["held"] == {
        "setting": "guard: all listings at once",
        "limit": 99,
        "value": 100,
        "override": f"syncd approve {plan['digest']}",
    }


async def test_a_plan_says_what_stays_behind_and_why() -> None:
    world = await World({"A": 10}, shops=shops_of("a", policy=PolicyName.FREEZE)).filled()

    assert (await planned(world))["stopped"] == [{"shop": "a", "listing": "A", "because": "policy freeze"}]


async def test_a_plan_names_what_went_wrong() -> None:
    world = await a_world()
    world.lose(PortError(Kind.TRANSIENT, "source erp: down"))
    world.shop("a").fail_observe(PortError(Kind.TRANSIENT, "no route"))

    problems = (await planned(world))["problems"]

    assert problems[0] == "source erp: down"
    assert problems[1].startswith("shop a: no route")


async def test_a_change_is_shown_with_its_rule_and_cause() -> None:
    world = await a_world()
    world.stock(A=7)
    view = await look(world)

    assert [change_document(change) for change in view.decision.plan.changes()] == [
        {
            "shop": "a",
            "listing": "A",
            "sku": "A",
            "kind": "lower",
            "old": 10,
            "new": 7,
            "rule": "pools.main available",
            "cause": "snapshot",
        }
    ]
