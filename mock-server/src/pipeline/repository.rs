//! An exchange with a repository: who asks, whether that is too often, whether they may, and then git.

use hyper::body::Incoming;
use hyper::header::{AUTHORIZATION, USER_AGENT};
use hyper::{Request, Response};

use super::Pipeline;
use crate::authn::verdict::{Reason, Refusal, Verdict};
use crate::authn::{self, Authenticated, BasicCredentials, Target};
use crate::authz::Action;
use crate::fidelity::{FirstCheck, GitSuffix};
use crate::git::{Admitted, Body};
use crate::journal::Recording;
use crate::listener::Connection;
use crate::permission::{Answer, Permission};
use crate::printable::printable_word;
use crate::route::{GitRoute, Operation, Service};
use crate::scene::Scene;
use crate::world::{Account, MissingRepository, Repository};
use codecommit_helper::endpoint::Partition;

impl Pipeline {
    pub(super) async fn serve_git(
        &self,
        scene: &Scene,
        connection: &Connection,
        route: GitRoute,
        request: &Request<()>,
        body: &mut Option<Incoming>,
        recording: &Recording,
    ) -> Result<Response<Body>, Refusal> {
        let who = self.authenticate(scene, &route, request)?;
        recording.note(|exchange| exchange.verdict = Some(Verdict::Accepted(who.principal())));
        self.throttle(scene, &who, &route)?;
        let service = route.operation.service();
        let permission = Permission {
            world: &scene.world,
            who: &who,
            action: match service {
                Service::UploadPack => Action::GitPull,
                Service::ReceivePack => Action::GitPush,
            },
            authority: &route.authority,
            region: &route.region,
            source_ip: connection.peer,
            user_agent: request
                .headers()
                .get(USER_AGENT)
                .and_then(|value| value.to_str().ok()),
            now: scene.now,
        };
        let repository = self.admit(scene, &permission, &route, who.account, recording)?;
        let path = self.stage.storage().path(who.account, repository);
        let admitted = Admitted {
            service,
            repository: &path,
            headers: request.headers(),
            recording,
            wire: &connection.wire,
        };
        match route.operation {
            Operation::Advertise(_) => self.git.advertise(admitted).await,
            Operation::Exchange(_) => {
                let arn = who.account.repository_arn(repository);
                let may_push = |references: &[&str]| {
                    decided(
                        &permission.ask_about(references, &arn, repository),
                        recording,
                    )
                };
                self.git.exchange(admitted, body, may_push).await
            }
        }
    }

