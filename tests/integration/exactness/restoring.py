"""A world in which the state is lost, and an older copy of it put in its place."""

from hypothesis.stateful import rule

from syncd.adapters.memory import MemoryStore
from syncd.domain.anew import Anew
from syncd.domain.model import ShopName
from syncd.domain.orders import OrderLine
from tests.integration.exactness.cloning import clone
from tests.integration.exactness.machine import Machine
from tests.integration.exactness.scene import Scene


class Copy:
    """A copy of the state, and what the shops had told by then."""

    def __init__(self, scene: Scene) -> None:
        self._store: MemoryStore = clone(scene.store)
        self._told: dict[ShopName, dict[str, OrderLine]] = {
            name: dict(till.told) for name, till in scene.tills.items()
        }

    async def restore(self, scene: Scene) -> None:
        """Put the copy in the place of the state; the program starts anew on it."""
        scene.store = clone(self._store)
        slow = {name for name, till in scene.tills.items() if till.traits.max_apply_delay}
        await scene.store.begin_anew(Anew(configured=scene.names, slow=slow, at=scene.clock.now(), by="ann"))
        for name, till in scene.tills.items():
            till.told = dict(self._told[name])
        scene.restart()


class Restored(Machine):
    """The game, in which an operator takes copies and restores them, however much was sold since."""

    copy: Copy | None = None

    @rule()
    def back_up(self) -> None:
        self.copy = Copy(self.scene)

    @rule()
    def restore(self) -> None:
        if self.copy is not None:
            self._runner.run(self.copy.restore(self.scene))
