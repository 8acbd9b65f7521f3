"""Turn references such as `env:TOKEN` into secrets, which never show themselves."""

import re
import types
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from syncd.config.lines import KeyPath
from syncd.config.problems import Problems

_HINT = 'write "env:NAME", "file:PATH" or "credential:NAME"'
UNREADABLE = "credential-not-readable"
"""What stands for a secret that cannot be read; no shop accepts it, and no token matches it."""

_UNREADABLE = SecretStr(UNREADABLE)
_LARGEST = 64 * 1024
_CREDENTIAL_NAME = re.compile(r"[A-Za-z0-9_.-]{1,255}")
_VARIABLE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class Secrets:
    """Resolves the references in adapters' settings.

    `variables` are the names of the environment that some reference uses. `unresolved` are the keys whose
    credential only the systemd unit can read; they hold a stand-in that no shop accepts.
    """

    def __init__(self, environ: Mapping[str, str], problems: Problems) -> None:
        self.variables: set[str] = set()
        self.unresolved: list[KeyPath] = []
        self._environ = environ
        self._problems = problems

    def resolve_all(self, model: type[BaseModel], table: Mapping[str, Any], path: KeyPath) -> dict[str, Any]:
        """Return `table` with every value that `model` declares secret replaced by the secret."""
        fields = {field.alias or name: field for name, field in model.model_fields.items()}
        return {
            key: self._resolved(_annotation(fields[key]), value, (*path, key)) if key in fields else value
            for key, value in table.items()
        }

    def _resolved(self, kind: Any, value: object, path: KeyPath) -> object:  # noqa: ANN401 - any annotation
        kind = _without_metadata(kind)
        if kind is SecretStr:
            return self._secret(value, path)
        origin, arguments = get_origin(kind), get_args(kind)
        if origin in {Union, types.UnionType}:
            return self._resolved(_member(arguments, value), value, path)
        if isinstance(value, Mapping) and isinstance(kind, type) and issubclass(kind, BaseModel):
            return self.resolve_all(kind, value, path)
        if isinstance(value, Mapping) and isinstance(origin, type) and issubclass(origin, Mapping):
            return {key: self._resolved(arguments[1], inner, (*path, key)) for key, inner in value.items()}
        if isinstance(value, list) and arguments:
            return [self._resolved(arguments[0], inner, (*path, at)) for at, inner in enumerate(value)]
        return value

    def _secret(self, reference: object, path: KeyPath) -> object:
        if isinstance(reference, SecretStr):
            # It may stand in the file itself, which who read the table has seen.
            return reference
        if not isinstance(reference, str):
            self._problems.add(path, "must be a reference to a secret", _HINT)
            return _UNREADABLE
        scheme, _, name = reference.partition(":")
        readers = {"env": self._from_environment, "file": self._from_file, "credential": self._credential}
        if scheme not in readers or not name:
            self._problems.add(path, "must be a reference, not the secret itself", _HINT)
            return _UNREADABLE
        return readers[scheme](name, path)

    def _from_environment(self, name: str, path: KeyPath) -> SecretStr:
        if not _VARIABLE_NAME.fullmatch(name):
            self._problems.add(path, "does not name an environment variable", _HINT)
            return _UNREADABLE
        self.variables.add(name)
        value = self._environ.get(name)
        if value:
            return SecretStr(value)
        state = "not set" if value is None else "empty"
        hint = "set it for the user who runs syncd"
        self._problems.add(path, f"the environment variable {name} is {state}", hint)
        return _UNREADABLE

    def _from_file(self, name: str, path: KeyPath) -> SecretStr:
        # A relative path begins where it was written, so that a folder of shops can be moved as a whole.
        file = Path(self._problems.place(path).file).parent / name
        secret = self._read(file, path)
        if secret is not _UNREADABLE and file.stat().st_mode & 0o077:
            message = f"the secret file {file} can be read by other users"
            self._problems.note(path, message, f"chmod 600 {file}")
        return secret

    def _credential(self, name: str, path: KeyPath) -> SecretStr:
        if not _CREDENTIAL_NAME.fullmatch(name) or name in {".", ".."}:
            self._problems.add(path, "does not name a credential", "use LoadCredential='s name, without /")
            return _UNREADABLE
        folder = self._environ.get("CREDENTIALS_DIRECTORY")
        if folder:
            return self._read(Path(folder) / name, path)
        self.unresolved.append(path)
        hint = "the unit reads it by LoadCredential=; commands that call the shop must run there"
        self._problems.note(path, f"the credential {name} is only readable inside the systemd unit", hint)
        return _UNREADABLE

    def _read(self, file: Path, path: KeyPath) -> SecretStr:
        try:
            with file.open("rb") as stream:
                raw = stream.read(_LARGEST + 1)
            text = raw.decode("utf-8")
        except OSError as error:
            hint = "see that it exists and that the user who runs syncd may read it"
            self._problems.add(path, f"the secret file {file} cannot be read: {error.strerror}", hint)
            return _UNREADABLE
        except ValueError:
            self._problems.add(path, f"the secret file {file} is not UTF-8 text", "write the secret as text")
            return _UNREADABLE
        text = text[:-2] if text.endswith("\r\n") else text.removesuffix("\n")
        if not text or len(raw) > _LARGEST:
            state = "empty" if not text else "larger than 64 KiB"
            self._problems.add(path, f"the secret file {file} is {state}", "write only the secret into it")
            return _UNREADABLE
        return SecretStr(text)


def _annotation(field: FieldInfo) -> Any:  # noqa: ANN401 - any annotation
    return field.annotation


def _without_metadata(kind: Any) -> Any:  # noqa: ANN401 - any annotation
    while get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    return kind


def _member(kinds: tuple[Any, ...], value: object) -> Any:  # noqa: ANN401 - any annotation
    """Return the member of a union that `value` is meant for; of several tables the one with most keys."""
    bare = [_without_metadata(kind) for kind in kinds]
    if not isinstance(value, Mapping):
        wants_list = isinstance(value, list)
        fitting = [kind for kind in bare if bool(get_args(kind)) is wants_list]
        return next((kind for kind in fitting if kind is SecretStr or wants_list), str)
    models = [kind for kind in bare if isinstance(kind, type) and issubclass(kind, BaseModel)]
    if models:
        return max(models, key=lambda model: len(set(model.model_fields) & set(value)))
    return next((kind for kind in bare if get_origin(kind)), str)
