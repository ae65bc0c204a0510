//! A push, as CodeCommit takes it: the commands are read and judged before git sees them, the pack is looked at while it
//! passes, and the report is ours.

use tokio::io::AsyncWriteExt as _;

use super::child::{Ending, GitChild, Pipes};
use super::pack_scan::PackScan;
use super::push_commands::{Commands, Update};
use super::refusal::explain;
use super::report::Report;
use super::request_body::RequestBody;
use super::{Admitted, GitService, side_band};
use crate::authn::verdict::{Reason, Refusal};
use crate::fidelity::{DeniedReferences, DenyForm, Fidelity, YesOrNo};
use crate::journal::Recording;
use crate::reported::{ReportedReason, ReportedRefusal};

/// What a denied user reads; seen in a public lab note. That it comes as the report on each reference is inferred from
/// CloudTrail, which logs the second check with the data.
const DENIED: (ReportedReason, &str) = (
    ReportedReason::ReferenceDenied,
    "You don't have permission to push changes to this branch.",
);

impl GitService {
    /// The answer to a push. Before it changes anything, `may_push` is asked about the references that it names.
    pub(super) async fn push(
        &self,
        admitted: &Admitted<'_>,
        request: &mut RequestBody,
        may_push: impl Fn(&[&str]) -> Result<(), Refusal>,
    ) -> Result<Vec<u8>, Refusal> {
        match judge(request, &self.fidelity, admitted.recording, may_push).await? {
            Outcome::Answered(answer) => Ok(answer),
            Outcome::Open(commands) => {
                // Git names the references, and only then compresses what it sends.
                request.peek().await?;
                let (mut child, pipes) = self.spawn(admitted, Ending::ByItself).await?;
                child.pushes_to(commands.names());
                request.occupies(self.children.queue(Ending::ByItself));
                run(
                    child,
                    pipes,
                    commands,
                    request,
                    &self.fidelity,
                    admitted.recording,
                )
                .await
            }
        }
    }
}

/// How a push came out.
enum Outcome {
    /// This is the answer.
    Answered(Vec<u8>),
    /// Git has to be asked: these commands, then the pack.
    Open(Commands),
}

/// Reads the commands and judges them. `may_push` is asked about the references, once the commands are in order.
async fn judge(
    request: &mut RequestBody,
    fidelity: &Fidelity,
    recording: &Recording,
    may_push: impl Fn(&[&str]) -> Result<(), Refusal>,
) -> Result<Outcome, Refusal> {
    let mut commands = Commands::read(request).await?;
    if commands.updates.is_empty() {
        // The probe that git sends before a large push: four bytes, `0000`.
        request.drain().await?;
        return Ok(Outcome::Answered(Vec::new()));
    }
    // A denial comes with its own explanation.
    let mut answered_in_words = false;
    let report = if commands.updates.len() as u64 > fidelity.references_per_push {
        Some(commands.report_unpack_error(
            ReportedReason::TooManyReferences,
            "Too many reference update commands",
        ))
    } else if commands
        .updates
        .iter()
        .any(|update| update.bad_name().is_some())
    {
        Some(commands.report(|update| {
            update.bad_name().unwrap_or((
                ReportedReason::BesideARefused,
                "another reference of this push was refused",
            ))
        }))
    } else {
        ask(&mut commands, fidelity, may_push).map(|(refusal, report)| {
            answered_in_words = true;
            recording.note(|exchange| exchange.verdict = Some(refusal.into()));
            report
        })
    };
    match report {
        None => Ok(Outcome::Open(commands)),
        Some(report) => {
            note_refusals(recording, &commands);
            let report = match answered_in_words {
                true => report,
                false => explained(fidelity.explain, &commands, report),
            };
            // Answered only when the client has sent its pack: it does not listen before.
            request.drain().await?;
            Ok(Outcome::Answered(report))
        }
    }
}

/// Writes down what the report refuses.
fn note_refusals(recording: &Recording, commands: &Commands) {
    let refusals = commands.refusals().iter().map(ReportedRefusal::printable);
    let refusals = refusals.collect();
    recording.note(|exchange| exchange.refusals = refusals);
}

