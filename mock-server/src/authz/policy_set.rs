use super::decision::{Considered, Decision, Explanation, Layer, StatementRef};
use super::statement::judge;
use super::{Request, key};
use crate::world::policy::{Effect, PolicyDocument};
use crate::world::{InlinePolicy, ManagedPolicy, Policies};

/// Every policy that has a say in a request, by layer.
///
/// An explicit deny anywhere wins. Otherwise each layer that is there must allow: the permissions are the layers'
/// intersection ("Policy evaluation logic"). Resource-based policies are not among them, for CodeCommit has none, nor are
/// service control policies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PolicySet {
    /// The policies of the user, its groups, or the role. This layer is always there.
    pub identity: Vec<NamedPolicy>,
    /// The permissions boundary, if the user or role has one.
    pub boundary: Option<NamedPolicy>,
    /// The policies handed over when the session was made, if any were. An empty list allows nothing.
    pub session: Option<Vec<NamedPolicy>>,
    /// The policy of the VPC endpoint, if the request came through one. An endpoint without a policy of its own has one
    /// that allows everything.
    pub vpc_endpoint: Option<NamedPolicy>,
}

/// A policy and the name by which decisions call it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedPolicy {
    /// `protect-main`, `AWSCodeCommitFullAccess`.
    pub name: String,
    /// What it says.
    pub document: PolicyDocument,
}

impl PolicySet {
    /// Those of a user or role, and the policy that the session was narrowed to, if it was.
    pub fn of(own: &Policies, session: Option<&PolicyDocument>) -> Self {
        let managed = own.managed.iter().copied().map(NamedPolicy::from);
        Self {
            identity: managed
                .chain(own.inline.iter().map(NamedPolicy::from))
                .collect(),
            boundary: own.boundary.as_ref().map(NamedPolicy::from),
            session: session
                .map(|document| vec![NamedPolicy::new("session-policy", document.clone())]),
            vpc_endpoint: None,
        }
    }

    /// Judges a request. What no policy allows is denied.
    pub fn evaluate(&self, request: &Request) -> Decision {
        self.explain(request).decision
    }

    /// Judges a request, and says of every statement whether it matched, or why not.
    pub fn explain(&self, request: &Request) -> Explanation {
        let considered: Vec<Considered> = self
            .policies()
            .flat_map(|(layer, policy)| {
                let statements = policy.document.statements().iter();
                statements.map(move |statement| Considered {
                    statement: StatementRef {
                        layer,
                        policy: policy.name.clone(),
                        name: statement.name.clone(),
                        effect: statement.effect,
                    },
                    mismatch: judge(statement, request).err(),
                })
            })
            .collect();
        Explanation {
            decision: self.decide(request, &considered),
            considered,
        }
    }

    /// Judges a push of several references: one decision for each, in order, with the reference. The push may go ahead if
    /// all are allowed.
    ///
    /// IAM is asked once for each reference, because that is the one reading that both of the user guide's examples have
    /// right whatever else is pushed along: the `Deny` for `main` denies, and the `Allow` for `main` "does not allow changes
    /// to any other branches" ("Customer managed policy examples", example 4). It agrees with the type of the key, which is
    /// `String`, not `ArrayOfString` (Service Authorization Reference). Without references, this is the first check of a
    /// push, and there is one decision.
    pub fn evaluate_push(&self, request: &Request) -> Vec<(Option<String>, Decision)> {
        let requests = request.each(key::REFERENCES).into_iter();
        requests
            .map(|request| {
                let reference = request.context.single(key::REFERENCES);
                (reference.map(str::to_owned), self.evaluate(&request))
            })
            .collect()
    }

    /// The decision, if a statement denies the request; whether anything allows it does not matter.
    pub fn explicit_deny(&self, request: &Request) -> Option<Decision> {
        let decision = self.evaluate(request);
        let effect = decision
            .statement
            .as_ref()
            .map(|statement| statement.effect);
        (effect == Some(Effect::Deny)).then_some(decision)
    }

    /// Whether there is any statement that denies something.
    pub(super) fn have_deny(&self) -> bool {
        self.policies()
            .flat_map(|(_, policy)| policy.document.statements())
            .any(|statement| statement.effect == Effect::Deny)
    }

