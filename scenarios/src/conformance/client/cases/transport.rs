//! What lies below Git: TLS, HTTP, and how much the server takes.

use std::time::Duration;

use codecommit_mock::Profile;
use codecommit_mock::authn::verdict::Reason;
use codecommit_mock::fidelity::YesOrNo;

use super::{source, trial, usual};
use crate::conformance::client::bench::ClientBench;
use crate::conformance::client::{Operation, Trial};
use crate::conformance::world::DEMO;
use crate::conformance::{Finding, Judged};

/// As often as a client may ask a server again that has too many requests.
const MOST: usize = 10;

/// Long enough to be turned away.
const SHORT: Duration = Duration::from_secs(20);

pub(super) fn trials() -> Vec<Trial> {
    vec![
        trial(
            "refuses-an-unknown-authority",
            "Sends nothing to a server whose certificate it cannot verify.",
            source::TLS,
            usual,
            unknown_authority,
        ),
        trial(
            "http-1-1",
            "Clones where the server speaks HTTP/1.1 only.",
            source::PROTOCOL,
            |server| server.http_2 = YesOrNo::No,
            clone,
        ),
        trial(
            "http-2",
            "Clones where the server offers HTTP/2, over whichever of the two it chooses.",
            source::PROTOCOL,
            usual,
            http_2,
        ),
        trial(
            "protocol-version-2",
            "Clones where the server answers with Git's protocol version 2 if it is asked to.",
            source::PROTOCOL_2,
            |server| {
                server.profile = Profile::Git;
                server.protocol_version_2 = YesOrNo::Yes;
            },
            clone,
        ),
        trial(
            "throttled",
            "Ends with an error, or waits, when the server has too many requests (429).",
            source::THROTTLE,
            |server| server.requests_per_second = 1,
            throttled,
        ),
    ]
}

fn clone(client: &mut ClientBench<'_>) -> Judged {
    client.run(Operation::Clone, &DEMO)?.accepted()?;
    client.has_it_all(&DEMO)?;
    Ok(Finding::pass())
}

fn unknown_authority(client: &mut ClientBench<'_>) -> Judged {
    client.trust_another()?;
    client.limit = client.limit.min(SHORT);
    let done = client.run(Operation::Clone, &DEMO)?;
    done.came_to_an_end()?;
    match (done.exchanges.is_empty(), done.is_ok()) {
        (false, _) => Err(Finding::fail(
            "sends its requests to a server that nothing vouches for",
        )),
        (true, true) => Err(Finding::fail(
            "it says that all is well, and cloned nothing",
        )),
        (true, false) => Ok(Finding::pass()),
    }
}

fn http_2(client: &mut ClientBench<'_>) -> Judged {
    let done = client.run(Operation::Clone, &DEMO)?;
    done.accepted()?;
    let mut finding = Finding::pass();
    finding.how = done
        .exchanges
        .first()
        .map(|exchange| format!("it speaks {}", exchange.protocol));
    Ok(finding)
}

fn throttled(client: &mut ClientBench<'_>) -> Judged {
    // A slow client may make one request a second; then nothing is seen.
    for attempt in 0..3 {
        client
            .bench
            .look(&format!("[ {attempt} = 0 ] || rm -rf clone"))?;
        let done = client.run(Operation::Clone, &DEMO)?;
        done.came_to_an_end()?;
        return match (done.refusals(Reason::Throttled), done.is_ok()) {
            (0, true) => continue,
            (0, false) => Err(Finding::fail(done.ending())),
            (times, _) if times > MOST => Err(Finding::fail("asks on and on, without a pause")),
            (_, true) => {
                client.has_it_all(&DEMO)?;
                Ok(Finding::pass())
            }
            (_, false) => Ok(Finding::pass()),
        };
    }
    Err(Finding::skipped("it makes less than two requests a second"))
}
