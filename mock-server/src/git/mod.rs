//! Serves repositories through the local git. Who may is decided before anything here runs.

mod advertisement;
mod body;
mod child;
mod kept_packs;
mod ls_refs;
mod pack_scan;
mod patience;
mod pkt_line;
mod push_commands;
mod receive_pack;
mod references;
pub(crate) mod refusal;
mod relay;
mod report;
mod request_body;
mod side_band;
mod streamed;

use std::path::Path;
use std::sync::Arc;

use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use hyper::{HeaderMap, Response};

pub(crate) use body::{Body, full, journaled};
pub(crate) use child::Children;
use child::{Ending, GitChild, Pipes};
use kept_packs::{Draft, KeptPacks, Lookup};
use patience::Patience;
use references::References;
use relay::Relay;
use request_body::RequestBody;
pub(crate) use request_body::discard;
use side_band::Progress;
use streamed::Client;

use crate::authn::verdict::Refusal;
use crate::fault::wire::WireControl;
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
    packs: Arc<KeptPacks>,
    limits: Limits,
}

/// An exchange that has been let in, on its way to a repository.
#[derive(Debug)]
pub(crate) struct Admitted<'a> {
    pub(crate) service: Service,
    pub(crate) repository: &'a Path,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) recording: &'a Recording,
    /// The connection that it came on.
    pub(crate) wire: &'a WireControl,
}

/// What became of a request when its beginning was looked at.
enum Begun {
    Answered(Body),
    /// It is git's to answer; what it says may be kept.
    GitIsAsked(Option<Draft>),
}

impl GitService {
    /// `folder` is the server's own: what is kept and too large for memory goes there.
    pub(crate) fn new(
        program: GitProgram,
        folder: &Path,
        fidelity: Fidelity,
        children: Children,
        limits: Limits,
    ) -> Self {
        let references = Arc::new(References::new(program.clone()));
        Self {
            packs: Arc::new(KeptPacks::new(Arc::clone(&references), folder)),
            references,
            program,
            fidelity,
            children,
            limits,
        }
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
        let begun = match (admitted.service, self.fidelity.profile) {
            (Service::UploadPack, _) => self.look_at_fetch(&admitted, &mut request).await,
            (Service::ReceivePack, Profile::CodeCommit) => self
                .push(&admitted, &mut request, may_push)
                .await
                .map(|answer| Begun::Answered(full(answer))),
            (Service::ReceivePack, Profile::Git) => {
                request.peek().await.map(|_| Begun::GitIsAsked(None))
            }
        };
        let answer = match begun {
            Ok(Begun::Answered(answer)) => answer,
            Ok(Begun::GitIsAsked(draft)) => self.relay(&admitted, request, draft).await?,
            Err(refusal) => {
                request.discard().await;
                return Err(refusal);
            }
        };
        let content_type = format!("application/x-{}-result", admitted.service.name());
        Ok(answer_as(&content_type, answer))
    }

    /// The answer that is made here or kept, if there is one.
    async fn look_at_fetch(
        &self,
        admitted: &Admitted<'_>,
        request: &mut RequestBody,
    ) -> Result<Begun, Refusal> {
        let beginning = request.peek().await?;
        if beginning.is_whole
            && self.speaks_version_2(admitted)
            && let Some(question) = ls_refs::Question::parse(&beginning.bytes)
            && let Some(snapshot) = self.references.now(admitted.repository).await
        {
            return Ok(Begun::Answered(full(question.answer(&snapshot))));
        }
        let protocol = self.protocol(admitted.headers);
        let lookup = self
            .packs
            .look_for(admitted.repository, protocol, &beginning);
        Ok(match lookup.await {
            Lookup::Found(answer) => {
                // It keeps nobody waiting: no turn is needed for it.
                let patience = Patience::new(&self.limits);
                Begun::Answered(answer.body(Client::of(admitted, patience)))
            }
            Lookup::NotYet(draft) => Begun::GitIsAsked(Some(draft)),
            Lookup::Never => Begun::GitIsAsked(None),
        })
    }

    /// Has a git answer, and keeps that if there is a draft for it.
    async fn relay(
        &self,
        admitted: &Admitted<'_>,
        mut request: RequestBody,
        draft: Option<Draft>,
    ) -> Result<Body, Refusal> {
        let ending = match admitted.service {
            Service::UploadPack => Ending::AtOnce,
            Service::ReceivePack => Ending::ByItself,
        };
        let (child, pipes) = self.spawn(admitted, ending).await?;
        request.occupies(self.children.queue(ending));
        let mut patience = Patience::new(&self.limits);
        patience.occupies(self.children.queue(ending));
        let relay = Relay {
            draft,
            progress: Progress::new(self.fidelity.profile),
            client: Client::of(admitted, patience),
        };
        relay.run(child, pipes, request).await
    }

    async fn spawn(
        &self,
        admitted: &Admitted<'_>,
        ending: Ending,
    ) -> Result<(GitChild, Pipes), Refusal> {
        let mut command = self.command(admitted);
        command.arg("--stateless-rpc");
        self.children
            .spawn(command, admitted.repository, ending, admitted.recording)
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

    fn speaks_version_2(&self, admitted: &Admitted<'_>) -> bool {
        let protocol = self.protocol(admitted.headers);
        protocol.is_some_and(|protocol| protocol.split(':').any(|part| part == "version=2"))
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
