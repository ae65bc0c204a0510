//! A certificate authority made for this run, and a leaf certificate for each host that is asked for.

mod validity;

use std::collections::HashMap;
use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, GeneralSubtree, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    NameConstraints,
};
use tokio_rustls::rustls;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::crypto::ring::sign::any_ecdsa_type;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::server::{ClientHello, ResolvesServerCert};
use tokio_rustls::rustls::sign::{CertifiedKey, SigningKey};

use self::validity::Validity;
use crate::clock::Clock;
use crate::fidelity::{Fidelity, YesOrNo};

/// What the CA may vouch for: nothing outside the hosts that this laboratory plays, even if its certificate is trusted
/// somewhere by mistake.
const DNS_SUBTREES: &[&str] = &[
    "amazonaws.com",
    "amazonaws.com.cn",
    "signin.aws.amazon.com",
    "localhost",
];
const IP_SUBTREES: &[CidrSubnet] = &[
    CidrSubnet::V4([127, 0, 0, 0], [255, 0, 0, 0]),
    CidrSubnet::V6([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], [0xff; 16]),
];

/// A host that a certificate is made for when the client names none.
pub(crate) const FALLBACK_HOST: &str = "127.0.0.1";

/// Whom a certificate for the wrong host names: nobody asks for this one.
const ANOTHER_HOST: &str = "another-host.amazonaws.com";

/// The CA: its private key lives in memory only and goes with the server.
pub(crate) struct CertificateAuthority {
    trusted: Ca,
    /// A second CA that nobody trusts, made when a fault first asks for it.
    unknown: OnceLock<Ca>,
    clock: Clock,
    /// One key for all leaf certificates: making one per host would only cost time.
    leaf_key: KeyPair,
    signing_key: Arc<dyn SigningKey>,
    alpn: Vec<Vec<u8>>,
    leaves: Mutex<HashMap<String, (Validity, Arc<CertifiedKey>)>>,
}

struct Ca {
    issuer: Issuer<'static, KeyPair>,
    certificate: CertificateDer<'static>,
    pem: String,
}

/// What is wrong with a certificate on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flaw {
    /// It is another host's.
    WrongHost,
    /// It ended a day ago.
    Expired,
    /// It begins in a day.
    NotYetValid,
    /// A CA has signed it that nobody trusts.
    UnknownCa,
}

/// A certificate or TLS configuration cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The certificate.
    #[error("make a certificate: {0}")]
    Certificate(#[from] rcgen::Error),
    /// The configuration.
    #[error("configure TLS: {0}")]
    Configuration(#[from] rustls::Error),
}

impl CertificateAuthority {
    /// Makes a CA. Its leaf certificates follow `clock`.
    pub(crate) fn new(clock: Clock, fidelity: &Fidelity) -> Result<Self, TlsError> {
        let leaf_key = KeyPair::generate()?;
        let leaf_der = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(leaf_key.serialize_der()));
        Ok(Self {
            trusted: Ca::new("codecommit-lab CA for one run")?,
            unknown: OnceLock::new(),
            clock,
            signing_key: any_ecdsa_type(&leaf_der)?,
            leaf_key,
            alpn: match fidelity.http_2 {
                YesOrNo::Yes => vec![b"h2".to_vec(), b"http/1.1".to_vec()],
                YesOrNo::No => vec![b"http/1.1".to_vec()],
            },
            leaves: Mutex::default(),
        })
    }

    /// The CA's certificate, for clients to trust.
    pub(crate) fn pem(&self) -> &str {
        &self.trusted.pem
    }

    /// A configuration that answers for the server name a client sends, or for `fallback` if it sends none.
    pub(crate) fn server_config(
        self: &Arc<Self>,
        fallback: &str,
        flaw: Option<Flaw>,
    ) -> Result<rustls::ServerConfig, TlsError> {
        let mut config = rustls::ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(Resolver {
                authority: Arc::clone(self),
                fallback: fallback.to_owned(),
                flaw,
            }));
        config.alpn_protocols.clone_from(&self.alpn);
        Ok(config)
    }

    fn leaf(&self, host: &str) -> Result<Arc<CertifiedKey>, TlsError> {
        let mut leaves = self.leaves.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Validity::now(&self.clock);
        if let Some((validity, leaf)) = leaves.get(host)
            && validity.covers(&now)
        {
            return Ok(Arc::clone(leaf));
        }
        let validity = now.with_margin();
        let leaf = self.sign(host, validity, &self.trusted)?;
        // A client that asks for endless names must not fill the memory.
        if leaves.len() < 1024 || leaves.contains_key(host) {
            leaves.insert(host.to_owned(), (validity, Arc::clone(&leaf)));
        }
        Ok(leaf)
    }

    fn flawed_leaf(&self, host: &str, flaw: Flaw) -> Result<Arc<CertifiedKey>, TlsError> {
        let now = Validity::now(&self.clock);
        match flaw {
            Flaw::WrongHost => self.sign(ANOTHER_HOST, now.with_margin(), &self.trusted),
            Flaw::Expired => self.sign(host, now.ended(), &self.trusted),
            Flaw::NotYetValid => self.sign(host, now.not_begun(), &self.trusted),
            Flaw::UnknownCa => {
                let ca = match self.unknown.get() {
                    Some(ca) => ca,
                    None => {
                        let ca = Ca::new("codecommit-lab CA that nobody trusts")?;
                        self.unknown.get_or_init(|| ca)
                    }
                };
                self.sign(host, now.with_margin(), ca)
            }
        }
    }

    fn sign(&self, host: &str, validity: Validity, ca: &Ca) -> Result<Arc<CertifiedKey>, TlsError> {
        let mut params = CertificateParams::new(vec![host.to_owned()])?;
        // No common name: GnuTLS holds one against the CA's name constraints as if it were a host name.
        params.distinguished_name = DistinguishedName::new();
        params
            .distinguished_name
            .push(DnType::OrganizationName, "codecommit-lab");
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        params.not_before = validity.not_before;
        params.not_after = validity.not_after;
        let certificate = params.signed_by(&self.leaf_key, &ca.issuer)?;
        Ok(Arc::new(CertifiedKey::new(
            vec![certificate.der().clone(), ca.certificate.clone()],
            Arc::clone(&self.signing_key),
        )))
    }
}

