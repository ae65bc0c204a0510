//! Groups of steps that scenarios share: `include = "NAME"` stands for the steps of the group, with the values of its
//! parameters in place of `{{parameter}}`.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use codecommit_mock::document::{self, DocumentError, Source, Spanned};

use super::step::step;
use crate::scenario::Step;
use crate::scenario::file::{StepFile, StepsFile};
use crate::scenario::shared::{Kind, Library};

/// The steps that a step with `include` stands for.
pub(super) fn group(
    document: &Source,
    spanned: &Spanned<StepFile>,
    name: &Spanned<String>,
    library: &mut Library,
) -> Result<Vec<Step>, DocumentError> {
    let found = library.find(Kind::Steps, name, document)?;
    let file: StepsFile = document::parse(&found)?;
    let including = spanned.get_ref();
    let values = values(document, including, &found, &file)?;
    let mut substitution = Substitution {
        document: &found,
        values: &values,
        used: BTreeSet::new(),
    };
    let mut steps = Vec::new();
    for mut spanned in file.step {
        substitution.step(&mut spanned)?;
        let mut step = step(&found, &spanned, library)?;
        step.included_at = Some(name.span());
        steps.push(step);
    }
    let used = substitution.used;
    if let Some(unused) = file
        .parameters
        .keys()
        .find(|key| !used.contains(key.get_ref()))
    {
        let help = format!(
            "write `{{{{{}}}}}` where its value belongs",
            unused.get_ref()
        );
        return Err(found.error_at(unused.span(), "no step uses this parameter", Some(help)));
    }
    match (&including.note, steps.first_mut()) {
        (_, None) => Err(found.error_at(0..0, "a group without a `[[step]]`", None)),
        (Some(note), Some(first)) => {
            first.note = Some(note.clone());
            Ok(steps)
        }
        (None, Some(_)) => Ok(steps),
    }
}

/// What each parameter stands for: what `with` says, else what the group says.
fn values(
    document: &Source,
    including: &StepFile,
    group: &Source,
    file: &StepsFile,
) -> Result<BTreeMap<String, String>, DocumentError> {
    let mut values: BTreeMap<String, String> = file
        .parameters
        .iter()
        .map(|(key, value)| (key.get_ref().clone(), value.clone()))
        .collect();
    for (key, value) in including.with.iter().flat_map(Spanned::get_ref) {
        let word = key.get_ref();
        if !values.contains_key(word) {
            let help = document::suggestion(word, values.keys().map(String::as_str))
                .unwrap_or_else(|| format!("{} has no parameters", group.name()));
            let message = format!("unknown parameter `{word}`");
            return Err(document.error_at(key.span(), message, Some(help)));
        }
        values.insert(word.clone(), value.clone());
    }
    Ok(values)
}

/// Puts values in the place of `{{parameter}}`, wherever a step has text.
struct Substitution<'a> {
    document: &'a Source,
    values: &'a BTreeMap<String, String>,
    used: BTreeSet<String>,
}

impl Substitution<'_> {
    fn step(&mut self, spanned: &mut Spanned<StepFile>) -> Result<(), DocumentError> {
        let whole = spanned.span();
        let file = spanned.get_mut();
        if let Some(note) = &mut file.note {
            self.text(note, whole)?;
        }
        let texts = [
            &mut file.run,
            &mut file.timeout,
            &mut file.clock,
            &mut file.edit,
            &mut file.find,
            &mut file.replace,
            &mut file.stands_for,
        ];
        for text in texts.into_iter().flatten() {
            let span = text.span();
            self.text(text.get_mut(), span)?;
        }
        let outputs = [
            &mut file.stdout,
            &mut file.stdout_lacks,
            &mut file.stderr,
            &mut file.stderr_lacks,
        ];
        for fragments in outputs.into_iter().flatten() {
            let span = fragments.span();
            for text in fragments.get_mut().texts_mut() {
                self.text(text, span.clone())?;
            }
        }
        for pattern in file.journal.iter_mut().flat_map(Spanned::get_mut) {
            let span = pattern.span();
            for text in pattern.get_mut().texts_mut() {
                self.text(text, span.clone())?;
            }
        }
        Ok(())
    }

    fn text(&mut self, text: &mut String, span: Range<usize>) -> Result<(), DocumentError> {
        let mut done = String::new();
        let mut rest = &**text;
        while let Some((before, after)) = rest.split_once("{{") {
            let Some((name, behind)) = after.split_once("}}") else {
                let help = "a parameter is written `{{name}}`".to_owned();
                return Err(self
                    .document
                    .error_at(span, "`{{` without `}}`", Some(help)));
            };
            let Some(value) = self.values.get(name) else {
                let known: Vec<&str> = self.values.keys().map(String::as_str).collect();
                return Err(self.document.error_at(
                    span,
                    format!("unknown parameter `{name}`"),
                    Some(format!("`[parameters]` has: {}", known.join(", "))),
                ));
            };
            self.used.insert(name.to_owned());
            done.push_str(before);
            done.push_str(value);
            rest = behind;
        }
        done.push_str(rest);
        *text = done;
        Ok(())
    }
}
