"""Rules of the house that no linter knows, as functions from source text to findings."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]

LARGEST_MODULE = 400
LONGEST_FUNCTION = 60
MOST_PARAMETERS = 6

Function = ast.FunctionDef | ast.AsyncFunctionDef


class Finding(NamedTuple):
    """One breach: where, and what to do about it."""

    line: int
    message: str


def sources(*folders: str) -> list[Path]:
    """Return the Python files under the folders of the project, sorted; caches never count."""
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def relative(path: Path) -> str:
    """Return the path as people write it, from the top of the project."""
    return path.relative_to(ROOT).as_posix()


# --- sizes -------------------------------------------------------------------------------------------------


def functions(tree: ast.AST, prefix: str = "") -> Iterator[tuple[str, Function]]:
    """Yield every function with its dotted name, inner ones and methods too."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, Function):
            yield f"{prefix}{node.name}", node
            yield from functions(node, f"{prefix}{node.name}.")
        elif isinstance(node, ast.ClassDef):
            yield from functions(node, f"{prefix}{node.name}.")
        else:
            yield from functions(node, prefix)


def length(function: Function) -> int:
    """Return the lines from `def` to the end; the docstring is free, so that nobody saves on it."""
    first = function.body[0]
    lines = (function.end_lineno or function.lineno) - function.lineno + 1
    if ast.get_docstring(function, clean=False) is None:
        return lines
    return lines - ((first.end_lineno or first.lineno) - first.lineno + 1)


def parameters(function: Function) -> int:
    """Return how many things a caller can pass; `self` and `cls` are not passed."""
    spec = function.args
    names = [a.arg for a in (*spec.posonlyargs, *spec.args)]
    passed = names[1:] if names and names[0] in {"self", "cls"} else names
    return len(passed) + len(spec.kwonlyargs) + bool(spec.vararg) + bool(spec.kwarg)


# --- time --------------------------------------------------------------------------------------------------

_TODAY = {"now", "utcnow", "today"}
_CLOCKS = {
    "time": {
        "ctime",
        "gmtime",
        "localtime",
        "monotonic",
        "monotonic_ns",
        "perf_counter",
        "perf_counter_ns",
        "sleep",
        "time",
        "time_ns",
    },
    "datetime.datetime": _TODAY,
    "datetime.date": _TODAY,
}
_SLEEPS = {"time.sleep", "asyncio.sleep", "anyio.sleep"}


def imported(tree: ast.AST) -> dict[str, str]:
    """Return what each imported name stands for, e.g. `dt` for `datetime.datetime`."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.partition(".")[0]
                names[alias.asname or top] = alias.name if alias.asname else top
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                names[alias.asname or alias.name] = f"{node.module or ''}.{alias.name}"
    return names


def dotted(node: ast.AST, names: dict[str, str]) -> str:
    """Return the full name that an expression stands for; empty when it is not made of names."""
    if isinstance(node, ast.Name):
        return names.get(node.id, node.id)
    if isinstance(node, ast.Attribute):
        owner = dotted(node.value, names)
        return f"{owner}.{node.attr}" if owner else ""
    return ""


def clock_reads(tree: ast.AST) -> list[Finding]:
    """Find the places that read a clock, also where the function is only passed on."""
    names = imported(tree)
    found = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Attribute | ast.Name):
            continue
        owner, _, name = dotted(node, names).rpartition(".")
        if name in _CLOCKS.get(owner, ()):
            found.append(
                Finding(node.lineno, f"{owner}.{name}: take the time as an argument or from the Clock")
            )
    return found


def _waits(call: ast.Call) -> bool:
    """Tell a wait from a mere yield to the loop, which is `sleep(0)`."""
    amount = call.args[0] if call.args else None
    return not (isinstance(amount, ast.Constant) and amount.value == 0)


def sleeps(tree: ast.AST) -> list[Finding]:
    """Find waits on the real clock; `asyncio.sleep(0)` only yields and is allowed."""
    names = imported(tree)
    return [
        Finding(node.lineno, f"{dotted(node.func, names)}: wait for an event or turn a fake clock")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and dotted(node.func, names) in _SLEEPS and _waits(node)
    ]


# --- mocks -------------------------------------------------------------------------------------------------


def _is_ours(node: ast.expr, names: dict[str, str]) -> bool:
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str) and node.value.partition(".")[0] == "syncd"
    return dotted(node, names).partition(".")[0] == "syncd"


def _mock_imports(tree: ast.AST) -> Iterator[Finding]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            modules = [f"{node.module or ''}.{alias.name}" for alias in node.names]
        else:
            continue
        for module in modules:
            if module.startswith(("unittest.mock", "mock.")) or module == "mock":
                yield Finding(node.lineno, f"{module}: use a fake behind the port")


def mocks(tree: ast.AST) -> list[Finding]:
    """Find mock libraries, the `mocker` fixture and patches of our own code."""
    names = imported(tree)
    found = list(_mock_imports(tree))
    for node in ast.walk(tree):
        if isinstance(node, ast.arg) and node.arg == "mocker":
            found.append(Finding(node.lineno, "mocker: use a fake behind the port"))
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
            continue
        if node.func.attr in {"setattr", "delattr"} and _is_ours(node.args[0], names):
            found.append(Finding(node.lineno, "a patch of our own code: a seam is missing there"))
    return found


# --- what must not be published ----------------------------------------------------------------------------

_PRIVATE = {
    "a path of somebody's machine": re.compile(
        r"(?<![\w.:/*})-])/(?:root|work|home/\w+|Users/\w+|opt/(?!syncd\b)\w+)/"
    ),
    "the address of a package index": re.compile(
        r"(?:https?|file):/{2,3}[^\s\"'<>)]*(?:p[y]pi|pythonhosted|/simple\b|registry\.np[m]|goprox[y])",
        re.IGNORECASE,
    ),
    "an option that names a package index": re.compile(
        r"-{2}(?:extra-)?index-ur[l]|-{2}find-link[s]|-{2}trusted-hos[t]|PIP_(?:EXTRA_)?INDEX_UR[L]"
    ),
}


def unpublishable(text: str) -> list[Finding]:
    """Find paths of a machine and package indexes; a clone must work anywhere."""
    return [
        Finding(number, f"{what}: {match[0]}")
        for number, line in enumerate(text.splitlines(), 1)
        for what, pattern in _PRIVATE.items()
        if (match := pattern.search(line))
    ]
