//! The real AWS CLI gets credentials from the laboratory, from every source that it has, and opens a repository with them through
//! `git` and its own credential helper. Skipped where it is not installed.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::Stdio;

use codecommit_mock::{Exchange, MockServer};
use codecommit_tests::aws::{CONTAINER, INSTANCE, cli, last_principal};
use codecommit_tests::{HOST, KEY_ID, Lab, PATH, SECRET, Said, url, world};

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
name = "Guarded"
trusted = ["arn:aws:iam::111122223333:user/alice"]
external_id = "agreed-upon"
require_mfa = true
max_session_duration = 7200
managed_policies = ["AWSCodeCommitReadOnly"]
[[account.role]]
name = "Builder"
trusted = ["ec2.amazonaws.com"]
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

/// A user's machine with the AWS CLI as git's credential helper.
struct Machine {
    lab: Lab,
    aws: PathBuf,
}

impl Machine {
    /// With these files of the AWS CLI. `None` if there is none.
    fn new(world_file: &str, config: &str, credentials: &str) -> Option<Self> {
        let aws = cli()?;
        let lab = Lab::start(MockServer::builder().world(world(world_file)));
        fs::create_dir(lab.home().join(".aws")).unwrap();
        fs::write(lab.home().join(".aws/config"), config).unwrap();
        fs::write(lab.home().join(".aws/credentials"), credentials).unwrap();
        let helper = format!("!'{}' codecommit credential-helper $@", aws.display());
        lab.config("credential.helper", &helper);
        lab.config("credential.useHttpPath", "true");
        Some(Self { lab, aws })
    }

    /// Runs the CLI without a terminal, with something to read.
    fn aws(&self, arguments: &[&str], input: &str) -> Said {
        // Codes of MFA devices are asked for on the terminal, if there is one.
        let mut command = self.lab.command("/usr/bin/setsid");
        command.arg("--wait").arg(&self.aws).args(arguments);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A program that reads nothing may be gone already.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        child.wait_with_output().unwrap().into()
    }

    /// Who the CLI says that it is, and as whom git then opens the repository.
    #[track_caller]
    fn is(&self, arn: &str, input: &str) {
        let arguments = ["sts", "get-caller-identity", "--query", "Arn"];
        let said = self.aws(&[&arguments[..], &["--output", "text"]].concat(), input);
        assert_eq!(said.ok().stdout.trim(), arn);
        self.opens_as(arn);
    }

    #[track_caller]
    fn opens_as(&self, arn: &str) {
        self.lab.git(&["ls-remote", &url(HOST, PATH)]).ok();
        assert_eq!(last_principal(&self.lab), arn);
    }

    /// What was asked of the services other than Git: host and path, once each.
    fn asked(&self) -> Vec<String> {
        let is_api = |exchange: &&Exchange| exchange.host != HOST;
        let exchanges = self.lab.exchanges();
        let mut asked: Vec<String> = exchanges
            .iter()
            .filter(is_api)
            .map(|exchange| format!("{} {}{}", exchange.method, exchange.host, exchange.path))
            .collect();
        asked.dedup();
        asked
    }
}

fn key(profile: &str) -> String {
    format!("[{profile}]\naws_access_key_id = {KEY_ID}\naws_secret_access_key = {SECRET}\n")
}

#[test]
fn a_long_term_key() {
    let config = "[default]\nregion = us-east-2\n";
    let Some(machine) = Machine::new(WORLD, config, &key("default")) else {
        return;
    };
    machine.is("arn:aws:iam::111122223333:user/alice", "");
    assert_eq!(machine.asked(), ["POST sts.us-east-2.amazonaws.com/"]);
}

