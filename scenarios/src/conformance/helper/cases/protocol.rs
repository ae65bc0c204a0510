//! Git's side of the talk.

use super::{configured, source, trial};
use crate::conformance::helper::Trial;
use crate::conformance::helper::bench::{HelperBench, request};
use crate::conformance::world::DEMO;
use crate::conformance::{Finding, Judged};

pub(super) fn trials() -> Vec<Trial> {
    vec![
        trial(
            "capabilities-first",
            "Understands a request that begins with `capability[]` lines, as git 2.46 and later send it.",
            source::PROTOCOL,
            configured,
            |helper| {
                answers(
                    helper,
                    &format!(
                        "capability[]=authtype\ncapability[]=state\n{}",
                        request(&DEMO)
                    ),
                )
            },
        ),
        trial(
            "several-wwwauth-lines",
            "Understands a request with the server's challenges, of which there may be several.",
            source::PROTOCOL,
            configured,
            |helper| {
                let lines = "wwwauth[]=Negotiate\nwwwauth[]=Basic realm=\"AWS = CodeCommit\"\n\n";
                answers(
                    helper,
                    &request(&DEMO).replacen("\n\n", &format!("\n{lines}"), 1),
                )
            },
        ),
        trial(
            "unknown-lines",
            "Ignores attributes that it does not know.",
            source::PROTOCOL,
            configured,
            |helper| {
                answers(
                    helper,
                    &format!("colour=blue\nstate[]=other.x=y=z\n{}", request(&DEMO)),
                )
            },
        ),
        trial(
            "end-of-input-ends-a-request",
            "Answers a request that ends without a blank line, as git sends it.",
            source::PROTOCOL,
            configured,
            |helper| answers(helper, request(&DEMO).trim_end_matches('\n')),
        ),
        trial(
            "blank-line-ends-a-request",
            "Ignores what comes behind a blank line.",
            source::PROTOCOL,
            configured,
            |helper| {
                answers(
                    helper,
                    &format!("{}host=github.com\npath=another\n", request(&DEMO)),
                )
            },
        ),
        trial(
            "lines-with-carriage-returns",
            "Understands lines that end with CR LF.",
            source::PROTOCOL,
            configured,
            |helper| answers(helper, &request(&DEMO).replace('\n', "\r\n")),
        ),
        trial(
            "store-does-no-harm",
            "Ends well and says nothing when git has it store a password.",
            source::CUSTOM,
            configured,
            |helper| quiet(helper, "store"),
        ),
        trial(
            "erase-does-no-harm",
            "Ends well and says nothing when git has it erase a password.",
            source::CUSTOM,
            configured,
            |helper| quiet(helper, "erase"),
        ),
        trial(
            "unknown-operation",
            "Ignores an operation that it does not know.",
            source::CUSTOM,
            configured,
            |helper| quiet(helper, "frobnicate"),
        ),
    ]
}

fn answers(helper: &mut HelperBench<'_>, request: &str) -> Judged {
    let answer = helper.ask("get", request)?;
    helper.opens(&answer, &DEMO)?;
    Ok(Finding::pass())
}

fn quiet(helper: &mut HelperBench<'_>, operation: &str) -> Judged {
    let request = request(&DEMO).replacen(
        "\n\n",
        "\nusername=AKIAIOSFODNN7EXAMPLE\npassword=20250115T083000Zabc\n\n",
        1,
    );
    let answer = helper.ask(operation, &request)?;
    if answer.login().is_some() {
        return Err(Finding::fail("answers with a password"));
    }
    match (answer.done.is_ok(), answer.is_silent()) {
        (true, true) => Ok(Finding::pass()),
        (true, false) => Ok(Finding::differs("prints something on standard output")),
        (false, _) => Ok(Finding::differs(answer.done.ending())),
    }
}
