//! What a server is set up with, and how it is started.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::{fs, thread};

use tokio::sync::oneshot;

use super::{MockServer, StartError};
use crate::api::Logins;
use crate::clock::Clock;
use crate::control::{Control, Start};
use crate::data_dir::DataDir;
use crate::fault::{FaultPlan, Faults};
use crate::fidelity::Fidelity;
use crate::git::{Children, GitService};
use crate::git_program::GitProgram;
use crate::journal::Journal;
use crate::limits::Limits;
use crate::listener;
use crate::metadata::MetadataService;
use crate::mint::Mint;
use crate::pipeline::Pipeline;
use crate::scene::Stage;
use crate::throttle::Throttle;
use crate::tls::CertificateAuthority;
use crate::world::{Storage, World};

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

        self.limits.check()?;
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
                silence: self.limits.silence,
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
