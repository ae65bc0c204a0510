//! Pushing.

use codecommit_mock::authn::verdict::Reason;

use super::{source, trial, usual};
use crate::conformance::client::bench::ClientBench;
use crate::conformance::client::{Operation, Trial};
use crate::conformance::world::{DEMO, EMPTY, PAUL, RITA, Remote};
use crate::conformance::{Finding, Judged};

const SMALL: &str = "echo pushed > pushed.txt";
/// More than a client's buffer holds, and nothing that compresses.
const LARGE: &str = "head -c 3145728 /dev/urandom > large.bin";

pub(super) fn trials() -> Vec<Trial> {
    vec![
        trial(
            "push-a-commit",
            "Pushes a commit to a branch.",
            source::PROTOCOL,
            usual,
            |client| push(client, SMALL),
        ),
        trial(
            "push-to-an-empty-repository",
            "Pushes the first commit of a repository.",
            source::PROTOCOL,
            usual,
            first_push,
        ),
        trial(
            "push-of-3-mib",
            "Pushes more than git's http.postBuffer of 1 MiB holds.",
            source::PUSH,
            usual,
            |client| push(client, LARGE),
        ),
        trial(
            "push-without-permission",
            "Ends with an error when a user who may only read pushes (403).",
            source::ACCESS,
            usual,
            without_permission,
        ),
        trial(
            "push-to-a-protected-branch",
            "Ends with an error when the server takes the pack and reports `ng` for the branch.",
            source::BRANCHES,
            usual,
            protected_branch,
        ),
    ]
}

/// Whether there is anything to see; nothing is cloned for a client that cannot push.
fn clone_and_commit(client: &mut ClientBench<'_>, file: &str) -> Result<String, Finding> {
    client.can(Operation::Push)?;
    client.prepare(Operation::Clone, &DEMO)?;
    client.commit(file)
}

fn arrived(client: &mut ClientBench<'_>, remote: &Remote, commit: &str) -> Judged {
    let tip = client.bench.server_tip(remote, "main")?;
    match tip == commit {
        true => Ok(Finding::pass()),
        false => Err(Finding::fail(
            "it says that all is well, and the branch has not moved",
        )),
    }
}

fn push(client: &mut ClientBench<'_>, file: &str) -> Judged {
    let commit = clone_and_commit(client, file)?;
    client.run(Operation::Push, &DEMO)?.accepted()?;
    arrived(client, &DEMO, &commit)
}

fn first_push(client: &mut ClientBench<'_>) -> Judged {
    client.can(Operation::Push)?;
    let url = client.url(&EMPTY)?;
    client.bench.look(&format!(
        "git init --quiet --initial-branch=main clone && git -C clone remote add origin {url}"
    ))?;
    let commit = client.commit(SMALL)?;
    client.run(Operation::Push, &EMPTY)?.accepted()?;
    arrived(client, &EMPTY, &commit)
}

fn without_permission(client: &mut ClientBench<'_>) -> Judged {
    client.can(Operation::Push)?;
    client.act_with(RITA);
    clone_and_commit(client, SMALL)?;
    let done = client.run(Operation::Push, &DEMO)?;
    done.refused(Reason::AccessDenied)?;
    Ok(Finding::pass())
}

fn protected_branch(client: &mut ClientBench<'_>) -> Judged {
    client.can(Operation::Push)?;
    client.act_with(PAUL);
    let before = client.bench.server_tip(&DEMO, "main")?;
    clone_and_commit(client, SMALL)?;
    let done = client.run(Operation::Push, &DEMO)?;
    done.came_to_an_end()?;
    if client.bench.server_tip(&DEMO, "main")? != before {
        return Err(Finding::fail("the branch has moved all the same"));
    }
    let asked = done
        .exchanges
        .iter()
        .any(|exchange| exchange.method == "POST");
    match (done.is_ok(), asked) {
        (_, false) => Err(Finding::fail(format!(
            "never sends the push; {}",
            done.ending()
        ))),
        (true, true) => Err(Finding::fail(
            "it says that all is well, and nothing was pushed",
        )),
        (false, true) => Ok(Finding::pass()),
    }
}
