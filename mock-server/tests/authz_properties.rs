//! What holds for all policies and requests, tried on generated ones.

#![expect(clippy::panic, reason = "a test fails by panicking")]

use codecommit_mock::authz::{Layer, NamedPolicy, PolicySet, Request, key};
use codecommit_mock::world::policy::{Effect, PolicyDocument};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select, subsequence};
use proptest::test_runner::RngSeed;

/// A statement as JSON. Few words, so that statements and requests often meet.
fn statement() -> impl Strategy<Value = String> {
    let effect = prop_oneof![3 => Just("Allow"), 1 => Just("Deny")];
    (effect, actions(), resources(), option::of(conditions())).prop_map(
        |(effect, actions, resources, condition)| {
            let condition = match condition {
                Some(condition) => format!(r#", "Condition": {condition}"#),
                None => String::new(),
            };
            format!(r#"{{"Effect": "{effect}", {actions}, {resources}{condition}}}"#)
        },
    )
}

fn element(name: &'static str, values: &'static [&'static str]) -> impl Strategy<Value = String> {
    let prefix = prop_oneof![4 => Just(""), 1 => Just("Not")];
    (prefix, subsequence(values, 1..=2))
        .prop_map(move |(prefix, values)| format!(r#""{prefix}{name}": {values:?}"#))
}

fn actions() -> impl Strategy<Value = String> {
    element(
        "Action",
        &[
            "*",
            "codecommit:*",
            "codecommit:Git*",
            "CodeCommit:gitpush",
            "codecommit:GitPull",
            "kms:Decrypt",
        ],
    )
}

fn resources() -> impl Strategy<Value = String> {
    element(
        "Resource",
        &[
            "*",
            "arn:aws:codecommit:*",
            "arn:aws:codecommit:us-east-2:111122223333:One",
            "arn:aws:codecommit:us-*:111122223333:T?o",
            "arn:aws:codecommit:us-east-2:111122223333:${aws:username}",
            "arn:aws:codecommit:us-east-2:111122223333:${aws:username, 'One'}",
        ],
    )
}

fn conditions() -> impl Strategy<Value = String> {
    let operator = select(vec![
        "StringEquals",
        "StringNotEquals",
        "StringEqualsIfExists",
        "StringLike",
        "StringNotLikeIfExists",
        "ForAllValues:StringEquals",
        "ForAnyValue:StringLike",
        "ForAnyValue:StringNotEquals",
    ]);
    let key = select(vec![key::REFERENCES, "AWS:UserName"]);
    let values = subsequence(
        vec!["refs/heads/main", "refs/heads/*", "One", "${aws:username}"],
        1..=2,
    );
    let null = prop_oneof![
        3 => Just(""),
        1 => Just(r#", "Null": {"codecommit:references": "false"}"#),
        1 => Just(r#", "Null": {"codecommit:references": true}"#),
    ];
    (operator, key, values, null).prop_map(|(operator, key, values, null)| {
        format!(r#"{{"{operator}": {{"{key}": {values:?}}}{null}}}"#)
    })
}

/// The statements of one policy.
type Statements = Vec<String>;

/// The statements of each layer, before they are read.
#[derive(Clone, Debug)]
struct Sources {
    identity: Vec<Statements>,
    boundary: Option<Statements>,
    session: Option<Vec<Statements>>,
    vpc_endpoint: Option<Statements>,
}

fn sources() -> impl Strategy<Value = Sources> {
    let policy = || vec(statement(), 1..4);
    let limit = || option::weighted(0.3, policy());
    (
        vec(policy(), 0..4),
        limit(),
        option::weighted(0.3, vec(policy(), 0..3)),
        limit(),
    )
        .prop_map(|(identity, boundary, session, vpc_endpoint)| Sources {
            identity,
            boundary,
            session,
            vpc_endpoint,
        })
}

fn requests() -> impl Strategy<Value = Request> {
    let action = select(vec![
        "codecommit:GitPull",
        "codecommit:GitPush",
        "kms:Decrypt",
    ]);
    let resource = select(vec![
        "arn:aws:codecommit:us-east-2:111122223333:One",
        "arn:aws:codecommit:us-east-2:111122223333:Two",
        "*",
    ]);
    let user = option::of(select(vec!["One", "Two", "*"]));
    let references = subsequence(
        vec!["refs/heads/main", "refs/heads/a", "refs/tags/v1"],
        0..=3,
    );
    (action, resource, user, references).prop_map(|(action, resource, user, references)| {
        Request::new("arn:aws:iam::111122223333:user/One", action, resource)
            .with_all("aws:username", user)
            .with_all(key::REFERENCES, references)
    })
}

fn policy(statements: &[String]) -> NamedPolicy {
    let json = format!(
        r#"{{"Version": "2012-10-17", "Statement": [{}]}}"#,
        statements.join(",")
    );
    let document = PolicyDocument::identity(&json);
    NamedPolicy::new(
        "test",
        document.unwrap_or_else(|error| panic!("{json}: {error}")),
    )
}

impl Sources {
    fn read(&self) -> PolicySet {
        let all = |policies: &Vec<Statements>| policies.iter().map(|one| policy(one)).collect();
        PolicySet {
            identity: all(&self.identity),
            boundary: self.boundary.as_deref().map(policy),
            session: self.session.as_ref().map(all),
            vpc_endpoint: self.vpc_endpoint.as_deref().map(policy),
        }
    }

    fn allows(&self, request: &Request) -> bool {
        self.read().evaluate(request).allowed
    }

    /// Every policy that is there.
    fn policies(&mut self) -> Vec<&mut Statements> {
        let session = self.session.iter_mut().flatten();
        self.identity
            .iter_mut()
            .chain(&mut self.boundary)
            .chain(session)
            .chain(&mut self.vpc_endpoint)
            .collect()
    }

    /// The same with one more statement somewhere; none if there is no policy to add it to.
    fn with(&self, statement: &str, policy: Index, place: Index) -> Option<Self> {
        let mut sources = self.clone();
        let mut policies = sources.policies();
        if policies.is_empty() {
            return None;
        }
        let policy = policy.index(policies.len());
        let place = place.index(policies[policy].len() + 1);
        policies[policy].insert(place, statement.to_owned());
        Some(sources)
    }
}

/// `*` and `?` by their definition, without regard to time.
fn like(pattern: &[char], text: &[char]) -> bool {
    match (pattern, text) {
        ([], text) => text.is_empty(),
        (['*', rest @ ..], text) => {
            like(rest, text) || matches!(text, [_, text @ ..] if like(pattern, text))
        }
        (['?', pattern @ ..], [_, text @ ..]) => like(pattern, text),
        ([literal, pattern @ ..], [character, text @ ..]) => {
            literal == character && like(pattern, text)
        }
        (_, []) => false,
    }
}

proptest! {
    // The same cases in every run.
    #![proptest_config(ProptestConfig {
        cases: 512,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(20_250_115),
        ..ProptestConfig::default()
    })]

    #[test]
    fn a_matching_deny_always_wins(sources in sources(), request in requests()) {
        let explanation = sources.read().explain(&request);
        let matching = |effect| {
            explanation
                .considered
                .iter()
                .filter(move |one| one.mismatch.is_none() && one.statement.effect == effect)
        };
        let decision = &explanation.decision;
        if matching(Effect::Deny).count() > 0 {
            prop_assert!(!decision.allowed);
            prop_assert_eq!(decision.statement.as_ref().unwrap().effect, Effect::Deny);
        } else if decision.allowed {
            let allowing = |layer| matching(Effect::Allow).any(|one| one.statement.layer == layer);
            prop_assert!(allowing(Layer::Identity));
            prop_assert!(sources.boundary.is_none() || allowing(Layer::Boundary));
            prop_assert!(sources.session.is_none() || allowing(Layer::Session));
            prop_assert!(sources.vpc_endpoint.is_none() || allowing(Layer::VpcEndpoint));
        } else {
            prop_assert!(decision.statement.is_none() && decision.lacking.is_some());
        }
    }

    #[test]
    fn a_deny_of_everything_denies_everything(
        sources in sources(), request in requests(), policy: Index, place: Index,
    ) {
        let deny = r#"{"Effect": "Deny", "Action": "*", "Resource": "*"}"#;
        if let Some(more) = sources.with(deny, policy, place) {
            prop_assert!(!more.allows(&request));
        }
    }

    #[test]
    fn order_does_not_matter(sources in sources(), request in requests(), turns: Index) {
        let mut other = sources.clone();
        for statements in other.policies() {
            let turn = turns.index(statements.len());
            statements.rotate_left(turn);
            statements[turn..].reverse();
        }
        other.identity.reverse();
        if let Some(session) = &mut other.session {
            session.reverse();
        }
        let (one, other) = (sources.read().evaluate(&request), other.read().evaluate(&request));
        prop_assert_eq!(one.allowed, other.allowed);
        prop_assert_eq!(one.lacking, other.lacking);
    }

    #[test]
    fn a_policy_and_its_halves_are_the_same(sources in sources(), request in requests()) {
        let mut halves = sources.clone();
        let single = |statement: &String| vec![statement.clone()];
        halves.identity = sources.identity.iter().flatten().map(single).collect();
        prop_assert_eq!(sources.allows(&request), halves.allows(&request));
    }

    #[test]
    fn one_more_allow_takes_nothing_away(
        sources in sources(), request in requests(), statement in statement(), policy: Index, place: Index,
    ) {
        let allow = statement.replace("\"Deny\"", "\"Allow\"");
        if let Some(more) = sources.with(&allow, policy, place) {
            prop_assert!(more.allows(&request) || !sources.allows(&request));
        }
    }

    #[test]
    fn one_more_deny_gives_nothing(
        sources in sources(), request in requests(), statement in statement(), policy: Index, place: Index,
    ) {
        let deny = statement.replace("\"Allow\"", "\"Deny\"");
        if let Some(more) = sources.with(&deny, policy, place) {
            prop_assert!(sources.allows(&request) || !more.allows(&request));
        }
    }

    #[test]
    fn one_more_layer_gives_nothing(sources in sources(), request in requests(), limit in vec(statement(), 1..3)) {
        let with_boundary = Sources { boundary: Some(limit.clone()), ..sources.clone() };
        let without = Sources { boundary: None, ..sources.clone() };
        prop_assert!(without.allows(&request) || !with_boundary.allows(&request));
        let with_session = Sources { session: Some(vec![limit]), ..sources.clone() };
        let without = Sources { session: None, ..sources };
        prop_assert!(without.allows(&request) || !with_session.allows(&request));
    }

    #[test]
    fn a_push_that_may_go_ahead_as_a_whole_may_with_each_reference(sources in sources(), request in requests()) {
        let policies = sources.read();
        // Conditions that count references see another request when each is asked about alone.
        let counts = sources.clone().policies().iter().any(|policy| policy.iter().any(|one| one.contains("For")));
        if !counts && policies.evaluate(&request).allowed {
            for (reference, decision) in policies.evaluate_push(&request) {
                prop_assert!(decision.allowed, "{:?} {:#?}", reference, decision);
            }
        }
    }

    #[test]
    fn wildcards_match_as_defined(pattern in "[ab*?:]{0,10}", text in "[ab:]{0,10}") {
        let json = format!(
            r#"{{"Statement": {{"Effect": "Allow", "Action": "*", "Resource": "*",
                "Condition": {{"StringLike": {{"x:key": "{pattern}"}}}}}}}}"#
        );
        let policies = PolicySet {
            identity: vec![NamedPolicy::new("test", PolicyDocument::identity(&json).unwrap())],
            ..PolicySet::default()
        };
        let request = Request::new("arn:aws:iam::111122223333:user/a", "x:Y", "*").with("x:key", &text);
        let characters = |text: &str| text.chars().collect::<Vec<_>>();
        prop_assert_eq!(
            policies.evaluate(&request).allowed,
            like(&characters(&pattern), &characters(&text))
        );
    }

    /// Whatever is done to a policy, reading it ends, with a place inside of it if it fails.
    #[test]
    fn any_text_can_be_read(statements in vec(statement(), 1..3), at: Index, cut in 0..20_usize, put in "\\PC{0,3}|[\\[\\]{}\",:\\\\*$]{0,4}") {
        let mut json = format!(r#"{{"Version": "2012-10-17", "Statement": [{}]}}"#, statements.join(",\n"));
        let at = at.index(json.len() + 1);
        let end = (at + cut).min(json.len());
        json.replace_range(at..end, &put);
        for read in [PolicyDocument::identity, PolicyDocument::endpoint] {
            if let Err(error) = read(&json) {
                prop_assert!(error.offset <= json.len() && error.line >= 1 && error.column >= 1);
                prop_assert!(!error.to_string().is_empty());
            }
        }
    }
}
