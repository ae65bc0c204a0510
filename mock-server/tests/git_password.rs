//! The verification of Git passwords: what is accepted, what is refused, and which mistake is recognised.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use codecommit_helper::password::{SERVICE, Signable};
use codecommit_helper::secret::Secret;
use codecommit_helper::timestamp::Timestamp;
use codecommit_mock::Fidelity;
use codecommit_mock::authn::verdict::{Principal, Reason, Refusal};
use codecommit_mock::authn::verify;
use codecommit_mock::authn::{BasicCredentials, Target};
use codecommit_mock::document::Source;
use codecommit_mock::world::World;

const HOST: &str = "git-codecommit.us-east-2.amazonaws.com";
const PATH: &str = "/v1/repos/MyDemoRepo";
const KEY_ID: &str = "AKIAIOSFODNN7EXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const OTHER_SECRET: &str = "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY";

fn now() -> Timestamp {
    Timestamp::parse_compact("20250115T083000").unwrap()
}

/// The demo world, with a second user and a second repository.
fn world() -> World {
    let source = Source::new(
        "world.toml",
        format!(
            r#"
extends = "demo"
[[account]]
id = "111122223333"
[[account.user]]
name = "bob"
[[account.user.access_key]]
id = "AKIAI44QH8DHBEXAMPLE"
secret = "{OTHER_SECRET}"
[[account.repository]]
name = "Other"
region = "us-east-2"
"#
        ),
    );
    World::parse(&source).unwrap()
}

fn target() -> Target {
    Target {
        authority: HOST.to_owned(),
        repository_path: PATH.to_owned(),
        region: "us-east-2".to_owned(),
        now: now(),
        fidelity: Fidelity::default(),
    }
}

fn right() -> Signable<'static> {
    Signable {
        host: HOST,
        path: PATH,
        region: "us-east-2",
        service: SERVICE,
        at: now(),
    }
}

fn present(target: &Target, user_name: &str, password: &str) -> Result<Principal, Refusal> {
    let presented = BasicCredentials {
        user_name: Secret::new(user_name),
        password: Secret::new(password),
    };
    verify(&world(), target, &presented).map(|who| who.principal())
}

fn refused(answer: Result<Principal, Refusal>) -> Refusal {
    answer.expect_err("it is refused")
}

#[test]
fn the_right_password_is_accepted() {
    let principal = present(&target(), KEY_ID, &right().sign(SECRET).expose()).unwrap();
    assert_eq!(principal.arn, "arn:aws:iam::111122223333:user/alice");
    assert_eq!(principal.credential, KEY_ID);
}

#[test]
fn a_mismatch_shows_what_the_server_computed() {
    let refusal = refused(present(
        &target(),
        KEY_ID,
        &right().sign("another").expose(),
    ));
    assert_eq!(refusal.reason, Reason::SignatureMismatch);
    assert_eq!(refusal.canonical_request, Some(right().canonical_request()));
    assert_eq!(refusal.string_to_sign, Some(right().string_to_sign()));
    assert_eq!(refusal.hypotheses, []);
    assert_eq!(
        refusal.help.as_deref(),
        Some("check the secret access key of AKIAIOSFODNN7EXAMPLE")
    );
}

