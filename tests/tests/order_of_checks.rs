//! Where several things are wrong with a request, which one is told? Each pair of neighbours in the order of the checks,
//! and pairs that lie further apart.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use codecommit_helper::password::{SERVICE, Signable};
use codecommit_mock::{Clock, Fidelity, MockServer};
use codecommit_tests::wire::{Wire, basic};
use codecommit_tests::{HOST, Lab, PATH, SECRET, world};
use time::Duration;

const WORLD: &str = r#"
[[account]]
id = "111122223333"
[[account.repository]]
name = "MyDemoRepo"
region = "us-east-2"
[[account.user]]
name = "alice"
managed_policies = ["AWSCodeCommitPowerUser"]
[[account.user.access_key]]
id = "AKIAGOOD000000000000"
secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
[[account.user.access_key]]
id = "AKIAINACTIVE00000000"
secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
status = "inactive"
[[account.user.temporary_credential]]
id = "ASIAGOOD000000000000"
secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
session_token = "token"
[[account.user.temporary_credential]]
id = "ASIAENDED00000000000"
secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
session_token = "token"
expires = "2020-01-01T00:00:00Z"
[[account.user]]
name = "nobody"
[[account.user.access_key]]
id = "AKIANOPOLICY00000000"
secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
[[account.user]]
name = "keyless"
managed_policies = ["AWSCodeCommitPowerUser"]
[[account.user.inline_policy]]
name = "no-keys"
document = '''{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "kms:*", "Resource": "*"}}'''
[[account.user.access_key]]
id = "AKIANOKMS00000000000"
secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
"#;

/// What a request presents: a right one, less what a case changes.
#[derive(Clone, Copy)]
struct Presented {
    user_name: &'static str,
    password: Password,
    path: &'static str,
    requests_before: usize,
}

#[derive(Clone, Copy)]
enum Password {
    Empty,
    Malformed,
    Signed {
        secret: &'static str,
        minutes_ago: i64,
    },
}

const RIGHT: Password = Password::Signed {
    secret: SECRET,
    minutes_ago: 0,
};
const OLD: Password = Password::Signed {
    secret: SECRET,
    minutes_ago: 20,
};
const EARLY: Password = Password::Signed {
    secret: SECRET,
    minutes_ago: -20,
};
const MISMATCHED: Password = Password::Signed {
    secret: "another",
    minutes_ago: 0,
};
const OLD_AND_MISMATCHED: Password = Password::Signed {
    secret: "another",
    minutes_ago: 20,
};

const GOOD: Presented = Presented {
    user_name: "AKIAGOOD000000000000",
    password: RIGHT,
    path: PATH,
    requests_before: 0,
};

fn verdict(presented: Presented) -> (u16, &'static str) {
    let mut fidelity = Fidelity::default();
    fidelity.set("requests-per-second", "1").unwrap();
    let at = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_800_000_000);
    let lab = Lab::start(
        MockServer::builder()
            .world(world(WORLD))
            .fidelity(fidelity)
            .clock(Clock::frozen(at)),
    );
    let password = match presented.password {
        Password::Empty => String::new(),
        Password::Malformed => "secret".to_owned(),
        Password::Signed {
            secret,
            minutes_ago,
        } => Signable {
            host: HOST,
            path: presented.path,
            region: "us-east-2",
            service: SERVICE,
            at: lab
                .server
                .clock()
                .timestamp()
                .plus(Duration::minutes(-minutes_ago)),
        }
        .sign(secret)
        .expose(),
    };
    let authorization = basic(presented.user_name, &password);
    let ask = || {
        Wire::connect(&lab, HOST)
            .info_refs(presented.path, Some(&authorization))
            .status
    };
    for _ in 0..presented.requests_before {
        ask();
    }
    (ask(), lab.last_verdict())
}

