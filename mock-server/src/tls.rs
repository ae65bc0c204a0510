//! A certificate authority made for this run, and a leaf certificate for each host that is asked for.

use std::collections::HashMap;
use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, GeneralSubtree, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    NameConstraints,
};
use time::{Duration, OffsetDateTime};
use tokio_rustls::rustls;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::crypto::ring::sign::any_ecdsa_type;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::server::{ClientHello, ResolvesServerCert};
use tokio_rustls::rustls::sign::{CertifiedKey, SigningKey};

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

/// The CA: its private key lives in memory only and goes with the server.
pub(crate) struct CertificateAuthority {
    issuer: Issuer<'static, KeyPair>,
    certificate: CertificateDer<'static>,
    pem: String,
    /// One key for all leaf certificates: making one per host would only cost time.
    leaf_key: KeyPair,
    signing_key: Arc<dyn SigningKey>,
    validity: Validity,
    alpn: Vec<Vec<u8>>,
    leaves: Mutex<HashMap<String, Arc<CertifiedKey>>>,
}

#[derive(Clone, Copy)]
struct Validity {
    not_before: OffsetDateTime,
    not_after: OffsetDateTime,
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
    /// Makes a CA that is valid at `now` and at the system's time: clients under test look at either.
    pub(crate) fn new(now: SystemTime, fidelity: &Fidelity) -> Result<Self, TlsError> {
        let (now, system) = (OffsetDateTime::from(now), OffsetDateTime::now_utc());
        let validity = Validity {
            not_before: now.min(system).saturating_sub(Duration::days(1)),
            not_after: now.max(system).saturating_add(Duration::days(30)),
        };
        let mut params = CertificateParams::default();
        params
            .distinguished_name
            .push(DnType::CommonName, "codecommit-lab CA for one run");
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
        let ca_key = KeyPair::generate()?;
        let certificate = params.self_signed(&ca_key)?;
        let leaf_key = KeyPair::generate()?;
        let leaf_der = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(leaf_key.serialize_der()));
        Ok(Self {
            pem: certificate.pem(),
            certificate: certificate.der().clone(),
            issuer: Issuer::new(params, ca_key),
            signing_key: any_ecdsa_type(&leaf_der)?,
            leaf_key,
            validity,
            alpn: match fidelity.http_2 {
                YesOrNo::Yes => vec![b"h2".to_vec(), b"http/1.1".to_vec()],
                YesOrNo::No => vec![b"http/1.1".to_vec()],
            },
            leaves: Mutex::default(),
        })
    }

    /// The CA's certificate, for clients to trust.
    pub(crate) fn pem(&self) -> &str {
        &self.pem
    }

    /// A configuration that answers for the server name a client sends, or for `fallback` if it sends none.
    pub(crate) fn server_config(
        self: &Arc<Self>,
        fallback: &str,
    ) -> Result<rustls::ServerConfig, TlsError> {
        let mut config = rustls::ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(Resolver {
                authority: Arc::clone(self),
                fallback: fallback.to_owned(),
            }));
        config.alpn_protocols.clone_from(&self.alpn);
        Ok(config)
    }

    fn leaf(&self, host: &str) -> Result<Arc<CertifiedKey>, TlsError> {
        let mut leaves = self.leaves.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(leaf) = leaves.get(host) {
            return Ok(Arc::clone(leaf));
        }
        let mut params = CertificateParams::new(vec![host.to_owned()])?;
        // No common name: GnuTLS holds one against the CA's name constraints as if it were a host name.
        params.distinguished_name = DistinguishedName::new();
        params
            .distinguished_name
            .push(DnType::OrganizationName, "codecommit-lab");
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        params.not_before = self.validity.not_before;
        params.not_after = self.validity.not_after;
        let certificate = params.signed_by(&self.leaf_key, &self.issuer)?;
        let leaf = Arc::new(CertifiedKey::new(
            vec![certificate.der().clone(), self.certificate.clone()],
            Arc::clone(&self.signing_key),
        ));
        // A client that asks for endless names must not fill the memory.
        if leaves.len() < 1024 {
            leaves.insert(host.to_owned(), Arc::clone(&leaf));
        }
        Ok(leaf)
    }
}

/// Whether the CA's name constraints let it vouch for `host`.
fn is_covered(host: &str) -> bool {
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
}

impl ResolvesServerCert for Resolver {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let host = hello
            .server_name()
            .map(str::to_ascii_lowercase)
            .filter(|name| is_covered(name))
            .unwrap_or_else(|| self.fallback.clone());
        self.authority.leaf(&host).ok()
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
    fn a_leaf_is_made_once_per_host() {
        let authority = CertificateAuthority::new(SystemTime::now(), &Fidelity::default()).unwrap();
        let first = authority
            .leaf("git-codecommit.us-east-2.amazonaws.com")
            .unwrap();
        let again = authority
            .leaf("git-codecommit.us-east-2.amazonaws.com")
            .unwrap();
        assert!(Arc::ptr_eq(&first, &again));
        assert_eq!(first.cert.len(), 2);
    }
}
