"""Let `SYNCD_TABLE__KEY` in the environment win over the file, and refuse those that would do nothing."""

import re
from collections.abc import Collection, Mapping
from difflib import get_close_matches
from typing import Any, get_args, get_origin

from pydantic import BaseModel
from pydantic_settings import EnvSettingsSource

from syncd.config.documents import Documents
from syncd.config.problems import Place, Problems
from syncd.config.settings import CoreSettings

_PREFIX = "SYNCD_"
_NUMBER = re.compile(r"[0-9]{1,18}")
_NO_SETTING = frozenset({"SYNCD_CONFIG"})


def override(documents: Documents, environ: Mapping[str, str], problems: Problems) -> None:
    """Put the values of known variables into `documents`; their place is the variable."""
    known = _known()
    variables = {name.lower(): environ[name] for name in known if name in environ}
    source = EnvSettingsSource(CoreSettings)
    # The library would read the process's own environment; here it is passed in.
    source.env_vars = variables
    for table, values in source().items():
        target = documents.values.setdefault(table, {})
        if isinstance(target, dict):
            target.update({key: _typed(table, key, text) for key, text in values.items()})
    for name, path in known.items():
        if name in environ:
            problems.places[path] = Place(f"{name} in the environment", 0)


def refuse_unknown(environ: Mapping[str, str], secrets: Collection[str], problems: Problems) -> None:
    """Add a problem for each variable that looks like an override and is none; `secrets` are in use."""
    known = _known()
    plain = {name.replace("_", ""): name for name in (*known, *_tables())}
    for name in sorted(environ):
        if not name.upper().startswith(_PREFIX) or name in known or name in secrets or name in _NO_SETTING:
            continue
        # Without the double underscore it may be anybody's; unless it is a setting but for that.
        meant = plain.get(name.upper().replace("_", ""))
        if "__" not in name and meant is None:
            continue
        close = [meant] if meant in known else get_close_matches(name.upper(), list(known), n=1)
        hint = (
            f"did you mean {close[0]}?"
            if close
            else "unset it, or write SYNCD_TABLE__KEY, e.g. SYNCD_CYCLE__EVERY"
        )
        problems.add_at(Place("the environment", 0), "matches no setting", hint, name)


def _tables() -> dict[str, type[BaseModel]]:
    fields = CoreSettings.model_fields.items()
    return {
        f"{_PREFIX}{table.upper()}": field.annotation
        for table, field in fields
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)
    }


def _known() -> dict[str, tuple[str, str]]:
    return {
        f"{variable}__{key.upper()}": (variable.removeprefix(_PREFIX).lower(), key)
        for variable, model in _tables().items()
        for key, field in model.model_fields.items()
        # Tables in tables have names of their own, which a variable cannot spell.
        if not _holds_tables(field.annotation)
    }


def _holds_tables(kind: Any) -> bool:  # noqa: ANN401 - any annotation
    is_listed = any(isinstance(part, type) and issubclass(part, BaseModel) for part in get_args(kind))
    return get_origin(kind) is dict or is_listed


def _typed(table: str, key: str, text: object) -> object:
    """Return whole numbers as such; the environment knows only text, and the settings refuse quotes."""
    model = _tables()[f"{_PREFIX}{table.upper()}"]
    is_number = isinstance(text, str) and _NUMBER.fullmatch(text)
    return int(str(text)) if is_number and model.model_fields[key].annotation in {int, int | None} else text
