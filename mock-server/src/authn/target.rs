//! What a Git password should have been made for, and whether it was.

use codecommit_helper::endpoint::without_port;
use codecommit_helper::password::{GitPassword, SERVICE, Signable};
use codecommit_helper::timestamp::Timestamp;
use subtle::ConstantTimeEq as _;

use crate::fidelity::{Fidelity, SignedPort};

/// What the password should have been made for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The host from the request, with its port if it named one.
    pub authority: String,
    /// The repository's path, `/v1/repos/NAME`: what is signed, not the path of the request.
    pub repository_path: String,
    /// The Region of the host.
    pub region: String,
    /// When the request came, by the server's clock.
    pub now: Timestamp,
    /// How long a password is good, and the like.
    pub fidelity: Fidelity,
}

impl Target {
    /// The hosts that may have been signed. The AWS CLI drops a port and git-remote-codecommit keeps it (both read in
    /// their sources), so where the request names a port both are right, unless a switch says otherwise.
    fn signable_hosts(&self) -> impl Iterator<Item = &str> {
        let bare = without_port(&self.authority);
        let has_port = bare != self.authority;
        let with_port = (has_port && self.fidelity.signed_port == SignedPort::Allowed)
            .then_some(&*self.authority);
        std::iter::once(bare).chain(with_port)
    }

    pub(super) fn signable<'a>(&'a self, host: &'a str, at: Timestamp) -> Signable<'a> {
        Signable {
            host,
            path: &self.repository_path,
            region: &self.region,
            service: SERVICE,
            at,
        }
    }

    /// Whether `secret` made the password for this target, with any of the hosts that are right.
    pub(super) fn is_signed(&self, secret: &str, password: &GitPassword) -> bool {
        // Every host is tried, so that the time taken does not tell which one matched.
        self.signable_hosts().fold(false, |matched, host| {
            matched | is_signature_of(&self.signable(host, password.signed_at()), secret, password)
        })
    }
}

/// Whether `password` carries the signature that `secret` makes; compared in constant time.
pub(super) fn is_signature_of(
    signable: &Signable<'_>,
    secret: &str,
    password: &GitPassword,
) -> bool {
    let expected = signable.sign(secret);
    expected
        .signature()
        .as_bytes()
        .ct_eq(password.signature().as_bytes())
        .into()
}
