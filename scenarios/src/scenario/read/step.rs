//! One step.

use std::ops::Range;
use std::time::Duration;

use codecommit_mock::authn::verdict::Reason;
use codecommit_mock::document::{self, DocumentError, Source, Spanned};
use codecommit_mock::fault::FaultEntry;
use codecommit_mock::{NotAClockMove, ReportedReason};

use super::{include, not_empty, unknown_verdict};
use crate::duration::{self, NotADuration};
use crate::expectation::{ByHelper, Difference, ExchangePattern, ExitStatus, Expectation};
use crate::scenario::file::{DifferenceFile, StepFile};
use crate::scenario::fragments::FragmentsFile;
use crate::scenario::shared::Library;
use crate::scenario::{Action, Administration, Edit, Place, Run, Step};

/// Long enough for a cold start of every tool on a busy machine; a command that waits for input ends at once, since its
/// standard input is empty.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(60);

/// What the server has to have seen.
type Journal = Spanned<Vec<Spanned<ExchangePattern>>>;

const ONE_THING: &str =
    "a step is exactly one of `run`, `clock`, `edit`, `faults`, `administrator` and `include`";

/// The steps of a scenario, with those of the groups that it includes in their place.
pub(super) fn steps(
    document: &Source,
    files: &[Spanned<StepFile>],
    library: &mut Library,
) -> Result<Vec<Step>, DocumentError> {
    let mut steps = Vec::new();
    for spanned in files {
        let file = spanned.get_ref();
        match &file.include {
            Some(name) => {
                only(document, file, "include")?;
                steps.extend(include::group(document, spanned, name, library)?);
            }
            None => steps.push(step(document, spanned, library)?),
        }
    }
    Ok(steps)
}

/// One step that is no group.
pub(super) fn step(
    document: &Source,
    spanned: &Spanned<StepFile>,
    library: &mut Library,
) -> Result<Step, DocumentError> {
    let file = spanned.get_ref();
    if let Some(name) = &file.include {
        return Err(document.error_at(
            name.span(),
            "a group of steps cannot include another",
            None,
        ));
    }
    let (action, span) = match (
        &file.run,
        &file.clock,
        &file.edit,
        &file.faults,
        &file.administrator,
    ) {
        (Some(run), None, None, None, None) => {
            only(document, file, "run")?;
            (
                Action::Run(Box::new(self::run(document, file, run, library)?)),
                run.span(),
            )
        }
        (None, Some(clock), None, None, None) => {
            only(document, file, "clock")?;
            let how = clock.get_ref().parse().map_err(|error: NotAClockMove| {
                let help = NotAClockMove::HELP.to_owned();
                document.error_at(clock.span(), error.to_string(), Some(help))
            })?;
            (Action::Clock(how), clock.span())
        }
        (None, None, None, Some(faults), None) => {
            only(document, file, "faults")?;
            let plan = FaultEntry::plan(faults.get_ref(), document)?;
            (Action::Faults(plan), faults.span())
        }
        (None, None, None, None, Some(done)) => {
            only(document, file, "administrator")?;
            let told = done.get_ref().apply(document, &mut library.world)?;
            library.secrets.extend(library.world.secrets());
            let world = library.world.clone();
            let policy = done.get_ref().document().map(str::to_owned);
            let done_then = Administration {
                told,
                document: policy,
                world,
            };
            (Action::Administrator(Box::new(done_then)), done.span())
        }
        (None, None, Some(path), None, None) => {
            only(document, file, "edit")?;
            (Action::Edit(edit(document, file, path)?), path.span())
        }
        _ => {
            return Err(document.error_at(spanned.span(), ONE_THING, None));
        }
    };
    Ok(Step {
        note: file.note.clone(),
        action,
        document: document.clone(),
        span,
        included_at: None,
    })
}

