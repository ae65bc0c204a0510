//! What a Git client has to get right with CodeCommit.

mod authentication;
mod reading;
mod transport;
mod writing;

use codecommit_mock::Fidelity;

use super::Trial;
use super::bench::ClientBench;
use crate::conformance::{Case, Judged};

/// All of them, in the order of the table.
pub(super) fn all() -> Vec<Trial> {
    [
        authentication::trials(),
        reading::trials(),
        writing::trials(),
        transport::trials(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The server as it is by default.
fn usual(_: &mut Fidelity) {}

fn trial(
    id: &'static str,
    shows: &'static str,
    source: &'static str,
    server: fn(&mut Fidelity),
    judge: fn(&mut ClientBench<'_>) -> Judged,
) -> Trial {
    Trial {
        case: Case { id, shows, source },
        server,
        judge,
    }
}

/// Pages of the user guide, and other sources.
mod source {
    pub(super) const GIT_CREDENTIALS: &str =
        "https://docs.aws.amazon.com/codecommit/latest/userguide/setting-up-gc.html";
    pub(super) const HELPER: &str =
        "https://docs.aws.amazon.com/codecommit/latest/userguide/setting-up-https-unixes.html";
    pub(super) const TROUBLE: &str =
        "https://docs.aws.amazon.com/codecommit/latest/userguide/troubleshooting-ch.html";
    pub(super) const ACCESS: &str = "https://docs.aws.amazon.com/codecommit/latest/userguide/auth-and-access-control-permissions-reference.html";
    pub(super) const BRANCHES: &str =
        "https://docs.aws.amazon.com/codecommit/latest/userguide/how-to-conditional-branch.html";
    pub(super) const REGIONS: &str =
        "https://docs.aws.amazon.com/codecommit/latest/userguide/regions.html";
    pub(super) const PUSH: &str =
        "https://docs.aws.amazon.com/codecommit/latest/userguide/troubleshooting-git.html";
    pub(super) const TEMPORARY: &str =
        "https://docs.aws.amazon.com/codecommit/latest/userguide/temporary-access.html";
    pub(super) const PROTOCOL: &str = "https://git-scm.com/docs/http-protocol";
    pub(super) const PROTOCOL_2: &str = "https://git-scm.com/docs/protocol-v2";
    pub(super) const HELPERS: &str = "https://git-scm.com/docs/gitcredentials";
    pub(super) const URL: &str = "https://www.rfc-editor.org/rfc/rfc3986#section-3.2.1";
    pub(super) const CHALLENGE: &str = "https://www.rfc-editor.org/rfc/rfc9110#section-11.6.1";
    pub(super) const TLS: &str = "https://www.rfc-editor.org/rfc/rfc9110#section-4.3.4";
    pub(super) const THROTTLE: &str = "https://www.rfc-editor.org/rfc/rfc6585#section-4";
}
