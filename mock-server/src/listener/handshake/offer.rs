//! What a client offers for TLS, as far as it has been heard.

use tokio_rustls::rustls::server::ClientHello;
use tokio_rustls::rustls::{CipherSuite, NamedGroup, PeerIncompatible as Missing};

/// What a client offers: its first message, or as much of it as could be read.
#[derive(Debug, Default)]
pub(in crate::listener) struct Offer {
    /// The version in the message itself: up to TLS 1.2 the highest one that the client has.
    version: Option<u16>,
    ciphers: Vec<String>,
    groups: Vec<String>,
}

/// So many names are told; clients offer up to a hundred.
const TOLD: usize = 8;

impl Offer {
    /// From the first bytes of a connection: a record (five bytes), a message (four), and the version.
    pub(in crate::listener) fn of_beginning(beginning: &[u8]) -> Self {
        let version = beginning.get(9..11);
        let version = version.and_then(|bytes| Some(u16::from_be_bytes(bytes.try_into().ok()?)));
        Self {
            version,
            ..Self::default()
        }
    }

    /// Adds what can be told of a message that was understood.
    pub(in crate::listener) fn complete(&mut self, hello: &ClientHello<'_>) {
        let ciphers = hello.cipher_suites().iter();
        self.ciphers = ciphers
            // A signal that stands among the ciphers and is none.
            .filter(|cipher| **cipher != CipherSuite::TLS_EMPTY_RENEGOTIATION_INFO_SCSV)
            .map(|cipher| named(format!("{cipher:?}"), u16::from(*cipher)))
            .collect();
        let groups = hello.named_groups().unwrap_or_default().iter();
        self.groups = groups
            .map(|group: &NamedGroup| named(format!("{group:?}"), u16::from(*group)))
            .collect();
    }

    /// Why a handshake cannot be, in the words of TLS.
    pub(super) fn what_is_missing(&self, missing: &Missing) -> String {
        match missing {
            Missing::Tls12NotOffered
            | Missing::Tls12NotOfferedOrEnabled
            | Missing::ServerDoesNotSupportTls12Or13
            | Missing::SupportedVersionsExtensionRequired
            | Missing::SignatureAlgorithmsExtensionRequired => match self.version {
                Some(0x0300) => "it offers SSL 3.0 at most".to_owned(),
                Some(0x0301) => "it offers TLS 1.0 at most".to_owned(),
                Some(0x0302) => "it offers TLS 1.1 at most".to_owned(),
                _ if *missing == Missing::SignatureAlgorithmsExtensionRequired => {
                    "it names no signature algorithms, without which there is no TLS 1.2 or 1.3"
                        .to_owned()
                }
                _ => "it offers neither TLS 1.2 nor 1.3".to_owned(),
            },
            Missing::NoCipherSuitesInCommon
            | Missing::NoKxGroupsInCommon
            | Missing::NamedGroupsExtensionRequired
            | Missing::KeyShareExtensionRequired
            | Missing::NoEcPointFormatsInCommon => format!(
                "its ciphers are {}, and its groups for the key exchange {}",
                listed(&self.ciphers),
                listed(&self.groups)
            ),
            Missing::NoSignatureSchemesInCommon => {
                "it takes no ECDSA signature, and the server's certificate has such a key"
                    .to_owned()
            }
            Missing::ExtendedMasterSecretExtensionRequired => {
                "it has no extended master secret (RFC 7627)".to_owned()
            }
            Missing::NullCompressionRequired => {
                "it does not offer to go without compression".to_owned()
            }
            // What a server does not come across.
            other => format!("{other:?}"),
        }
    }
}

/// Its name, or the number that IANA has given it where rustls knows no name.
fn named(name: String, number: u16) -> String {
    match name.contains('(') {
        true => format!("{number:#06x}"),
        false => name,
    }
}

fn listed(names: &[String]) -> String {
    let told = names.iter().take(TOLD).map(String::as_str);
    let told = told.collect::<Vec<_>>().join(", ");
    match names.len() {
        0 => "none".to_owned(),
        count if count > TOLD => format!("{told} and {} more", count - TOLD),
        _ => told,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_client_is_told_by_the_version_that_it_has() {
        let beginning = b"\x16\x03\x01\x00\x80\x01\x00\x00\x7c\x03\x02";
        let told = |bytes, missing| Offer::of_beginning(bytes).what_is_missing(&missing);
        let missing = Missing::SignatureAlgorithmsExtensionRequired;
        assert_eq!(
            told(beginning, missing.clone()),
            "it offers TLS 1.1 at most"
        );
        assert!(told(&beginning[..5], missing).starts_with("it names no signature"));
        assert_eq!(
            told(b"", Missing::Tls12NotOffered),
            "it offers neither TLS 1.2 nor 1.3"
        );
    }

    #[test]
    fn a_long_offer_is_told_by_its_beginning() {
        let offer = Offer {
            ciphers: (1..=10).map(|count| format!("C{count}")).collect(),
            ..Offer::default()
        };
        assert_eq!(
            offer.what_is_missing(&Missing::NoCipherSuitesInCommon),
            "its ciphers are C1, C2, C3, C4, C5, C6, C7, C8 and 2 more, and its groups for the key exchange none"
        );
    }
}