/// Refuses the keys that belong to other kinds of step: nothing would check them.
fn only(document: &Source, file: &StepFile, kind: &str) -> Result<(), DocumentError> {
    let of_run = [
        ("timeout", file.timeout.as_ref().map(Spanned::span)),
        ("status", file.status.as_ref().map(Spanned::span)),
        ("stdout", file.stdout.as_ref().map(Spanned::span)),
        (
            "stdout_lacks",
            file.stdout_lacks.as_ref().map(Spanned::span),
        ),
        ("stderr", file.stderr.as_ref().map(Spanned::span)),
        (
            "stderr_lacks",
            file.stderr_lacks.as_ref().map(Spanned::span),
        ),
        ("journal", file.journal.as_ref().map(Spanned::span)),
        ("helper", file.helper.as_ref().map(Spanned::span)),
        (
            "remote_helper",
            file.remote_helper.as_ref().map(Spanned::span),
        ),
        ("stands_for", file.stands_for.as_ref().map(Spanned::span)),
    ];
    let of_edit = [
        ("find", file.find.as_ref().map(Spanned::span)),
        ("replace", file.replace.as_ref().map(Spanned::span)),
    ];
    let of_include = [("with", file.with.as_ref().map(Spanned::span))];
    let kinds = [
        ("run", &of_run[..]),
        ("edit", &of_edit[..]),
        ("include", &of_include[..]),
    ];
    let of_others = [
        ("run", file.run.as_ref().map(Spanned::span)),
        ("clock", file.clock.as_ref().map(Spanned::span)),
        ("edit", file.edit.as_ref().map(Spanned::span)),
        ("faults", file.faults.as_ref().map(Spanned::span)),
        (
            "administrator",
            file.administrator.as_ref().map(Spanned::span),
        ),
    ];
    if kind == "include"
        && let Some(span) = of_others.into_iter().find_map(|(_, span)| span)
    {
        return Err(document.error_at(span, ONE_THING, None));
    }
    let misplaced = kinds
        .into_iter()
        .filter(|(owner, _)| *owner != kind)
        .flat_map(|(owner, keys)| keys.iter().map(move |key| (owner, key)))
        .find_map(|(owner, (key, span))| Some((owner, key, span.clone()?)));
    match misplaced {
        Some((owner, key, span)) => Err(document.error_at(
            span,
            format!("`{key}` means nothing in {} `{kind}` step", article(kind)),
            Some(format!("it belongs to {} `{owner}` step", article(owner))),
        )),
        None => Ok(()),
    }
}

fn run(
    document: &Source,
    file: &StepFile,
    command: &Spanned<String>,
    library: &Library,
) -> Result<Run, DocumentError> {
    not_empty(document, command, "command")?;
    let timeout = match &file.timeout {
        Some(text) => duration::parse_positive(text.get_ref())
            .map_err(|error| not_a_duration(document, text.span(), &error))?,
        None => DEFAULT_TIMEOUT,
    };
    let expectation = expectation(
        document,
        library,
        (&file.status, &file.journal),
        [
            &file.stdout,
            &file.stdout_lacks,
            &file.stderr,
            &file.stderr_lacks,
        ],
    )?;
    let mut by_helper = ByHelper::default();
    if let Some(file) = file.helper.as_ref().map(Spanned::get_ref) {
        // What comes of the AWS CLI's is what is documented.
        if let Some(ours) = &file.ours {
            has_reason(document, ours)?;
        }
        by_helper.ours = difference(document, file.ours.as_ref(), library)?;
        by_helper.aws_cli = difference(document, file.aws_cli.as_ref(), library)?;
    }
    Ok(Run {
        command: command.get_ref().clone(),
        timeout,
        expectation,
        by_helper,
        with_aws_remote_helper: match &file.remote_helper {
            Some(file) => {
                let file = &file.get_ref().aws;
                has_reason(document, file)?;
                difference(document, Some(file), library)?
            }
            None => None,
        },
        stands_for: file.stands_for.clone(),
        mends: false,
    })
}

fn has_reason(document: &Source, file: &Spanned<DifferenceFile>) -> Result<(), DocumentError> {
    let reason = file.get_ref().reason.as_deref().unwrap_or_default();
    if !reason.trim().is_empty() {
        return Ok(());
    }
    Err(document.error_at(
        file.span(),
        "a difference without a reason",
        Some("say why with `reason = \"...\"`".to_owned()),
    ))
}