    /// The keys that the conditions of a statement look at.
    pub fn condition_keys(&self, statement: &StatementRef) -> Vec<&str> {
        let policies = self
            .policies()
            .filter(|(layer, policy)| *layer == statement.layer && policy.name == statement.policy);
        policies
            .flat_map(|(_, policy)| policy.document.statements())
            .filter(|known| known.name == statement.name)
            .flat_map(|known| &known.conditions)
            .map(|condition| &*condition.key)
            .collect()
    }

    fn policies(&self) -> impl Iterator<Item = (Layer, &NamedPolicy)> {
        let identity = self.identity.iter().map(|policy| (Layer::Identity, policy));
        let boundary = self.boundary.iter().map(|policy| (Layer::Boundary, policy));
        let session = self.session.iter().flatten();
        let session = session.map(|policy| (Layer::Session, policy));
        let endpoint = self.vpc_endpoint.iter();
        let endpoint = endpoint.map(|policy| (Layer::VpcEndpoint, policy));
        identity.chain(boundary).chain(session).chain(endpoint)
    }

    fn layers(&self) -> impl Iterator<Item = Layer> {
        [
            Some(Layer::Identity),
            self.boundary.as_ref().map(|_| Layer::Boundary),
            self.session.as_ref().map(|_| Layer::Session),
            self.vpc_endpoint.as_ref().map(|_| Layer::VpcEndpoint),
        ]
        .into_iter()
        .flatten()
    }

    fn decide(&self, request: &Request, considered: &[Considered]) -> Decision {
        let matching = |effect| {
            considered
                .iter()
                .filter(move |one| one.mismatch.is_none() && one.statement.effect == effect)
                .map(|one| &one.statement)
        };
        let decision = |allowed, because, statement: Option<&StatementRef>, lacking| Decision {
            allowed,
            action: request.action.clone(),
            resource: request.resource.clone(),
            because,
            statement: statement.cloned(),
            lacking,
        };
        if let Some(deny) = matching(Effect::Deny).next() {
            return decision(false, format!("{deny} denies it"), Some(deny), None);
        }
        let allows = |layer: &Layer| matching(Effect::Allow).any(|allow| allow.layer == *layer);
        let lacking = self.layers().find(|layer| !allows(layer));
        match (lacking, matching(Effect::Allow).next()) {
            (None, Some(allow)) => decision(true, format!("{allow} allows it"), Some(allow), None),
            (lacking, _) => {
                let lacking = lacking.unwrap_or(Layer::Identity);
                let because = match lacking {
                    Layer::Identity => format!("no {lacking} allows {}", request.action),
                    // There is one of each, and it leaves this out.
                    _ => format!("the {lacking} does not allow {}", request.action),
                };
                let because = match nearest_miss(lacking, considered) {
                    Some(nearest) => format!("{because}; {nearest}"),
                    None => because,
                };
                decision(false, because, None, Some(lacking))
            }
        }
    }
}

impl NamedPolicy {
    /// A policy with its name.
    pub fn new(name: impl Into<String>, document: PolicyDocument) -> Self {
        Self {
            name: name.into(),
            document,
        }
    }
}

/// One of a user or role.
impl From<&InlinePolicy> for NamedPolicy {
    fn from(policy: &InlinePolicy) -> Self {
        Self::new(&*policy.name, policy.document.clone())
    }
}

/// AWS's own, under its name.
impl From<ManagedPolicy> for NamedPolicy {
    fn from(policy: ManagedPolicy) -> Self {
        Self::new(policy.to_string(), policy.document().clone())
    }
}

/// The statement that would have allowed it, but for one part: what a user who is denied needs to hear.
fn nearest_miss(layer: Layer, considered: &[Considered]) -> Option<String> {
    considered
        .iter()
        .filter(|one| one.statement.layer == layer && one.statement.effect == Effect::Allow)
        .filter_map(|one| {
            one.mismatch
                .as_ref()
                .map(|mismatch| (&one.statement, mismatch))
        })
        // A statement about another action is no near miss.
        .filter(|(_, mismatch)| mismatch.nearness() >= 2)
        .max_by_key(|(_, mismatch)| mismatch.nearness())
        .map(|(statement, mismatch)| format!("{statement} would, but {mismatch}"))
}
