# Makes a Python environment for this checkout. To be sourced by deploy/demo and tests/run, which set ROOT.
#
#   make_environment NAME EXTRAS    e.g. make_environment tests '[tests]'
#
# sets ENVIRONMENT to a folder whose bin/ holds the project (as an editable install, so that it always runs
# the code of this checkout) and everything it needs, at the versions of .ci/constraints.txt. The folder is
# made once and again whenever pyproject.toml, the constraints or the Python change. It lies outside of the
# checkout: SYNCD_ENV says where, else the user's cache folder. PYTHON chooses the interpreter.
#
# Plain bash 3.2, for macOS; needs `set -euo pipefail`. All messages go to stderr: stdout belongs to the program.

say() {
    printf '%s\n' "$*" >&2
}

die() {
    say "$0: $*"
    exit 1
}

# What the candidates answered, for the message when none will do.
TRIED=''

# Sets INTERPRETER to a Python of 3.11 or later that can make environments, or says what is missing.
find_python() {
    local candidate answer version without_venv='' candidates=(python3 python3.14 python3.13 python3.12 python3.11)
    [ -z "${PYTHON:-}" ] || candidates=("$PYTHON")
    for candidate in "${candidates[@]}"; do
        answer=$("$candidate" -c '
import sys
try:
    import ensurepip, venv
    able = "able"
except ImportError:
    able = "unable"
print("%d.%d" % sys.version_info[:2], "new" if sys.version_info >= (3, 11) else "old", able)
' 2>/dev/null </dev/null) || continue
        version=${answer%% *}
        TRIED="$TRIED $candidate is $version;"
        case $answer in
        *' new able')
            INTERPRETER=$(command -v "$candidate")
            return
            ;;
        *' new unable') [ -n "$without_venv" ] || without_venv=$version ;;
        esac
    done
    if [ -n "$without_venv" ]; then
        die "Python $without_venv is there, but not its venv module. On Debian and Ubuntu it comes with" \
            "the package python$without_venv-venv: sudo apt-get install python$without_venv-venv"
    fi
    die "needs Python 3.11 or later; found:${TRIED:- none}" \
        "Install one, or name it: PYTHON=/path/to/python3.12 $0"
}

# Prints one value that changes when the environment must be made again.
stamp_of() {
    {
        printf '%s\n' "$1" "$ROOT" "$INTERPRETER"
        "$INTERPRETER" -c 'import sys; print(sys.version)' </dev/null
        cat "$ROOT/pyproject.toml" "$ROOT/.ci/constraints.txt" "$ROOT/.ci/environment.sh"
    } | cksum
}

# Removes the environments of checkouts that are gone, so that clones for a day do not fill the disk.
remove_orphans() {
    local mark checkout
    for mark in "$1"/*/.syncd-checkout; do
        [ -f "$mark" ] || continue
        checkout=$(cat "$mark")
        if [ ! -e "$checkout/pyproject.toml" ]; then
            rm -rf "$(dirname "$mark")"
        fi
    done
}

# Copies pip's words to the log and shows one dot a package.
log_with_dots() {
    local line
    while IFS= read -r line; do
        printf '%s\n' "$line" >>"$ENVIRONMENT/pip.log"
        case $line in
        Collecting*) printf . >&2 ;;
        Installing\ collected*) printf ' installing ' >&2 ;;
        esac
    done
}

run_pip() {
    if ! "$ENVIRONMENT/bin/python" -m pip --disable-pip-version-check --no-input install --progress-bar off \
        -c "$ROOT/.ci/constraints.txt" "$@" </dev/null 2>&1 | log_with_dots; then
        say ''
        tail -n 25 "$ENVIRONMENT/pip.log" >&2
        die "pip could not install the packages; it needs a package index, so look for a missing network or" \
            "proxy first. All that pip said is in $ENVIRONMENT/pip.log"
    fi
}

make_environment() {
    local name=$1 extras=$2 stamp base
    INTERPRETER=''
    find_python
    # An exported setting of pip or Python would install to, or import from, elsewhere.
    unset PYTHONHOME PYTHONPATH PIP_USER PIP_TARGET PIP_PREFIX PIP_CONSTRAINT
    if [ -n "${SYNCD_ENV:-}" ]; then
        ENVIRONMENT=$SYNCD_ENV
    else
        base=${XDG_CACHE_HOME:-${HOME:?set HOME or SYNCD_ENV to say where the environment goes}/.cache}
        base=$base/syncd/$name-env
        # One a checkout: two clones must not install over each other.
        ENVIRONMENT=$base/$(printf '%s' "$ROOT" | cksum | cut -d ' ' -f 1)
        remove_orphans "$base"
    fi
    # The program must not take the place of its environment for a setting of its own.
    unset SYNCD_ENV
    mkdir -p "$ENVIRONMENT" || die "cannot make the folder $ENVIRONMENT; name another one with SYNCD_ENV"
    ENVIRONMENT=$(cd "$ENVIRONMENT" && pwd -P)
    if command -v flock >/dev/null; then
        exec 9>"$ENVIRONMENT/.syncd-lock"
        flock 9
    fi
    stamp=$(stamp_of "$name$extras")
    if [ "$(cat "$ENVIRONMENT/.syncd-stamp" 2>/dev/null)" != "$stamp" ]; then
        fill_environment "$extras"
        printf '%s\n' "$stamp" >"$ENVIRONMENT/.syncd-stamp"
    fi
    exec 9>&-
}

# Prints what the folder holds, without the lock that this run has just put there.
contents() {
    find "$ENVIRONMENT" -mindepth 1 -maxdepth 1 ! -name .syncd-lock "$@"
}

fill_environment() {
    # Making it anew empties the folder: it must be ours, or empty.
    if [ ! -e "$ENVIRONMENT/.syncd-checkout" ] && [ -n "$(contents -print)" ]; then
        die "$ENVIRONMENT holds other things; name an empty or new folder with SYNCD_ENV"
    fi
    printf 'Making the environment in %s (about a minute, once) ' "$ENVIRONMENT" >&2
    contents -exec rm -rf {} +
    printf '%s\n' "$ROOT" >"$ENVIRONMENT/.syncd-checkout"
    "$INTERPRETER" -m venv "$ENVIRONMENT" >&2 </dev/null || die "$INTERPRETER could not make an environment"
    # The build tool first and in the open: a build apart would not know the constraints.
    run_pip hatchling editables
    run_pip --no-build-isolation --editable "$ROOT$1"
    say ' done'
}