fn difference(
    document: &Source,
    file: Option<&Spanned<DifferenceFile>>,
    library: &Library,
) -> Result<Option<Difference>, DocumentError> {
    let Some(spanned) = file else {
        return Ok(None);
    };
    let file = spanned.get_ref();
    let expectation = expectation(
        document,
        library,
        (&file.status, &file.journal),
        [
            &file.stdout,
            &file.stdout_lacks,
            &file.stderr,
            &file.stderr_lacks,
        ],
    )?;
    if expectation.is_empty() {
        return Err(document.error_at(
            spanned.span(),
            "nothing is different with this helper",
            Some(
                "say what comes of the command: `status`, `stdout`, `stderr`, `journal`".to_owned(),
            ),
        ));
    }
    Ok(Some(Difference {
        reason: file.reason.clone(),
        expectation,
    }))
}

/// What has to come of a command, or is different with one helper: that the tables of both have the same keys is in `file`.
fn expectation(
    document: &Source,
    library: &Library,
    (status, journal): (&Option<Spanned<ExitStatus>>, &Option<Journal>),
    texts: [&Option<Spanned<FragmentsFile>>; 4],
) -> Result<Expectation, DocumentError> {
    let text = |file: &Option<_>| library.texts.fragments(document, file.as_ref());
    let [stdout, stdout_lacks, stderr, stderr_lacks] = texts;
    let expectation = Expectation {
        status: status.clone(),
        stdout: text(stdout)?,
        stdout_lacks: text(stdout_lacks)?,
        stderr: text(stderr)?,
        stderr_lacks: text(stderr_lacks)?,
        journal: journal.clone(),
    };
    checkable(document, &expectation)?;
    Ok(expectation)
}

/// Refuses expectations that hold whatever happens, and verdicts that do not exist.
fn checkable(document: &Source, expectation: &Expectation) -> Result<(), DocumentError> {
    let vacuous = |span| Err(document.error_at(span, "this holds whatever happens", None));
    for fragments in expectation.fragments() {
        if fragments.get_ref().is_vacuous() {
            return vacuous(fragments.span());
        }
    }
    let Some(journal) = &expectation.journal else {
        return Ok(());
    };
    for pattern in journal.get_ref() {
        if pattern.get_ref().is_empty() {
            return vacuous(pattern.span());
        }
        if let Some(refusal) = &pattern.get_ref().refusal {
            known_refusal(document, refusal)?;
        }
        if let Some(verdict) = &pattern.get_ref().verdict {
            let word = verdict.get_ref();
            if word != "accepted" && word.parse::<Reason>().is_err() {
                return Err(unknown_verdict(
                    document,
                    word,
                    verdict.span(),
                    &["accepted"],
                ));
            }
        }
    }
    Ok(())
}

fn known_refusal(document: &Source, id: &Spanned<String>) -> Result<(), DocumentError> {
    let word = id.get_ref();
    let known = ReportedReason::ALL.iter().map(|reason| reason.as_str());
    if known.clone().any(|id| id == word) {
        return Ok(());
    }
    let help = document::suggestion(word, known);
    Err(document.error_at(id.span(), format!("unknown refusal `{word}`"), help))
}

fn edit(document: &Source, file: &StepFile, path: &Spanned<String>) -> Result<Edit, DocumentError> {
    let place = Place::new(path.get_ref()).map_err(|error| {
        document.error_at(
            path.span(),
            error.to_string(),
            Some("write `~/...` for the home folder, or a path in the work folder".to_owned()),
        )
    })?;
    let (Some(find), Some(replace)) = (&file.find, &file.replace) else {
        return Err(document.error_at(
            path.span(),
            "an `edit` step needs `find` and `replace`",
            None,
        ));
    };
    not_empty(document, find, "text to find")?;
    Ok(Edit {
        file: place,
        find: find.get_ref().clone(),
        find_span: find.span(),
        replace: replace.get_ref().clone(),
    })
}

fn not_a_duration(document: &Source, span: Range<usize>, error: &NotADuration) -> DocumentError {
    document.error_at(span, error.to_string(), Some(NotADuration::HELP.to_owned()))
}

fn article(kind: &str) -> &'static str {
    if matches!(kind, "administrator" | "edit" | "include") {
        "an"
    } else {
        "a"
    }
}
