//! An exchange between a client and the server, told so that one can see why it ended as it did.

use std::fmt::Write;

use anstyle::{AnsiColor, Style};
use codecommit_mock::Exchange;
use codecommit_mock::authn::verdict::{Reason, Refusal, Verdict};

use crate::expectation::describe_hypothesis;

const ERROR: Style = AnsiColor::Red.on_default().bold();
const HELP: Style = AnsiColor::Cyan.on_default().bold();

/// The exchange: in one line if it was served, in the form of an error if it was refused.
pub(super) fn describe(exchange: &Exchange) -> String {
    let status = exchange
        .status
        .map_or("no answer".to_owned(), |status| status.to_string());
    let request = format!(
        "request {}: {} {}{}",
        exchange.number, exchange.method, exchange.host, exchange.path
    );
    let mut text = String::new();
    let written = match exchange.verdict.as_ref() {
        // Every operation starts with it.
        Some(Verdict::Refused(refusal)) if refusal.reason == Reason::CredentialsMissing => {
            writeln!(
                text,
                "{request}\n   |  {status} {}: {}",
                refusal.reason, refusal.detail
            )
        }
        Some(Verdict::Refused(refusal)) => refused(&mut text, &request, &status, refusal),
        Some(Verdict::Accepted(principal)) => writeln!(
            text,
            "{request}\n   |  {status}, accepted as {}",
            principal.arn
        ),
        None => writeln!(text, "{request}\n   |  {status}"),
    };
    let written = written.and_then(|()| match &exchange.decision {
        Some(decision) if !decision.allowed => {
            writeln!(
                text,
                "   |  {} denied: {}",
                decision.action, decision.because
            )
        }
        _ => Ok(()),
    });
    // Writing to a String does not fail.
    debug_assert!(written.is_ok());
    text
}

fn refused(text: &mut String, request: &str, status: &str, refusal: &Refusal) -> std::fmt::Result {
    let (reason, summary) = (refusal.reason.as_str(), refusal.reason.summary());
    writeln!(text, "{ERROR}error{ERROR:#}: {status} {reason}: {summary}")?;
    writeln!(text, "  --> {request}")?;
    writeln!(text, "   |  {}", refusal.detail)?;
    for (name, signed) in [
        ("canonical request", &refusal.canonical_request),
        ("string to sign", &refusal.string_to_sign),
    ] {
        if let Some(signed) = signed {
            writeln!(text, "   |  {name}, as the server computed it:")?;
            for line in signed.lines() {
                writeln!(text, "   |    {line}")?;
            }
        }
    }
    for hypothesis in &refusal.hypotheses {
        writeln!(text, "   |  {}", describe_hypothesis(hypothesis))?;
        writeln!(text, "  {HELP}= help{HELP:#}: {}", hypothesis.help)?;
    }
    // A hypothesis may say it already.
    let said = |help: &String| refusal.hypotheses.iter().any(|known| known.help == *help);
    if let Some(help) = refusal.help.as_ref().filter(|help| !said(help)) {
        writeln!(text, "  {HELP}= help{HELP:#}: {help}")?;
    }
    Ok(())
}
