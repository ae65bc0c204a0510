//! Listing, cloning, fetching.

use codecommit_mock::authn::verdict::Reason;

use super::{source, trial, usual};
use crate::conformance::client::bench::ClientBench;
use crate::conformance::client::{Operation, Trial};
use crate::conformance::world::{DEMO, ELSEWHERE, EMPTY, NONE};
use crate::conformance::{Finding, Judged};

pub(super) fn trials() -> Vec<Trial> {
    vec![
        trial(
            "list-references",
            "Lists the branches of a repository, with their commits.",
            source::PROTOCOL,
            usual,
            list,
        ),
        trial(
            "host-and-path-as-given",
            "Asks the host for the path of the URL, and adds no `.git` or slash: they are signed as they are.",
            source::HELPER,
            usual,
            host_and_path,
        ),
        trial(
            "branch-of-the-clone",
            "Checks out the server's default branch under its own name, where the server does not say which HEAD is.",
            source::PROTOCOL,
            usual,
            branch_of_the_clone,
        ),
        trial(
            "clone-an-empty-repository",
            "Clones a repository that has no commit yet.",
            source::PROTOCOL,
            usual,
            |client| {
                client.run(Operation::Clone, &EMPTY)?.accepted()?;
                Ok(Finding::pass())
            },
        ),
        trial(
            "shallow-clone",
            "Clones with depth 1, and gets one commit.",
            source::PROTOCOL,
            usual,
            shallow,
        ),
        trial(
            "repository-not-found",
            "Ends with an error when the repository does not exist (404).",
            source::TROUBLE,
            usual,
            |client| {
                let done = client.run(Operation::Clone, &NONE)?;
                done.refused(Reason::RepositoryNotFound)?;
                Ok(Finding::pass())
            },
        ),
        trial(
            "repository-of-another-region",
            "Ends with an error when the URL names another Region than the repository's (404).",
            source::REGIONS,
            usual,
            |client| {
                let done = client.run(Operation::Clone, &ELSEWHERE)?;
                done.refused(Reason::RepositoryNotFound)?;
                Ok(Finding::pass())
            },
        ),
    ]
}

fn list(client: &mut ClientBench<'_>) -> Judged {
    let done = client.run(Operation::List, &DEMO)?;
    done.accepted()?;
    let tip = client.bench.server_tip(&DEMO, "main")?;
    let said = done.stdout.lines().any(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        words.contains(&&*tip) && words.contains(&"refs/heads/main")
    });
    match said {
        true => Ok(Finding::pass()),
        false => Err(Finding::fail("does not show the commit of refs/heads/main")),
    }
}

fn host_and_path(client: &mut ClientBench<'_>) -> Judged {
    let done = client.run(Operation::Clone, &DEMO)?;
    done.accepted()?;
    let host = client.host();
    for exchange in &done.exchanges {
        let path = exchange.path.split('?').next().unwrap_or_default();
        let rest = path.strip_prefix(&*DEMO.path()).unwrap_or(path);
        if exchange.host.split(':').next() != Some(host)
            || !["/info/refs", "/git-upload-pack"].contains(&rest)
        {
            return Err(Finding::fail(format!(
                "asks {} for {}",
                exchange.host, exchange.path
            )));
        }
    }
    Ok(Finding::pass())
}

fn shallow(client: &mut ClientBench<'_>) -> Judged {
    client.run(Operation::Shallow, &DEMO)?.accepted()?;
    client.has_it_all(&DEMO)?;
    let tip = client.tip()?;
    match &*client
        .bench
        .look(&format!("git -C clone rev-list --count {tip}"))?
    {
        "1" => Ok(Finding::pass()),
        count => Err(Finding::fail(format!("the clone has {count} commits"))),
    }
}

fn branch_of_the_clone(client: &mut ClientBench<'_>) -> Judged {
    client.prepare(Operation::Clone, &DEMO)?;
    if !client.clone_folder().join(".git").is_dir() {
        return Err(Finding::skipped("it makes no clone to work in"));
    }
    let branch = client
        .bench
        .look("git -C clone rev-parse --abbrev-ref HEAD")?;
    Ok(match &*branch {
        "main" => Finding::pass(),
        other => Finding::differs(format!("checks it out as {other}")),
    })
}