#[test]
fn each_usual_mistake_is_recognised() {
    let white_space = format!("{SECRET}\n");
    for (signed, secret, id, explanation) in [
        (
            Signable {
                region: "eu-west-1",
                ..right()
            },
            SECRET,
            "other-region",
            "signed for Region eu-west-1; this host is in us-east-2",
        ),
        (
            Signable {
                path: "/",
                ..right()
            },
            SECRET,
            "path-missing",
            "signed without the repository's path",
        ),
        (
            Signable {
                path: "v1/repos/MyDemoRepo",
                ..right()
            },
            SECRET,
            "path-different",
            "signed for the path v1/repos/MyDemoRepo; this is /v1/repos/MyDemoRepo",
        ),
        (
            Signable {
                path: "//v1/repos/MyDemoRepo",
                ..right()
            },
            SECRET,
            "path-different",
            "signed for the path //v1/repos/MyDemoRepo; this is /v1/repos/MyDemoRepo",
        ),
        (
            Signable {
                path: "/v1/repos/Other",
                ..right()
            },
            SECRET,
            "path-different",
            "signed for the path /v1/repos/Other; this is /v1/repos/MyDemoRepo",
        ),
        (
            Signable {
                path: "/v1/repos/MyDemoRepo/info/refs",
                ..right()
            },
            SECRET,
            "path-different",
            "signed for the path /v1/repos/MyDemoRepo/info/refs; this is /v1/repos/MyDemoRepo",
        ),
        (
            Signable {
                host: "git-codecommit.us-east-2.amazonaws.com:443",
                ..right()
            },
            SECRET,
            "port-in-host",
            "signed for the host git-codecommit.us-east-2.amazonaws.com:443: a port is not part of the signed host",
        ),
        (
            Signable {
                host: "git-codecommit-fips.us-east-2.amazonaws.com",
                ..right()
            },
            SECRET,
            "host-different",
            "signed for the host git-codecommit-fips.us-east-2.amazonaws.com; this is git-codecommit.us-east-2.amazonaws.com",
        ),
        (
            Signable {
                service: "git-codecommit",
                ..right()
            },
            SECRET,
            "service-different",
            "signed for the service `git-codecommit`; it is `codecommit`",
        ),
        (
            Signable {
                service: "s3",
                region: "us-east-1",
                ..right()
            },
            SECRET,
            "service-different",
            "signed for the service `s3` in us-east-1; it is `codecommit` in us-east-2",
        ),
        (
            right(),
            OTHER_SECRET,
            "other-secret",
            "signed with the secret of AKIAI44QH8DHBEXAMPLE (user bob), sent with the id AKIAIOSFODNN7EXAMPLE",
        ),
        (
            right(),
            &white_space,
            "secret-with-white-space",
            "signed with the right secret and white space around it",
        ),
        (
            Signable {
                host: "git-codecommit.us-east-1.amazonaws.com",
                region: "us-east-1",
                ..right()
            },
            SECRET,
            "other-region",
            "signed for https://git-codecommit.us-east-1.amazonaws.com/v1/repos/MyDemoRepo",
        ),
    ] {
        let refusal = refused(present(&target(), KEY_ID, &signed.sign(secret).expose()));
        assert_eq!(refusal.reason, Reason::SignatureMismatch, "{signed:?}");
        let found: Vec<_> = refusal
            .hypotheses
            .iter()
            .map(|hypothesis| (hypothesis.id.as_str(), &*hypothesis.explanation))
            .collect();
        assert_eq!(found, [(id, explanation)]);
        assert_eq!(refusal.detail, explanation);
    }
}

#[test]
fn a_path_encoded_or_decoded_once_too_often_is_recognised() {
    for (target_path, signed_path, explanation) in [
        (
            "/v1/repos/My Repo",
            "/v1/repos/My%20Repo",
            "signed for the path percent-encoded: /v1/repos/My%20Repo",
        ),
        (
            "/v1/repos/My%20Repo",
            "/v1/repos/My Repo",
            "signed for the path percent-decoded once more: /v1/repos/My Repo",
        ),
        (
            "/v1/repos/My%20Repo",
            "/v1/repos/My%2520Repo",
            "signed for the path percent-encoded: /v1/repos/My%2520Repo",
        ),
    ] {
        let target = Target {
            repository_path: target_path.to_owned(),
            ..target()
        };
        let password = Signable {
            path: signed_path,
            ..right()
        }
        .sign(SECRET)
        .expose();
        let refusal = refused(present(&target, KEY_ID, &password));
        assert_eq!(refusal.hypotheses[0].id.as_str(), "path-encoded");
        assert_eq!(refusal.detail, explanation);
    }
}

#[test]
fn a_percent_encoded_token_is_recognised() {
    let source = Source::new(
        "world.toml",
        "extends = \"demo\"\n[[account]]\nid = \"111122223333\"\n[[account.user]]\nname = \"alice\"\n[[account.user.temporary_credential]]\nid = \"ASIAIOSFODNN7EXAMPLE\"\nsecret = \"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\"\nsession_token = \"a/b+c==\"\n",
    );
    let world = World::parse(&source).unwrap();
    let presented = BasicCredentials {
        user_name: Secret::new("ASIAIOSFODNN7EXAMPLE%a%2Fb%2Bc%3D%3D"),
        password: Secret::new(right().sign(SECRET).expose()),
    };
    let refusal = verify(&world, &target(), &presented).unwrap_err();
    assert_eq!(refusal.reason, Reason::SessionTokenWrong);
    assert_eq!(refusal.hypotheses[0].id.as_str(), "token-percent-encoded");
}

