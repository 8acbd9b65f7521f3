"""The JSON schemas that are shipped, and whether a document fits one."""

import importlib
import json
from importlib.resources import files
from typing import Any

FOLDER = files("syncd.adapters.mqtt") / "schemas"

NAMES = ("ask", "event", "look", "shop", "source", "stock")

# Imported by name, for it has no types.
_jsonschema: Any = importlib.import_module("jsonschema")


def schema(name: str) -> dict[str, Any]:
    text: dict[str, Any] = json.loads((FOLDER / f"{name}.schema.json").read_text("utf-8"))
    return text


def fits(name: str, document: object) -> bool:
    return bool(_jsonschema.Draft202012Validator(schema(name)).is_valid(document))


def check(name: str) -> None:
    _jsonschema.Draft202012Validator.check_schema(schema(name))
