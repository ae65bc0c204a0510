//! Texts that are worded differently by different versions of git, by different shells, or by something that is not known
//! beforehand: each is written once, under a name, in `shared/texts.toml` or in the scenario itself.

use std::collections::BTreeMap;

use codecommit_mock::document::{self, DocumentError, Source, Spanned};
use schemars::JsonSchema;
use serde::Deserialize;

use super::fragments::{FragmentsFile, TextFile};
use crate::expectation::{Fragment, Fragments, Text, Wording};
use crate::machine::{Shell, Versions};

/// Texts by name, each with its wordings.
pub(crate) type TextsTable = BTreeMap<Spanned<String>, Vec<Spanned<WordingFile>>>;

/// `shared/texts.toml`: texts that several scenarios look for.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TextsFile {
    /// The texts.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, Vec<WordingFile>>")]
    pub(crate) text: TextsTable,
}

/// One wording of a text. The first whose conditions are met counts; the last has none.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("oneOf" = [{ "required": ["text"] }, { "required": ["one_of"] }]))]
pub(crate) struct WordingFile {
    /// The gits that word it like this: `< 2.46`.
    git: Option<Versions>,
    /// The shell that words it like this.
    shell: Option<Shell>,
    /// The text.
    text: Option<Spanned<String>>,
    /// In its place, where nothing that is known beforehand decides: the texts of which one is found.
    #[schemars(length(min = 2))]
    one_of: Option<Spanned<Vec<TextOfFile>>>,
}

/// A text, and whose it is.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct TextOfFile {
    /// Whose text it is, for the reader: `git with GnuTLS`.
    from: Spanned<String>,
    /// The text.
    text: Spanned<String>,
}

/// The texts that a document can name.
#[derive(Debug, Default)]
pub(crate) struct Texts(BTreeMap<String, Vec<Wording>>);

impl Texts {
    /// Adds those of a document. One of a name that is known takes its place.
    pub(crate) fn add(
        &mut self,
        document: &Source,
        table: TextsTable,
    ) -> Result<(), DocumentError> {
        for (name, wordings) in table {
            let wordings = self::wordings(document, &name, wordings)?;
            self.0.insert(name.into_inner(), wordings);
        }
        Ok(())
    }

    fn find(
        &self,
        document: &Source,
        name: &Spanned<String>,
    ) -> Result<Vec<Wording>, DocumentError> {
        let word = name.get_ref();
        self.0.get(word).cloned().ok_or_else(|| {
            let names = || self.0.keys().map(String::as_str);
            let help = document::did_you_mean(word, names()).unwrap_or_else(|| {
                format!(
                    "write `[[text.{word}]]` tables, or one of {}",
                    names().collect::<Vec<_>>().join(", ")
                )
            });
            document.error_at(name.span(), format!("unknown text `{word}`"), Some(help))
        })
    }

    /// What is written, with every wording in its place.
    pub(crate) fn fragments(
        &self,
        document: &Source,
        file: Option<&Spanned<FragmentsFile>>,
    ) -> Result<Option<Spanned<Fragments>>, DocumentError> {
        let Some(file) = file else {
            return Ok(None);
        };
        let mut fragments = Vec::new();
        for entry in &file.get_ref().0 {
            let span = entry.span.clone().unwrap_or_else(|| file.span());
            fragments.push(self.fragment(document, &entry.text, span)?);
        }
        Ok(Some(Spanned::new(file.span(), Fragments(fragments))))
    }

    /// One of them; `span` is its place.
    pub(super) fn fragment(
        &self,
        document: &Source,
        file: &TextFile,
        span: std::ops::Range<usize>,
    ) -> Result<Fragment, DocumentError> {
        Ok(match file {
            TextFile::Plain(text) => Fragment::new(text, span),
            TextFile::Named(name) => Fragment {
                wordings: self.find(document, name)?,
                span: name.span(),
            },
        })
    }
}

fn wordings(
    document: &Source,
    name: &Spanned<String>,
    files: Vec<Spanned<WordingFile>>,
) -> Result<Vec<Wording>, DocumentError> {
    let count = files.len();
    let mut wordings = Vec::new();
    for (index, spanned) in files.into_iter().enumerate() {
        let (span, file) = (spanned.span(), spanned.into_inner());
        let wording = Wording {
            texts: texts(document, &span, file.text, file.one_of)?,
            git: file.git,
            shell: file.shell,
        };
        match (wording.condition(), index + 1 == count) {
            (None, false) => {
                return Err(document.error_at(
                    span,
                    format!(
                        "the wordings of `{}` behind this one never count",
                        name.get_ref()
                    ),
                    Some(
                        "a wording without `git` and `shell` holds everywhere: it comes last"
                            .to_owned(),
                    ),
                ));
            }
            (Some(condition), true) => {
                return Err(document.error_at(
                    span,
                    format!(
                        "the text `{}` has no wording but for {condition}",
                        name.get_ref()
                    ),
                    Some("end it with a wording without `git` and `shell`, which holds for all others".to_owned()),
                ));
            }
            _ => wordings.push(wording),
        }
    }
    if wordings.is_empty() {
        return Err(document.error_at(name.span(), "a text without a wording", None));
    }
    Ok(wordings)
}

/// The texts of a wording: one, or those of which one is found.
fn texts(
    document: &Source,
    whole: &std::ops::Range<usize>,
    text: Option<Spanned<String>>,
    one_of: Option<Spanned<Vec<TextOfFile>>>,
) -> Result<Vec<Text>, DocumentError> {
    let not_empty = |text: Spanned<String>| {
        let message = "this holds whatever happens";
        match text.get_ref().is_empty() {
            true => Err(document.error_at(text.span(), message, None)),
            false => Ok(text.into_inner()),
        }
    };
    match (text, one_of) {
        (Some(text), None) => Ok(vec![Text {
            from: None,
            text: not_empty(text)?,
        }]),
        (None, Some(list)) if list.get_ref().len() < 2 => Err(document.error_at(
            list.span(),
            "one text of one",
            Some("write `text = \"...\"`, or the others, too".to_owned()),
        )),
        (None, Some(list)) => list
            .into_inner()
            .into_iter()
            .map(|one| {
                if one.from.get_ref().trim().is_empty() {
                    let help = "say whose text it is: `git with GnuTLS`".to_owned();
                    let message = "nobody says this";
                    return Err(document.error_at(one.from.span(), message, Some(help)));
                }
                Ok(Text {
                    from: Some(one.from.into_inner()),
                    text: not_empty(one.text)?,
                })
            })
            .collect(),
        _ => Err(document.error_at(
            whole.clone(),
            "a wording is either a text or one of several",
            Some(
                "write `text = \"...\"`, or `one_of = [{ from = \"...\", text = \"...\" }, ...]`"
                    .to_owned(),
            ),
        )),
    }
}