/// The report, behind the ids of what it refuses if they are asked for.
fn explained(explain: YesOrNo, commands: &Commands, report: Vec<u8>) -> Vec<u8> {
    if explain == YesOrNo::No {
        return report;
    }
    let mut reasons: Vec<ReportedReason> = Vec::new();
    for refusal in commands.refusals() {
        if !reasons.contains(&refusal.reason) {
            reasons.push(refusal.reason);
        }
    }
    let text: String = reasons
        .iter()
        .map(|reason| format!("codecommit-lab: {reason}: {}\n", reason.summary()))
        .collect();
    let mut answer = commands.progress(&text);
    answer.extend(report);
    answer
}

/// Asks whether these references may be pushed. If not, the reason and the report; nothing if at least some may.
fn ask(
    commands: &mut Commands,
    fidelity: &Fidelity,
    may_push: impl Fn(&[&str]) -> Result<(), Refusal>,
) -> Option<(Refusal, Vec<u8>)> {
    let references: Vec<&str> = commands
        .updates
        .iter()
        .map(|update| &*update.reference)
        .collect();
    let refusal = may_push(&references).err()?;
    let denied = |update: &Update| may_push(&[&update.reference]).is_err();
    if fidelity.denied_references == DeniedReferences::Each && !commands.updates.iter().all(denied)
    {
        commands.refuse(|update| denied(update).then_some(DENIED));
        if fidelity.explain == YesOrNo::Yes {
            commands.say(explain(&refusal));
        }
        return None;
    }
    let mut report = match fidelity.explain {
        YesOrNo::Yes => commands.progress(&explain(&refusal)),
        YesOrNo::No => Vec::new(),
    };
    report.extend(match fidelity.branch_deny {
        DenyForm::Report => commands.report(|_| DENIED),
        DenyForm::SideBand => {
            commands.refuse(|_| Some(DENIED));
            side_band::encode(side_band::ERROR, DENIED.1.as_bytes())
        }
    });
    Some((refusal, report))
}

/// Passes a judged push to git, and gives the answer.
async fn run(
    child: GitChild,
    pipes: Pipes,
    mut commands: Commands,
    request: &mut RequestBody,
    fidelity: &Fidelity,
    recording: &Recording,
) -> Result<Vec<u8>, Refusal> {
    let Pipes { mut stdin, stderr } = pipes;
    let head = commands.encode();
    let mut rest = commands.rest.clone();
    let pump = async {
        let mut scan = PackScan::new(fidelity.largest_object_bytes);
        let mut child_listens = stdin.write_all(&head).await.is_ok();
        loop {
            if let Err(unacceptable) = scan.feed(&rest) {
                return Ok(Some(unacceptable));
            }
            // A git that has failed closes its end; the rest of the request is read and dropped.
            child_listens = child_listens && stdin.write_all(&rest).await.is_ok();
            match request.next().await? {
                Some(piece) => rest = piece,
                None => break,
            }
        }
        // The end of the request.
        drop(stdin);
        Ok(None)
    };
    let (unacceptable, output) = tokio::join!(pump, child.output(stderr));
    if let Some(unacceptable) = unacceptable? {
        request.drain().await?;
        let report = commands.report_unpack_error(unacceptable.reason(), &unacceptable.to_string());
        note_refusals(recording, &commands);
        return Ok(explained(fidelity.explain, &commands, report));
    }
    let output = output?;
    if output.standard_output.is_empty() && !output.status.success() {
        return Err(Refusal::new(
            Reason::GitFailed,
            format!("git said: {}", output.standard_error),
        ));
    }
    Report::read(&output.standard_output, &commands.names()).note_changed(recording);
    let mut answer = Vec::new();
    if output.standard_output.starts_with(b"000eunpack ok\n") {
        // As in many public transcripts, right before git's own `To https://...`.
        answer = commands.progress("Validating objects: 100%\n");
    }
    answer.extend(commands.progress(commands.said()));
    answer.extend(commands.complete(&output.standard_output));
    note_refusals(recording, &commands);
    Ok(answer)
}
