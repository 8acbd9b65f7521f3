"""The scripts on a machine that holds nothing but stand-ins: no network, no installing, no waiting."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

_TOOLS = "bash cat cksum cp cut dirname env find flock grep id mkdir mktemp rm sed tail tee timeout"

# One program under many names. It notes how it was called, says what the rig has laid down for that name
# and ends as told. As an interpreter it also "makes" environments full of itself.
_STAND_IN = r"""#!/usr/bin/env bash
name=${0##*/}
printf '%s' "$name" >>"$STAND_INS/calls"
printf ' [%s]' "$@" >>"$STAND_INS/calls"
printf '\n' >>"$STAND_INS/calls"
env | grep -E '^(CI|SYNCD_ENV)=' >"$STAND_INS/$name.env"
case "$name $*" in
*ensurepip*) ;;
python*'-m venv '*)
    mkdir -p "$3/bin"
    for made in python syncd ruff mypy lint-imports codespell deptry pytest coverage; do
        cp "$0" "$3/bin/$made"
    done
    exit ;;
python*'sys.version'*) exit ;;
esac
cat "$STAND_INS/$name.says" 2>/dev/null
exit "$(cat "$STAND_INS/$name.ends" 2>/dev/null || echo 0)"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rig:
    """A clone, an almost empty PATH and the stand-ins in it."""

    folder: Path

    @property
    def clone(self) -> Path:
        """Return the copy of the checkout; a blank in its path, as people have."""
        return self.folder / "a clone"

    @property
    def environments(self) -> Path:
        """Return where the scripts keep their environments."""
        return self.folder / "cache" / "syncd"

    def lay_out(self) -> None:
        """Copy what the scripts need, and link the plain tools of the machine."""
        for name in (
            "deploy/demo",
            "tests/run",
            ".ci/run",
            ".ci/environment.sh",
            ".ci/packages.sh",
            ".ci/constraints.txt",
            "pyproject.toml",
        ):
            copy = self.clone / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, copy)
        for folder in ("bin", "says", "elsewhere", "cache", "tmp"):
            (self.folder / folder).mkdir()
        for tool in _TOOLS.split():
            found = shutil.which(tool)
            if found:
                (self.folder / "bin" / tool).symlink_to(found)

    def add_python(self, name: str, *, answer: str) -> None:
        """Put an interpreter on the PATH that answers the scripts' question with `answer`."""
        self.add(name, says=answer)

    def add(self, name: str, *, says: str = "", ends: int = 0) -> None:
        """Put a stand-in on the PATH, also in the place of a tool of the machine."""
        stand_in = self.folder / "bin" / name
        # A tool of the machine is a link: what is written to it would be written to the tool.
        stand_in.unlink(missing_ok=True)
        stand_in.write_text(_STAND_IN, encoding="utf-8")
        stand_in.chmod(0o755)
        self.let(name, says=says, ends=ends)

    def let(self, name: str, *, says: str = "", ends: int = 0) -> None:
        """Decide what the stand-in `name` prints and how it exits."""
        (self.folder / "says" / f"{name}.says").write_text(f"{says}\n" if says else "", encoding="utf-8")
        (self.folder / "says" / f"{name}.ends").write_text(str(ends), encoding="utf-8")

    def calls(self, name: str) -> list[str]:
        """Return how the stand-in `name` was called so far, each argument in brackets."""
        noted = self.folder / "says" / "calls"
        lines = noted.read_text(encoding="utf-8").splitlines() if noted.exists() else []
        return [line for line in lines if line.split(" ")[0] == name]

    def installs(self) -> list[str]:
        """Return the calls of pip so far."""
        return [call for call in self.calls("python") if "[pip]" in call]

    def environment_of(self, name: str) -> str:
        """Return what the stand-in `name` saw of CI and SYNCD_ENV when it was called last."""
        return (self.folder / "says" / f"{name}.env").read_text(encoding="utf-8")

    def run(self, script: str, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a script of the clone from a folder that has nothing to do with it."""
        return subprocess.run(
            [self.clone / script, *arguments],
            cwd=self.folder / "elsewhere",
            env={
                "HOME": os.environ["HOME"],
                "PATH": str(self.folder / "bin"),
                "STAND_INS": str(self.folder / "says"),
                "TMPDIR": str(self.folder / "tmp"),
                "XDG_CACHE_HOME": str(self.folder / "cache"),
                **variables,
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
