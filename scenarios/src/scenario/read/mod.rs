//! From a document to a [`Scenario`]: everything that the types of its keys cannot say.

mod base;
mod failure;
mod include;
mod step;

use std::ops::Range;

use codecommit_mock::authn::verdict::Reason;
use codecommit_mock::document::{self, DocumentError, Source, Spanned};
use codecommit_mock::fault::FaultEntry;
use codecommit_mock::world::{World, WorldFile};

use self::step::steps;
use super::file::{OriginFile, ScenarioFile, StepsFile};
use super::shared::{Kind, Library};
use super::text::{Texts, TextsFile};
use super::{Action, Origin, Plot, Scenario, Step};
use crate::redaction::Redactor;

pub(super) fn scenario(
    document: Source,
    area: &str,
    stem: &str,
) -> Result<Scenario, DocumentError> {
    let mut file: ScenarioFile = document::parse(&document).map_err(under_its_table)?;
    if file.id.get_ref() != stem {
        return Err(document.error_at(
            file.id.span(),
            format!("the id differs from the file's name, `{stem}`"),
            Some(format!("write `id = \"{stem}\"`, or rename the file")),
        ));
    }
    not_empty(&document, &file.title, "title")?;
    if file.platforms.get_ref().is_empty() {
        return Err(document.error_at(
            file.platforms.span(),
            "no platform: this would run nowhere",
            Some("name some of windows, linux, macos".to_owned()),
        ));
    }
    let mut library = Library::new()?;
    library
        .texts
        .add(&document, std::mem::take(&mut file.text))?;
    let world = base::world(&document, file.world.as_ref(), &mut library)?;
    library.world = world.clone();
    library.secrets = world.secrets();
    let mut setup = steps(&document, &file.setup, &mut library)?;
    let mut plot = plot(&document, &file, &mut library)?;
    let outside_a_fix = match &plot {
        Plot::Walkthrough(steps) => steps,
        Plot::Failure { symptom, .. } => symptom,
    };
    nothing_stands_for(setup.iter().chain(outside_a_fix))?;
    let client = base::client(&document, file.client, &mut library)?;
    let fidelity = file.fidelity.resolve(&document)?;
    let faults = FaultEntry::plan(&file.fault, &document)?;
    let redactor = Redactor::of(&library.secrets);
    // They are shown around errors from here on.
    let masked = |document: &Source| Source::new(document.name(), redactor.mask(document.text()));
    for step in setup.iter_mut().chain(plot.steps_mut()) {
        step.document = masked(&step.document);
    }
    let mut shared = library.used();
    for shared in &mut shared {
        shared.document = masked(&shared.document);
    }
    Ok(Scenario {
        area: area.to_owned(),
        id: file.id.into_inner(),
        title: file.title.into_inner(),
        origin: origin(&document, file.source)?,
        evidence: file.evidence,
        platforms: file.platforms.into_inner(),
        requires: file.requires,
        explanation: file.explanation,
        world,
        fidelity,
        faults,
        client,
        setup,
        plot,
        shared,
        document: masked(&document),
        redactor,
    })
}

/// A key of a world file or of a client set-up, at the top of a scenario: there it stands below a table.
fn under_its_table(mut error: DocumentError) -> DocumentError {
    const TABLES: [(&str, &[&str]); 2] = [
        (
            "world",
            &["account", "sso", "instance", "container", "vpc_endpoint"],
        ),
        ("client", &["gitconfig", "aws", "env"]),
    ];
    let text = error.source_text.text();
    let key = text.get(error.span.clone()).unwrap_or_default();
    let is_unknown = error.message.starts_with("unknown key ");
    let before = &text[..error.span.start];
    let in_line = &before[before.rfind('\n').map_or(0, |at| at + 1)..];
    // The whole of a header, or before all headers.
    let is_at_the_top = in_line.trim_matches(['[', ' ']).is_empty()
        && (in_line.contains('[') || !before.contains("\n["));
    let table = TABLES.iter().find(|(_, keys)| keys.contains(&key));
    if let Some((table, _)) = table.filter(|_| is_unknown && is_at_the_top) {
        error.help = Some(format!("did you mean `{table}.{key}`?"));
    }
    error
}

/// Reads a world file; it may extend shared worlds, and files beside it.
///
/// # Errors
/// The first thing that is wrong, with its place.
pub fn world(document: &Source) -> Result<World, DocumentError> {
    let file = document::parse::<WorldFile>(document)?;
    base::world(document, Some(&file), &mut Library::new()?)
}

