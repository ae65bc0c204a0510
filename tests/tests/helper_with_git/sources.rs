//! Keys from every source that needs a service: over TLS, through the proxy, trusted by `AWS_CA_BUNDLE`, and good for git.

use std::fs;

use codecommit_tests::aws::{CONTAINER, INSTANCE, last_principal};
use codecommit_tests::{HOST, KEY_ID, SECRET};

use crate::machine::{Machine, demo_url, gits};

const WORLD: &str = r#"
extends = "demo"
[[account]]
id = "111122223333"
[[account.user]]
name = "alice"
[[account.user.mfa_device]]
serial = "arn:aws:iam::111122223333:mfa/alice"
token_code = "987654"
[[account.role]]
name = "Partner"
trusted = ["arn:aws:iam::111122223333:user/alice"]
external_id = "agreed-upon"
max_session_duration = 7200
managed_policies = ["AWSCodeCommitReadOnly"]
[[account.role]]
name = "Guarded"
trusted = ["arn:aws:iam::111122223333:user/alice"]
require_mfa = true
managed_policies = ["AWSCodeCommitReadOnly"]
[[account.role]]
name = "Builder"
trusted = ["ec2.amazonaws.com", "arn:aws:iam::111122223333:role/Partner"]
managed_policies = ["AWSCodeCommitReadOnly"]
[[account.role]]
name = "Deployer"
trusted = [
    "arn:aws:iam::111122223333:role/Builder",
    "https://token.actions.githubusercontent.com",
]
managed_policies = ["AWSCodeCommitReadOnly"]
[[account.role]]
name = "AWSReservedSSO_Developer_f0e1d2c3b4a59687"
managed_policies = ["AWSCodeCommitReadOnly"]
[[account.identity_provider]]
url = "https://token.actions.githubusercontent.com"
[[account.identity_provider.token]]
token = "header.payload.signature"
subject = "repo:octo-org/octo-repo:ref:refs/heads/main"
[[sso]]
start_url = "https://d-1234567890.awsapps.com/start"
region = "eu-west-1"
user = "alice@example.com"
[[sso.token]]
access_token = "an-access-token"
refresh_token = "a-refresh-token"
client_id = "a-client"
client_secret = "a-client-secret"
[[sso.assignment]]
account = "111122223333"
role = "Developer"
"#;

fn key(profile: &str) -> String {
    format!("[{profile}]\naws_access_key_id = {KEY_ID}\naws_secret_access_key = {SECRET}\n")
}

/// Git opens the repository twice, as this principal; the services are asked so many times.
#[track_caller]
fn opens_twice_as(machine: &Machine, principal: &str, asked: usize) {
    for _ in 0..2 {
        machine.git(&["ls-remote", &demo_url()]).ok();
        assert_eq!(
            last_principal(&machine.lab),
            format!("arn:aws:sts::111122223333:assumed-role/{principal}")
        );
    }
    let exchanges = machine.lab.exchanges();
    let of_services = exchanges.iter().filter(|exchange| exchange.host != HOST);
    assert_eq!(of_services.count(), asked);
}

#[test]
fn a_role_with_an_external_id_a_name_and_a_duration() {
    for git in gits() {
        let config = format!(
            "[default]\nrole_arn = arn:aws:iam::111122223333:role/Partner\nsource_profile = base\nexternal_id = agreed-upon\n\
             duration_seconds = 7200\nrole_session_name = on-call\n{}",
            key("profile base")
        );
        let mut machine = Machine::with_config(&git, WORLD, &config);
        opens_twice_as(&machine, "Partner/on-call", 1);
        // Seven minutes before the end of the session it is still good; then a new one is needed.
        machine.later(113);
        opens_twice_as(&machine, "Partner/on-call", 1);
        machine.later(7);
        opens_twice_as(&machine, "Partner/on-call", 2);
    }
}

#[test]
fn a_chain_of_roles() {
    for git in gits() {
        let config = format!(
            "[default]\nrole_arn = arn:aws:iam::111122223333:role/Builder\nsource_profile = partner\n\
             role_session_name = second\n[profile partner]\nrole_arn = arn:aws:iam::111122223333:role/Partner\n\
             source_profile = base\nexternal_id = agreed-upon\n{}",
            key("profile base")
        );
        let machine = Machine::with_config(&git, WORLD, &config);
        opens_twice_as(&machine, "Builder/second", 2);
    }
}

#[test]
fn what_sts_refuses_is_told_to_the_user_of_git() {
    for git in gits() {
        let config = format!(
            "[default]\nrole_arn = arn:aws:iam::111122223333:role/Partner\nsource_profile = base\n{}",
            key("profile base")
        );
        let machine = Machine::with_config(&git, WORLD, &config);
        let said = machine.git(&["ls-remote", &demo_url()]);
        let said = said.fails(
            128,
            "sts.us-east-2.amazonaws.com answered 403: AccessDenied: ",
        );
        assert!(said.stderr.contains("told us to quit"), "{said:?}");
    }
}

