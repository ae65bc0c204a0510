//! What `exec` puts on top of the caller's own environment, so that a command meets the laboratory instead of AWS whatever
//! the user has configured.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::path::Path;

use codecommit_helper::endpoint::Partition;
use codecommit_mock::world::World;

use super::user_git::{self, Setting};
use super::{HELPER_CLOCK, first_key, without_git_settings};
use crate::links::quoted_path;

/// The hosts of CodeCommit, as git's configuration can match them: a `*` stands for one whole label, so each shape needs
/// its own section (gitcredentials(7), and tried with git 2.47).
pub const HOST_PATTERNS: &[&str] = &[
    "https://git-codecommit.*.amazonaws.com",
    "https://git-codecommit-fips.*.amazonaws.com",
    "https://*.git-codecommit.*.vpce.amazonaws.com",
    "https://*.git-codecommit-fips.*.vpce.amazonaws.com",
    "https://git-codecommit.*.amazonaws.com.cn",
];

/// Variables of the caller that would win over ours, or contradict the keys we set.
pub const REMOVED: &[&str] = &[
    "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN",
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "GIT_SSL_NO_VERIFY",
    HELPER_CLOCK,
];

/// The variables to set. `caller` looks a variable up in the caller's environment, `bin` is the folder with our commands,
/// `user` what the user's git configuration has that could lead past the server.
pub fn variables<N: AsRef<str>>(
    server: impl IntoIterator<Item = (N, String)>,
    proxy: &str,
    world: &World,
    bin: &Path,
    user: &[Setting],
    caller: impl Fn(&str) -> Option<OsString>,
) -> Vec<(String, OsString)> {
    let mut variables: Vec<(String, OsString)> = without_git_settings(server)
        .map(|(name, value)| (name.as_ref().to_owned(), value.into()))
        .collect();
    // Requests without TLS as well, so that none leaves the machine.
    for name in ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"] {
        variables.push((name.to_owned(), proxy.into()));
    }
    // Addresses of services in AWS's configuration files or variables.
    variables.push((
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS".to_owned(),
        "true".into(),
    ));
    if let Some(key) = first_key(world) {
        variables.push(("AWS_ACCESS_KEY_ID".to_owned(), key.id.clone().into()));
        variables.push((
            "AWS_SECRET_ACCESS_KEY".to_owned(),
            key.secret.expose().into(),
        ));
    }
    variables.push(("PATH".to_owned(), with_last(caller("PATH"), bin)));
    // After the caller's own: later settings win.
    let first = caller("GIT_CONFIG_COUNT")
        .and_then(|count| count.to_str()?.parse::<usize>().ok())
        .unwrap_or(0);
    let mut settings = git_settings(proxy, world, &bin.join("git-credential-codecommit"));
    settings.extend(user_git::overrides(user, proxy));
    variables.push((
        "GIT_CONFIG_COUNT".to_owned(),
        (first + settings.len()).to_string().into(),
    ));
    for (index, (key, value)) in settings.into_iter().enumerate() {
        let index = first + index;
        variables.push((format!("GIT_CONFIG_KEY_{index}"), key.into()));
        variables.push((format!("GIT_CONFIG_VALUE_{index}"), value.into()));
    }
    variables
}

fn git_settings(proxy: &str, world: &World, helper: &Path) -> Vec<(String, String)> {
    let mut settings = vec![("http.proxy".to_owned(), proxy.to_owned())];
    // Of several proxies that match, git takes the most specific, wherever it stands. One that the user has set for just
    // this host is met with another for just this host.
    let exact = repository_hosts(world);
    let hosts = HOST_PATTERNS.iter().map(|pattern| (*pattern).to_owned());
    settings.extend(
        hosts
            .chain(exact)
            .map(|host| (format!("http.{host}.proxy"), proxy.to_owned())),
    );
    for pattern in HOST_PATTERNS {
        let credential =
            |key: &str, value: &str| (format!("credential.{pattern}.{key}"), value.to_owned());
        // The empty value forgets every helper that was read before, the user's own among them.
        settings.push(credential("helper", ""));
        settings.push(credential("helper", &shell_command(helper)));
        settings.push(credential("useHttpPath", "true"));
    }
    // Whether the path counts is a single setting, of which git takes the most specific, too.
    settings.extend(
        repository_hosts(world)
            .into_iter()
            .map(|host| (format!("credential.{host}.useHttpPath"), "true".to_owned())),
    );
    settings
}

/// The addresses of the Regions that have repositories.
fn repository_hosts(world: &World) -> BTreeSet<String> {
    world
        .accounts
        .iter()
        .flat_map(|account| &account.repositories)
        .map(|repository| {
            let region = &repository.region;
            let suffix = Partition::of_region(region).dns_suffix();
            format!("https://git-codecommit.{region}.{suffix}")
        })
        .collect()
}

/// A `credential.helper` that runs this program, whatever characters are in its path.
fn shell_command(program: &Path) -> String {
    format!("!{}", quoted_path(program))
}

/// PATH with a folder at its end: a real AWS CLI, wherever it is, comes before ours.
fn with_last(path: Option<OsString>, folder: &Path) -> OsString {
    let mut path = path.unwrap_or_default();
    if !path.is_empty() {
        path.push(if cfg!(windows) { ";" } else { ":" });
    }
    path.push(OsStr::new(folder));
    path
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn variables_for(caller: &[(&str, &str)]) -> BTreeMap<String, String> {
        let caller: BTreeMap<_, _> = caller.iter().copied().collect();
        let look_up = |name: &str| caller.get(name).map(OsString::from);
        variables(
            vec![("HTTPS_PROXY", "http://127.0.0.1:1".to_owned())],
            "http://127.0.0.1:1",
            &World::demo(),
            Path::new("/it's here/bin"),
            &[],
            look_up,
        )
        .into_iter()
        .map(|(name, value)| (name, value.into_string().unwrap()))
        .collect()
    }

    #[test]
    fn settings_come_after_the_callers_own() {
        let variables = variables_for(&[("GIT_CONFIG_COUNT", "2")]);
        assert!(!variables.contains_key("GIT_CONFIG_KEY_1"));
        assert_eq!(variables["GIT_CONFIG_KEY_2"], "http.proxy");
        let count: usize = variables["GIT_CONFIG_COUNT"].parse().unwrap();
        assert!(variables.contains_key(&format!("GIT_CONFIG_VALUE_{}", count - 1)));
        assert!(!variables.contains_key(&format!("GIT_CONFIG_VALUE_{count}")));
    }

    #[test]
    fn the_helper_is_found_in_a_folder_with_a_space_and_a_quote() {
        let variables = variables_for(&[]);
        assert!(
            variables
                .values()
                .any(|value| value == r"!'/it'\''s here/bin/git-credential-codecommit'")
        );
    }

    #[test]
    fn our_commands_come_last_on_the_path() {
        assert_eq!(
            variables_for(&[("PATH", "/usr/bin")])["PATH"],
            "/usr/bin:/it's here/bin"
        );
        assert_eq!(variables_for(&[])["PATH"], "/it's here/bin");
    }

    #[test]
    fn the_demo_user_signs() {
        assert_eq!(
            variables_for(&[])["AWS_ACCESS_KEY_ID"],
            "AKIAIOSFODNN7EXAMPLE"
        );
    }
}