/// Checks a file that scenarios share, as far as it can be without one of them.
pub(crate) fn shared(document: &Source, kind: Kind) -> Result<(), DocumentError> {
    let mut library = Library::new()?;
    match kind {
        Kind::World => {
            let file = document::parse(document)?;
            base::world(document, Some(&file), &mut library).map(drop)
        }
        Kind::Client => {
            let file = document::parse(document)?;
            base::client(document, file, &mut library).map(drop)
        }
        Kind::Steps => document::parse::<StepsFile>(document).map(drop),
    }
}

/// Checks texts that scenarios share.
pub(crate) fn texts(document: &Source) -> Result<(), DocumentError> {
    let file: TextsFile = document::parse(document)?;
    Texts::default().add(document, file.text)
}

fn not_empty(document: &Source, text: &Spanned<String>, what: &str) -> Result<(), DocumentError> {
    if text.get_ref().trim().is_empty() {
        return Err(document.error_at(text.span(), format!("the {what} is empty"), None));
    }
    Ok(())
}

fn origin(document: &Source, file: Spanned<OriginFile>) -> Result<Origin, DocumentError> {
    let span = file.span();
    match file.into_inner() {
        OriginFile {
            section: Some(_),
            place: Some(place),
            ..
        } => Err(document.error_at(
            place.span(),
            "a section and a place",
            Some("`place` is for a part of a page that has no section".to_owned()),
        )),
        OriginFile {
            page: Some(page),
            section,
            place,
            issue: None,
        } => Ok(Origin::Page {
            page,
            section: section.map(Spanned::into_inner),
            place: place.map(Spanned::into_inner),
        }),
        OriginFile {
            page: None,
            section: None,
            place: None,
            issue: Some(issue),
        } => Ok(Origin::Issue { issue }),
        _ => Err(document.error_at(
            span,
            "a source is either a page or an issue",
            Some(
                "write `{ page = \"...\", section = \"...\" }` or `{ issue = \"...\" }`".to_owned(),
            ),
        )),
    }
}

fn plot(
    document: &Source,
    file: &ScenarioFile,
    library: &mut Library,
) -> Result<Plot, DocumentError> {
    let whole = || file.id.span();
    let walkthrough = !file.step.is_empty();
    let (symptom, cause, fix) = (&file.symptom, &file.cause, &file.fix);
    let failure = !symptom.is_empty() || cause.is_some() || !fix.is_empty();
    let wrong = |span, message: &str| {
        Err(document.error_at(
            span,
            message,
            Some("write `[[step]]` tables for a walkthrough, or all of `[[symptom]]`, `[cause]`, `[[fix]]`".to_owned()),
        ))
    };
    match (walkthrough, cause) {
        (true, _) if failure => wrong(
            file.step[0].span(),
            "a scenario is either a walkthrough or a failure",
        ),
        (true, _) => Ok(Plot::Walkthrough(steps(document, &file.step, library)?)),
        (false, _) if !failure => wrong(whole(), "nothing happens"),
        (false, None) => wrong(whole(), "a failure without a `[cause]`"),
        (false, Some(cause)) if symptom.is_empty() => {
            wrong(cause.span(), "a failure without a `[[symptom]]`")
        }
        (false, Some(cause)) if fix.is_empty() => {
            wrong(cause.span(), "a failure without a `[[fix]]`")
        }
        (false, Some(cause)) => {
            let symptom = steps(document, symptom, library)?;
            let fix = steps(document, fix, library)?;
            let cause = (cause, &library.texts);
            failure::read(document, &file.requires, symptom, cause, fix)
        }
    }
}

fn nothing_stands_for<'a>(steps: impl Iterator<Item = &'a Step>) -> Result<(), DocumentError> {
    for step in steps {
        if let Action::Run(run) = &step.action
            && let Some(command) = &run.stands_for
        {
            let help = "it belongs to a `[[fix]]`: which failed command this one stands for";
            return Err(step.document.error_at(
                command.span(),
                "`stands_for` means nothing here",
                Some(help.to_owned()),
            ));
        }
    }
    Ok(())
}

fn unknown_verdict(
    document: &Source,
    word: &str,
    span: Range<usize>,
    also: &[&'static str],
) -> DocumentError {
    let reasons = Reason::ALL.iter().map(|reason| reason.as_str());
    let known = also.iter().copied().chain(reasons);
    let help = document::suggestion(word, known);
    document.error_at(span, format!("unknown verdict `{word}`"), help)
}

#[cfg(test)]
mod administration_tests;
#[cfg(test)]
mod sharing_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod text_tests;
