#!/usr/bin/env bash
# Installs the Git clients that `codecommit-lab conformance client` knows into one folder, but for JGit and go-git, which
# come from Debian. Run with --help for the usage, see README.md beside this file for the clients.
set -euo pipefail

usage() {
    cat <<'END'
usage: install-clients.sh [--strict] [DIR]

Makes Dulwich, pygit2, isomorphic-git, JGit, go-git and Cargo ready to be tried. DIR (default: `peers/clients` beside this
script) gets a Python environment, a node_modules, and in DIR/bin the programs to put first on PATH. What cannot be
installed is named with its reason, and the others go on: a client that is not there is skipped.

  --strict    exit with 1 when a piece is missing
  -h, --help  print this

The last line of standard output is the `export ...` to evaluate; progress goes to standard error.
END
}

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
self=install-clients
# shellcheck source-path=SCRIPTDIR source=installing.sh
. "$here/installing.sh"
parse_arguments "$here/peers/clients" "$@"
log=$dir/install.log

# provide NAME [VERSION]: runs a step; one with a version, that of the program that it depends on, once for that version, this
# folder and the files that it is made of.
provide() {
    local name=$1 key=
    if (($# > 1)); then
        key="$dir $2 $(cat "${BASH_SOURCE[0]}" "$here/installing.sh" "$here"/clients/* | cksum)"
        if [[ -f $dir/$name.key && $(<"$dir/$name.key") == "$key" ]]; then return; fi
        rm -f "$dir/$name.key"
        say "installing $name"
    fi
    printf '%s:\n' "$name" >>"$log"
    if "$name" >>"$log" 2>&1; then
        if [[ -n $key ]]; then printf '%s\n' "$key" >"$dir/$name.key"; fi
    else
        missing=$((missing + 1))
        say "$name: not installed: $(tail -n 1 "$log") (all of it: $log)"
    fi
}

python=$(python_since 3.11) || python=
python_clients() {
    [[ -n $python ]] || { echo 'no Python 3.11 or later with venv and ensurepip'; return 1; }
    rm -rf "$dir/venv"
    "$python" -m venv "$dir/venv" &&
        "$dir/venv/bin/python3" -m pip install --quiet --disable-pip-version-check --no-input --require-hashes \
            --only-binary :all: --requirement "$here/clients/requirements.txt" &&
        wrap python3 '' "$dir/venv/bin/python3"
}

isomorphic_git() {
    command -v npm || { echo 'there is no npm'; return 1; }
    cp "$here/clients/package.json" "$here/clients/package-lock.json" "$dir" &&
        npm ci --prefix "$dir" --ignore-scripts --no-audit --no-fund
}

from_debian() {
    if dpkg-query --show "$@"; then return; fi
    command -v apt-get || { echo "there is no apt-get: $*"; return 1; }
    [[ $(id -u) == 0 ]] || { echo "not root: apt-get install $*"; return 1; }
    say "installing $*"
    apt_install "$@"
}
jgit() { from_debian libjgit-java libslf4j-java && { command -v javac || { echo 'there is no javac'; return 1; }; }; }
go_git() { from_debian golang-go golang-github-go-git-go-git-dev; }

# A rustup proxy looks for its toolchain in the HOME of whoever calls it, and a sandbox has another.
cargo_itself() {
    local tool path
    for tool in cargo rustc; do
        path=$(rustup which "$tool" 2>/dev/null || type -P "$tool") || { echo "there is no $tool"; return 1; }
        if [[ $path != "$dir/bin/$tool" ]]; then wrap "$tool" '' "$path"; fi
    done
}

wait_for_others
: >"$log"
missing=0
provide python_clients "$(${python:-false} --version 2>&1)"
provide isomorphic_git "$(node --version 2>&1)"
# These take no time where they are there, and what is there may have changed.
for client in jgit go_git cargo_itself; do provide "$client"; done
# shellcheck disable=SC2016 # whoever evaluates the line expands it
printf 'export PATH=%q:"$PATH" NODE_PATH=%q\n' "$dir/bin" "$dir/node_modules"
ended "$missing"