#[test]
fn a_wrong_secret_is_explained() {
    let config = "[default]\nregion = us-east-2\n";
    let credentials = key("default").replace(SECRET, "wrong");
    let Some(machine) = Machine::new(WORLD, config, &credentials) else {
        return;
    };
    let said = machine.aws(&["sts", "get-caller-identity"], "");
    said.fails(255, "An error occurred (SignatureDoesNotMatch) when calling the GetCallerIdentity operation: The request \
                     signature we calculated does not match");
}

#[test]
fn a_role_with_an_external_id_and_an_mfa_device() {
    let config = "[default]\nregion = us-east-2\nrole_arn = arn:aws:iam::111122223333:role/Guarded\nsource_profile = base\n\
                  external_id = agreed-upon\nmfa_serial = arn:aws:iam::111122223333:mfa/alice\nduration_seconds = 7200\n\
                  role_session_name = on-call\n";
    let Some(machine) = Machine::new(WORLD, config, &key("base")) else {
        return;
    };
    let wrong = machine.aws(&["sts", "get-caller-identity"], "000000\n");
    wrong.fails(255, "An error occurred (AccessDenied) when calling the AssumeRole operation: MultiFactorAuthentication \
                      failed with invalid MFA one time pass code.");
    assert_eq!(machine.lab.last_verdict(), "mfa-wrong");
    // Git's helper finds the session in the cache of the CLI, and asks for no other code.
    machine.is(
        "arn:aws:sts::111122223333:assumed-role/Guarded/on-call",
        "987654\n",
    );
}

#[test]
fn a_web_identity() {
    let config = "[default]\nregion = us-east-2\nrole_arn = arn:aws:iam::111122223333:role/Deployer\n\
                  web_identity_token_file = token\nrole_session_name = build-7\n";
    let Some(machine) = Machine::new(WORLD, config, "") else {
        return;
    };
    fs::write(machine.lab.home().join("token"), "header.payload.signature").unwrap();
    machine.is(
        "arn:aws:sts::111122223333:assumed-role/Deployer/build-7",
        "",
    );
    fs::remove_dir_all(machine.lab.home().join(".aws/cli")).unwrap();
    fs::write(machine.lab.home().join("token"), "forged").unwrap();
    let said = machine.aws(&["sts", "get-caller-identity"], "");
    said.fails(255, "An error occurred (InvalidIdentityToken) when calling the AssumeRoleWithWebIdentity operation");
}

#[test]
fn a_sign_in_session_that_has_to_be_refreshed() {
    const CONFIG: &str = "[default]\nregion = us-east-2\nsso_session = lab\nsso_account_id = 111122223333\n\
                          sso_role_name = Developer\n[sso-session lab]\nsso_region = eu-west-1\n\
                          sso_start_url = https://d-1234567890.awsapps.com/start\n\
                          sso_registration_scopes = sso:account:access\n";
    const ARN: &str = "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Developer_f0e1d2c3b4a59687/alice@example.com";
    for (expires, refreshed) in [
        ("2099-01-01T00:00:00Z", false),
        ("2020-01-01T00:00:00Z", true),
    ] {
        let Some(machine) = Machine::new(WORLD, CONFIG, "") else {
            return;
        };
        let cache = machine.lab.home().join(".aws/sso/cache");
        fs::create_dir_all(&cache).unwrap();
        // The SHA-1 of `lab`, the name of the session.
        let file = cache.join("3953f9ddf975ab5097ee468d99555c5b441169bf.json");
        let token = format!(
            r#"{{"startUrl":"https://d-1234567890.awsapps.com/start","region":"eu-west-1","accessToken":"an-access-token","expiresAt":"{expires}","clientId":"a-client","clientSecret":"a-client-secret","registrationExpiresAt":"2099-01-01T00:00:00Z","refreshToken":"a-refresh-token"}}"#
        );
        fs::write(&file, token).unwrap();
        machine.is(ARN, "");
        let asked = machine.asked();
        let has = |what: &str| asked.iter().any(|asked| asked == what);
        assert!(
            has(
                "GET portal.sso.eu-west-1.amazonaws.com/federation/credentials?role_name=Developer&account_id=111122223333"
            ),
            "{asked:?}"
        );
        assert_eq!(
            has("POST oidc.eu-west-1.amazonaws.com/token"),
            refreshed,
            "{asked:?}"
        );
        let kept = fs::read_to_string(&file).unwrap();
        assert_eq!(!kept.contains("an-access-token"), refreshed);
    }
}

