# The system packages that tests want. To be sourced by tests/run.
#
#   install_packages        installs those that are missing, where it may: as root, with apt-get
#   missing_packages        prints the names of those that are missing
#
# Plain bash 3.2; needs `set -euo pipefail`. All messages go to stderr.

# Package names of Debian, each with a command that succeeds when what the tests want is there already. Of systemd
# only the tool that judges unit files is used; where systemd does not run, installing it starts nothing.
PACKAGES='
git                 git --version
python3-venv        python3 -c "import ensurepip, venv"
mosquitto           PATH=$PATH:/usr/sbin command -v mosquitto
systemd             systemd-analyze --version
chromium            command -v chromium
prometheus          command -v promtool
fonts-wqy-microhei  fc-list :lang=zh | grep .
'

missing_packages() {
    local package probe
    while read -r package probe; do
        [ -z "$package" ] || eval "$probe" >/dev/null 2>&1 || printf '%s ' "$package"
    done <<<"$PACKAGES"
}

install_packages() {
    local missing
    missing=$(missing_packages)
    [ -n "$missing" ] || return 0
    printf '%s: missing system packages: %s\n' "$0" "$missing" >&2
    if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
        printf '%s: cannot install them (not root, or no apt-get)\n' "$0" >&2
        return 0
    fi
    export DEBIAN_FRONTEND=noninteractive
    # One word a package is meant here.
    # shellcheck disable=SC2086
    { apt-get -q -y update && apt-get -q -y install --no-install-recommends ${missing/prometheus /}; } >&2 ||
        printf '%s: apt-get failed; going on without them\n' "$0" >&2
    case $missing in *prometheus*) take_promtool >&2 ;; esac
}

# Takes the one program that is wanted out of its package: installed, that would start a server.
take_promtool() {
    local folder
    folder=$(mktemp -d)
    (cd "$folder" && apt-get -q download prometheus && dpkg-deb --extract prometheus_*.deb . &&
        install usr/bin/promtool /usr/local/bin/) ||
        printf '%s: promtool cannot be had; the rules of Prometheus are not tried\n' "$0"
    rm -rf "$folder"
}
