//! The whole environment of a command in a sandbox. Nothing of the caller's environment gets in.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;

use super::{HELPER_CLOCK, without_git_settings};
use crate::subject::Transport;
use crate::toolbox::SYSTEM_PATH;

/// By this variable, which names the sandbox's folder, every process of a sandbox is known.
pub const MARK: &str = "CODECOMMIT_LAB_SANDBOX";

/// The folders of a sandbox.
#[derive(Clone, Copy, Debug)]
pub struct Folders<'a> {
    /// Commands that come first on PATH.
    pub bin: &'a Path,
    /// The user's home.
    pub home: &'a Path,
    /// The system-wide git configuration.
    pub system_gitconfig: &'a Path,
    /// Temporary files.
    pub temporary: &'a Path,
    /// The one that all the others lie in.
    pub all: &'a Path,
}

/// The variables. `server` points at the server, `client` is what the scenario sets and wins, `clock` is the offset of the
/// server's clock, and `transport` the version of HTTP that git is told to speak.
pub fn variables(
    folders: Folders<'_>,
    server: Vec<(&'static str, String)>,
    client: &BTreeMap<String, String>,
    clock: &str,
    transport: Option<Transport>,
) -> BTreeMap<String, OsString> {
    let path = std::iter::once(folders.bin).chain(SYSTEM_PATH.iter().map(Path::new));
    let own = [
        ("HOME", folders.home.into()),
        // Only a folder name with a colon in it cannot be joined, and no sandbox has one.
        ("PATH", std::env::join_paths(path).unwrap_or_default()),
        ("TMPDIR", folders.temporary.into()),
        ("LC_ALL", "C".into()),
        ("TZ", "UTC".into()),
        ("GIT_CONFIG_SYSTEM", folders.system_gitconfig.into()),
        // The file that `git config --global` writes, and no other beside it (XDG).
        ("GIT_CONFIG_GLOBAL", folders.home.join(".gitconfig").into()),
        ("GIT_TERMINAL_PROMPT", "0".into()),
        // Empty, not absent: git would fall back to core.askPass and SSH_ASKPASS.
        ("GIT_ASKPASS", OsString::new()),
        ("GIT_AUTHOR_NAME", "Alice".into()),
        ("GIT_AUTHOR_EMAIL", "alice@example.com".into()),
        ("GIT_COMMITTER_NAME", "Alice".into()),
        ("GIT_COMMITTER_EMAIL", "alice@example.com".into()),
        // Without keys, an SDK would ask the link-local address of a real instance.
        ("AWS_EC2_METADATA_DISABLED", "true".into()),
        (HELPER_CLOCK, clock.into()),
        (MARK, folders.all.into()),
    ];
    let mut variables: BTreeMap<String, OsString> = own
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
    variables
        .extend(without_git_settings(server).map(|(name, value)| (name.to_owned(), value.into())));
    variables.extend(
        client
            .iter()
            .map(|(name, value)| (name.clone(), value.into())),
    );
    if let Some(transport) = transport {
        speak(transport, &mut variables);
    }
    variables
}

/// A git setting behind those that the variables have: the files of the configuration belong to the scenario, which may
/// look at them.
fn speak(transport: Transport, variables: &mut BTreeMap<String, OsString>) {
    let count = variables
        .get("GIT_CONFIG_COUNT")
        .and_then(|count| count.to_str()?.parse::<usize>().ok())
        .unwrap_or(0);
    for (name, value) in [
        ("GIT_CONFIG_COUNT".to_owned(), (count + 1).to_string()),
        (format!("GIT_CONFIG_KEY_{count}"), "http.version".to_owned()),
        (
            format!("GIT_CONFIG_VALUE_{count}"),
            transport.as_str().to_owned(),
        ),
    ] {
        variables.insert(name, value.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scenario_wins_over_the_server_and_the_server_over_us() {
        let folders = Folders {
            bin: Path::new("/s/bin"),
            home: Path::new("/s/home"),
            system_gitconfig: Path::new("/s/gitconfig"),
            temporary: Path::new("/s/tmp"),
            all: Path::new("/s"),
        };
        let server = vec![("TZ", "server".to_owned()), ("NO_PROXY", String::new())];
        let client = BTreeMap::from([
            ("NO_PROXY".to_owned(), "*".to_owned()),
            ("GIT_CONFIG_COUNT".to_owned(), "1".to_owned()),
        ]);
        let variables = variables(folders, server, &client, "+960s", Some(Transport::H1));
        // Behind the scenario's own setting.
        assert_eq!(variables["GIT_CONFIG_COUNT"], "2");
        assert_eq!(variables["GIT_CONFIG_KEY_1"], "http.version");
        assert_eq!(variables["GIT_CONFIG_VALUE_1"], "HTTP/1.1");
        assert_eq!(variables["TZ"], "server");
        assert_eq!(variables["NO_PROXY"], "*");
        assert_eq!(variables["CODECOMMIT_HELPER_CLOCK"], "+960s");
        assert!(variables["PATH"].to_string_lossy().starts_with("/s/bin:/"));
    }
}
