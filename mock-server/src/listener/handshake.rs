//! TLS connections on which no request comes: what the client did, and what to do about it.

mod offer;

use std::io;
use std::path::Path;
use std::time::Duration;

use tokio_rustls::rustls::{self, AlertDescription as Alert};

pub(super) use self::offer::Offer;
use crate::authn::verdict::{Reason, Refusal};
use crate::tls::is_covered;

/// How a client got out of TLS before it asked for anything.
#[derive(Debug)]
pub(crate) struct HandshakeFailure {
    /// The host that it has asked for: by its name in the handshake, or else by `CONNECT`.
    pub(crate) host: String,
    how: How,
}

#[derive(Debug)]
enum How {
    /// It said why, with an alert of TLS.
    Alert(Alert),
    /// It went away in the middle of the handshake.
    Cut,
    /// It went away when the handshake was done.
    Left,
    /// It offers nothing that the server has.
    NothingInCommon(String),
    /// What it says after the first byte of TLS is not TLS.
    NotTls(String),
    /// It does not even begin with TLS.
    OtherWords(&'static str),
    /// It took longer than it may.
    Slow(Duration),
    /// It has asked for nothing when the handshake was done.
    Silent(Duration),
}

impl HandshakeFailure {
    /// From an error of the handshake with a client that has offered this.
    pub(super) fn of_handshake(host: &str, error: &io::Error, offer: &Offer) -> Self {
        Self::new(host, error, offer, How::Cut)
    }

    /// The client says something else where TLS is to begin.
    pub(super) fn other_words(host: &str, beginning: &[u8]) -> Self {
        let host = host.to_owned();
        let how = How::OtherWords(match beginning {
            [b'S', b'S', ..] => "SSH",
            [b'A'..=b'Z', ..] => "HTTP without TLS",
            _ => "something that is not TLS",
        });
        Self { host, how }
    }

    /// From an error of the first reading after it: with TLS 1.3 a client may say only then what it holds of the handshake.
    pub(super) fn of_first_words(host: &str, error: &io::Error) -> Self {
        Self::new(host, error, &Offer::default(), How::Left)
    }

    /// The client left when the handshake was done.
    pub(super) fn left(host: &str) -> Self {
        let host = host.to_owned();
        let how = How::Left;
        Self { host, how }
    }

    /// The handshake was not done within `time`.
    pub(super) fn slow(host: &str, time: Duration) -> Self {
        let host = host.to_owned();
        let how = How::Slow(time);
        Self { host, how }
    }

    /// The handshake was done, and no request began within `time`.
    pub(super) fn silent(host: &str, time: Duration) -> Self {
        let host = host.to_owned();
        let how = How::Silent(time);
        Self { host, how }
    }

    fn new(host: &str, error: &io::Error, offer: &Offer, otherwise: How) -> Self {
        let inner = error.get_ref();
        let how = match inner.and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
            Some(rustls::Error::AlertReceived(alert)) => How::Alert(*alert),
            Some(rustls::Error::PeerIncompatible(what)) => {
                How::NothingInCommon(offer.what_is_missing(what))
            }
            Some(error) => How::NotTls(error.to_string()),
            None => otherwise,
        };
        let host = host.to_owned();
        Self { host, how }
    }

