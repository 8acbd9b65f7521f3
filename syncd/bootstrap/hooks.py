"""Put the hooks of a configuration together: whose rules, whom they ring, and what is remembered."""

from datetime import timedelta

from syncd.adapters.hooks import open_hook
from syncd.bootstrap.app import App
from syncd.console.hooks import HookDoor
from syncd.domain.look import Look
from syncd.ports.channel import Channel
from syncd.ports.orders import OrderFeed
from syncd.services.hooks import HookJob, Hooks, Memory


def open_hooks(app: App, memory: Memory) -> HookDoor:
    """Return the hooks of all shops that have one; what is good rings the bell that a broker rings."""
    jobs = {
        name: HookJob(
            hook=open_hook(shop.core.hook),
            window=timedelta(seconds=shop.core.hook.window),
            names_orders=_tells_orders(app.channels[name]),
        )
        for name, shop in app.configuration.shops.items()
        if shop.core.hook is not None
    }
    ring = _unheard if app.bell is None else app.bell.ear.hear
    hooks = Hooks(jobs, ring=ring, clock=app.clock, events=app.events, memory=memory)
    return HookDoor(hooks=hooks, limits=app.configuration.settings.hooks, clock=app.clock)


def _tells_orders(channel: Channel) -> bool:
    return channel.traits.order_feed and isinstance(channel, OrderFeed)


def _unheard(_: Look) -> None:
    """Ring for nobody: without a hook nothing is taken that could ask for it."""
