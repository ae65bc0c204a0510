//! A Git request as a question to [`authz`](crate::authz): who asks, what for, and everything that conditions can look at.

use std::net::IpAddr;

use codecommit_helper::endpoint::Endpoint;
use codecommit_helper::timestamp::Timestamp;

use crate::authn::Authenticated;
use crate::authn::verdict::{Reason, Refusal};
use crate::authz::{Action, Decision, Layer, NamedPolicy, PolicySet, Request, key, kms};
use crate::printable::printable_word;
use crate::world::{Repository, VpcEndpoint, World};

/// Everything about a request that a policy may ask for, less the repository and its references.
#[derive(Clone, Debug)]
pub(crate) struct Permission<'a> {
    pub(crate) world: &'a World,
    pub(crate) who: &'a Authenticated<'a>,
    pub(crate) action: Action,
    pub(crate) authority: &'a str,
    pub(crate) region: &'a str,
    pub(crate) source_ip: IpAddr,
    pub(crate) user_agent: Option<&'a str>,
    pub(crate) now: Timestamp,
}

/// What the policies say, and how a denial is to be told.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) decision: Decision,
    pub(crate) refusal: Option<Refusal>,
}

impl Permission<'_> {
    /// Asks without references: a fetch, or the first of the two checks of a push.
    pub(crate) fn ask(&self, repository_arn: &str, repository: Option<&Repository>) -> Answer {
        let (policies, request) = self.question(repository_arn, repository);
        let decision = policies.evaluate(&request);
        // Users need no permission for the key, but must not be denied it (user guide, "AWS KMS and encryption").
        match kms::denial(&policies, &request) {
            Some(denial) if decision.allowed => {
                let whom = self.who.identity.describe();
                let detail = format!("{} is denied to {whom}: {}", denial.action, denial.because);
                let refusal = Refusal::new(Reason::KmsDenied, detail).with_help(
                    "take the denial of kms: actions on the key aws/codecommit out of this policy: CodeCommit encrypts \
                     with it in the user's name",
                );
                Answer {
                    decision: denial,
                    refusal: Some(refusal),
                }
            }
            _ => self.answer(decision, &policies, false),
        }
    }

    /// Asks about each reference of a push: the second check, with the data. The first reference that is denied decides.
    pub(crate) fn ask_about(
        &self,
        references: &[&str],
        repository_arn: &str,
        repository: &Repository,
    ) -> Answer {
        let (policies, request) = self.question(repository_arn, Some(repository));
        let request = request.with_all(key::REFERENCES, references.iter().copied());
        let mut decisions = policies.evaluate_push(&request);
        let denied = decisions.iter().position(|(_, decision)| !decision.allowed);
        let (reference, decision) = decisions.swap_remove(denied.unwrap_or(0));
        let mut answer = self.answer(decision, &policies, true);
        if let (Some(refusal), Some(reference)) = (&mut answer.refusal, reference) {
            let reference = printable_word(reference.to_owned());
            refusal.detail = format!("{reference}: {}", refusal.detail);
        }
        answer
    }

    fn answer(&self, decision: Decision, policies: &PolicySet, with_references: bool) -> Answer {
        let refusal = (!decision.allowed).then(|| {
            let help = match (&decision.statement, decision.lacking) {
                (Some(deny), _) => {
                    denied_help(&policies.condition_keys(deny), with_references).to_owned()
                }
                (None, Some(Layer::Boundary)) => {
                    "widen the permissions boundary: it is the most that the policies can allow".to_owned()
                }
                (None, Some(Layer::Session)) => {
                    "get a session without a session policy, or with one that allows this".to_owned()
                }
                (None, Some(Layer::VpcEndpoint)) => {
                    "change the policy of the VPC endpoint, or use another endpoint".to_owned()
                }
                (None, _) if decision.because.contains("; ") => format!(
                    "meet the condition of that statement, or attach a policy that allows {} without it",
                    self.action
                ),
                (None, _) => format!(
                    "attach a policy that allows {}, such as AWSCodeCommitPowerUser",
                    self.action
                ),
            };
            let whom = self.who.identity.describe();
            let detail = format!("{} is not for {whom}: {}", self.action, decision.because);
            Refusal::new(Reason::AccessDenied, detail).with_help(help)
        });
        Answer { decision, refusal }
    }

    fn question(
        &self,
        repository_arn: &str,
        repository: Option<&Repository>,
    ) -> (PolicySet, Request) {
        let endpoint = Endpoint::parse(self.authority);
        let label = endpoint.as_ref().and_then(Endpoint::vpc_endpoint);
        let vpc_endpoint = label.and_then(|label| self.world.vpc_endpoint(label));
        let mut request = self.request(repository_arn, repository);
        request = match (label, vpc_endpoint) {
            (None, _) => request.with(key::SOURCE_IP, self.source_ip),
            (Some(label), None) => request.with(key::SOURCE_VPCE, label),
            (Some(_), Some(known)) => request.with(key::SOURCE_VPCE, &known.id),
        };
        (self.policies(vpc_endpoint), request)
    }

    fn request(&self, repository_arn: &str, repository: Option<&Repository>) -> Request {
        let (account, identity) = (self.who.account, &self.who.identity);
        let mut request = Request::by(account, identity, self.action.to_string(), repository_arn)
            .with(key::REQUESTED_REGION, self.region)
            .with(key::SECURE_TRANSPORT, true)
            .with(key::CURRENT_TIME, self.now)
            .with(key::EPOCH_TIME, self.now.unix_seconds());
        if let Some(user_agent) = self.user_agent {
            request = request.with(key::USER_AGENT, user_agent);
        }
        // The keys about MFA are there for temporary credentials only (IAM user guide, "Global condition context keys").
        if let Some(session) = &self.who.session {
            request = request.with(key::MFA_PRESENT, session.mfa_authenticated);
        }
        for (tag, value) in repository.iter().flat_map(|repository| &repository.tags) {
            request = request.with(key::resource_tag(tag), value);
        }
        request
    }

    fn policies(&self, vpc_endpoint: Option<&VpcEndpoint>) -> PolicySet {
        let session = self.who.session.as_ref();
        let narrowed = session.and_then(|session| session.policy.as_ref());
        PolicySet {
            vpc_endpoint: vpc_endpoint.and_then(|endpoint| {
                let document = endpoint.policy.clone()?;
                Some(NamedPolicy::new(&*endpoint.id, document))
            }),
            ..PolicySet::of(self.who.identity.policies(), narrowed)
        }
    }
}

/// What to do about a statement that denies, by what its conditions look at.
fn denied_help(condition_keys: &[&str], with_references: bool) -> &'static str {
    let looks_at = |wanted: &str| {
        condition_keys
            .iter()
            .any(|known| known.eq_ignore_ascii_case(wanted))
    };
    if looks_at(key::MFA_PRESENT) || looks_at(key::MFA_AGE) {
        "get a session with multi-factor authentication: aws sts get-session-token --serial-number ... --token-code ..."
    } else if looks_at(key::REFERENCES) && !with_references {
        "the statement denies the first check of every push, which names no references: add \"Null\": \
         {\"codecommit:References\": \"false\"} to its conditions"
    } else if looks_at(key::REFERENCES) {
        "push to another branch and merge from there, or act as somebody whom the statement spares"
    } else if condition_keys.is_empty() {
        "change the statement that denies it, or act as somebody whom it spares"
    } else {
        "the statement holds because of its conditions: ask from where, as whom or for what they do not hold"
    }
}
