"""Copies of a whole scene: what changes is copied, what cannot change is shared."""

from collections import deque
from enum import Enum
from functools import partial
from types import MethodType
from typing import TypeVar, cast

T = TypeVar("T")

_OURS = ("syncd.adapters.memory", "tests.integration.exactness")


def clone(thing: T) -> T:
    """Return a copy that shares nothing that can change; frozen rows and settings stay the same."""
    return cast("T", _clone(thing, {}))


def _clone(thing: object, known: dict[int, object]) -> object:
    if id(thing) in known:
        return known[id(thing)]
    if isinstance(thing, dict):
        return {key: _clone(value, known) for key, value in thing.items()}
    if isinstance(thing, (list, set, deque)):
        return type(thing)(_clone(value, known) for value in thing)
    if isinstance(thing, (MethodType, partial)):
        return _bound(thing, known)
    return _made_anew(thing, known) if _can_change(thing) else thing


def _bound(thing: "MethodType | partial[object]", known: dict[int, object]) -> object:
    if isinstance(thing, MethodType):
        return MethodType(thing.__func__, _clone(thing.__self__, known))
    return partial(thing.func, *(_clone(arg, known) for arg in thing.args))


def _made_anew(thing: object, known: dict[int, object]) -> object:
    made = object.__new__(type(thing))
    known[id(thing)] = made
    for name in _names(thing):
        object.__setattr__(made, name, _clone(getattr(thing, name), known))
    return made


def _can_change(thing: object) -> bool:
    settings = getattr(thing, "__dataclass_params__", None)
    is_frozen = isinstance(thing, (tuple, Enum)) or (settings is not None and bool(settings.frozen))
    return type(thing).__module__.startswith(_OURS) and not is_frozen


def _names(thing: object) -> list[str]:
    slots = getattr(type(thing), "__slots__", ())
    return [*getattr(thing, "__dict__", {}), *slots]
