//! Serves repositories through the local git. Who may is decided before anything here runs.

mod advertisement;
mod body;
mod child;
mod ls_refs;
mod pack_scan;
mod patience;
mod pkt_line;
mod push_commands;
mod receive_pack;
mod references;
pub(crate) mod refusal;
mod relay;
mod request_body;
mod side_band;
mod small_packs;

use std::path::Path;
use std::sync::Arc;

use hyper::body::Bytes;
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use hyper::{HeaderMap, Response};

pub(crate) use body::{Body, full, journaled};
pub(crate) use child::Children;
use child::{Ending, GitChild, Pipes};
use patience::Patience;
use receive_pack::Outcome;
use references::References;
use relay::Relay;
use request_body::RequestBody;
pub(crate) use request_body::discard;
use side_band::Progress;
use small_packs::{Candidate, Question, SmallPacks};

use crate::authn::verdict::{Reason, Refusal};
use crate::fidelity::{Fidelity, Profile, YesOrNo};
use crate::git_program::GitProgram;
use crate::journal::Recording;
use crate::limits::Limits;
use crate::route::Service;

/// The Git service: a git program, the profile it is shown with, and the children it has running.
#[derive(Debug)]
pub(crate) struct GitService {
    program: GitProgram,
    fidelity: Fidelity,
    children: Children,
    references: Arc<References>,
    packs: Arc<SmallPacks>,
    limits: Limits,
}

/// An exchange that has been let in, on its way to a repository.
#[derive(Debug)]
pub(crate) struct Admitted<'a> {
    pub(crate) service: Service,
    pub(crate) repository: &'a Path,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) recording: &'a Recording,
}

/// Whether an answer is kept.
enum Kept {
    Found(Bytes),
    NotYet(Candidate),
    /// It is not of the kind that is.
    Never,
}