    /// For the journal. The authority's certificate is in `ca_file`.
    pub(crate) fn refusal(&self, ca_file: &Path) -> Refusal {
        let host = &self.host;
        let trust = || {
            if !is_covered(host) {
                return format!(
                    "the laboratory has certificates for CodeCommit's hosts and loopback alone: `{host}` is none of them"
                );
            }
            format!(
                "trust the authority of this run, {}: GIT_SSL_CAINFO or http.sslCAInfo for git, CURL_CA_BUNDLE for curl; \
                 `codecommit-lab env` prints these settings",
                ca_file.display()
            )
        };
        let refusal = |detail: String| Refusal::new(Reason::TlsFailed, detail);
        match &self.how {
            How::Alert(alert) => {
                let name = in_rfc_words(*alert);
                let (meaning, help) = match alert {
                    Alert::UnknownCA => (
                        "it does not know the authority that has signed the certificate",
                        Some(trust()),
                    ),
                    Alert::BadCertificate
                    | Alert::CertificateUnknown
                    | Alert::UnsupportedCertificate
                    | Alert::CertificateRevoked
                    | Alert::AccessDenied
                    | Alert::UnrecognisedName => {
                        ("it does not accept the certificate", Some(trust()))
                    }
                    Alert::CertificateExpired => (
                        "by its clock the certificate is not valid",
                        Some("certificates follow the server's clock, and the client's is another: docs/clock.md".to_owned()),
                    ),
                    Alert::ProtocolVersion
                    | Alert::HandshakeFailure
                    | Alert::InsufficientSecurity
                    | Alert::NoApplicationProtocol => {
                        ("nothing that the server has is good for it", Some(VERSIONS.to_owned()))
                    }
                    _ => ("it says no more", None),
                };
                let refusal = refusal(format!(
                    "the client ended TLS with the alert {name}: {meaning}"
                ));
                match help {
                    Some(help) => refusal.with_help(help),
                    None => refusal,
                }
            }
            How::Cut => refusal(
                "the client went away in the middle of the handshake, and did not say why".to_owned(),
            )
            .with_help(trust()),
            How::Left => refusal(
                "the client went away after the handshake and before any request, as those do that do not accept the certificate"
                    .to_owned(),
            )
            .with_help(trust()),
            How::NothingInCommon(what) => refusal(format!(
                "the client offers nothing of TLS that the server has: {what}"
            ))
            .with_help(VERSIONS),
            How::OtherWords(what) => refusal(format!("the client speaks {what} in the tunnel of its `CONNECT`"))
                .with_help("the endpoint speaks TLS there, as CodeCommit does: let the client use an https:// URL"),
            How::NotTls(what) => refusal(format!(
                "the client began with the first byte of TLS, but this is not TLS: {what}"
            )),
            How::Slow(time) => Refusal::new(
                Reason::ClientTooSlow,
                format!("the handshake did not come to an end in {time:?}"),
            ),
            How::Silent(time) => Refusal::new(
                Reason::ClientTooSlow,
                format!("the client asked for nothing in the {time:?} after the handshake"),
            ),
        }
    }
}

const VERSIONS: &str = "the server has TLS 1.3, and TLS 1.2 with TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, \
     TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384 and TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, over X25519, P-256 and P-384: \
     let the client offer one of them";

/// The name that RFC 8446 (section 6) gives an alert, as clients and manuals print it.
fn in_rfc_words(alert: Alert) -> String {
    if alert == Alert::UnrecognisedName {
        return "unrecognized_name".to_owned();
    }
    let mut name = String::new();
    let mut before = '_';
    for letter in format!("{alert:?}").chars() {
        if letter.is_ascii_uppercase() && before.is_ascii_lowercase() {
            name.push('_');
        }
        name.push(letter.to_ascii_lowercase());
        before = letter;
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOST: &str = "git-codecommit.us-east-2.amazonaws.com";

    fn told(host: &str, error: rustls::Error) -> Refusal {
        let error = io::Error::new(io::ErrorKind::InvalidData, error);
        HandshakeFailure::of_handshake(host, &error, &Offer::default())
            .refusal(Path::new("/lab/ca.pem"))
    }

    #[test]
    fn an_alert_is_told_by_its_name_with_what_to_do() {
        for (alert, name) in [
            (Alert::UnknownCA, "unknown_ca"),
            (Alert::BadCertificate, "bad_certificate"),
            (Alert::UnrecognisedName, "unrecognized_name"),
        ] {
            let refusal = told(HOST, rustls::Error::AlertReceived(alert));
            let detail = format!("with the alert {name}: ");
            assert!(refusal.detail.contains(&detail), "{refusal:?}");
            assert!(refusal.help.unwrap().contains("this run, /lab/ca.pem:"));
        }
    }

    #[test]
    fn a_host_that_no_certificate_is_made_for_is_named() {
        let alert = rustls::Error::AlertReceived(Alert::BadCertificate);
        let help = told("git.example.com", alert).help.unwrap();
        assert!(help.contains("`git.example.com` is none of them"), "{help}");
    }

    #[test]
    fn a_clock_and_a_version_have_advice_of_their_own() {
        let expired = rustls::Error::AlertReceived(Alert::CertificateExpired);
        assert!(told(HOST, expired).help.unwrap().contains("clock"));
        let old = rustls::PeerIncompatible::Tls12NotOffered;
        let old = told(HOST, rustls::Error::PeerIncompatible(old));
        assert_eq!(old.help.as_deref(), Some(VERSIONS));
    }

    #[test]
    fn the_ciphers_that_are_told_are_those_that_the_server_has() {
        // The certificate's key is an ECDSA one, and those of TLS 1.3 are not chosen one by one.
        let suites = rustls::crypto::ring::default_provider().cipher_suites;
        let names = suites
            .iter()
            .map(|suite| format!("{:?}", suite.suite()))
            .filter(|name| name.contains("_ECDSA_"));
        let names: Vec<String> = names.collect();
        assert_eq!(names.len(), VERSIONS.matches("TLS_ECDHE").count());
        assert!(
            names.iter().all(|name| VERSIONS.contains(name)),
            "{names:?}"
        );
    }
}