impl Ca {
    fn new(name: &str) -> Result<Self, TlsError> {
        let validity = Validity::of_a_ca();
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.not_before = validity.not_before;
        params.not_after = validity.not_after;
        let names = DNS_SUBTREES
            .iter()
            .map(|name| GeneralSubtree::DnsName((*name).to_owned()));
        let addresses = IP_SUBTREES.iter().copied().map(GeneralSubtree::IpAddress);
        params.name_constraints = Some(NameConstraints {
            permitted_subtrees: names.chain(addresses).collect(),
            excluded_subtrees: Vec::new(),
        });
        let key = KeyPair::generate()?;
        let certificate = params.self_signed(&key)?;
        Ok(Self {
            pem: certificate.pem(),
            certificate: certificate.der().clone(),
            issuer: Issuer::new(params, key),
        })
    }
}

/// Whether the CA's name constraints let it vouch for `host`.
pub(crate) fn is_covered(host: &str) -> bool {
    match host.parse::<IpAddr>() {
        Ok(address) => address.is_loopback(),
        Err(_) => DNS_SUBTREES.iter().any(|suffix| {
            host.strip_suffix(suffix)
                .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        }),
    }
}

impl fmt::Debug for CertificateAuthority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CertificateAuthority")
            .finish_non_exhaustive()
    }
}

#[derive(Debug)]
struct Resolver {
    authority: Arc<CertificateAuthority>,
    fallback: String,
    flaw: Option<Flaw>,
}

impl ResolvesServerCert for Resolver {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let host = hello
            .server_name()
            .map(str::to_ascii_lowercase)
            .filter(|name| is_covered(name))
            .unwrap_or_else(|| self.fallback.clone());
        match self.flaw {
            Some(flaw) => self.authority.flawed_leaf(&host, flaw).ok(),
            None => self.authority.leaf(&host).ok(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ca_vouches_for_the_hosts_it_plays_only() {
        for host in [
            "git-codecommit.us-east-2.amazonaws.com",
            "sts.amazonaws.com.cn",
            "us-east-2.signin.aws.amazon.com",
            "localhost",
            "127.0.0.1",
            "::1",
        ] {
            assert!(is_covered(host), "{host}");
        }
        for host in [
            "example.com",
            "console.aws.amazon.com",
            "evilamazonaws.com",
            "amazonaws.com.evil.example",
            "10.0.0.1",
        ] {
            assert!(!is_covered(host), "{host}");
        }
    }

    #[test]
    fn a_leaf_is_made_once_per_host_until_the_clock_leaves_it() {
        let clock = Clock::system();
        let authority = CertificateAuthority::new(clock.clone(), &Fidelity::default()).unwrap();
        let leaf = || authority.leaf("git-codecommit.us-east-2.amazonaws.com");
        let first = leaf().unwrap();
        assert!(Arc::ptr_eq(&first, &leaf().unwrap()));
        assert_eq!(first.cert.len(), 2);
        clock.advance(time::Duration::days(60));
        let later = leaf().unwrap();
        assert!(!Arc::ptr_eq(&first, &later));
        clock.advance(time::Duration::days(-60));
        // It covers where the clock was and where it is.
        assert!(Arc::ptr_eq(&later, &leaf().unwrap()));
    }
}