    fn authenticate<'a>(
        &self,
        scene: &'a Scene,
        route: &GitRoute,
        request: &Request<impl Sized>,
    ) -> Result<Authenticated<'a>, Refusal> {
        let header = request.headers().get(AUTHORIZATION).ok_or_else(|| {
            Refusal::new(
                Reason::CredentialsMissing,
                "the request had no Authorization header; git asks its credential helpers after this answer",
            )
        })?;
        let presented = BasicCredentials::parse(header.as_bytes()).ok_or_else(|| {
            Refusal::new(
                Reason::AuthorizationMalformed,
                "the Authorization header is not `Basic` and base64 of `user:password`",
            )
        })?;
        let target = Target {
            authority: route.authority.clone(),
            repository_path: route.repository_path.clone(),
            region: route.region.clone(),
            now: scene.now,
            fidelity: self.fidelity,
        };
        authn::verify(&scene.world, &target, &presented)
    }

    fn throttle(
        &self,
        scene: &Scene,
        who: &Authenticated<'_>,
        route: &GitRoute,
    ) -> Result<(), Refusal> {
        let limit = self.fidelity.requests_per_second;
        if self
            .throttle
            .admits(&who.account.id, &route.region, scene.now, limit)
        {
            return Ok(());
        }
        Err(Refusal::new(
            Reason::Throttled,
            format!(
                "account {} makes more than {limit} requests a second in {}",
                who.account.id, route.region
            ),
        )
        .with_help("wait and try again, with a random pause: git itself does not try again"))
    }

    fn repository<'a>(
        &self,
        scene: &'a Scene,
        account: &'a Account,
        route: &GitRoute,
    ) -> Result<&'a Repository, Refusal> {
        let path = match self.fidelity.git_suffix {
            GitSuffix::Kept => &*route.repository_path,
            GitSuffix::Ignored => route.repository_path.trim_end_matches(".git"),
        };
        scene
            .world
            .repository(account, &route.region, path)
            .map_err(|missing| {
                let (detail, help) = explain(&missing, account, &route.region, path);
                let refused = Refusal::new(Reason::RepositoryNotFound, detail);
                match help {
                    Some(help) => refused.with_help(help),
                    None => refused,
                }
            })
    }

    /// Whether the account's own policies let it read on, and if not, what is told first where the repository is missing as
    /// well: one of the two has to be.
    fn admit<'a>(
        &self,
        scene: &'a Scene,
        permission: &Permission<'_>,
        route: &GitRoute,
        account: &'a Account,
        recording: &Recording,
    ) -> Result<&'a Repository, Refusal> {
        let found = self.repository(scene, account, route);
        let arn = match &found {
            Ok(repository) => account.repository_arn(repository),
            Err(_) => account.arn_of(&route.region, route.repository_name()),
        };
        let answer = permission.ask(&arn, found.as_ref().ok().copied());
        let repository = match (found, self.fidelity.first_check) {
            (Err(missing), FirstCheck::Repository) => return Err(missing),
            (found, _) => {
                decided(&answer, recording)?;
                found?
            }
        };
        Ok(repository)
    }
}

/// Writes a decision down; the refusal if it is one.
fn decided(answer: &Answer, recording: &Recording) -> Result<(), Refusal> {
    let mut decision = answer.decision.clone();
    // The client has named the repository, and its references.
    decision.resource = printable_word(decision.resource);
    decision.because = printable_word(decision.because);
    recording.note(|exchange| exchange.decision = Some(decision));
    answer.refusal.clone().map_or(Ok(()), Err)
}

fn explain(
    missing: &MissingRepository,
    account: &Account,
    region: &str,
    path: &str,
) -> (String, Option<String>) {
    let id = &account.id;
    match missing {
        MissingRepository::InOtherRegion(other) => (
            format!("account {id} has this repository in {other}, not in {region}"),
            Some(format!(
                "use the host of its Region: https://git-codecommit.{other}.{}{path}",
                Partition::of_region(other).dns_suffix()
            )),
        ),
        MissingRepository::InOtherCase(name) => (
            format!("names are case-sensitive: account {id} has `{name}` in {region}"),
            Some(format!("use /v1/repos/{name}")),
        ),
        MissingRepository::WithoutGitSuffix(name) => (
            format!("no repository's name ends in `.git`; account {id} has `{name}` in {region}"),
            Some(format!("use /v1/repos/{name}")),
        ),
        MissingRepository::WithoutExtraSlash(name) => (
            format!("a slash too many: account {id} has `{name}` in {region}"),
            Some(format!(
                "use /v1/repos/{name}, with one slash before the name and none behind it"
            )),
        ),
        MissingRepository::Renamed(name) => (
            format!("it was renamed: account {id} has it as `{name}` in {region}"),
            Some(format!(
                "point the remote at /v1/repos/{name}: git remote set-url origin ..."
            )),
        ),
        MissingRepository::InOtherAccount => (
            format!(
                "another account has it in {region}, but these credentials belong to account {id}, and the account is \
                 taken from the credentials"
            ),
            Some("use a profile of the account that owns the repository".to_owned()),
        ),
        MissingRepository::NotARepositoryPath => (
            "the path is not /v1/repos/NAME".to_owned(),
            Some("put /v1/repos/ in front of the repository's name".to_owned()),
        ),
        MissingRepository::Nowhere => (
            format!("account {id} has no repository at {path} in {region}, nor anything like it"),
            None,
        ),
    }
}
