//! The ref advertisement: what a client is told before it asks for or sends objects.

use hyper::Response;
use hyper::body::Bytes;

use super::body::{Body, full};
use super::child::Ending;
use super::references::Snapshot;
use super::{Admitted, GitService, answer_as, pkt_line};
use crate::authn::verdict::{Reason, Refusal};
use crate::fidelity::Profile;
use crate::route::Service;

impl GitService {
    /// `GET info/refs`: the ref advertisement.
    pub(crate) async fn advertise(
        &self,
        admitted: Admitted<'_>,
    ) -> Result<Response<Body>, Refusal> {
        let content_type = format!("application/x-{}-advertisement", admitted.service.name());
        if let Some(answer) = self.advertise_in_process(&admitted).await {
            return Ok(answer_as(&content_type, full(answer)));
        }
        let mut command = self.command(&admitted);
        command.args(["--stateless-rpc", "--advertise-refs"]);
        let (child, pipes) = self
            .children
            .spawn(
                command,
                admitted.repository,
                Ending::AtOnce,
                admitted.recording,
            )
            .await?;
        drop(pipes.stdin);
        let output = child.output(pipes.stderr).await?;
        if !output.status.success() {
            return Err(Refusal::new(
                Reason::GitFailed,
                format!("git said: {}", output.standard_error),
            ));
        }
        let answer = dress(
            admitted.service,
            self.fidelity.profile,
            output.standard_output,
        );
        Ok(answer_as(&content_type, full(answer)))
    }

    /// CodeCommit's advertisement, without a child. What git itself can do, only git can tell.
    async fn advertise_in_process(&self, admitted: &Admitted<'_>) -> Option<Bytes> {
        if self.fidelity.profile != Profile::CodeCommit {
            return None;
        }
        let service = admitted.service;
        if service == Service::UploadPack && self.speaks_version_2(admitted) {
            return Some(version_2().into());
        }
        let snapshot = self.references.now(admitted.repository).await?;
        let [for_fetch, for_push] = &snapshot.advertisements;
        let made = match service {
            Service::UploadPack => for_fetch,
            Service::ReceivePack => for_push,
        };
        let make = || write(service, &snapshot).into();
        Some(made.get_or_init(make).clone())
    }
}

/// What CodeCommit says it can do. Upload-pack: a transcript in isomorphic-git's issue 199 (2018), the same in osv-scalibr
/// (2025). Receive-pack: the set from dulwich's issue 671; its order is assumed. No `agent`, `symref`, `ofs-delta`,
/// `filter`, `atomic` or `push-options`.
fn capabilities(service: Service) -> &'static str {
    match service {
        Service::UploadPack => {
            "multi_ack_detailed shallow side-band-64k thin-pack allow-tip-sha1-in-want allow-reachable-sha1-in-want"
        }
        Service::ReceivePack => "report-status delete-refs side-band-64k thin-pack",
    }
}

/// Puts the local git's advertisement into the form that is sent: behind the service's banner, and with CodeCommit's
/// capabilities in place of git's if that is what is asked for. Protocol version 2 has no banner.
pub(super) fn dress(service: Service, profile: Profile, from_git: Vec<u8>) -> Vec<u8> {
    if from_git.starts_with(b"000eversion 2\n") {
        return match profile {
            Profile::Git => from_git,
            Profile::CodeCommit => version_2(),
        };
    }
    let mut answer = banner(service);
    let with_other_capabilities = match profile {
        Profile::Git => None,
        Profile::CodeCommit => replace_capabilities(&from_git, capabilities(service)),
    };
    answer.extend_from_slice(&with_other_capabilities.unwrap_or(from_git));
    answer
}

/// CodeCommit's advertisement of these references, byte for byte what [`dress`] makes of git's.
pub(super) fn write(service: Service, snapshot: &Snapshot) -> Vec<u8> {
    let head = match (service, &snapshot.head.id) {
        (Service::UploadPack, Some(id)) => Some(("HEAD", id)),
        _ => None,
    };
    let references = snapshot
        .references
        .iter()
        .map(|reference| (&*reference.name, &reference.id));
    let mut answer = banner(service);
    let mut capabilities = Some(capabilities(service));
    let mut line = |id: &str, name: &str| {
        let said = capabilities
            .take()
            .map(|said| format!("\0{said}"))
            .unwrap_or_default();
        answer.extend(pkt_line::encode(format!("{id} {name}{said}\n").as_bytes()));
    };
    for (name, id) in head.into_iter().chain(references) {
        line(id, name);
        if let Some(peeled) = snapshot.peeled(id)
            && service == Service::UploadPack
        {
            line(peeled, &format!("{name}^{{}}"));
        }
    }
    if snapshot.references.is_empty() && head.is_none() {
        line(&"0".repeat(40), "capabilities^{}");
    }
    answer.extend_from_slice(pkt_line::FLUSH);
    answer
}

fn banner(service: Service) -> Vec<u8> {
    let mut banner = pkt_line::encode(format!("# service={}\n", service.name()).as_bytes());
    banner.extend_from_slice(pkt_line::FLUSH);
    banner
}

/// What version 2 would need at the least; no capture of it is public. Without an agent, and the same for every local git.
fn version_2() -> Vec<u8> {
    let lines = ["version 2\n", "ls-refs\n", "fetch=shallow\n"];
    let mut answer: Vec<u8> = lines
        .iter()
        .flat_map(|line| pkt_line::encode(line.as_bytes()))
        .collect();
    answer.extend_from_slice(pkt_line::FLUSH);
    answer
}

/// The first packet carries the capabilities behind a NUL.
fn replace_capabilities(advertisement: &[u8], capabilities: &str) -> Option<Vec<u8>> {
    let (first, rest) = pkt_line::split_first(advertisement)?;
    let reference = first.split(|byte| *byte == 0).next()?;
    let mut payload = reference.to_vec();
    payload.push(0);
    payload.extend_from_slice(capabilities.as_bytes());
    payload.push(b'\n');
    let mut replaced = pkt_line::encode(&payload);
    replaced.extend_from_slice(rest);
    Some(replaced)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "1234567890123456789012345678901234567890";

    #[test]
    fn codecommits_upload_pack_advertisement_has_the_observed_bytes() {
        let mut from_git = pkt_line::encode(
            format!("{ID} HEAD\0multi_ack thin-pack agent=git/2.47.3\n").as_bytes(),
        );
        from_git.extend(pkt_line::encode(
            format!("{ID} refs/heads/master\n").as_bytes(),
        ));
        from_git.extend_from_slice(pkt_line::FLUSH);
        let answer = dress(Service::UploadPack, Profile::CodeCommit, from_git);
        let expected = format!(
            "001e# service=git-upload-pack\n00000099{ID} HEAD\0multi_ack_detailed shallow side-band-64k thin-pack \
             allow-tip-sha1-in-want allow-reachable-sha1-in-want\n003f{ID} refs/heads/master\n0000"
        );
        assert_eq!(String::from_utf8(answer).unwrap(), expected);
    }

    #[test]
    fn the_git_profile_adds_the_banner_only() {
        let answer = dress(Service::ReceivePack, Profile::Git, b"0000".to_vec());
        assert_eq!(answer, b"001f# service=git-receive-pack\n00000000");
        let version_2 = b"000eversion 2\n0000".to_vec();
        assert_eq!(
            dress(Service::UploadPack, Profile::Git, version_2.clone()),
            version_2
        );
    }
}