/// `script` (util-linux) gives git a terminal.
#[cfg(target_os = "linux")]
#[test]
fn an_mfa_code_is_asked_for_once() {
    let script = std::path::Path::new("/usr/bin/script");
    if !script.is_file() {
        codecommit_tests::skipped("there is no /usr/bin/script");
        return;
    }
    for git in gits() {
        let config = format!(
            "[default]\nrole_arn = arn:aws:iam::111122223333:role/Guarded\nsource_profile = base\n\
             mfa_serial = arn:aws:iam::111122223333:mfa/alice\nrole_session_name = on-call\n{}",
            key("profile base")
        );
        let machine = Machine::with_config(&git, WORLD, &config);
        let refused = machine.git(&["ls-remote", &demo_url()]);
        refused.fails(128, "aws sts get-caller-identity --profile default");

        let command = format!("{} ls-remote {}", git.program.display(), demo_url());
        let mut terminal = machine.command(script);
        let mut child = terminal
            .args(["-qec", &command, "/dev/null"])
            .env_remove("GIT_TERMINAL_PROMPT")
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), b"987654\n").unwrap();
        let said: codecommit_tests::Said = child.wait_with_output().unwrap().into();
        let said = said.ok();
        let question = "Enter MFA code for arn:aws:iam::111122223333:mfa/alice: ";
        assert!(said.stdout.contains(question), "{said:?}");
        opens_twice_as(&machine, "Guarded/on-call", 1);
    }
}

#[test]
fn a_web_identity() {
    for git in gits() {
        let config = "[default]\nrole_arn = arn:aws:iam::111122223333:role/Deployer\nweb_identity_token_file = ~/token\n\
                      role_session_name = build-7\n";
        let machine = Machine::with_config(&git, WORLD, config);
        let token = machine.lab.home().join("token");
        fs::write(&token, "header.payload.signature").unwrap();
        opens_twice_as(&machine, "Deployer/build-7", 1);
        // The session was for the other token.
        fs::write(&token, "forged").unwrap();
        let said = machine.git(&["ls-remote", &demo_url()]);
        said.fails(128, "InvalidIdentityToken");
    }
}

#[test]
fn identity_center_with_a_token_that_has_to_be_refreshed() {
    for git in gits() {
        for (expires, asked) in [("2099-01-01T00:00:00Z", 1), ("2020-01-01T00:00:00Z", 2)] {
            let config = "[default]\nsso_session = lab\nsso_account_id = 111122223333\nsso_role_name = Developer\n\
                          [sso-session lab]\nsso_region = eu-west-1\n\
                          sso_start_url = https://d-1234567890.awsapps.com/start\n";
            let machine = Machine::with_config(&git, WORLD, config);
            let cache = machine.lab.home().join(".aws/sso/cache");
            fs::create_dir_all(&cache).unwrap();
            let token = format!(
                r#"{{"startUrl":"https://d-1234567890.awsapps.com/start","region":"eu-west-1","accessToken":"an-access-token","expiresAt":"{expires}","clientId":"a-client","clientSecret":"a-client-secret","registrationExpiresAt":"2099-01-01T00:00:00Z","refreshToken":"a-refresh-token"}}"#
            );
            // The SHA-1 of `lab`, the name of the session.
            let file = cache.join("3953f9ddf975ab5097ee468d99555c5b441169bf.json");
            fs::write(file, token).unwrap();
            opens_twice_as(
                &machine,
                "AWSReservedSSO_Developer_f0e1d2c3b4a59687/alice@example.com",
                asked,
            );
        }
    }
}

#[test]
fn identity_center_that_refuses_names_the_command() {
    for git in gits() {
        let config = "[default]\nsso_start_url = https://d-1234567890.awsapps.com/start\nsso_region = eu-west-1\n\
                      sso_account_id = 111122223333\nsso_role_name = Developer\n";
        let machine = Machine::with_config(&git, WORLD, config);
        let cache = machine.lab.home().join(".aws/sso/cache");
        fs::create_dir_all(&cache).unwrap();
        // The SHA-1 of the start URL.
        fs::write(
            cache.join("7487b5b67d5fa1132cf33fa93ae51ef38cc37752.json"),
            r#"{"accessToken":"revoked","expiresAt":"2099-01-01T00:00:00Z"}"#,
        )
        .unwrap();
        let said = machine.git(&["ls-remote", &demo_url()]);
        said.fails(128, "aws sso login --profile default");
        assert!(
            machine
                .lab
                .exchanges()
                .iter()
                .any(|exchange| exchange.host == "portal.sso.eu-west-1.amazonaws.com")
        );
    }
}

#[test]
fn an_instance_and_a_role_that_it_assumes() {
    let world = format!("{WORLD}{INSTANCE}");
    for git in gits() {
        let machine = Machine::with_config(&git, &world, "");
        // Three requests each time: it is next door.
        opens_twice_as(&machine, "Builder/i-1234567890abcdef0", 6);
        let config = "[default]\nrole_arn = arn:aws:iam::111122223333:role/Deployer\n\
                      credential_source = Ec2InstanceMetadata\nrole_session_name = from-instance\n";
        let machine = Machine::with_config(&git, &world, config);
        opens_twice_as(&machine, "Deployer/from-instance", 4);
    }
}

#[test]
fn a_container() {
    let world = format!("{WORLD}{CONTAINER}");
    for git in gits() {
        let machine = Machine::with_config(&git, &world, "");
        opens_twice_as(&machine, "Task/0123456789abcdef0123456789abcdef", 2);
    }
}

/// Several gits at once, each with a helper of its own: one of them gets the session, and the others wait for it.
#[test]
fn many_gits_at_once_get_one_session() {
    for git in gits() {
        let config = format!(
            "[default]\nrole_arn = arn:aws:iam::111122223333:role/Partner\nsource_profile = base\nexternal_id = agreed-upon\n{}",
            key("profile base")
        );
        let machine = Machine::with_config(&git, WORLD, &config);
        std::thread::scope(|scope| {
            for _ in 0..6 {
                scope.spawn(|| machine.git(&["ls-remote", &demo_url()]).ok());
            }
        });
        let exchanges = machine.lab.exchanges();
        let of_services = exchanges.iter().filter(|exchange| exchange.host != HOST);
        assert_eq!(of_services.count(), 1);
    }
}
