//! What symptom, cause and fix have to be to one another, so that each of them can be found wrong.

use std::ops::Range;

use codecommit_mock::authn::verdict::Reason;
use codecommit_mock::document::{DocumentError, Source, Spanned};

use super::{not_empty, unknown_verdict};
use crate::expectation::ByHelper;
use crate::scenario::file::{CauseFile, OtherCauseFile, ToldFile};
use crate::scenario::text::Texts;
use crate::scenario::{Action, Cause, OtherCause, Plot, Run, Step, Teller, Told, Why};
use crate::subject::Helper;
use crate::toolbox::{Peer, Requirement};

pub(super) fn read(
    document: &Source,
    requires: &[Requirement],
    symptom: Vec<Step>,
    (cause, texts): (&Spanned<CauseFile>, &Texts),
    mut fix: Vec<Step>,
) -> Result<Plot, DocumentError> {
    let cause = self::cause(document, cause, texts)?;
    if let Why::Told(told) = &cause.why
        && told.by == Teller::CredentialManager
        && !requires.iter().any(is_credential_manager)
    {
        return Err(document.error_at(
            cause.span,
            "this scenario can run without Git Credential Manager",
            Some("write `requires = [\"git-credential-manager\"]`".to_owned()),
        ));
    }
    something_fails(document, &symptom, &cause)?;
    let failed: Vec<&str> = runs(&symptom)
        .filter(|(_, run)| run.fails())
        .map(|(_, run)| run.command.trim())
        .collect();
    ends_well(document, &fix)?;
    let at = what_mends(document, &fix, &failed)?;
    if let Some(Step {
        action: Action::Run(run),
        ..
    }) = fix.get_mut(at)
    {
        run.mends = true;
    }
    Ok(Plot::Failure {
        symptom,
        cause: Box::new(cause),
        fix,
    })
}

fn is_credential_manager(requirement: &Requirement) -> bool {
    matches!(requirement, Requirement::Peer(Peer::GitCredentialManager))
}

fn runs(steps: &[Step]) -> impl DoubleEndedIterator<Item = (&Step, &Run)> {
    steps.iter().filter_map(|step| match &step.action {
        Action::Run(run) => Some((step, &**run)),
        _ => None,
    })
}

fn cause(
    document: &Source,
    file: &Spanned<CauseFile>,
    texts: &Texts,
) -> Result<Cause, DocumentError> {
    let (whole, file) = (file.span(), file.get_ref());
    let (why, span) = match (&file.verdict, &file.told) {
        (Some(verdict), None) => (
            Why::Verdict(reason(document, verdict, &[])?),
            verdict.span(),
        ),
        (None, Some(told)) => (self::told(document, told.get_ref(), texts)?, told.span()),
        _ => return Err(one_of_two(document, whole)),
    };
    let mut by_helper = ByHelper::default();
    if let Some(file) = &file.helper {
        by_helper.ours = other_cause(document, file.ours.as_ref(), texts)?;
        by_helper.aws_cli = other_cause(document, file.aws_cli.as_ref(), texts)?;
    }
    Ok(Cause {
        why,
        span,
        by_helper,
        with_aws_remote_helper: match &file.remote_helper {
            Some(file) => other_cause(document, Some(&file.aws), texts)?,
            None => None,
        },
    })
}

fn other_cause(
    document: &Source,
    file: Option<&OtherCauseFile>,
    texts: &Texts,
) -> Result<Option<OtherCause>, DocumentError> {
    let Some(file) = file else {
        return Ok(None);
    };
    not_empty(document, &file.reason, "reason")?;
    let (why, span) = match (&file.verdict, &file.told) {
        (Some(verdict), None) if verdict.get_ref() == "accepted" => (None, verdict.span()),
        (Some(verdict), None) => (
            Some(Why::Verdict(reason(document, verdict, &["accepted"])?)),
            verdict.span(),
        ),
        (None, Some(told)) => (
            Some(self::told(document, told.get_ref(), texts)?),
            told.span(),
        ),
        _ => return Err(one_of_two(document, file.reason.span())),
    };
    Ok(Some(OtherCause {
        reason: file.reason.get_ref().clone(),
        why,
        span,
    }))
}