impl GitService {
    pub(crate) fn new(
        program: GitProgram,
        fidelity: Fidelity,
        children: Children,
        limits: Limits,
    ) -> Self {
        Self {
            references: Arc::new(References::new(program.clone())),
            packs: Arc::default(),
            program,
            fidelity,
            children,
            limits,
        }
    }

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
            .spawn(command, admitted.repository, Ending::AtOnce)
            .await?;
        drop(pipes.stdin);
        let output = child.output(pipes.stderr).await?;
        admitted
            .recording
            .note(|exchange| exchange.child = Some(output.status.to_string()));
        if !output.status.success() {
            return Err(Refusal::new(
                Reason::GitFailed,
                format!("git said: {}", output.standard_error),
            ));
        }
        let answer = advertisement::dress(
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
            return Some(advertisement::version_2().into());
        }
        let snapshot = self.references.now(admitted.repository).await?;
        let [for_fetch, for_push] = &snapshot.advertisements;
        let made = match service {
            Service::UploadPack => for_fetch,
            Service::ReceivePack => for_push,
        };
        let make = || advertisement::write(service, &snapshot).into();
        Some(made.get_or_init(make).clone())
    }

    /// The answer to `ls-refs`, without a child; none if it is another request, or one that git has to judge.
    async fn list_in_process(
        &self,
        admitted: &Admitted<'_>,
        request: &mut RequestBody,
    ) -> Result<Option<Vec<u8>>, Refusal> {
        if admitted.service != Service::UploadPack || !self.speaks_version_2(admitted) {
            return Ok(None);
        }
        let mut seen = Vec::new();
        while ls_refs::can_begin(&seen) && seen.len() <= ls_refs::LARGEST {
            match request.next().await? {
                Some(piece) => seen.extend_from_slice(&piece),
                None => break,
            }
        }
        if let Some(question) = ls_refs::Question::parse(&seen)
            && let Some(snapshot) = self.references.now(admitted.repository).await
        {
            return Ok(Some(question.answer(&snapshot)));
        }
        request.unread(seen.into());
        Ok(None)
    }

    /// What is kept of an answer. Looks at the whole request if it is a small one; at the references' files only for a clone.
    async fn kept(
        &self,
        admitted: &Admitted<'_>,
        request: &mut RequestBody,
    ) -> Result<Kept, Refusal> {
        let mut seen = Vec::new();
        let is_whole = loop {
            match request.next().await? {
                Some(piece) => seen.extend_from_slice(&piece),
                None => break true,
            }
            if seen.len() > small_packs::LARGEST_REQUEST {
                break false;
            }
        };
        let seen = Bytes::from(seen);
        request.unread(seen.clone());
        if !is_whole || !small_packs::is_a_clones(&seen) {
            return Ok(Kept::Never);
        }
        let Some(snapshot) = self.references.settled(admitted.repository).await else {
            return Ok(Kept::Never);
        };
        let question = Question {
            snapshot: Arc::downgrade(&snapshot),
            protocol: self.protocol(admitted.headers).map(str::to_owned),
            request: seen,
        };
        Ok(match self.packs.find(&question) {
            Some(answer) => Kept::Found(answer),
            None => Kept::NotYet(Candidate {
                packs: Arc::clone(&self.packs),
                references: Arc::clone(&self.references),
                repository: admitted.repository.to_owned(),
                question,
                answer: Vec::new(),
            }),
        })
    }

    fn speaks_version_2(&self, admitted: &Admitted<'_>) -> bool {
        let protocol = self.protocol(admitted.headers);
        protocol.is_some_and(|protocol| protocol.split(':').any(|part| part == "version=2"))
    }

    /// `POST git-upload-pack` or `git-receive-pack`. Before a push changes anything, `may_push` is asked about the references
    /// that it names.
    pub(crate) async fn exchange(
        &self,
        admitted: Admitted<'_>,
        body: &mut Option<hyper::body::Incoming>,
        may_push: impl Fn(&[&str]) -> Result<(), Refusal>,
    ) -> Result<Response<Body>, Refusal> {
        let mut request = RequestBody::new(
            body,
            admitted.headers,
            admitted.recording.clone(),
            self.limits,
            admitted.service == Service::ReceivePack,
        )?;
        let content_type = format!("application/x-{}-result", admitted.service.name());
        match self.list_in_process(&admitted, &mut request).await {
            Ok(None) => {}
            Ok(Some(answer)) => return Ok(answer_as(&content_type, full(answer))),
            Err(refusal) => {
                request.discard().await;
                return Err(refusal);
            }
        }
        let answer = match (self.fidelity.profile, admitted.service) {
            (Profile::CodeCommit, Service::ReceivePack) => {
                match self.push(&admitted, &mut request, may_push).await {
                    Ok(answer) => full(answer),
                    Err(refusal) => {
                        request.discard().await;
                        return Err(refusal);
                    }
                }
            }
            (_, service) => {
                let ending = match service {
                    Service::UploadPack => Ending::AtOnce,
                    Service::ReceivePack => Ending::ByItself,
                };
                let kept = match (request.wait().await, service) {
                    (Ok(()), Service::UploadPack) => self.kept(&admitted, &mut request).await,
                    (Ok(()), Service::ReceivePack) => Ok(Kept::Never),
                    (Err(refusal), _) => Err(refusal),
                };
                let candidate = match kept {
                    Ok(Kept::Never) => None,
                    Ok(Kept::NotYet(candidate)) => Some(candidate),
                    Ok(Kept::Found(answer)) => return Ok(answer_as(&content_type, full(answer))),
                    Err(refusal) => {
                        request.discard().await;
                        return Err(refusal);
                    }
                };
                let (child, pipes) = self.spawn(&admitted, ending).await?;
                request.occupies(self.children.queue(ending));
                let mut patience = Patience::new(&self.limits);
                patience.occupies(self.children.queue(ending));
                let relay = Relay {
                    candidate,
                    progress: Progress::new(self.fidelity.profile),
                    recording: admitted.recording.clone(),
                    patience,
                };
                relay.run(child, pipes, request).await?
            }
        };
        Ok(answer_as(&content_type, answer))
    }

    async fn push(
        &self,
        admitted: &Admitted<'_>,
        request: &mut RequestBody,
        may_push: impl Fn(&[&str]) -> Result<(), Refusal>,
    ) -> Result<Vec<u8>, Refusal> {
        match receive_pack::judge(request, &self.fidelity, admitted.recording, may_push).await? {
            Outcome::Answered(answer) => Ok(answer),
            Outcome::Open(commands) => {
                // Git names the references, and only then compresses what it sends.
                request.wait().await?;
                let (child, pipes) = self.spawn(admitted, Ending::ByItself).await?;
                request.occupies(self.children.queue(Ending::ByItself));
                receive_pack::run(
                    child,
                    pipes,
                    commands,
                    request,
                    &self.fidelity,
                    admitted.recording,
                )
                .await
            }
        }
    }

    async fn spawn(
        &self,
        admitted: &Admitted<'_>,
        ending: Ending,
    ) -> Result<(GitChild, Pipes), Refusal> {
        let mut command = self.command(admitted);
        command.arg("--stateless-rpc");
        self.children
            .spawn(command, admitted.repository, ending)
            .await
    }

    fn command(&self, admitted: &Admitted<'_>) -> std::process::Command {
        let mut command = self.program.command();
        for setting in [
            // Force pushes and deleting any branch, the default one too, are open to whoever may push
            // (CodeCommit user guide, "Limit pushes and merges to branches").
            "receive.denyNonFastForwards=false",
            "receive.denyDeletes=false",
            "receive.denyDeleteCurrent=ignore",
            "receive.autogc=false",
            // Nothing here has to outlive a power failure, and a push of many references would wait for the disk on each.
            "core.fsync=none",
            "uploadpack.allowTipSHA1InWant=true",
            "uploadpack.allowReachableSHA1InWant=true",
        ] {
            command.args(["-c", setting]);
        }
        if self.fidelity.profile == Profile::Git {
            for setting in [
                "uploadpack.allowFilter=true",
                "uploadpack.allowAnySHA1InWant=true",
                "receive.advertisePushOptions=true",
            ] {
                command.args(["-c", setting]);
            }
        }
        if let Some(protocol) = self.protocol(admitted.headers) {
            command.env("GIT_PROTOCOL", protocol);
        }
        command.arg(match admitted.service {
            Service::UploadPack => "upload-pack",
            Service::ReceivePack => "receive-pack",
        });
        command
    }

    /// The protocol that is spoken, as far as the client asks for it and the service has it.
    fn protocol<'a>(&self, headers: &'a HeaderMap) -> Option<&'a str> {
        let asked = headers.get("git-protocol").and_then(git_protocol);
        match self.fidelity.profile {
            Profile::Git => asked,
            Profile::CodeCommit => asked.filter(|asked| {
                self.fidelity.protocol_version_2 == YesOrNo::Yes
                    && asked.split(':').any(|part| part == "version=2")
            }),
        }
    }
}

/// A `Git-Protocol` header goes into a child's environment only if it has the form that git documents, `key[=value]:...`.
fn git_protocol(header: &HeaderValue) -> Option<&str> {
    let text = header.to_str().ok()?;
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"=:-_.".contains(&byte);
    (text.len() <= 256 && text.bytes().all(allowed)).then_some(text)
}

fn answer_as(content_type: &str, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(content_type) {
        headers.insert(CONTENT_TYPE, value);
    }
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}
