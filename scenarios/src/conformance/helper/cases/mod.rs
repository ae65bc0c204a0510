//! What a credential helper has to get right with CodeCommit.

mod failing;
mod hosts;
mod keys;
mod protocol;

use super::Trial;
use super::bench::HelperBench;
use crate::conformance::{Case, Judged};
use crate::scenario::Client;

/// All of them, in the order of the table.
pub(super) fn all() -> Vec<Trial> {
    [
        hosts::trials(),
        keys::trials(),
        protocol::trials(),
        failing::trials(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// A machine with alice's key, as `aws configure` writes it.
fn configured() -> Client {
    Client::default()
}

/// A machine with these two files.
fn with_files(config: &str, credentials: &str) -> Client {
    Client {
        aws_config: Some(config.to_owned()),
        aws_credentials: Some(credentials.to_owned()),
        ..Client::default()
    }
}

fn trial(
    id: &'static str,
    shows: &'static str,
    source: &'static str,
    machine: fn() -> Client,
    judge: fn(&mut HelperBench<'_>) -> Judged,
) -> Trial {
    Trial {
        case: Case { id, shows, source },
        machine,
        judge,
    }
}

/// Pages of the user guide, and other sources.
mod source {
    pub(super) const HELPER: &str =
        "https://docs.aws.amazon.com/codecommit/latest/userguide/setting-up-https-unixes.html";
    pub(super) const REGIONS: &str =
        "https://docs.aws.amazon.com/codecommit/latest/userguide/regions.html";
    pub(super) const VPC: &str =
        "https://docs.aws.amazon.com/codecommit/latest/userguide/codecommit-and-interface-VPC.html";
    pub(super) const TROUBLE: &str =
        "https://docs.aws.amazon.com/codecommit/latest/userguide/troubleshooting-ch.html";
    pub(super) const TEMPORARY: &str =
        "https://docs.aws.amazon.com/codecommit/latest/userguide/temporary-access.html";
    pub(super) const PROFILES: &str =
        "https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-files.html";
    pub(super) const VARIABLES: &str =
        "https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-envvars.html";
    pub(super) const PROTOCOL: &str = "https://git-scm.com/docs/git-credential#IOFMT";
    pub(super) const CUSTOM: &str = "https://git-scm.com/docs/gitcredentials#_custom_helpers";
    pub(super) const HOST: &str = "https://www.rfc-editor.org/rfc/rfc3986#section-3.2.2";
}