fn told(document: &Source, file: &ToldFile, texts: &Texts) -> Result<Why, DocumentError> {
    let what = texts.fragment(document, file.what.get_ref(), file.what.span())?;
    for one in what.texts() {
        let text = Spanned::new(what.span.clone(), one.text.clone());
        not_empty(document, &text, "text that is told")?;
        if one.text.contains(['\n', '\r']) {
            return Err(document.error_at(
                what.span.clone(),
                "what is told stands in one line",
                Some("choose the line that says why".to_owned()),
            ));
        }
    }
    let mut wordings = what.texts().map(|one| one.text.clone());
    Ok(Why::Told(Told {
        by: file.by,
        what: wordings.next().unwrap_or_default(),
        or: wordings.collect(),
    }))
}

fn one_of_two(document: &Source, span: Range<usize>) -> DocumentError {
    let help = "write `verdict = \"...\"` where the server refuses a request, or `told = { by = \"...\", what = \"...\" }` \
                where it refuses none";
    document.error_at(
        span,
        "a cause is either a verdict or what is told",
        Some(help.to_owned()),
    )
}

fn reason(
    document: &Source,
    word: &Spanned<String>,
    also: &[&'static str],
) -> Result<Reason, DocumentError> {
    let unknown = |_| unknown_verdict(document, word.get_ref(), word.span(), also);
    word.get_ref().parse().map_err(unknown)
}

/// With each helper, something fails and has a cause, or nothing fails and the cause says so.
fn something_fails(
    document: &Source,
    symptom: &[Step],
    cause: &Cause,
) -> Result<(), DocumentError> {
    for helper in Helper::ALL {
        let fails = runs(symptom).any(|(_, run)| run.status(helper) != 0);
        let (why, span) = cause.why(helper);
        let (message, help) = match (fails, why) {
            (true, Some(_)) | (false, None) => continue,
            (true, None) => (
                format!(
                    "a command of the symptom fails with the helper {}",
                    helper.as_str()
                ),
                "name the verdict that it ends with, or what is told".to_owned(),
            ),
            (false, Some(_)) => (
                format!(
                    "no command of the symptom fails with the helper {}",
                    helper.as_str()
                ),
                format!(
                    "say how one fails with `status`, or that nothing does with this helper: `[cause.helper.{}]`, \
                     `verdict = \"accepted\"`",
                    helper.as_str()
                ),
            ),
        };
        return Err(document.error_at(span, message, Some(help)));
    }
    Ok(())
}

/// A fix may show on the way that something does not help; its last command has to succeed.
fn ends_well(document: &Source, fix: &[Step]) -> Result<(), DocumentError> {
    let help = "end the fix with a command that succeeds";
    match runs(fix).next_back() {
        Some((_, run)) if !run.fails() => Ok(()),
        Some((step, run)) => Err(step.document.error_at(
            status_or_command(step, run),
            "the last command of the fix fails",
            Some(help.to_owned()),
        )),
        None => Err(document.error_at(
            fix.first().map_or(0..0, Step::place),
            "the fix runs no command: nothing shows that it mends anything",
            Some(help.to_owned()),
        )),
    }
}

/// The place of the step that shows it: the last that runs again what failed, or stands for it.
fn what_mends(document: &Source, fix: &[Step], failed: &[&str]) -> Result<usize, DocumentError> {
    let mut found = None;
    for (at, step) in fix.iter().enumerate() {
        let Action::Run(run) = &step.action else {
            continue;
        };
        if let Some(command) = &run.stands_for
            && !failed.contains(&command.get_ref().trim())
        {
            return Err(step.document.error_at(
                command.span(),
                "no command of the symptom that fails reads like this",
                Some(format!("these fail: {}", quoted(failed))),
            ));
        }
        if run.stands_for.is_some() || failed.contains(&run.command.trim()) {
            found = Some((at, step, run));
        }
    }
    let Some((at, step, run)) = found else {
        return Err(document.error_at(
            fix.first().map_or(0..0, Step::place),
            "the fix does not run again what failed",
            Some(format!(
                "run it again: {}; where the command has to be another one, say so with `stands_for`",
                quoted(failed)
            )),
        ));
    };
    if run.fails() {
        return Err(step.document.error_at(
            status_or_command(step, run),
            "what failed still fails when the fix is done",
            Some("end the fix with the same command, and let it succeed".to_owned()),
        ));
    }
    Ok(at)
}

fn status_or_command(step: &Step, run: &Run) -> Range<usize> {
    let status = run.expectation.status.as_ref();
    status.map_or(step.span.clone(), Spanned::span)
}

fn quoted(commands: &[&str]) -> String {
    let quoted: Vec<String> = commands
        .iter()
        .map(|command| format!("`{command}`"))
        .collect();
    quoted.join(", ")
}
