//! The server as a type: start it, use it, drop it.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::{fs, io, thread};

use codecommit_helper::clock::CLOCK_VARIABLE;
use codecommit_helper::secret::Secret;
use tokio::sync::oneshot;

use crate::api::Logins;
use crate::clock::Clock;
use crate::control::{Control, ControlAccess, PREFIX, Start};
use crate::data_dir::DataDir;
use crate::fault::{FaultPlan, Faults};
use crate::fidelity::Fidelity;
use crate::git::{Children, GitService};
use crate::git_program::{GitProgram, GitProgramError};
use crate::journal::Journal;
use crate::limits::Limits;
use crate::listener;
use crate::metadata::MetadataService;
use crate::mint::Mint;
use crate::pipeline::Pipeline;
use crate::route::CONTAINER_CREDENTIALS;
use crate::scene::Stage;
use crate::throttle::Throttle;
use crate::tls::{CertificateAuthority, TlsError};
use crate::world::{Storage, StorageError, World};

/// A running endpoint. It serves from a thread of its own until it is dropped; then its port, its children and (unless one
/// was named) its data folder are gone.
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

/// What a server is started with.
#[derive(Debug, Default)]
pub struct MockServerBuilder {
    world: Option<World>,
    clock: Clock,
    fidelity: Fidelity,
    faults: FaultPlan,
    port: u16,
    data_dir: Option<PathBuf>,
    git: Option<PathBuf>,
    loopback_region: Option<String>,
    limits: Limits,
}

/// The server cannot be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The port is taken, or may not be used.
    #[error("listen on 127.0.0.1:{port}: {cause}")]
    Listen {
        /// The port that was asked for.
        port: u16,
        /// What the system said.
        #[source]
        cause: io::Error,
    },
    /// The data folder or a file in it.
    #[error("write {}: {cause}", path.display())]
    Write {
        /// Which.
        path: PathBuf,
        /// What the system said.
        #[source]
        cause: io::Error,
    },
    /// Another server works in the data folder.
    #[error("use the data folder {}: {} works in it", path.display(), named(*process))]
    InUse {
        /// The folder.
        path: PathBuf,
        /// The number of that server's process, where it can be told.
        process: Option<u32>,
    },
    /// The threads that serve.
    #[error("start a thread: {0}")]
    Thread(#[source] io::Error),
    /// The system has no randomness to make credentials of.
    #[error("gather randomness")]
    Randomness,
    /// The git program.
    #[error(transparent)]
    Git(#[from] GitProgramError),
    /// The repositories.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The certificates.
    #[error(transparent)]
    Tls(#[from] TlsError),
}

impl StartError {
    pub(crate) fn write(path: &Path, cause: io::Error) -> Self {
        Self::Write {
            path: path.to_owned(),
            cause,
        }
    }

    /// What to do about it, where that is known.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Listen { cause, .. } if cause.kind() == io::ErrorKind::AddrInUse => Some(
                "another program has this port: end it, choose another port, or 0 for any free one",
            ),
            Self::Listen { cause, .. } if cause.kind() == io::ErrorKind::PermissionDenied => {
                Some("ports below 1024 need privileges: choose another, or 0 for any free one")
            }
            Self::Write { cause, .. }
                if matches!(
                    cause.kind(),
                    io::ErrorKind::NotFound
                        | io::ErrorKind::PermissionDenied
                        | io::ErrorKind::ReadOnlyFilesystem
                ) =>
            {
                Some(
                    "name a data folder, or set TMPDIR to one, that exists and that you may write to",
                )
            }
            Self::InUse { .. } => {
                Some("stop that server, or give this one a data folder of its own")
            }
            Self::Git(GitProgramError::Missing) => Some("install git, or put it on PATH"),
            _ => None,
        }
    }
}

impl MockServerBuilder {
    /// Who and what exists; the demo world if not said.
    #[must_use]
    pub fn world(mut self, world: World) -> Self {
        self.world = Some(world);
        self
    }

    /// The time it lives in; the system's if not said.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// How much of the real service's behaviour it shows.
    #[must_use]
    pub fn fidelity(mut self, fidelity: impl Into<Fidelity>) -> Self {
        self.fidelity = fidelity.into();
        self
    }

    /// What is broken from the start; nothing if not said.
    #[must_use]
    pub fn faults(mut self, plan: impl Into<FaultPlan>) -> Self {
        self.faults = plan.into();
        self
    }

