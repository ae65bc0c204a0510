//! What the user's git configuration has that could lead git past the laboratory, and how `exec` meets it.

use std::process::{Command, Stdio};

use crate::links::quoted;

/// A setting of the user's, from whatever file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// `global`, `system`, `local`, `worktree` or `command`.
    pub scope: String,
    /// The key, section and name in lower case.
    pub key: String,
    /// The value.
    pub value: String,
}

/// URLs of CodeCommit would be rewritten to something else.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "keep git in the laboratory: its {} configuration rewrites CodeCommit's URLs: {} = {}",
    .0.scope, .0.key, .0.value
)]
pub struct Detour(Setting);

const OF_INTEREST: &str =
    r"^(url\..*insteadof|http\..*\.proxy|remote\..*\.proxy|http\.(.*\.)?extraheader)$";

/// The settings of interest, in the order in which git reads them; none without git.
pub fn read() -> Vec<Setting> {
    let output = Command::new("git")
        .args(["config", "--show-scope", "-z", "--get-regexp", OF_INTEREST])
        .stdin(Stdio::null())
        .output();
    output.map_or(Vec::new(), |output| {
        parse(&String::from_utf8_lossy(&output.stdout))
    })
}

/// `SCOPE NUL KEY LF VALUE NUL`, again and again.
fn parse(text: &str) -> Vec<Setting> {
    let mut parts = text.split('\0');
    let mut settings = Vec::new();
    while let (Some(scope), Some(setting)) = (parts.next(), parts.next()) {
        let (key, value) = setting.split_once('\n').unwrap_or((setting, ""));
        settings.push(Setting {
            scope: scope.to_owned(),
            key: key.to_owned(),
            value: value.to_owned(),
        });
    }
    settings
}

/// Settings that are read after the user's and take their effect away: a proxy for one URL or remote, which is more specific
/// than ours, and a header with credentials, which the endpoint would see instead of those of the helper.
pub fn overrides(settings: &[Setting], proxy: &str) -> Vec<(String, String)> {
    let mut overrides: Vec<(String, String)> = Vec::new();
    for setting in settings {
        let known = overrides.iter().any(|(key, _)| *key == setting.key);
        if known {
            continue;
        }
        if setting.key.ends_with(".proxy") {
            overrides.push((setting.key.clone(), proxy.to_owned()));
        } else if setting.key.ends_with("extraheader") {
            let is_authorization =
                |value: &str| value.to_ascii_lowercase().starts_with("authorization");
            let same = || settings.iter().filter(|other| other.key == setting.key);
            if same().any(|other| is_authorization(&other.value)) {
                // The empty value forgets all that were read before.
                overrides.push((setting.key.clone(), String::new()));
                overrides.extend(
                    same()
                        .filter(|other| !is_authorization(&other.value))
                        .map(|other| (other.key.clone(), other.value.clone())),
                );
            }
        }
    }
    overrides
}

/// The first setting that would rewrite a URL of CodeCommit. Nothing that is read later can take it back: git uses the
/// longest that fits.
///
/// # Errors
/// There is one.
pub fn no_detour(settings: &[Setting]) -> Result<(), Detour> {
    let detour = settings.iter().find(|setting| {
        let base = setting.key.strip_prefix("url.");
        base.is_some_and(|base| !is_codecommit(base) && concerns_codecommit(&setting.value))
    });
    detour.map_or(Ok(()), |setting| Err(Detour(setting.clone())))
}

fn is_codecommit(base: &str) -> bool {
    base.starts_with("https://") && base.contains("git-codecommit")
        || base.starts_with("codecommit:")
}

/// Whether some URL of CodeCommit can begin like this.
fn concerns_codecommit(prefix: &str) -> bool {
    "https://git-codecommit".starts_with(prefix)
        || "codecommit:".starts_with(prefix)
        || prefix.starts_with("codecommit:")
        || prefix.starts_with("https://") && prefix.contains("git-codecommit")
}

impl Detour {
    /// What to do.
    pub fn hint(&self) -> String {
        let Setting { scope, key, value } = &self.0;
        if scope == "command" {
            return "take it out of GIT_CONFIG_COUNT and its keys in the environment".to_owned();
        }
        format!(
            "git config --{scope} --fixed-value --unset-all {} {}",
            quoted(key),
            quoted(value)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn setting(key: &str, value: &str) -> Setting {
        Setting {
            scope: "global".to_owned(),
            key: key.to_owned(),
            value: value.to_owned(),
        }
    }

    #[test]
    fn the_output_of_git_is_read() {
        assert_eq!(
            parse("global\0http.x.proxy\nhttp://p\0global\0url.a.insteadof\nb\nc\0"),
            [
                setting("http.x.proxy", "http://p"),
                setting("url.a.insteadof", "b\nc")
            ]
        );
        assert_eq!(parse(""), []);
    }

    #[test]
    fn proxies_and_authorization_headers_are_met_with_the_same_key() {
        let settings = [
            setting("http.https://h/v1.proxy", "http://p"),
            setting("remote.origin.proxy", "http://p"),
            setting("http.extraheader", "X-Mine: 1"),
            setting("http.extraheader", "AUTHORIZATION: basic x"),
            setting("http.https://h.extraheader", "X-Mine: 2"),
        ];
        let ours = overrides(&settings, "http://us");
        let ours: Vec<(&str, &str)> = ours.iter().map(|(key, value)| (&**key, &**value)).collect();
        assert_eq!(
            ours,
            [
                ("http.https://h/v1.proxy", "http://us"),
                ("remote.origin.proxy", "http://us"),
                ("http.extraheader", ""),
                ("http.extraheader", "X-Mine: 1"),
            ]
        );
    }

    #[test]
    fn a_url_that_would_be_rewritten_is_found_with_the_command_that_mends_it() {
        for (base, prefix) in [
            (
                "ssh://git@h/",
                "https://git-codecommit.us-east-2.amazonaws.com/",
            ),
            ("http://", "https://"),
            ("ssh://", ""),
            ("x:", "codecommit::us-east-2://"),
        ] {
            let detour = no_detour(&[setting(&format!("url.{base}.insteadof"), prefix)]);
            assert!(detour.is_err(), "{base} {prefix}");
        }
        for (base, prefix) in [
            ("git@github.com:", "https://github.com/"),
            (
                "https://git-codecommit.us-east-2.amazonaws.com/v1/repos/",
                "cc:",
            ),
            (
                "https://git-codecommit.us-east-2.amazonaws.com/",
                "https://git-codecommit.x/",
            ),
        ] {
            let detour = no_detour(&[setting(&format!("url.{base}.insteadof"), prefix)]);
            assert_eq!(detour, Ok(()), "{base} {prefix}");
        }
        let detour = Detour(setting("url.ssh://it's.insteadof", "https://"));
        assert_eq!(
            detour.hint(),
            r"git config --global --fixed-value --unset-all 'url.ssh://it'\''s.insteadof' 'https://'"
        );
    }
}
