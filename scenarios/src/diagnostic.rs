//! Errors shown at their place in a document.

use std::ops::Range;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use codecommit_mock::document::DocumentError;

use crate::record::{Excerpt, MismatchRecord};

/// An error in a document, with the lines around it.
pub fn document_error(error: &DocumentError) -> String {
    let mut group = at_its_place(error);
    if let Some(help) = &error.help {
        group = group.element(Level::HELP.message(help));
    }
    render(group)
}

/// Something that a scenario asks for and that did not come. `file` is the scenario.
pub fn mismatch(file: &str, mismatch: &MismatchRecord) -> String {
    let excerpt = &mismatch.excerpt;
    let group = Level::ERROR.primary_title(&*mismatch.message).element(
        Snippet::source(&*excerpt.text)
            .path(mismatch.file_or(file))
            .line_start(excerpt.first_line)
            .annotation(AnnotationKind::Primary.span(in_text(excerpt))),
    );
    let mut group = group
        .element(Level::NOTE.message(format!("expected {}", mismatch.expected)))
        .element(Level::NOTE.message(format!("actual   {}", mismatch.actual)));
    if let Some(help) = &mismatch.help {
        group = group.element(Level::HELP.message(help));
    }
    render(group)
}

/// What is meant of an excerpt. One that was read from a file may say anything.
fn in_text(excerpt: &Excerpt) -> Range<usize> {
    match excerpt.text.get(excerpt.start..excerpt.end) {
        Some(_) => excerpt.start..excerpt.end,
        None => 0..0,
    }
}

fn at_its_place(error: &DocumentError) -> Group<'_> {
    Level::ERROR.primary_title(&*error.message).element(
        Snippet::source(error.source_text.text())
            .path(error.source_text.name())
            .annotation(AnnotationKind::Primary.span(error.span.clone())),
    )
}

fn render(group: Group<'_>) -> String {
    // Styled: the stream that prints it takes the colours out where nobody sees them.
    Renderer::styled()
        .decor_style(DecorStyle::Ascii)
        .render(&[group])
}

#[cfg(test)]
mod tests {
    use codecommit_mock::document::Source;

    use super::*;

    fn plain(text: &str) -> String {
        anstream::adapter::strip_str(text).to_string()
    }

    #[test]
    fn an_error_points_at_its_place() {
        let source = Source::new("a.toml", "id = \"x\"\nstauts = 1\n");
        let error = source.error_at(
            9..15,
            "unknown key `stauts`",
            Some("did you mean `status`?".into()),
        );
        insta::assert_snapshot!(plain(&document_error(&error)), @r"
        error: unknown key `stauts`
         --> a.toml:2:1
          |
        2 | stauts = 1
          | ^^^^^^
          |
          = help: did you mean `status`?
        ");
    }

    #[test]
    fn a_place_at_the_end_of_an_empty_document_is_fine() {
        let error = Source::new("a.toml", "").error_at(0..0, "empty", None);
        assert!(plain(&document_error(&error)).contains("a.toml:1:1"));
    }
}