    /// The port on 127.0.0.1; 0, the default, for any free one.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Where repositories and the CA certificate go. Kept when the server ends, and its repositories are used again. If
    /// not said, a temporary folder that goes with the server. Two servers cannot work in one folder at the same time.
    #[must_use]
    pub fn data_dir(mut self, path: impl Into<PathBuf>) -> Self {
        self.data_dir = Some(path.into());
        self
    }

    /// The git program that serves; the first on PATH if not said.
    #[must_use]
    pub fn git(mut self, path: impl Into<PathBuf>) -> Self {
        self.git = Some(path.into());
        self
    }

    /// The Region of requests that go straight to `https://127.0.0.1:PORT`, where no host name tells it; that of the
    /// world's first repository if not said.
    #[must_use]
    pub fn loopback_region(mut self, region: impl Into<String>) -> Self {
        self.loopback_region = Some(region.into());
        self
    }

    /// How much clients may ask, and how long they may take.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Starts the server. When this returns it accepts connections.
    ///
    /// # Errors
    /// What is missing or in the way: see [`StartError`].
    pub fn start(self) -> Result<MockServer, StartError> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, self.port));
        let listen_error = |cause| StartError::Listen {
            port: self.port,
            cause,
        };
        let listener = TcpListener::bind(address).map_err(listen_error)?;
        listener.set_nonblocking(true).map_err(listen_error)?;
        let port = listener.local_addr().map_err(listen_error)?.port();

        let data = DataDir::open(self.data_dir)?;
        let home = data.path().join("home");
        fs::create_dir_all(&home).map_err(|cause| StartError::write(&home, cause))?;
        let git_path = match self.git {
            Some(path) => path,
            None => GitProgram::find()?,
        };
        let program = GitProgram::new(git_path, home);
        program.version()?;
        let world = self.world.unwrap_or_else(World::demo);
        let start = Start {
            world: world.clone(),
            clock: self.clock.apart(),
            faults: self.faults.clone(),
        };
        let storage = Storage::new(data.path());
        storage.remove_quarantines();
        let stage = Stage::new(
            world,
            self.clock.clone(),
            storage,
            program.clone(),
            self.loopback_region,
        )?;

        let authority = Arc::new(CertificateAuthority::new(
            self.clock.clone(),
            &self.fidelity,
        )?);
        let ca_path = data.path().join("ca.pem");
        fs::write(&ca_path, authority.pem()).map_err(|cause| StartError::write(&ca_path, cause))?;
        // Made once now, so that a fault in the TLS set-up is an error here and not on every connection.
        authority.server_config(crate::tls::FALLBACK_HOST, None)?;

        let children = Children::at_most(self.limits.children);
        let journal = Journal::keeping(self.limits.exchanges);
        let mint = Mint::new().map_err(|_| StartError::Randomness)?;
        let token = mint.token();
        let faults = Faults::from(self.faults);
        let pipeline = Arc::new(Pipeline {
            stage: Arc::new(stage),
            ca_path: ca_path.clone(),
            journal: journal.clone(),
            git: GitService::new(
                program,
                data.path(),
                self.fidelity,
                children.clone(),
                self.limits,
            ),
            fidelity: self.fidelity,
            throttle: Throttle::default(),
            mint,
            logins: Logins::default(),
            metadata: MetadataService::default(),
            limits: self.limits,
            control: Control {
                token,
                port,
                faults: faults.clone(),
                journal: journal.clone(),
                clock: self.clock.clone(),
                start,
            },
            faults,
        });
        let limits = self.limits;
        let (shutdown, stopped) = oneshot::channel();
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("codecommit-mock")
            .enable_all()
            .build()
            .map_err(StartError::Thread)?;
        let listener = {
            let _guard = runtime.enter();
            tokio::net::TcpListener::from_std(listener).map_err(listen_error)?
        };
        let responder = Arc::clone(&pipeline);
        let thread = thread::Builder::new()
            .name("codecommit-mock".to_owned())
            .spawn(move || {
                runtime.block_on(async move {
                    listener::serve(listener, authority, responder, limits, stopped).await;
                    children.ended().await;
                });
            })
            .map_err(StartError::Thread)?;
        Ok(MockServer {
            port,
            ca_path,
            journal,
            clock: self.clock,
            pipeline,
            shutdown: Some(shutdown),
            thread: Some(thread),
            data,
        })
    }
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

fn named(process: Option<u32>) -> String {
    process.map_or_else(
        || "another server".to_owned(),
        |process| format!("another server, process {process},"),
    )
}
