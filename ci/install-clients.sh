#!/usr/bin/env bash
# Installs the Git clients that `codecommit-lab conformance client` knows into one folder, but for JGit and go-git, which
# come from Debian. Run with --help for the usage, see README.md beside this file for the clients.
set -euo pipefail

usage() {
    cat <<'END'
usage: install-clients.sh [DIR]

Makes Dulwich, pygit2, isomorphic-git, JGit, go-git and Cargo ready to be tried. DIR (default: `peers/clients` beside this
script) gets a Python environment, a node_modules, and in DIR/bin the programs to put first on PATH. What cannot be
installed is named with its reason, and the others go on: a client that is not there is skipped.

  -h, --help  print this

The last line of standard output is the `export ...` to evaluate; progress goes to standard error.
END
}

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
dir=
while (($#)); do
    case $1 in
        -h | --help)
            usage
            exit 0
            ;;
        -*)
            usage >&2
            exit 2
            ;;
        *)
            dir=$1
            ;;
    esac
    shift
done
dir=${dir:-$here/peers/clients}
mkdir -p "$dir/bin"
dir=$(cd "$dir" && pwd -P)
log=$dir/install.log

# A caller's settings must not lead pip or Python out of the folder.
unset PYTHONPATH PYTHONHOME PIP_USER PIP_TARGET PIP_PREFIX PIP_ROOT

say() { printf 'install-clients: %s\n' "$*" >&2; }

# Runs a step once for its key, the files that it is made of; says what became of it.
provide() {
    local name=$1 key
    key=$(cat "${BASH_SOURCE[0]}" "$here"/clients/* | cksum)
    if [[ -f $dir/$name.key && $(<"$dir/$name.key") == "$key" ]]; then return; fi
    say "installing $name"
    if "$name" >>"$log" 2>&1; then
        printf '%s\n' "$key" >"$dir/$name.key"
    else
        say "$name: not installed, see $log"
    fi
}

# wrap NAME COMMAND ...: bin/NAME, which runs COMMAND with the arguments.
wrap() {
    local name=$1 word command=''
    shift
    for word; do command+="'${word//\'/\'\\\'\'}' "; done
    printf '%s\n' '#!/bin/sh' "exec $command\"\$@\"" >"$dir/bin/$name"
    chmod +x "$dir/bin/$name"
}

python_clients() {
    local python
    for python in ${PYTHON:+"$PYTHON"} python3 /usr/bin/python3; do
        if "$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))'; then break; fi
        python=
    done
    [[ -n $python ]] || { echo 'no Python 3.11 or later with venv and ensurepip'; return 1; }
    rm -rf "$dir/venv"
    "$python" -m venv "$dir/venv" &&
        "$dir/venv/bin/python3" -m pip install --quiet --disable-pip-version-check --no-input --require-hashes \
            --only-binary :all: --requirement "$here/clients/requirements.txt" &&
        wrap python3 "$dir/venv/bin/python3"
}

isomorphic_git() {
    command -v npm || { echo 'there is no npm'; return 1; }
    cp "$here/clients/package.json" "$here/clients/package-lock.json" "$dir" &&
        npm ci --prefix "$dir" --ignore-scripts --no-audit --no-fund
}

# The package lists of a new machine are empty, so a first failure may only mean that they must be fetched.
from_debian() {
    local apt=(env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=120 -qq)
    if dpkg-query --show "$@"; then return; fi
    [[ $(id -u) == 0 ]] || { echo "not root: apt-get install $*"; return 1; }
    "${apt[@]}" install -y --no-install-recommends "$@" ||
        { "${apt[@]}" update && "${apt[@]}" install -y --no-install-recommends "$@"; }
}
jgit() { from_debian libjgit-java libslf4j-java && command -v javac; }
go_git() { from_debian golang-go golang-github-go-git-go-git-dev; }

# A rustup proxy looks for its toolchain in the HOME of whoever calls it, and a sandbox has another.
cargo_itself() {
    local tool path
    for tool in cargo rustc; do
        path=$(rustup which "$tool" 2>/dev/null || command -v "$tool") || return
        wrap "$tool" "$path"
    done
}

: >"$log"
for client in python_clients isomorphic_git jgit go_git cargo_itself; do provide "$client"; done
# shellcheck disable=SC2016 # whoever evaluates the line expands it
printf 'export PATH=%q:"$PATH" NODE_PATH=%q\n' "$dir/bin" "$dir/node_modules"
