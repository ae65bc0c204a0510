# shellcheck shell=bash
# What the scripts that install tools have in common; they read this file and are not run by it. `usage`, `here` and `self`
# (the script's name) are theirs.

# A caller's settings must not lead pip or Python out of the folder.
unset PYTHONPATH PYTHONHOME PIP_USER PIP_TARGET PIP_PREFIX PIP_ROOT

: "${self:?}"
strict=false
dir=

# parse_arguments DEFAULT ARGUMENT ...: sets `strict` and `dir`, which is made.
parse_arguments() {
    local default=$1
    shift
    while (($#)); do
        case $1 in
            --strict) strict=true ;;
            -h | --help)
                usage
                exit 0
                ;;
            -*) wrong_usage ;;
            *)
                if [[ -n $dir ]]; then wrong_usage; fi
                dir=$1
                ;;
        esac
        shift
    done
    dir=${dir:-$default}
    mkdir -p "$dir/bin"
    dir=$(cd "$dir" && pwd -P)
}

wrong_usage() {
    usage >&2
    exit 2
}

exec 3>&2 # progress, while standard error of the steps goes to a log
say() { printf '%s: %s\n' "$self" "$*" >&3; }

# Two runs at once: the second waits, then finds everything done. Systems without flock go on without.
wait_for_others() {
    exec 9>"$dir/.lock"
    if command -v flock >/dev/null; then flock 9; fi
}

# wrap NAME SETUP COMMAND ...: bin/NAME, which runs SETUP, then COMMAND with the arguments. Not a link: the first
# line of a Python script breaks when the path is long or has a space.
wrap() {
    local name=$1 setup=$2 word command=''
    shift 2
    for word; do command+="'${word//\'/\'\\\'\'}' "; done
    printf '%s\n' '#!/bin/sh' ${setup:+"$setup"} "exec $command\"\$@\"" >"$dir/bin/$name.new"
    chmod +x "$dir/bin/$name.new"
    mv "$dir/bin/$name.new" "$dir/bin/$name"
}

# python_since MAJOR.MINOR: a Python of this version or later that can make environments; `PYTHON` comes first.
python_since() {
    local candidate
    for candidate in ${PYTHON:+"$PYTHON"} python3 /usr/bin/python3; do
        if "$candidate" -c "import sys, venv, ensurepip; sys.exit(sys.version_info < (${1/./, }))" 2>/dev/null; then
            command -v "$candidate"
            return
        fi
    done
    return 1
}

# The package lists of a new machine are empty, so a first failure may only mean that they must be fetched.
apt_install() {
    local apt=(env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=120 -qq)
    "${apt[@]}" install -y --no-install-recommends "$@" 9>&- ||
        { "${apt[@]}" update 9>&- && "${apt[@]}" install -y --no-install-recommends "$@" 9>&-; }
}

# ended MISSING: how a script ends of which so many pieces are missing.
ended() {
    if $strict && (($1)); then
        say "$1 missing, and --strict was given"
        return 1
    fi
}