#[test]
fn a_sign_in_session_that_is_over() {
    let config = "[default]\nregion = us-east-2\nsso_start_url = https://d-1234567890.awsapps.com/start\n\
                  sso_region = eu-west-1\nsso_account_id = 111122223333\nsso_role_name = Developer\n";
    let Some(machine) = Machine::new(WORLD, config, "") else {
        return;
    };
    let cache = machine.lab.home().join(".aws/sso/cache");
    fs::create_dir_all(&cache).unwrap();
    let token = r#"{"startUrl":"https://d-1234567890.awsapps.com/start","region":"eu-west-1","accessToken":"revoked","expiresAt":"2099-01-01T00:00:00Z"}"#;
    // The SHA-1 of the start URL.
    fs::write(
        cache.join("7487b5b67d5fa1132cf33fa93ae51ef38cc37752.json"),
        token,
    )
    .unwrap();
    let said = machine.aws(&["sts", "get-caller-identity"], "");
    said.fails(
        255,
        "The SSO session associated with this profile has expired or is otherwise invalid.",
    );
    assert_eq!(machine.lab.last_verdict(), "sso-token-unknown");
}

#[test]
fn an_instance_with_a_role() {
    let config = "[default]\nregion = us-east-2\n";
    let world_file = format!("{WORLD}{INSTANCE}");
    let Some(machine) = Machine::new(&world_file, config, "") else {
        return;
    };
    let session = "arn:aws:sts::111122223333:assumed-role/Builder/i-1234567890abcdef0";
    machine.is(session, "");
    let host = format!("127.0.0.1:{}", machine.lab.server.port());
    let asked = machine.asked();
    assert_eq!(
        asked[..3],
        [
            format!("PUT {host}/latest/api/token"),
            format!("GET {host}/latest/meta-data/iam/security-credentials/"),
            format!("GET {host}/latest/meta-data/iam/security-credentials/Builder"),
        ]
    );
}

#[test]
fn a_role_that_an_instance_assumes() {
    let config = "[default]\nregion = us-east-2\nrole_arn = arn:aws:iam::111122223333:role/Deployer\n\
                  credential_source = Ec2InstanceMetadata\nrole_session_name = from-instance\n";
    let world_file = format!("{WORLD}{INSTANCE}");
    let Some(machine) = Machine::new(&world_file, config, "") else {
        return;
    };
    machine.is(
        "arn:aws:sts::111122223333:assumed-role/Deployer/from-instance",
        "",
    );
}

#[test]
fn a_container_with_a_role() {
    let config = "[default]\nregion = us-east-2\n";
    let world_file = format!("{WORLD}{CONTAINER}");
    let Some(machine) = Machine::new(&world_file, config, "") else {
        return;
    };
    machine.is(
        "arn:aws:sts::111122223333:assumed-role/Task/0123456789abcdef0123456789abcdef",
        "",
    );
}

#[test]
fn endpoints_that_are_set_to_this_machine() {
    let config = "[default]\nregion = us-east-2\n";
    let Some(machine) = Machine::new(WORLD, config, &key("default")) else {
        return;
    };
    for url in [
        machine.lab.server.url(),
        format!("https://127.0.0.1:{}", machine.lab.server.port()),
    ] {
        let arguments = ["sts", "get-caller-identity", "--endpoint-url", &url];
        machine.aws(&arguments, "").ok();
        assert_eq!(
            last_principal(&machine.lab),
            "arn:aws:iam::111122223333:user/alice"
        );
    }
}
