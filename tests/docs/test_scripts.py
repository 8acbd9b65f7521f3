"""The scripts that people start first, on machines with stand-ins for Python, pip and the tools."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.docs.scripts_rig import ROOT, Rig

_PACKAGES = ("git", "mosquitto", "systemd-analyze", "chromium", "promtool", "fc-list")
_STARTED_BY_PEOPLE = ["deploy/demo", "tests/run", ".ci/run"]


@pytest.fixture
def bare(tmp_path: Path) -> Rig:
    rig = Rig(folder=tmp_path)
    rig.lay_out()
    return rig


@pytest.fixture
def rig(bare: Rig) -> Rig:
    bare.add_python("python3", answer="3.12 new able")
    bare.let("pytest", says="===== 7 passed in 0.10s =====")
    return bare


# --- all of them -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("script", _STARTED_BY_PEOPLE)
def test_a_script_can_be_started_by_its_name(script: str) -> None:
    assert (ROOT / script).stat().st_mode & 0o111 == 0o111


@pytest.mark.parametrize("script", [*_STARTED_BY_PEOPLE, ".ci/environment.sh", ".ci/packages.sh"])
def test_a_script_is_valid_bash(script: str) -> None:
    done = subprocess.run(["bash", "-n", ROOT / script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("script", _STARTED_BY_PEOPLE)
def test_a_script_writes_nothing_into_the_checkout(rig: Rig, script: str) -> None:
    before = sorted(rig.clone.rglob("*"))
    rig.run(script)
    assert sorted(rig.clone.rglob("*")) == before


# --- finding Python ----------------------------------------------------------------------------------------


def test_the_python_of_the_tests_is_good_enough(bare: Rig) -> None:
    command = 'set -euo pipefail; . "$1/.ci/environment.sh"; find_python; printf %s "$INTERPRETER"'
    done = subprocess.run(
        ["bash", "-c", command, "test", bare.clone],
        env={"PYTHON": sys.executable, "PATH": str(bare.folder / "bin")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == (sys.executable, "")


def test_an_old_python_is_named_with_what_is_needed(bare: Rig) -> None:
    bare.add_python("python3", answer="3.9 old able")
    done = bare.run("deploy/demo")
    assert "needs Python 3.11 or later; found: python3 is 3.9" in done.stderr


def test_without_any_python_the_demo_says_so(bare: Rig) -> None:
    done = bare.run("deploy/demo")
    assert (done.returncode, "needs Python 3.11 or later; found: none" in done.stderr) == (1, True)


def test_a_newer_python_beside_an_old_one_is_found(bare: Rig) -> None:
    bare.add_python("python3", answer="3.9 old able")
    bare.add_python("python3.12", answer="3.12 new able")
    assert bare.run("deploy/demo").returncode == 0


def test_a_missing_venv_module_names_the_package_that_brings_it(bare: Rig) -> None:
    bare.add_python("python3", answer="3.13 new unable")
    assert "sudo apt-get install python3.13-venv" in bare.run("deploy/demo").stderr


def test_the_python_that_is_asked_for_is_taken(rig: Rig) -> None:
    rig.add_python("mine", answer="3.11 new able")
    rig.run("deploy/demo", PYTHON="mine")
    assert any("[venv]" in call for call in rig.calls("mine"))


# --- the environment ---------------------------------------------------------------------------------------


def test_the_first_start_installs_by_the_constraints(rig: Rig) -> None:
    rig.run("deploy/demo")
    constraints = f"[-c] [{rig.clone}/.ci/constraints.txt]"
    assert [constraints in call for call in rig.installs()] == [True, True]


def test_the_demo_installs_no_tools_of_the_tests(rig: Rig) -> None:
    rig.run("deploy/demo")
    assert rig.installs()[-1].endswith(f"[--editable] [{rig.clone}]")


def test_the_tests_install_their_tools(rig: Rig) -> None:
    rig.run("tests/run")
    assert rig.installs()[-1].endswith(f"[--editable] [{rig.clone}[tests]]")


def test_the_second_start_installs_nothing(rig: Rig) -> None:
    rig.run("deploy/demo")
    rig.run("deploy/demo")
    assert len(rig.installs()) == 2


@pytest.mark.parametrize("name", ["pyproject.toml", ".ci/constraints.txt"])
def test_new_requirements_make_the_environment_anew(rig: Rig, name: str) -> None:
    rig.run("deploy/demo")
    with (rig.clone / name).open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    rig.run("deploy/demo")
    assert len(rig.installs()) == 4


def test_a_failed_install_shows_what_pip_said(rig: Rig) -> None:
    rig.let("python", says="ERROR: no matching distribution", ends=1)
    done = rig.run("deploy/demo")
    assert "ERROR: no matching distribution" in done.stderr


def test_a_failed_install_does_not_start_the_program(rig: Rig) -> None:
    rig.let("python", ends=1)
    assert (rig.run("deploy/demo").returncode, rig.calls("syncd")) == (1, [])


def test_after_a_failed_install_the_next_start_tries_again(rig: Rig) -> None:
    rig.let("python", ends=1)
    rig.run("deploy/demo")
    rig.let("python")
    assert rig.run("deploy/demo").returncode == 0


def test_a_folder_with_other_things_is_left_alone(rig: Rig) -> None:
    precious = rig.folder / "elsewhere" / "precious"
    precious.touch()
    done = rig.run("deploy/demo", SYNCD_ENV=str(precious.parent))
    assert (done.returncode, "holds other things" in done.stderr, precious.exists()) == (1, True, True)


def test_the_environment_goes_where_it_is_asked_to(rig: Rig) -> None:
    rig.run("deploy/demo", SYNCD_ENV=str(rig.folder / "mine"))
    assert (rig.folder / "mine" / "bin" / "syncd").is_file()


def test_the_environments_of_checkouts_that_are_gone_are_removed(rig: Rig) -> None:
    orphan = rig.environments / "demo-env" / "17"
    orphan.mkdir(parents=True)
    (orphan / ".syncd-checkout").write_text(f"{rig.folder}/gone\n", encoding="utf-8")
    rig.run("deploy/demo")
    assert not orphan.exists()


def test_the_environments_of_other_checkouts_stay(rig: Rig) -> None:
    other = rig.environments / "demo-env" / "17"
    other.mkdir(parents=True)
    (other / ".syncd-checkout").write_text(f"{ROOT}\n", encoding="utf-8")
    rig.run("deploy/demo")
    assert other.exists()


# --- deploy/demo -------------------------------------------------------------------------------------------


def test_the_demo_passes_its_arguments_on(rig: Rig) -> None:
    rig.run("deploy/demo", "--seconds", "20", "two words")
    assert rig.calls("syncd") == ["syncd [demo] [--seconds] [20] [two words]"]


def test_the_demo_prints_only_what_the_program_prints(rig: Rig) -> None:
    rig.let("syncd", says="the program")
    assert rig.run("deploy/demo").stdout == "the program\n"


def test_the_demo_ends_as_the_program_ends(rig: Rig) -> None:
    rig.let("syncd", ends=78)
    assert rig.run("deploy/demo").returncode == 78


def test_the_program_does_not_see_the_setting_of_the_script(rig: Rig) -> None:
    rig.run("deploy/demo", SYNCD_ENV=str(rig.folder / "mine"))
    assert "SYNCD_ENV" not in rig.environment_of("syncd")


# --- tests/run ---------------------------------------------------------------------------------------------


def test_all_checks_run_and_the_last_line_carries_the_count(rig: Rig) -> None:
    done = rig.run("tests/run")
    assert (done.returncode, done.stdout.splitlines()[-1]) == (
        0,
        "tests/run: all checks passed, 7 passed in 0.10s",
    )


@pytest.mark.parametrize(
    "tool", ["ruff", "mypy", "lint-imports", "codespell", "deptry", "pytest", "coverage"]
)
def test_a_failed_check_fails_the_run(rig: Rig, tool: str) -> None:
    rig.let(tool, ends=1)
    assert rig.run("tests/run").returncode == 1


def test_a_failed_check_does_not_stop_the_others(rig: Rig) -> None:
    rig.let("ruff", ends=1)
    rig.run("tests/run")
    assert len(rig.calls("pytest")) == 1


def test_every_failed_check_is_named_at_the_end(rig: Rig) -> None:
    rig.let("ruff", ends=1)
    rig.let("deptry", ends=1)
    last = rig.run("tests/run").stdout.splitlines()[-4:]
    assert last == [
        "FAILED: ruff check",
        "FAILED: ruff format",
        "FAILED: deptry",
        "tests/run: FAILED, 7 passed in 0.10s",
    ]


def test_no_tests_at_all_is_a_failure(rig: Rig) -> None:
    rig.let("pytest", says="===== no tests ran in 0.01s =====", ends=5)
    done = rig.run("tests/run")
    assert (done.returncode, done.stdout.splitlines()[-1]) == (1, "tests/run: FAILED, no tests ran in 0.01s")


def test_a_crash_without_a_summary_is_a_failure(rig: Rig) -> None:
    rig.let("pytest", says="Segmentation fault", ends=139)
    done = rig.run("tests/run")
    assert (done.returncode, done.stdout.splitlines()[-1]) == (1, "tests/run: FAILED, pytest gave no summary")


def test_skipped_tests_are_told_at_the_end_with_the_reason(rig: Rig) -> None:
    rig.let("pytest", says="SKIPPED [1] tests/x.py:3: no broker\n== 1 passed, 1 skipped in 1.0s ==")
    _before, _, after = rig.run("tests/run").stdout.partition("SKIPPED: the following was NOT checked")
    assert "SKIPPED [1] tests/x.py:3: no broker" in after


def test_nothing_skipped_needs_no_section(rig: Rig) -> None:
    for package in _PACKAGES:
        rig.add(package, says="there")
    assert "NOT checked" not in rig.run("tests/run").stdout


def test_quick_leaves_out_slow_tests_and_says_so(rig: Rig) -> None:
    done = rig.run("tests/run", "--quick")
    assert ("[-m] [not slow]" in rig.calls("pytest")[0], "LEFT OUT tests marked slow" in done.stdout) == (
        True,
        True,
    )


def test_only_tests_leaves_out_the_linters_and_says_so(rig: Rig) -> None:
    done = rig.run("tests/run", "--only-tests")
    assert (rig.calls("ruff"), "LEFT OUT lint" in done.stdout) == ([], True)


def test_other_arguments_go_to_pytest(rig: Rig) -> None:
    rig.run("tests/run", "tests/unit", "-k", "two words")
    assert rig.calls("pytest")[0].endswith("[tests/unit] [-k] [two words]")


def test_a_part_of_the_tests_is_not_held_to_the_coverage(rig: Rig) -> None:
    rig.let("coverage", ends=2)
    assert rig.run("tests/run", "tests/unit").returncode == 0


def test_packages_that_are_missing_are_installed_where_that_is_possible(rig: Rig) -> None:
    rig.add("apt-get")
    rig.add("chromium")
    rig.add("mosquitto")
    rig.add("dpkg-deb")
    rig.add("install")
    rig.add("id", says="0")
    rig.run("tests/run")
    assert rig.calls("apt-get") == [
        "apt-get [-q] [-y] [update]",
        "apt-get [-q] [-y] [install] [--no-install-recommends] [git] [systemd] [fonts-wqy-microhei]",
        "apt-get [-q] [download] [prometheus]",
    ]
    assert rig.calls("install") == ["install [usr/bin/promtool] [/usr/local/bin/]"]


def test_nothing_is_installed_by_who_is_not_root(rig: Rig) -> None:
    rig.add("apt-get")
    rig.add("id", says="1000")
    done = rig.run("tests/run")
    assert (rig.calls("apt-get"), "cannot install them" in done.stderr) == ([], True)


def test_nothing_is_installed_by_who_does_not_want_it(rig: Rig) -> None:
    rig.add("apt-get")
    rig.add("id", says="0")
    rig.run("tests/run", "--no-packages")
    assert rig.calls("apt-get") == []


def test_packages_that_are_still_missing_are_told_at_the_end(rig: Rig) -> None:
    rig.add("apt-get", ends=100)
    rig.add("id", says="0")
    rig.add("mosquitto")
    done = rig.run("tests/run")
    names = "git systemd chromium prometheus fonts-wqy-microhei"
    told = f"tests that want these system packages, which are missing: {names}"
    assert (done.returncode, f"LEFT OUT {told}" in done.stdout) == (0, True)


def test_the_scratch_folder_is_removed(rig: Rig) -> None:
    rig.run("tests/run")
    assert list((rig.folder / "tmp").iterdir()) == []


# --- .ci/run -----------------------------------------------------------------------------------------------


def test_ci_runs_everything_as_ci(rig: Rig) -> None:
    rig.run(".ci/run")
    assert ("CI=true" in rig.environment_of("pytest"), "not slow" in rig.calls("pytest")[0]) == (True, False)


def test_ci_fails_when_a_check_fails(rig: Rig) -> None:
    rig.let("mypy", ends=1)
    assert rig.run(".ci/run").returncode == 1


def test_ci_goes_on_where_packages_cannot_be_installed(rig: Rig) -> None:
    done = rig.run(".ci/run")
    assert ("missing system packages: git" in done.stderr, done.returncode) == (True, 0)


# --- constraints and news ----------------------------------------------------------------------------------


def _normal(requirement: str) -> str:
    name = re.split(r"[^A-Za-z0-9_.-]", requirement, maxsplit=1)[0]
    return re.sub(r"[-_.]+", "-", name).lower()


def _pins() -> list[str]:
    return (ROOT / ".ci" / "constraints.txt").read_text(encoding="utf-8").splitlines()


def test_constraints_are_plain_pins() -> None:
    assert [pin for pin in _pins() if not re.fullmatch(r"[A-Za-z0-9_.-]+==[A-Za-z0-9_.+!-]+", pin)] == []


def test_no_package_is_pinned_twice() -> None:
    names = [_normal(pin) for pin in _pins()]
    assert sorted(set(names)) == sorted(names)


def test_every_requirement_is_pinned() -> None:
    read = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    project = read["project"]
    wanted = [
        *read["build-system"]["requires"],
        *project["dependencies"],
        *(name for extra in project["optional-dependencies"].values() for name in extra),
    ]
    assert {_normal(name) for name in wanted} - {_normal(pin) for pin in _pins()} == set()


def test_a_news_file_is_named_so_that_the_changelog_finds_it() -> None:
    news = [path.name for path in (ROOT / ".changes").iterdir() if path.name != "README.md"]
    assert [name for name in news if not re.fullmatch(r"\d+\.(feature|fix|change)(\.\d+)?\.md", name)] == []


def test_the_changelog_has_the_place_where_a_release_goes() -> None:
    assert "<!-- towncrier release notes start -->" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
