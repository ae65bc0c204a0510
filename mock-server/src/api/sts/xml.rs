/// Elements of an XML document, in order. What they hold is escaped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Xml(String);

/// An element around text or other elements.
pub(super) fn element(name: &str, content: impl Into<Xml>) -> Xml {
    let content = content.into().0;
    Xml(format!("<{name}>{content}</{name}>"))
}

impl Xml {
    /// These elements, then another.
    pub(super) fn and(mut self, next: Self) -> Self {
        self.0.push_str(&next.0);
        self
    }

    /// The only element as a document; `namespace` is what names in it belong to.
    pub(super) fn document(self, namespace: &str) -> String {
        self.0.replacen('>', &format!(" xmlns=\"{namespace}\">"), 1)
    }
}

/// Text.
impl From<&str> for Xml {
    fn from(text: &str) -> Self {
        let mut escaped = String::with_capacity(text.len());
        for character in text.chars() {
            match character {
                '&' => escaped.push_str("&amp;"),
                '<' => escaped.push_str("&lt;"),
                '>' => escaped.push_str("&gt;"),
                '"' => escaped.push_str("&quot;"),
                // XML 1.0 has no other control characters, not even escaped.
                '\t' | '\n' | '\r' => escaped.push(character),
                control if control.is_control() => escaped.push('\u{fffd}'),
                other => escaped.push(other),
            }
        }
        Self(escaped)
    }
}

impl From<String> for Xml {
    fn from(text: String) -> Self {
        Self::from(&*text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped_and_elements_are_not() {
        let document = element("a", element("b", "<&>\u{1}").and(element("c", ""))).document("n");
        assert_eq!(
            document,
            "<a xmlns=\"n\"><b>&lt;&amp;&gt;\u{fffd}</b><c></c></a>"
        );
    }
}
