"""Put the hooks of a configuration together: whose rules, whom they ring, and what is remembered."""

from datetime import timedelta

from syncd.adapters.hooks import open_hook
from syncd.bootstrap.app import App
from syncd.console.hooks import HookDoor
from syncd.domain.look import Look
from syncd.services.feeds import told_by
from syncd.services.hooks import HookJob, Hooks, Memory


def open_hooks(app: App, memory: Memory) -> HookDoor:
    """Return the hooks of all shops that have one; what is good rings the bell that a broker rings."""
    feeds = told_by(app.channels)
    jobs = {
        name: HookJob(
            hook=open_hook(shop.core.hook),
            window=timedelta(seconds=shop.core.hook.window),
            names_orders=name in feeds,
        )
        for name, shop in app.configuration.shops.items()
        if shop.core.hook is not None
    }
    ring = _unheard if app.bell is None else app.bell.ear.hear
    hooks = Hooks(jobs, ring=ring, clock=app.clock, events=app.events, memory=memory)
    return HookDoor(hooks=hooks, limits=app.configuration.settings.hooks, clock=app.clock)


def _unheard(_: Look) -> None:
    """Ring for nobody: without a hook nothing is taken that could ask for it."""
