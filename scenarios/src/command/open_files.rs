//! How many files may be open at once.

/// A shell's usual 1,024 are not enough for a server with hundreds of clients: each has its connection, and each pack three
/// pipes. As many as the system lets us have, within reason: children inherit the limit, and some close every number below it.
#[cfg(unix)]
pub(super) fn allow_many() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    const ENOUGH: u64 = 65_536;
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let wanted = maximum.map_or(ENOUGH, |maximum| maximum.min(ENOUGH));
    if current.is_some_and(|current| current < wanted) {
        let limit = Rlimit {
            current: Some(wanted),
            maximum,
        };
        // It goes on with fewer: then clients wait until others have left.
        let _ = setrlimit(Resource::Nofile, limit);
    }
}

#[cfg(not(unix))]
pub(super) fn allow_many() {}
