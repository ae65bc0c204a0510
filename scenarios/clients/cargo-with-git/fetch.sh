# Fetches a crate from a Git repository, as a dependency of another; `update` looks for a newer commit.
set -e
cd "$LAB_DIR"
crate=my-demo-repo
cat > Cargo.toml <<END
[package]
name = "dependent"
version = "0.1.0"
edition = "2021"

[dependencies]
$crate = { git = "$LAB_URL" }
END
export CARGO_HOME="$HOME/.cargo" CARGO_TERM_QUIET=true CARGO_NET_RETRY=0
if [ "${1:-}" = update ]; then exec cargo update -p "$crate"; fi
exec cargo fetch
