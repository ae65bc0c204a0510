//! New credentials and tokens, from randomness that was gathered when the server started.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use codecommit_helper::secret::Secret;
use codecommit_helper::timestamp::Timestamp;
use sha2::{Digest as _, Sha256};
use tokio_rustls::rustls::crypto::GetRandomFailed;
use tokio_rustls::rustls::crypto::ring::default_provider;

use crate::world::policy::PolicyDocument;
use crate::world::{AccountId, Session, SessionHolder, World};

/// Makes what nobody can guess. Never fails and never repeats itself: everything is a hash of one seed and a counter.
pub(crate) struct Mint {
    seed: [u8; 32],
    made: AtomicU64,
}

/// Whose a new session is, and until when.
#[derive(Clone, Debug)]
pub(crate) struct Terms {
    pub(crate) account: AccountId,
    pub(crate) holder: SessionHolder,
    pub(crate) mfa_authenticated: bool,
    /// What the caller narrowed the session to.
    pub(crate) policy: Option<PolicyDocument>,
    pub(crate) expires: Timestamp,
}

/// The characters of access key ids.
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// How session tokens begin at AWS since 2019: base64 of a field named `origin_ec`.
const TOKEN_START: &str = "IQoJb3JpZ2luX2Vj";

impl Mint {
    /// With the system's randomness.
    ///
    /// # Errors
    /// The system has none.
    pub(crate) fn new() -> Result<Self, GetRandomFailed> {
        let mut seed = [0; 32];
        default_provider().secure_random.fill(&mut seed)?;
        Ok(Self {
            seed,
            made: AtomicU64::new(0),
        })
    }

    /// Makes temporary credentials, and makes them known to the world.
    pub(crate) fn issue(&self, world: &World, terms: Terms) -> Session {
        let session = Session {
            id: format!("ASIA{}", self.base32(16)),
            secret: Secret::new(STANDARD.encode(self.bytes(30))),
            // As long as those of real roles, because lengths break credential stores.
            token: Secret::new(format!("{TOKEN_START}{}", STANDARD.encode(self.bytes(480)))),
            expires: Some(terms.expires),
            holder: terms.holder,
            mfa_authenticated: terms.mfa_authenticated,
            policy: terms.policy,
        };
        world.issue(terms.account, session.clone());
        session
    }

    /// A token without a meaning.
    pub(crate) fn token(&self) -> Secret {
        Secret::new(STANDARD.encode(self.bytes(42)))
    }

    /// `0f8fad5b-d9cb-469f-a165-70867728950e`, as requests are numbered.
    pub(crate) fn uuid(&self) -> String {
        let mut bytes = self.bytes(16);
        bytes[6] = bytes[6] & 0x0f | 0x40;
        bytes[8] = bytes[8] & 0x3f | 0x80;
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let (a, b, c, d, e) = (
            &hex[..8],
            &hex[8..12],
            &hex[12..16],
            &hex[16..20],
            &hex[20..],
        );
        format!("{a}-{b}-{c}-{d}-{e}")
    }

    fn base32(&self, length: usize) -> String {
        base32(&self.bytes(length))
    }

    fn bytes(&self, count: usize) -> Vec<u8> {
        let number = self.made.fetch_add(1, Ordering::Relaxed);
        let mut bytes = Vec::with_capacity(count + 32);
        for block in 0u64.. {
            if bytes.len() >= count {
                break;
            }
            let hash = Sha256::new()
                .chain_update(self.seed)
                .chain_update(number.to_be_bytes())
                .chain_update(block.to_be_bytes());
            bytes.extend(hash.finalize());
        }
        bytes.truncate(count);
        bytes
    }
}

/// The unique id of a user (`AIDA`) or role (`AROA`): 21 characters, always the same for the same ARN.
pub(crate) fn unique_id(prefix: &str, arn: &str) -> String {
    let hash = Sha256::digest(arn);
    format!("{prefix}{}", base32(&hash[..17]))
}

fn base32(bytes: &[u8]) -> String {
    bytes
        .iter()
        .map(|byte| char::from(BASE32[usize::from(byte % 32)]))
        .collect()
}

impl fmt::Debug for Mint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mint").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_have_the_form_of_sts_and_are_known_to_the_world() {
        let world = World::demo();
        let mint = Mint::new().unwrap();
        let terms = Terms {
            account: world.accounts[0].id.clone(),
            holder: SessionHolder::User("alice".to_owned()),
            mfa_authenticated: true,
            policy: None,
            expires: Timestamp::parse_compact("20250115T083000").unwrap(),
        };
        let first = mint.issue(&world, terms.clone());
        let second = mint.issue(&world, terms);
        assert_eq!(first.id.len(), 20);
        assert!(first.id.starts_with("ASIA"));
        assert_eq!(first.secret.expose().len(), 40);
        assert!(!first.token.expose().contains('%'));
        assert_ne!(first.secret, second.secret);
        assert!(world.key(&first.id).is_some());
        assert!(!format!("{mint:?}{first:?}").contains(first.secret.expose()));
    }

    #[test]
    fn request_ids_are_uuids() {
        let uuid = Mint::new().unwrap().uuid();
        assert_eq!(uuid.len(), 36);
        assert_eq!(&uuid[14..15], "4");
    }

    #[test]
    fn unique_ids_stay_the_same() {
        let arn = "arn:aws:iam::111122223333:user/alice";
        assert_eq!(unique_id("AIDA", arn), unique_id("AIDA", arn));
        assert_eq!(unique_id("AIDA", arn).len(), 21);
    }
}
