//! `store`: no stale password stays behind in another helper.

use std::io::Write as _;
use std::process::{Command, Stdio};

use super::Options;
use crate::endpoint::Endpoint;
use crate::password::GitPassword;
use crate::protocol::Request;
use crate::secret::Secret;

/// What other helpers have just been given, and are to forget: `None` if git's request is about no password of ours.
///
/// After a password has worked, git tells every helper to store it. A helper that keeps it without an expiry, and comes
/// before ours, would answer with it when it has expired; CodeCommit then says 403, on which git erases nothing. That the
/// password is ephemeral, which git passes on since 2.46, only `git credential-cache` heeds: so it is done for every git.
pub(super) fn stored_elsewhere(request: &Request, options: &Options) -> Option<Secret> {
    let host = request.host.as_deref()?;
    let is_ours =
        Endpoint::parse(host).is_some() || options.allows(host) || options.ignore_host_check;
    let password = request.password.as_ref()?.expose();
    // Static HTTPS Git credentials may be stored: they do not expire.
    if options.no_scrub || !is_ours || password.parse::<GitPassword>().is_err() {
        return None;
    }
    let mut text = String::new();
    for (key, value) in [
        ("protocol", request.protocol.as_deref()),
        ("host", Some(host)),
        ("path", request.path.as_deref()),
        ("username", request.user_name.as_ref().map(Secret::expose)),
        ("password", Some(password)),
    ] {
        if let Some(value) = value {
            text += &format!("{key}={value}\n");
        }
    }
    Some(Secret::new(text))
}

/// Has git tell every configured helper, ours among them, to erase exactly this.
///
/// `git credential reject` finds them in the configuration as git did for `store`, and in the same order. What goes wrong
/// is not reported: the command of the user has succeeded already.
pub(super) fn erase_everywhere(what: &Secret) {
    let child = Command::new("git")
        .args(["credential", "reject"])
        // Nobody is to be asked anything.
        .envs([("GIT_TERMINAL_PROMPT", "0"), ("GCM_INTERACTIVE", "0")])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    if let Ok(mut child) = child {
        if let Some(mut stdin) = child.stdin.take() {
            // It fails if git has gone already.
            let _ = stdin.write_all(what.expose().as_bytes());
        }
        let _ = child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(host: &str, password: &str) -> Request {
        Request {
            protocol: Some("https".to_owned()),
            host: Some(host.to_owned()),
            path: Some("v1/repos/X".to_owned()),
            user_name: Some(Secret::new("AKIA")),
            password: Some(Secret::new(password)),
            ..Request::default()
        }
    }

    #[test]
    fn only_our_own_passwords_for_our_own_hosts_are_to_be_erased() {
        const HOST: &str = "git-codecommit.us-east-1.amazonaws.com";
        let ours = format!("20250115T083000Z{}", "0".repeat(64));
        let scrub = |request: &Request, options: &Options| stored_elsewhere(request, options);
        let options = Options::default();
        assert_eq!(
            scrub(&request(HOST, &ours), &options).unwrap().expose(),
            format!(
                "protocol=https\nhost={HOST}\npath=v1/repos/X\nusername=AKIA\npassword={ours}\n"
            )
        );
        let static_credentials = request(HOST, "alice's static password");
        assert_eq!(scrub(&static_credentials, &options), None);
        assert_eq!(scrub(&request("github.com", &ours), &options), None);
        let without = Request {
            password: None,
            ..request(HOST, "")
        };
        assert_eq!(scrub(&without, &options), None);
        let opted_out = Options {
            no_scrub: true,
            ..Options::default()
        };
        assert_eq!(scrub(&request(HOST, &ours), &opted_out), None);
    }
}
