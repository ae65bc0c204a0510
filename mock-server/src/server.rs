//! The server as a type: start it, use it, drop it.

mod builder;
mod start_error;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;

use codecommit_helper::clock::CLOCK_VARIABLE;
use codecommit_helper::secret::Secret;
use tokio::sync::oneshot;

pub use self::builder::MockServerBuilder;
pub use self::start_error::StartError;
use crate::clock::Clock;
use crate::control::{ControlAccess, PREFIX};
use crate::data_dir::DataDir;
use crate::fault::Faults;
use crate::journal::Journal;
use crate::pipeline::Pipeline;
use crate::route::CONTAINER_CREDENTIALS;
use crate::world::{StorageError, World};

/// A running endpoint. It serves from a thread of its own until it is dropped; then its port, its children and (unless one
/// was named) its data folder are gone.
///
/// What a `static` holds is never dropped, a server in a `OnceLock` or `LazyLock` neither: its temporary folder then stays when
/// the process ends. Share one between tests as an `Arc` that the last of them drops, or name its
/// [data folder](MockServerBuilder::data_dir).
#[derive(Debug)]
pub struct MockServer {
    port: u16,
    ca_path: PathBuf,
    journal: Journal,
    clock: Clock,
    /// For its world, and for what it issues while it runs.
    pipeline: Arc<Pipeline>,
    /// Dropping the sender stops the listener.
    shutdown: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
    data: DataDir,
}

impl MockServer {
    /// Start here.
    pub fn builder() -> MockServerBuilder {
        MockServerBuilder::default()
    }

    /// The port it listens on, at 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// `http://127.0.0.1:PORT`: the proxy's URL.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The PEM file of the CA that signs its certificates.
    pub fn ca_path(&self) -> &Path {
        &self.ca_path
    }

    /// The folder with its repositories.
    pub fn data_dir(&self) -> &Path {
        self.data.path()
    }

    /// What it was asked and what it answered.
    pub fn journal(&self) -> &Journal {
        &self.journal
    }

    /// What time it is for it.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// What is broken on purpose; it can be changed at any time.
    pub fn faults(&self) -> &Faults {
        &self.pipeline.faults
    }

    /// What a program in another language needs to drive it: see `docs/control.md`.
    pub fn control(&self) -> ControlAccess {
        ControlAccess {
            url: format!("{}{PREFIX}", self.url()),
            token: self.pipeline.control.token.clone(),
        }
    }

    /// Who and what exists now.
    pub fn world(&self) -> Arc<World> {
        self.pipeline.stage.world()
    }

    /// Puts another world in the place of this one, for every request that comes from now on; those in flight keep theirs.
    ///
    /// Sessions and sign-ins that were issued stay good for the users and roles that are still there. A repository that was
    /// there keeps what it holds on disk, whatever `world` says it is seeded with; a new one is seeded. It is known by its
    /// account, Region and name: one that was renamed is a new one, and what was pushed under its old name comes back when a
    /// world names it again.
    ///
    /// It takes as long as git needs to make what is new: call it from `spawn_blocking` in async code that must not wait.
    ///
    /// # Errors
    /// A repository cannot be made; then the world is as it was.
    pub fn set_world(&self, world: World) -> Result<(), StorageError> {
        self.pipeline.stage.replace(world)
    }

    /// Every secret that it knows or has known, with those that it has issued to its clients, so that they can be kept out
    /// of reports.
    pub fn secrets(&self) -> Vec<Secret> {
        self.pipeline.secrets()
    }

    /// The environment in which unmodified clients come here instead of to AWS: everything but credentials. If the world has an
    /// instance or a container with a role, then also what AWS sets there.
    pub fn env(&self) -> Vec<(&'static str, String)> {
        let ca = self.ca_path.display().to_string();
        let mut variables = Vec::new();
        // curl, and with it git, prefers the names in lower case.
        for name in ["HTTPS_PROXY", "https_proxy"] {
            variables.push((name, self.url()));
        }
        for name in ["NO_PROXY", "no_proxy"] {
            variables.push((name, String::new()));
        }
        for name in [
            "GIT_SSL_CAINFO",
            "AWS_CA_BUNDLE",
            "SSL_CERT_FILE",
            "CURL_CA_BUNDLE",
            "REQUESTS_CA_BUNDLE",
            "NODE_EXTRA_CA_CERTS",
        ] {
            variables.push((name, ca.clone()));
        }
        // An empty folder. Git with GnuTLS reads the system's authorities beside ours, which takes it 20 ms each time; there
        // is no host here that they vouch for.
        let none = self.data.path().join("home").display().to_string();
        variables.push(("GIT_SSL_CAPATH", none));
        let world = self.pipeline.stage.world();
        variables.push(if world.instance.is_some() {
            let endpoint = format!("{}/", self.url());
            ("AWS_EC2_METADATA_SERVICE_ENDPOINT", endpoint)
        } else {
            // There is no instance metadata here, and a client must not look for it on the network.
            ("AWS_EC2_METADATA_DISABLED", "true".to_owned())
        });
        if let Some(container) = &world.container {
            let uri = format!("{}{CONTAINER_CREDENTIALS}", self.url());
            let token = container.authorization_token.expose().to_owned();
            variables.push(("AWS_CONTAINER_CREDENTIALS_FULL_URI", uri));
            variables.push(("AWS_CONTAINER_AUTHORIZATION_TOKEN", token));
        }
        // What our own helper signs with is the time of the server's clients, as it is now.
        if let Some(time) = self.clock.for_helper() {
            variables.push((CLOCK_VARIABLE, time));
        }
        // A proxy in the user's git configuration would win over the environment.
        variables.extend([
            ("GIT_CONFIG_COUNT", "1".to_owned()),
            ("GIT_CONFIG_KEY_0", "http.proxy".to_owned()),
            ("GIT_CONFIG_VALUE_0", self.url()),
        ]);
        variables
    }
}

impl Drop for MockServer {
    fn drop(&mut self) {
        self.shutdown.take();
        if let Some(thread) = self.thread.take() {
            // A panic over there has been printed already.
            let _ = thread.join();
        }
        self.journal.close();
    }
}
