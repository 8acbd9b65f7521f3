"""Check one table against its model, and say what is wrong with it in words of our own."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, get_origin

from pydantic import BaseModel, SecretStr, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from syncd.config.lines import KeyPath
from syncd.config.problems import Problems, suggestion, value_at

ModelT = TypeVar("ModelT", bound=BaseModel)
ModelT_co = TypeVar("ModelT_co", bound=BaseModel, covariant=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table(Generic[ModelT_co]):
    """One table as far as it could be read; keys in `broken` are wrong or missing: do not look at them."""

    path: KeyPath
    model: ModelT_co
    broken: frozenset[str]

    def has(self, *keys: str) -> bool:
        """Return whether all of `keys` can be trusted."""
        return self.broken.isdisjoint(keys)


def read_table(model: type[ModelT], values: object, path: KeyPath, problems: Problems) -> Table[ModelT]:
    """Return `values` as `model`; what is wrong goes to `problems` and the rest of the table still counts."""
    if not isinstance(values, Mapping):
        problems.add(path, "must be a table")
        return Table(path=path, model=model.model_construct(), broken=frozenset(model.model_fields))
    try:
        return Table(path=path, model=model.model_validate(values), broken=frozenset())
    except ValidationError as error:
        broken = add_errors(error, model, values, path, problems)
    return Table(path=path, model=_without(model, values, broken), broken=frozenset(broken))


def add_errors(
    error: ValidationError,
    model: type[BaseModel],
    values: Mapping[str, Any],
    path: KeyPath,
    problems: Problems,
    *,
    told_already: Collection[str] = (),
) -> set[str]:
    """Add one problem per wrong key to `problems`; return which keys of the table are wrong.

    Keys in `told_already` are left out: what is wrong with them was said before.
    """
    broken: set[str] = set()
    told: set[KeyPath] = set()
    for details in error.errors(include_url=False):
        below = _below(details, values)
        # A union reports each of its members; the first says enough.
        if below in told or (below and below[0] in told_already):
            continue
        told.add(below)
        broken |= {part for part in below[:1] if isinstance(part, str)}
        message, hint = _words(details, model, below)
        problems.add((*path, *below), message, hint)
    return broken


def _without(model: type[ModelT], values: Mapping[str, Any], broken: Collection[str]) -> ModelT:
    """Return the model with the good keys only; the broken ones must not be read from it."""
    good = {
        name: TypeAdapter(field.rebuild_annotation()).validate_python(values[name])
        for name, field in model.model_fields.items()
        if name in values and name not in broken
    }
    return model.model_construct(**good)


def _below(details: ErrorDetails, values: object) -> KeyPath:
    """Return where in the table the error is, without what pydantic adds (names of union members)."""
    loc = details["loc"]
    if details["type"] in {"missing", "extra_forbidden"}:
        return (*_existing(loc[:-1], values), loc[-1])
    return _existing(loc, values)


def _existing(loc: KeyPath, values: object) -> KeyPath:
    path: KeyPath = ()
    for part in loc:
        if value_at(values, (*path, part)) is not None:
            path = (*path, part)
    return path


# --- words -------------------------------------------------------------------------------------------------


def _words(details: ErrorDetails, model: type[BaseModel], below: KeyPath) -> tuple[str, str]:
    kind = details["type"]
    context = details.get("ctx", {})
    inner = _model_at(model, below[:-1])
    if kind == "extra_forbidden":
        return "is no key of this table", suggestion(str(below[-1]), field_keys(inner), "keys")
    description = _description(inner, below)
    if kind == "missing":
        return "is missing", description
    if kind in _MESSAGES:
        return _MESSAGES[kind](context), description
    text = details["msg"].removeprefix("Value error, ").removeprefix("Assertion failed, ")
    text = text.replace("Input should be", "must be").replace("Input should", "must")
    return _without_input(text, details["input"]), str(context.get("hint", description))


def _number(context: Mapping[str, Any], name: str) -> str:
    limit = context.get(name)
    if isinstance(limit, float) and limit.is_integer():
        limit = int(limit)
    return f"{limit:,}" if isinstance(limit, int | float) else str(limit)


_MESSAGES: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "int_type": lambda _: "must be a whole number, without quotes",
    "int_parsing": lambda _: "must be a whole number",
    "int_from_float": lambda _: "must be a whole number",
    "float_type": lambda _: "must be a number, without quotes",
    "float_parsing": lambda _: "must be a number",
    "finite_number": lambda _: "must be a finite number",
    "bool_type": lambda _: "must be true or false, without quotes",
    "string_type": lambda _: "must be text in quotes",
    "string_too_short": lambda _: "must not be empty",
    "string_too_long": lambda context: f"must have at most {context['max_length']} characters",
    "string_pattern_mismatch": lambda _: "has characters that are not allowed here",
    "greater_than_equal": lambda context: f"must be {_number(context, 'ge')} or more",
    "greater_than": lambda context: f"must be more than {_number(context, 'gt')}",
    "less_than_equal": lambda context: f"must be {_number(context, 'le')} or less",
    "less_than": lambda context: f"must be less than {_number(context, 'lt')}",
    "enum": lambda context: f"must be one of {context['expected'].replace(' or ', ', ')}",
    "literal_error": lambda context: f"must be one of {context['expected'].replace(' or ', ', ')}",
    "tuple_type": lambda _: "must be a list in [brackets]",
    "list_type": lambda _: "must be a list in [brackets]",
    "dict_type": lambda _: "must be a table",
    "model_type": lambda _: "must be a table",
    "model_attributes_type": lambda _: "must be a table",
    "too_short": lambda _: "must not be empty",
}


def _without_input(text: str, value: object) -> str:
    # An adapter's own check may quote what it refuses, and that may be a secret.
    return "is not valid" if any(len(secret) > 1 and secret in text for secret in _hidden(value)) else text


def _hidden(value: object) -> Iterator[str]:
    """Yield the texts that a message about `value` must not repeat."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, SecretStr):
        yield value.get_secret_value()
    elif isinstance(value, Mapping):
        yield from (text for inner in value.values() if not isinstance(inner, str) for text in _hidden(inner))
    elif isinstance(value, list | tuple):
        yield from (text for inner in value for text in _hidden(inner))


def field_keys(model: type[BaseModel] | None) -> list[str]:
    """Return the keys that the model's table may have, empty for none."""
    return [field.alias or name for name, field in model.model_fields.items()] if model else []


def _description(model: type[BaseModel] | None, below: KeyPath) -> str:
    if model is None or not below:
        return ""
    names = [part for part in below if isinstance(part, str)]
    fields = {field.alias or name: field for name, field in model.model_fields.items()}
    field = fields.get(names[-1]) if names else None
    return (field.description or "").rstrip(".") if field else ""


def _model_at(model: type[BaseModel] | None, path: KeyPath) -> type[BaseModel] | None:
    """Return the model of the table at `path`, None where it is no model's."""
    is_name = False
    for part in path:
        if isinstance(part, int) or model is None or is_name:
            is_name = False
            continue
        fields = {field.alias or name: field for name, field in model.model_fields.items()}
        kind = fields[part].annotation if part in fields else None
        model, is_name = _model_in(kind), get_origin(kind) is dict
    return model


def _model_in(kind: Any) -> type[BaseModel] | None:  # noqa: ANN401 - any annotation
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return kind
    found = (_model_in(inner) for inner in getattr(kind, "__args__", ()))
    return next((model for model in found if model), None)
