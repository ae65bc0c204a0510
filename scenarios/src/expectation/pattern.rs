//! What an exchange between a client and the server has to look like.

use codecommit_mock::document::Spanned;
use std::fmt;

use codecommit_mock::authn::Hypothesis;
use codecommit_mock::authn::verdict::{Reason, Verdict};
use codecommit_mock::{Exchange, ReportedReason};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

/// A partial description of an exchange: what is absent may be anything.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExchangePattern {
    /// The status that was answered.
    pub status: Option<u16>,
    /// The verdict: `accepted`, or the id of a reason.
    #[serde(default)]
    #[schemars(schema_with = "verdict_or_parameter")]
    pub verdict: Option<Spanned<String>>,
    /// The method.
    pub method: Option<String>,
    /// The host.
    pub host: Option<String>,
    /// A part of path and query.
    pub path: Option<String>,
    /// A part of the principal's ARN.
    pub principal: Option<String>,
    /// The id of something that the report of a push says no to: `too-many-references`.
    #[serde(default)]
    #[schemars(schema_with = "refusal")]
    pub refusal: Option<Spanned<String>>,
    /// A part of a hypothesis, in the form `id: explanation`.
    pub hypothesis: Option<String>,
}

/// The words that stand for a verdict.
pub(crate) fn verdict(_: &mut SchemaGenerator) -> Schema {
    let reasons = Reason::ALL.iter().map(|reason| reason.as_str());
    let words: Vec<&str> = std::iter::once("accepted").chain(reasons).collect();
    json_schema!({ "enum": words })
}

/// The same in a step, which may belong to a group that leaves it to whoever includes it.
fn verdict_or_parameter(generator: &mut SchemaGenerator) -> Schema {
    let parameter = json_schema!({ "type": "string", "pattern": r"^\{\{[^{}]+\}\}$" });
    json_schema!({ "anyOf": [verdict(generator), parameter] })
}

/// The ids of what a report says no to.
fn refusal(_: &mut SchemaGenerator) -> Schema {
    let words: Vec<&str> = ReportedReason::ALL.iter().map(|it| it.as_str()).collect();
    json_schema!({ "enum": words })
}

impl ExchangePattern {
    /// Whether any exchange matches.
    pub(crate) fn is_empty(&self) -> bool {
        self.keys().is_empty()
    }

    fn keys(&self) -> Vec<(&'static str, String)> {
        let text = |text: &String| format!("{text:?}");
        [
            ("status", self.status.map(|status| status.to_string())),
            (
                "verdict",
                self.verdict.as_ref().map(|id| text(id.get_ref())),
            ),
            ("method", self.method.as_ref().map(text)),
            ("host", self.host.as_ref().map(text)),
            ("path", self.path.as_ref().map(text)),
            ("principal", self.principal.as_ref().map(text)),
            (
                "refusal",
                self.refusal.as_ref().map(|id| text(id.get_ref())),
            ),
            ("hypothesis", self.hypothesis.as_ref().map(text)),
        ]
        .into_iter()
        .filter_map(|(key, value)| Some((key, value?)))
        .collect()
    }

    /// The texts, for putting values into them.
    pub(crate) fn texts_mut(&mut self) -> impl Iterator<Item = &mut String> {
        let ids = [&mut self.verdict, &mut self.refusal];
        let ids = ids.into_iter().flatten().map(Spanned::get_mut);
        let others = [
            &mut self.method,
            &mut self.host,
            &mut self.path,
            &mut self.principal,
            &mut self.hypothesis,
        ];
        ids.chain(others.into_iter().filter_map(Option::as_mut))
    }

    /// Whether this exchange matches.
    pub fn matches(&self, exchange: &Exchange) -> bool {
        fn agrees<T>(wanted: Option<&T>, is: impl FnOnce(&T) -> bool) -> bool {
            wanted.is_none_or(is)
        }
        let verdict = exchange.verdict.as_ref();
        agrees(self.status.as_ref(), |status| {
            exchange.status == Some(*status)
        }) && agrees(self.verdict.as_ref(), |id| {
            verdict.is_some_and(|verdict| verdict.id() == id.get_ref())
        }) && agrees(self.method.as_ref(), |method| exchange.method == *method)
            && agrees(self.host.as_ref(), |host| exchange.host == *host)
            && agrees(self.path.as_ref(), |part| exchange.path.contains(&**part))
            && agrees(
                self.principal.as_ref(),
                |part| matches!(verdict, Some(Verdict::Accepted(principal)) if principal.arn.contains(&**part)),
            )
            && agrees(self.refusal.as_ref(), |id| {
                let mut refusals = exchange.refusals.iter();
                refusals.any(|refusal| refusal.reason.as_str() == id.get_ref())
            })
            && agrees(self.hypothesis.as_ref(), |part| {
                hypotheses(verdict)
                    .iter()
                    .any(|hypothesis| describe_hypothesis(hypothesis).contains(&**part))
            })
    }
}

/// As it would be written in a scenario.
impl fmt::Display for ExchangePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys: Vec<String> = self
            .keys()
            .into_iter()
            .map(|(key, value)| format!("{key} = {value}"))
            .collect();
        write!(f, "{{ {} }}", keys.join(", "))
    }
}

/// The first pattern that is not found when each is looked for after the exchange that matched the one before.
pub(super) fn first_missing<'a>(
    patterns: &'a [Spanned<ExchangePattern>],
    exchanges: &[Exchange],
) -> Option<&'a Spanned<ExchangePattern>> {
    let mut rest = exchanges.iter();
    patterns
        .iter()
        .find(|pattern| !rest.any(|exchange| pattern.get_ref().matches(exchange)))
}

/// `GET /v1/repos/MyDemoRepo/info/refs -> 403 password-expired`.
pub(super) fn describe(exchange: &Exchange) -> String {
    let status = exchange
        .status
        .map_or("no answer".to_owned(), |status| status.to_string());
    let verdict = exchange
        .verdict
        .as_ref()
        .map_or(String::new(), |verdict| format!(" {}", verdict.id()));
    let refusals: String = exchange
        .refusals
        .iter()
        .map(|refusal| format!(", but {}: {:?}", refusal.reason, refusal.words))
        .collect();
    format!(
        "{} {} -> {status}{verdict}{refusals}",
        exchange.method, exchange.path
    )
}

/// `other-region: signed for Region us-east-1; this host is in us-east-2`.
fn describe_hypothesis(hypothesis: &Hypothesis) -> String {
    format!("{}: {}", hypothesis.id, hypothesis.explanation)
}

fn hypotheses(verdict: Option<&Verdict>) -> &[Hypothesis] {
    match verdict {
        Some(Verdict::Refused(refusal)) => &refusal.hypotheses,
        _ => &[],
    }
}