#[test]
fn a_clock_that_is_off_is_told_with_its_size() {
    for (signed_at, reason, explanation) in [
        (
            "20250115T081000",
            Reason::PasswordExpired,
            "the signature is right: the password is old, or the client's clock is 20 min behind",
        ),
        (
            "20250114T083000",
            Reason::PasswordExpired,
            "the signature is right: the password is old, or the client's clock is 1 d behind",
        ),
        (
            "20250115T093005",
            Reason::PasswordFromTheFuture,
            "the signature is right: the client's clock is 1 h ahead",
        ),
    ] {
        let at = Timestamp::parse_compact(signed_at).unwrap();
        let password = Signable { at, ..right() }.sign(SECRET).expose();
        let refusal = refused(present(&target(), KEY_ID, &password));
        assert_eq!(refusal.reason, reason);
        assert_eq!(refusal.hypotheses[0].id.as_str(), "clock-off");
        assert_eq!(refusal.hypotheses[0].explanation, explanation);
    }
}

/// aws-cli and git-remote-codecommit sign different hosts for `localhost:8443`; both are right there.
#[test]
fn a_port_in_the_request_may_be_signed_or_not() {
    let target = Target {
        authority: "localhost:8443".to_owned(),
        ..target()
    };
    for (host, reason) in [
        ("localhost", None),
        ("localhost:8443", None),
        ("localhost:443", Some(Reason::SignatureMismatch)),
    ] {
        let password = Signable { host, ..right() }.sign(SECRET).expose();
        let verdict = present(&target, KEY_ID, &password);
        assert_eq!(verdict.is_ok(), reason.is_none(), "{host}: {verdict:?}");
    }
}

#[test]
fn no_changed_character_gets_in() {
    let good = right().sign(SECRET).expose();
    let changed = |text: &str, at: usize| {
        let mut bytes = text.as_bytes().to_vec();
        bytes[at] = if bytes[at] == b'1' { b'2' } else { b'1' };
        String::from_utf8(bytes).unwrap()
    };
    for at in 0..good.len() {
        refused(present(&target(), KEY_ID, &changed(&good, at)));
    }
    for at in 0..KEY_ID.len() {
        refused(present(&target(), &changed(KEY_ID, at), &good));
    }
    for at in 0..PATH.len() {
        let target = Target {
            repository_path: changed(PATH, at),
            ..target()
        };
        refused(present(&target, KEY_ID, &good));
    }
    for at in 0..HOST.len() {
        let target = Target {
            authority: changed(HOST, at),
            ..target()
        };
        refused(present(&target, KEY_ID, &good));
    }
    for other in ["us-east-1", "us-east-20", "", "US-EAST-2"] {
        let target = Target {
            region: other.to_owned(),
            ..target()
        };
        refused(present(&target, KEY_ID, &good));
    }
}

#[test]
fn odd_passwords_are_refused_without_a_panic() {
    for (password, reason) in [
        ("", Reason::PasswordEmpty),
        ("Z", Reason::PasswordMalformed),
        ("é", Reason::PasswordMalformed),
        (
            &format!("20250115T083000Z{}", "é".repeat(32)),
            Reason::PasswordMalformed,
        ),
        (
            &format!("20250115T083000Z{}", "A".repeat(64)),
            Reason::PasswordMalformed,
        ),
        (
            &format!("20250230T083000Z{}", "a".repeat(64)),
            Reason::PasswordMalformed,
        ),
        (
            &format!("00000101T000000Z{}", "a".repeat(64)),
            Reason::SignatureMismatch,
        ),
        (
            &format!("99991231T235959Z{}", "a".repeat(64)),
            Reason::SignatureMismatch,
        ),
    ] {
        assert_eq!(
            refused(present(&target(), KEY_ID, password)).reason,
            reason,
            "{password}"
        );
    }
}

#[test]
fn a_refusal_repeats_no_user_name_that_may_be_a_secret() {
    let refusal = refused(present(
        &target(),
        "hunter2 secret",
        &right().sign(SECRET).expose(),
    ));
    assert_eq!(refusal.reason, Reason::AccessKeyUnknown);
    assert!(!format!("{refusal:?}").contains("hunter2"));
}
