#!/usr/bin/env bash
# Installs syncd as a systemd service, upgrades it, or takes it away again. Run it as often as you like.
#
#   deploy/install.sh [--prefix DIR] [install | uninstall]
#
# install puts the program into /opt/syncd and the unit, its user and its folders in place. It neither writes
# a configuration nor starts the service the first time; a service that runs is restarted with the new program.
# uninstall stops the service and removes all of this, but keeps /etc/syncd and /var/lib/syncd: configuration,
# secrets and what syncd remembers.
#
# With --prefix everything goes below DIR, no running system is touched, and the program runs from there only
# (to try it out). PYTHON
# names the interpreter if the right one is not found.
set -euo pipefail
# The daemon's user must be able to read the program, whatever root's habit is.
umask 022

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
# shellcheck source=../.ci/environment.sh
. "$ROOT/.ci/environment.sh"

PREFIX=''
ACTION=install

read_arguments() {
    while [ $# -gt 0 ]; do
        case $1 in
        install | uninstall) ACTION=$1 ;;
        --prefix)
            [ $# -gt 1 ] || die "--prefix needs a folder"
            shift
            # A relative one would mean another folder in every directory.
            case $1 in
            /?*) PREFIX=${1%/} ;;
            *) die "--prefix needs an absolute path other than /: $1" ;;
            esac
            ;;
        -h | --help)
            sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p;}' "${BASH_SOURCE[0]}"
            exit 0
            ;;
        *) die "does not know $1; see $0 --help" ;;
        esac
        shift
    done
}

# Runs a command of the running system; below a prefix there is none.
on_system() {
    [ -n "$PREFIX" ] || "$@"
}

# Prints a name for this version of the program: the same for the same files.
stamp() {
    (
        cd "$ROOT"
        find syncd pyproject.toml .ci/constraints.txt -type f ! -name '*.pyc' | LC_ALL=C sort | xargs cat
        printf '%s\n' "$INTERPRETER"
    ) | cksum | tr ' ' '-'
}

# Makes the program in a folder of its own, so that one that cannot be made leaves the present one alone.
make_program() {
    MADE=$PREFIX/opt/syncd/programs/$(stamp)
    if [ -e "$MADE/.complete" ]; then
        say "This version is there already."
        return
    fi
    rm -rf "$MADE"
    mkdir -p "$(dirname "$MADE")"
    "$INTERPRETER" -m venv "$MADE" || die "cannot make an environment in $MADE"
    "$MADE/bin/python" -m pip install --quiet --disable-pip-version-check \
        --constraint "$ROOT/.ci/constraints.txt" "$ROOT" >&2 ||
        die "the program could not be installed; nothing was changed"
    : >"$MADE/.complete"
}

# Puts the new program in the place of the old one in a single step.
switch_program() {
    ln -sfn "$MADE" "$PREFIX/opt/syncd/venv.next"
    mv -fT "$PREFIX/opt/syncd/venv.next" "$PREFIX/opt/syncd/venv"
}

remove_old_programs() {
    local program
    for program in "$PREFIX"/opt/syncd/programs/*; do
        [ "$program" = "$MADE" ] || rm -rf "$program"
    done
}

place_files() {
    mkdir -p "$PREFIX/etc/systemd/system" "$PREFIX/etc/sysusers.d" "$PREFIX/etc/syncd"
    install -m 0644 "$ROOT/README.md" "$PREFIX/opt/syncd/README.md"
    install -m 0644 "$ROOT/deploy/syncd.sysusers" "$PREFIX/etc/sysusers.d/syncd.conf"
    install -m 0644 "$ROOT/deploy/syncd.service" "$PREFIX/etc/systemd/system/syncd.service"
    # Only systemd reads these, as root, before the daemon starts.
    install -d -m 0700 "$PREFIX/etc/syncd/credentials"
}

install_service() {
    find_python
    make_program
    place_files
    switch_program
    on_system systemd-sysusers syncd.conf
    on_system systemctl daemon-reload
    on_system systemctl try-restart syncd.service
    # Not before: the old daemon may still load parts of itself.
    remove_old_programs
    say "syncd is installed. What is left to do the first time:"
    say "  /opt/syncd/venv/bin/syncd --config /etc/syncd/syncd.toml init --help"
    say "  systemctl edit syncd        # LoadCredential= for each secret"
    say "  systemctl enable --now syncd"
}

uninstall_service() {
    if [ -e "$PREFIX/etc/systemd/system/syncd.service" ]; then
        on_system systemctl disable --now syncd.service
    fi
    rm -f "$PREFIX/etc/systemd/system/syncd.service" "$PREFIX/etc/sysusers.d/syncd.conf"
    rm -rf "$PREFIX/opt/syncd"
    on_system systemctl daemon-reload
    say "syncd is gone. Kept: $PREFIX/etc/syncd and $PREFIX/var/lib/syncd."
}

read_arguments "$@"
if [ -z "$PREFIX" ] && [ "$(id -u)" != 0 ]; then
    die "must be run as root, or with --prefix"
fi
"${ACTION}_service"
