//! A local endpoint that behaves like AWS CodeCommit's Git endpoint and verifies every SigV4 Git password.
//!
//! # Quick start
//!
//! Start a server, give a client its environment, and drop the server: when `start` returns it accepts connections, and when it
//! is dropped its port, its children and its temporary folder are gone. URLs stay as they are at AWS.
//!
//! ```
//! use std::process::Command;
//! use codecommit_mock::MockServer;
//!
//! let server = MockServer::builder().start()?;
//! let url = "https://alice-at-111122223333:pAsswOrdEXAMPLEpAsswOrdEXAMPLEpAsswOrdEXAMPLE%3D@\
//!            git-codecommit.us-east-2.amazonaws.com/v1/repos/MyDemoRepo";
//! let git = |url: &str| Command::new("git").args(["ls-remote", "-q", url]).envs(server.env()).status();
//! assert!(git(url)?.success());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`MockServer::env`] has everything but credentials: proxy, CA, and what keeps SDKs off the network. The demo world has the user
//! `alice` with AWS's example key and one HTTPS Git credential, used above.
//!
//! # Worlds
//!
//! Who exists, what they may do and which repositories there are is a [`World`](world::World): read from a world file, or changed as
//! a value. [`MockServer::set_world`] replaces it while clients are at work.
//!
//! ```
//! # use codecommit_mock::{MockServer, world::World};
//! let server = MockServer::builder().world(World::demo()).start()?;
//! let mut world = World::demo();
//! world.accounts[0].users.clear();
//! server.set_world(world)?;
//! assert!(server.world().accounts[0].users.is_empty());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Time
//!
//! One [`Clock`] serves passwords, sessions, certificates, `Date` headers and the journal. Nobody has to wait for a password to end.
//!
//! ```
//! # use codecommit_mock::{Clock, MockServer};
//! let clock = Clock::system();
//! clock.apply("frozen@2026-01-01T00:00:00Z".parse()?);
//! let server = MockServer::builder().clock(clock).start()?;
//! server.clock().apply("+16m".parse()?);
//! assert_eq!(server.clock().timestamp().to_string(), "2026-01-01T00:16:00Z");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Faults, and the journal
//!
//! [`MockServer::faults`] breaks connections, handshakes and answers; [`MockServer::journal`] tells what the server was asked, what it
//! answered and why. [`Journal::settle`] waits for what a finished client began; nothing has to be polled.
//!
//! ```
//! use std::{process::Command, time::Duration};
//! # use codecommit_mock::MockServer;
//! let server = MockServer::builder().start()?;
//! server.faults().add("status=503,path=/v1/repos/*,times=1".parse()?);
//! let url = "https://git-codecommit.us-east-2.amazonaws.com/v1/repos/MyDemoRepo";
//! let git = Command::new("git").args(["ls-remote", url]).envs(server.env()).output()?;
//! assert!(String::from_utf8(git.stderr)?.contains("The requested URL returned error: 503"));
//!
//! assert!(server.journal().settle(Duration::from_secs(5)));
//! let exchanges = server.journal().exchanges();
//! assert_eq!(exchanges[0].status, Some(503));
//! assert_eq!(exchanges[0].faults, ["status 503"]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # In async tests
//!
//! The server has threads and a runtime of its own, so the same calls work in `#[tokio::test]`, on a runtime of one thread as well.
//! `start`, `set_world` and dropping block for some milliseconds, as starting a process does.
//!
//! ```
//! # use codecommit_mock::MockServer;
//! #[tokio::main(flavor = "current_thread")]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let server = MockServer::builder().start()?;
//!     let mut git = tokio::process::Command::new("git");
//!     git.args(["ls-remote", "https://git-codecommit.us-east-2.amazonaws.com/v1/repos/MyDemoRepo"]);
//!     let said = git.envs(server.env()).env("GIT_TERMINAL_PROMPT", "0").output().await?;
//!     assert!(!said.status.success());
//!     let exchanges = server.journal().exchanges();
//!     assert_eq!(exchanges[0].verdict.as_ref().map(|verdict| verdict.id()), Some("credentials-missing"));
//!     Ok(())
//! }
//! ```
//!
//! Programs in other languages do the same under `/_lab/`: [`MockServer::control`].
//!
//! # What else there is
//!
//! | | serves Git | Git passwords | CodeCommit's API | breaks things | URLs and TLS |
//! | --- | --- | --- | --- | --- | --- |
//! | this crate | over HTTPS, real repositories | verified, SigV4 and HTTPS Git credentials; IAM policies decide | no | TCP, TLS, HTTP, Git | those of AWS, a CA for each run |
//! | [moto] | no | | records of repositories, no content: [three operations][moto-responses] of 79 | no | endpoint to be set |
//! | [fakecloud], [winterbaume] | no | | [79 of 79 operations][fakecloud-count], commits, files and pull requests among them (fakecloud); 25 of 79 (winterbaume) | no | endpoint to be set |
//! | [LocalStack] | yes, clone and push | not documented | 15 of 80 operations in September 2026, with a paid plan | not of Git | endpoint to be set |
//! | [`git http-backend`][backend] | yes, all that git can | left to the web server | no | no | your own |
//! | [Gitea], [Soft Serve] | yes, as forges for daily use | their own accounts and tokens | no | no | your own |
//! | [toxiproxy] | passes on what another serves | | | TCP, for any protocol: latency, bandwidth, cuts, resets | your own |
//! | [WireMock] | no | | whatever is stubbed | HTTP and some of TCP | your own |
//!
//! Where one of them fits better: moto, LocalStack, fakecloud and winterbaume play far more of AWS than one service; a forge keeps data and has a user
//! interface; toxiproxy and WireMock break anything, not CodeCommit alone. CodeCommit's behaviour that is assumed here and not known
//! stands in `docs/fidelity.md`, and each [`Fidelity`] switch changes one such assumption.
//!
//! [moto]: https://docs.getmoto.org/en/latest/docs/services/codecommit.html
//! [moto-responses]: https://github.com/getmoto/moto/blob/master/moto/codecommit/responses.py
//! [fakecloud-count]: https://github.com/faiscadev/fakecloud/pull/2155
//! [fakecloud]: https://docs.rs/fakecloud-codecommit/0.41.0/fakecloud_codecommit/
//! [winterbaume]: https://docs.rs/crate/winterbaume-codecommit/0.1.0
//! [LocalStack]: https://docs.localstack.cloud/aws/services/codecommit/
//! [backend]: https://git-scm.com/docs/git-http-backend
//! [Gitea]: https://docs.gitea.com/
//! [Soft Serve]: https://github.com/charmbracelet/soft-serve
//! [toxiproxy]: https://github.com/Shopify/toxiproxy
//! [WireMock]: https://wiremock.org/docs/simulating-faults/
//!
//! # How it is built
//!
//! A request walks through the modules in this order: the listener (TLS, `CONNECT`), [`fault`], [`route`](self), [`authn`] (who is
//! it? a [`Verdict`](authn::verdict::Verdict)), [`authz`] (may they? a [`Decision`](authz::Decision)), the Git service, and
//! the [`Journal`]. The APIs that give credentials (STS, IAM Identity Center, AWS Sign-In) and the metadata services of
//! instances and containers are served on the same port; what they issue is good for Git passwords. The world and the clock
//! are values handed in.

mod ambiguity;
mod api;
pub mod authn;
pub mod authz;
mod clock;
mod control;
mod data_dir;
pub mod document;
pub mod duration;
pub mod fault;
pub mod fidelity;
mod git;
mod git_program;
mod http_date;
mod injection;
mod journal;
mod limits;
mod listener;
mod metadata;
mod mint;
mod permission;
mod pipeline;
mod printable;
mod redaction;
mod reported;
mod route;
mod scene;
mod server;
mod stable_ids;
mod throttle;
mod tls;
mod whole_body;
pub mod world;

pub use clock::{Clock, ClockMove, ClockReading, NotAClockMove};
pub use control::ControlAccess;
pub use fidelity::{Fidelity, Profile};
pub use git_program::{GitProgram, GitProgramError};
pub use journal::{Exchange, Journal, Watch};
pub use limits::{LimitError, Limits};
pub use reported::{ReportedReason, ReportedRefusal};
pub use server::{MockServer, MockServerBuilder, StartError};
pub use tls::TlsError;