#[test]
fn the_earlier_check_decides() {
    let from = |user_name, password| Presented {
        user_name,
        password,
        ..GOOD
    };
    let nowhere = |presented: Presented| Presented {
        path: "/v1/repos/Nowhere",
        ..presented
    };
    let often = |presented: Presented| Presented {
        requests_before: 1,
        ..presented
    };
    for (what, presented, expected) in [
        ("nothing", GOOD, (200, "accepted")),
        (
            "no password, no such key",
            from("AKIAUNKNOWN000000000", Password::Empty),
            (403, "password-empty"),
        ),
        (
            "no password, no such Git credential",
            from("bob-at-111122223333", Password::Empty),
            (403, "password-empty"),
        ),
        (
            "no such Git credential, no repository",
            nowhere(from("bob-at-111122223333", RIGHT)),
            (403, "git-credential-unknown"),
        ),
        (
            "no Git password, no such key",
            from("AKIAUNKNOWN000000000", Password::Malformed),
            (403, "password-malformed"),
        ),
        (
            "no such key, wrong signature",
            from("AKIAUNKNOWN000000000", MISMATCHED),
            (403, "access-key-unknown"),
        ),
        (
            "no such key, token",
            from("AKIAUNKNOWN000000000%token", RIGHT),
            (403, "access-key-unknown"),
        ),
        (
            "inactive key, unexpected token",
            from("AKIAINACTIVE00000000%token", RIGHT),
            (403, "access-key-inactive"),
        ),
        (
            "inactive key, wrong signature",
            from("AKIAINACTIVE00000000", MISMATCHED),
            (403, "access-key-inactive"),
        ),
        (
            "unexpected token, wrong signature",
            from("AKIAGOOD000000000000%token", MISMATCHED),
            (403, "session-token-unexpected"),
        ),
        (
            "no token, ended session",
            from("ASIAENDED00000000000", RIGHT),
            (403, "session-token-missing"),
        ),
        (
            "wrong token, ended session",
            from("ASIAENDED00000000000%other", RIGHT),
            (403, "session-token-wrong"),
        ),
        (
            "wrong token, wrong signature",
            from("ASIAGOOD000000000000%other", MISMATCHED),
            (403, "session-token-wrong"),
        ),
        (
            "ended session, wrong signature",
            from("ASIAENDED00000000000%token", MISMATCHED),
            (403, "session-expired"),
        ),
        (
            "ended session, old password",
            from("ASIAENDED00000000000%token", OLD),
            (403, "session-expired"),
        ),
        (
            "wrong signature, old",
            from("AKIAGOOD000000000000", OLD_AND_MISMATCHED),
            (403, "signature-mismatch"),
        ),
        (
            "wrong signature, no repository",
            nowhere(from("AKIAGOOD000000000000", MISMATCHED)),
            (403, "signature-mismatch"),
        ),
        (
            "old, no repository",
            nowhere(from("AKIAGOOD000000000000", OLD)),
            (403, "password-expired"),
        ),
        (
            "old, no policy",
            from("AKIANOPOLICY00000000", OLD),
            (403, "password-expired"),
        ),
        (
            "early, no policy",
            from("AKIANOPOLICY00000000", EARLY),
            (403, "password-from-the-future"),
        ),
        (
            "old, too often",
            often(from("AKIAGOOD000000000000", OLD)),
            (403, "password-expired"),
        ),
        (
            "too often, no repository",
            often(nowhere(GOOD)),
            (429, "throttled"),
        ),
        (
            "too often, no policy",
            often(from("AKIANOPOLICY00000000", RIGHT)),
            (429, "throttled"),
        ),
        (
            "no repository, no policy",
            nowhere(from("AKIANOPOLICY00000000", RIGHT)),
            (404, "repository-not-found"),
        ),
        (
            "no repository, no encryption key",
            nowhere(from("AKIANOKMS00000000000", RIGHT)),
            (404, "repository-not-found"),
        ),
        (
            "no policy",
            from("AKIANOPOLICY00000000", RIGHT),
            (403, "access-denied"),
        ),
        (
            "no encryption key",
            from("AKIANOKMS00000000000", RIGHT),
            (403, "kms-denied"),
        ),
    ] {
        assert_eq!(verdict(presented), expected, "{what}");
    }
}
