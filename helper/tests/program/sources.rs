//! Each source of credentials, from the program to a server that gives out keys and back.

use std::fs;
use std::path::PathBuf;

use crate::fake::{Asked, Fake};
use crate::sandbox::{ACCESS_KEY_ID, REQUEST, Sandbox};

const NOW: &str = "2025-01-15T08:30:00Z";
const ROLE: &str = "arn:aws:iam::111122223333:role/Deployer";
const KEYS: &str = "aws_access_key_id = AKIASOURCE\naws_secret_access_key = hunter2\n";

/// What STS answers to a request for a session.
fn sts(id: &str, expiration: &str) -> String {
    format!(
        "<R><Credentials><AccessKeyId>{id}</AccessKeyId><SecretAccessKey>s/{id}</SecretAccessKey>\
         <SessionToken>token/{id}==</SessionToken><Expiration>{expiration}</Expiration></Credentials></R>"
    )
}

/// What the services with JSON answer.
fn json_keys(id: &str) -> String {
    format!(
        r#"{{"Code":"Success","AccessKeyId":"{id}","SecretAccessKey":"s","Token":"token","Expiration":"2025-01-15T14:30:00Z"}}"#
    )
}

fn at_now() -> Sandbox {
    Sandbox::new().variable("CODECOMMIT_HELPER_CLOCK", NOW)
}

fn answering(status: u16, body: impl Into<String>) -> Fake {
    let body = body.into();
    Fake::start(move |_| (status, body.clone()))
}

/// An STS that names the session after the role and the order of the requests.
fn counting_sts() -> Fake {
    let count = std::sync::atomic::AtomicU32::new(0);
    Fake::start(move |asked: &Asked| {
        let number = count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let role = asked.parameter("RoleArn").unwrap();
        let role = role.rsplit('/').next().unwrap();
        (
            200,
            sts(&format!("ASIA{role}{number}"), "2025-01-15T09:30:00Z"),
        )
    })
}

fn cached(sandbox: &Sandbox) -> Vec<PathBuf> {
    let folder = sandbox.path().join(".aws").join("cli").join("cache");
    let entries = fs::read_dir(folder).into_iter().flatten();
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| {
        file.extension()
            .is_some_and(|extension| extension == "json")
    });
    files.sort();
    files
}

#[cfg(unix)]
#[test]
fn a_program_prints_the_key() {
    let printed = r#"{"Version":1,"AccessKeyId":"ASIAPROCESS","SecretAccessKey":"s","SessionToken":"t","Expiration":"2025-01-15T08:35:00Z"}"#;
    let sandbox = at_now().config(&format!(
        "[profile dev]\ncredential_process = /bin/echo '{printed}'\n{KEYS}"
    ));
    let outcome = sandbox.run(&["--profile", "dev", "get"], REQUEST);
    outcome.assert_user_name("ASIAPROCESS%t");
    // The keys of the credentials file come before it.
    let sandbox = sandbox.credentials(&format!("[dev]\n{KEYS}"));
    let outcome = sandbox.run(&["--profile", "dev", "get"], REQUEST);
    outcome.assert_user_name("AKIASOURCE");
}

#[cfg(unix)]
#[test]
fn a_program_that_fails_says_why() {
    let sandbox = at_now().config(
        "[default]\ncredential_process = /bin/sh -c 'echo no login >&2; echo hunter2; exit 7'\n",
    );
    sandbox.run(&["get"], REQUEST).assert_quit(&format!(
        "git-credential-codecommit: failed to run the credential_process of profile `default` ({}:2): `/bin/sh` ended \
         with exit status: 7 and said:\n    no login\n",
        sandbox.config_path().display()
    ));
    let ended = r#"{"Version":1,"AccessKeyId":"A","SecretAccessKey":"s","Expiration":"2025-01-15T08:30:00Z"}"#;
    let sandbox = at_now().config(&format!(
        "[default]\ncredential_process = /bin/echo '{ended}'\n"
    ));
    let outcome = sandbox.run(&["get"], REQUEST);
    assert!(
        outcome.stderr.contains("it ended at 2025-01-15T08:30:00Z"),
        "{outcome:?}"
    );
}

#[test]
fn a_role_is_assumed_with_all_that_the_profile_says_and_once() {
    let service = counting_sts();
    let sandbox = at_now()
        .variable("AWS_ENDPOINT_URL_STS", &service.url)
        .config(&format!(
            "[profile dev]\nrole_arn = {ROLE}\nsource_profile = my source\nexternal_id = x y\nduration_seconds = 900\n\
             role_session_name = alice\nregion = eu-west-1\n[profile \"my source\"]\n{KEYS}aws_session_token = t\n"
        ));
    for _ in 0..3 {
        let outcome = sandbox.run(&["--profile", "dev", "get"], REQUEST);
        outcome.assert_user_name("ASIADeployer0%token/ASIADeployer0==");
    }
    let asked = service.asked();
    assert_eq!(asked.len(), 1, "{asked:?}");
    for (name, value) in [
        ("Action", "AssumeRole"),
        ("RoleArn", ROLE),
        ("ExternalId", "x y"),
        ("DurationSeconds", "900"),
        ("RoleSessionName", "alice"),
    ] {
        assert_eq!(asked[0].parameter(name).as_deref(), Some(value), "{name}");
    }
    assert_eq!(asked[0].line, "POST /");
    assert_eq!(asked[0].header("x-amz-security-token"), Some("t"));
    let authorization = asked[0].header("authorization").unwrap();
    assert!(
        authorization.starts_with(
            "AWS4-HMAC-SHA256 Credential=AKIASOURCE/20250115/eu-west-1/sts/aws4_request, "
        ),
        "{authorization}"
    );

    // The session ends in less than five minutes.
    let sandbox = sandbox.variable("CODECOMMIT_HELPER_CLOCK", "2025-01-15T09:26:00Z");
    let outcome = sandbox.run(&["--profile", "dev", "get"], REQUEST);
    outcome.assert_user_name("ASIADeployer1%token/ASIADeployer1==");
}

#[test]
fn many_gits_at_once_assume_a_role_once() {
    let service = counting_sts();
    let sandbox = at_now()
        .variable("AWS_ENDPOINT_URL_STS", &service.url)
        .config(&format!(
            "[default]\nrole_arn = {ROLE}\nsource_profile = source\n[profile source]\n{KEYS}"
        ));
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                let outcome = sandbox.run(&["get"], REQUEST);
                outcome.assert_user_name("ASIADeployer0%token/ASIADeployer0==");
            });
        }
    });
    assert_eq!(service.asked().len(), 1);
    assert_eq!(cached(&sandbox).len(), 1);
}

#[cfg(unix)]
#[test]
fn a_session_is_kept_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let service = counting_sts();
    let sandbox = at_now()
        .variable("AWS_ENDPOINT_URL_STS", &service.url)
        .config(&format!(
            "[default]\nrole_arn = {ROLE}\nsource_profile = default\n{KEYS}"
        ));
    sandbox
        .run(&["get"], REQUEST)
        .assert_user_name("ASIADeployer0%token/ASIADeployer0==");
    for path in [
        sandbox.path().join(".aws/cli"),
        sandbox.path().join(".aws/cli/cache"),
        cached(&sandbox)[0].clone(),
    ] {
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{}", path.display());
    }
}

#[test]
fn roles_are_chained_and_a_profile_may_name_itself_for_its_keys() {
    let service = counting_sts();
    let sandbox = at_now()
        .variable("AWS_ENDPOINT_URL", &service.url)
        .config(&format!(
            "[profile outer]\nrole_arn = arn:aws:iam::1:role/Outer\nsource_profile = inner\n\
             [profile inner]\nrole_arn = arn:aws:iam::1:role/Inner\nsource_profile = inner\n{KEYS}"
        ));
    // A source with keys is those keys, whatever role stands beside them.
    let outcome = sandbox.run(&["--profile", "outer", "get"], REQUEST);
    outcome.assert_user_name("ASIAOuter0%token/ASIAOuter0==");
    let outcome = sandbox.run(&["--profile", "inner", "get"], REQUEST);
    outcome.assert_user_name("ASIAInner1%token/ASIAInner1==");
    assert_eq!(service.asked().len(), 2);

    let service = counting_sts();
    let sandbox = at_now()
        .variable("AWS_ENDPOINT_URL", &service.url)
        .config(&format!(
            "[profile outer]\nrole_arn = arn:aws:iam::1:role/Outer\nsource_profile = inner\n\
             [profile inner]\nrole_arn = arn:aws:iam::1:role/Inner\nsource_profile = keys\n[profile keys]\n{KEYS}"
        ));
    let outcome = sandbox.run(&["--profile", "outer", "get"], REQUEST);
    outcome.assert_user_name("ASIAOuter1%token/ASIAOuter1==");
    let asked = service.asked();
    let signer = asked[1].header("authorization").unwrap();
    assert!(signer.contains("Credential=ASIAInner0/"), "{signer}");
    assert_eq!(cached(&sandbox).len(), 2);
}

#[test]
fn a_role_takes_its_key_from_the_environment_the_container_or_the_instance() {
    let machine = Fake::start(|asked| match asked.line.as_str() {
        "PUT /latest/api/token" => (200, "imds-token".to_owned()),
        "GET /latest/meta-data/iam/security-credentials/" => (200, "web".to_owned()),
        "GET /latest/meta-data/iam/security-credentials/web" => (200, json_keys("ASIAINSTANCE")),
        "GET /task" => (200, json_keys("ASIATASK")),
        _ => (404, String::new()),
    });
    for (place, signer) in [
        ("Environment", ACCESS_KEY_ID),
        ("EcsContainer", "ASIATASK"),
        ("Ec2InstanceMetadata", "ASIAINSTANCE"),
    ] {
        let service = counting_sts();
        let sandbox = Sandbox::with_keys()
            .variable("CODECOMMIT_HELPER_CLOCK", NOW)
            .variable("AWS_EC2_METADATA_DISABLED", "false")
            .variable("AWS_EC2_METADATA_SERVICE_ENDPOINT", &machine.url)
            .variable(
                "AWS_CONTAINER_CREDENTIALS_FULL_URI",
                &format!("{}/task", machine.url),
            )
            .variable("AWS_ENDPOINT_URL_STS", &service.url)
            .config(&format!(
                "[profile dev]\nrole_arn = {ROLE}\ncredential_source = {place}\n"
            ));
        let outcome = sandbox.run(&["--profile", "dev", "get"], REQUEST);
        outcome.assert_user_name("ASIADeployer0%token/ASIADeployer0==");
        let asked = service.asked();
        let authorization = asked[0].header("authorization").unwrap();
        let expected = format!("Credential={signer}/20250115/us-east-1/sts/");
        assert!(authorization.contains(&expected), "{authorization}");
    }
}

#[test]
fn a_role_that_is_set_up_wrongly_is_explained() {
    for (profile, line, fault) in [
        (
            "role_arn = r\n",
            2,
            "its role_arn needs a source_profile or a credential_source\n  to assume it with the key of another \
             profile, run:\n      aws configure set source_profile OTHER --profile dev\n",
        ),
        (
            "role_arn = r\nsource_profile = dev\n",
            3,
            "its roles go round in a circle: dev -> dev\n",
        ),
        (
            "role_arn = r\nsource_profile = two\n[profile two]\nrole_arn = r\nsource_profile = dev\n",
            6,
            "its roles go round in a circle: dev -> two -> dev\n",
        ),
        (
            "role_arn = r\nsource_profile = gone\n",
            3,
            "its source_profile `gone` does not exist\n",
        ),
        (
            "role_arn = r\nsource_profile = two\n[profile two]\nregion = x\n",
            3,
            "its source_profile `two` has no credentials\n",
        ),
        (
            "role_arn = r\nsource_profile = two\ncredential_source = Environment\n",
            3,
            "it has both source_profile and credential_source\n",
        ),
        (
            "role_arn = r\ncredential_source = Sky\n",
            3,
            "its credential_source is `Sky`; there are Environment, Ec2InstanceMetadata and EcsContainer\n",
        ),
        (
            "role_arn = r\ncredential_source = EcsContainer\n",
            3,
            "its credential_source EcsContainer has no credentials\n",
        ),
        (
            "role_arn = r\nsource_profile = x\nduration_seconds = 1h\n",
            4,
            "its duration_seconds `1h` is not a number\n",
        ),
        (
            "web_identity_token_file = x\n",
            2,
            "its web identity has no role_arn\n",
        ),
    ] {
        let sandbox = at_now().config(&format!("[profile dev]\n{profile}"));
        let outcome = sandbox.run(&["--profile", "dev", "get"], REQUEST);
        let name = if line == 6 { "two" } else { "dev" };
        outcome.assert_quit(&format!(
            "git-credential-codecommit: failed to assume the role of profile `{name}` ({}:{line}): {fault}",
            sandbox.config_path().display()
        ));
    }
}

#[test]
fn what_sts_refuses_is_told_and_nothing_is_kept() {
    let refusal = "<ErrorResponse><Error><Code>AccessDenied</Code><Message>User: alice is not authorized to perform: sts:AssumeRole</Message></Error></ErrorResponse>";
    let service = answering(403, refusal);
    let sandbox = at_now()
        .variable("AWS_ENDPOINT_URL_STS", &service.url)
        .config(&format!(
            "[default]\nrole_arn = {ROLE}\nsource_profile = default\n{KEYS}"
        ));
    let host = service.url.trim_start_matches("http://").to_owned();
    sandbox.run(&["get"], REQUEST).assert_quit(&format!(
        "git-credential-codecommit: failed to get the role {ROLE} of profile `default`: {host} answered 403: \
         AccessDenied: User: alice is not authorized to perform: sts:AssumeRole\n"
    ));
    assert!(cached(&sandbox).is_empty());

    // Nobody listens on the port of a listener that is gone.
    let nobody = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let host = nobody.local_addr().unwrap();
    drop(nobody);
    let sandbox = sandbox.variable("AWS_ENDPOINT_URL_STS", &format!("http://{host}"));
    let outcome = sandbox.run(&["get"], REQUEST);
    let expected =
        format!("failed to get the role {ROLE} of profile `default`: failed to reach {host}: ");
    assert!(outcome.stderr.contains(&expected), "{outcome:?}");
    assert!(outcome.stderr.contains("note: HTTPS_PROXY"), "{outcome:?}");
}

#[test]
fn a_server_error_of_sts_is_tried_once_more() {
    let count = std::sync::atomic::AtomicU32::new(0);
    let service =
        Fake::start(
            move |_| match count.fetch_add(1, std::sync::atomic::Ordering::Relaxed) {
                0 => (503, "later".to_owned()),
                _ => (200, sts("ASIA", "2025-01-15T09:30:00Z")),
            },
        );
    let sandbox = at_now()
        .variable("AWS_ENDPOINT_URL_STS", &service.url)
        .config(&format!(
            "[default]\nrole_arn = {ROLE}\nsource_profile = default\n{KEYS}"
        ));
    sandbox
        .run(&["get"], REQUEST)
        .assert_user_name("ASIA%token/ASIA==");
    assert_eq!(service.asked().len(), 2);
}

#[test]
fn an_mfa_code_is_never_read_from_git() {
    let sandbox = at_now()
        .variable("GIT_TERMINAL_PROMPT", "0")
        .config(&format!(
            "[profile my dev]\n[profile 'my dev']\nrole_arn = {ROLE}\nsource_profile = source\nmfa_serial = {ROLE}/mfa\n\
             [profile source]\n{KEYS}"
        ));
    let outcome = sandbox.run(
        &["--profile", "my dev", "get"],
        &format!("{REQUEST}\n123456\n"),
    );
    outcome.assert_quit(&format!(
        "git-credential-codecommit: failed to assume the role of profile `my dev` ({}:3): its role needs an MFA code of \
         {ROLE}/mfa, and there is no terminal to ask for it on: GIT_TERMINAL_PROMPT is 0\n  \
         to be asked in a terminal, and have the session used here, run:\n      \
         aws sts get-caller-identity --profile 'my dev'\n",
        sandbox.config_path().display()
    ));
}

/// `script` (util-linux) gives the program a terminal.
#[cfg(target_os = "linux")]
#[test]
fn an_mfa_code_is_asked_for_on_the_terminal() {
    let script = std::path::Path::new("/usr/bin/script");
    if !script.is_file() {
        crate::skip::skipped("there is no /usr/bin/script");
        return;
    }
    let service = counting_sts();
    let sandbox = at_now()
        .variable("AWS_ENDPOINT_URL_STS", &service.url)
        .config(&format!(
            "[default]\nrole_arn = {ROLE}\nsource_profile = source\nmfa_serial = arn:mfa\n[profile source]\n{KEYS}"
        ));
    let request = sandbox.path().join("request");
    fs::write(&request, REQUEST).unwrap();
    let answer = sandbox.path().join("answer");
    let command = format!(
        "{} get <{} >{}",
        crate::sandbox::HELPER,
        request.display(),
        answer.display()
    );
    let outcome = sandbox.run_program(script, &["-qec", &command, "/dev/null"], "123456\n");
    assert!(
        outcome.stdout.contains("Enter MFA code for arn:mfa: "),
        "{outcome:?}"
    );
    let answer = fs::read_to_string(answer).unwrap();
    assert!(answer.starts_with("username=ASIADeployer0%"), "{answer}");
    let asked = service.asked();
    assert_eq!(asked[0].parameter("TokenCode").as_deref(), Some("123456"));
    assert_eq!(
        asked[0].parameter("SerialNumber").as_deref(),
        Some("arn:mfa")
    );
    // The session lasts, so nobody is asked again.
    let outcome = sandbox.run(&["get"], REQUEST);
    outcome.assert_user_name("ASIADeployer0%token/ASIADeployer0==");
}

#[test]
fn a_web_identity_is_told_by_variables_or_by_the_profile() {
    let service = counting_sts();
    let sandbox = at_now().variable("AWS_ENDPOINT_URL_STS", &service.url);
    fs::write(sandbox.path().join("token"), "header.payload.signature").unwrap();
    let sandbox = sandbox.config(&format!(
        "[profile dev]\nrole_arn = {ROLE}\nweb_identity_token_file = ~/token\nrole_session_name = build\n"
    ));
    let outcome = sandbox.run(&["--profile", "dev", "get"], REQUEST);
    outcome.assert_user_name("ASIADeployer0%token/ASIADeployer0==");

    let file = sandbox.path().join("token").display().to_string();
    let sandbox = sandbox
        .variable("AWS_WEB_IDENTITY_TOKEN_FILE", &file)
        .variable("AWS_ROLE_ARN", "arn:aws:iam::1:role/Pod")
        .variable("AWS_PROFILE", "dev");
    let outcome = sandbox.run(&["get"], REQUEST);
    outcome.assert_user_name("ASIAPod1%token/ASIAPod1==");
    // A profile that is named on the command line is that profile.
    let outcome = sandbox.run(&["--profile", "dev", "get"], REQUEST);
    outcome.assert_user_name("ASIADeployer0%token/ASIADeployer0==");

    let asked = service.asked();
    assert_eq!(asked.len(), 2);
    for request in &asked {
        let token = request.parameter("WebIdentityToken");
        assert_eq!(token.as_deref(), Some("header.payload.signature"));
        assert_eq!(request.header("authorization"), None);
    }
    let name = asked[0].parameter("RoleSessionName");
    assert_eq!(name.as_deref(), Some("build"));

    let sandbox = sandbox.variable("AWS_ROLE_ARN", "arn:aws:iam::1:role/Other");
    fs::remove_file(sandbox.path().join("token")).unwrap();
    let outcome = sandbox.run(&["get"], REQUEST);
    assert!(outcome.stderr.contains("failed to read "), "{outcome:?}");
    let sandbox = at_now().variable("AWS_WEB_IDENTITY_TOKEN_FILE", &file);
    sandbox.run(&["get"], REQUEST).assert_quit(
        "git-credential-codecommit: failed to use AWS_WEB_IDENTITY_TOKEN_FILE: AWS_ROLE_ARN is not set\n",
    );
}

const SSO_PROFILE: &str =
    "[profile dev]\nsso_account_id = 111122223333\nsso_role_name = Dev Role\n";
const ROLE_CREDENTIALS: &str = r#"{"roleCredentials":{"accessKeyId":"ASIASSO","secretAccessKey":"s","sessionToken":"t","expiration":1736933400000}}"#;

fn put_token(sandbox: &Sandbox, of: &str, document: &str) {
    let folder = sandbox.path().join(".aws").join("sso").join("cache");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(format!("{}.json", sha1(of))), document).unwrap();
}

/// SHA-1 of the two names that these tests need.
fn sha1(text: &str) -> &'static str {
    match text {
        "corp" => "ee0bfd2552fbd840c02cc48b6e823320543c450f",
        "https://corp.example/start" => "f7c9b39d0b4c7a7d82c79307585f77e1c5e74378",
        other => panic!("{other}"),
    }
}

#[test]
fn identity_center_gives_a_role_for_the_token_of_the_login() {
    let portal = answering(200, ROLE_CREDENTIALS);
    let sandbox = at_now()
        .variable("AWS_ENDPOINT_URL_SSO", &portal.url)
        .config(&format!(
            "{SSO_PROFILE}sso_region = eu-west-1\nsso_start_url = https://corp.example/start\n"
        ));
    put_token(
        &sandbox,
        "https://corp.example/start",
        r#"{"accessToken":"login-token","expiresAt":"2025-01-15T08:31:00UTC"}"#,
    );
    for _ in 0..2 {
        let outcome = sandbox.run(&["--profile", "dev", "get"], REQUEST);
        outcome.assert_user_name("ASIASSO%t");
    }
    let asked = portal.asked();
    assert_eq!(asked.len(), 1);
    assert_eq!(
        asked[0].line,
        "GET /federation/credentials?role_name=Dev%20Role&account_id=111122223333"
    );
    assert_eq!(
        asked[0].header("x-amz-sso_bearer_token"),
        Some("login-token")
    );
    let stored = fs::read_to_string(&cached(&sandbox)[0]).unwrap();
    assert!(stored.contains(r#""ProviderType":"sso""#), "{stored}");
}

#[test]
fn the_token_of_an_sso_session_is_refreshed() {
    let service = Fake::start(|asked| match asked.line.split('?').next().unwrap() {
        "POST /token" => (
            200,
            r#"{"accessToken":"new-token","expiresIn":28800,"refreshToken":"new-refresh"}"#
                .to_owned(),
        ),
        "GET /federation/credentials" => (200, ROLE_CREDENTIALS.to_owned()),
        _ => (404, String::new()),
    });
    let sandbox = at_now()
        .variable("AWS_ENDPOINT_URL", &service.url)
        .config(&format!(
            "{SSO_PROFILE}sso_session = corp\n[sso-session corp]\nsso_region = eu-west-1\n\
         sso_start_url = https://corp.example/start\nsso_registration_scopes = sso:account:access\n"
        ));
    put_token(
        &sandbox,
        "corp",
        r#"{"accessToken":"old-token","expiresAt":"2025-01-15T08:29:00Z","clientId":"id","clientSecret":"cs",
            "registrationExpiresAt":"2025-02-15T08:29:00Z","refreshToken":"old-refresh","region":"eu-west-1"}"#,
    );
    let outcome = sandbox.run(&["--profile", "dev", "get"], REQUEST);
    outcome.assert_user_name("ASIASSO%t");
    let asked = service.asked();
    assert_eq!(asked.len(), 2);
    let sent: serde_json::Value = serde_json::from_str(&asked[0].body).unwrap();
    assert_eq!(sent["refreshToken"], "old-refresh");
    assert_eq!(sent["grantType"], "refresh_token");
    assert_eq!(asked[1].header("x-amz-sso_bearer_token"), Some("new-token"));
    let folder = sandbox.path().join(".aws").join("sso").join("cache");
    let stored = fs::read_to_string(folder.join(format!("{}.json", sha1("corp")))).unwrap();
    let stored: serde_json::Value = serde_json::from_str(&stored).unwrap();
    assert_eq!(stored["refreshToken"], "new-refresh");
    assert_eq!(stored["expiresAt"], "2025-01-15T16:30:00Z");
    assert_eq!(stored["clientSecret"], "cs");
}

#[test]
fn a_login_that_is_missing_ended_or_refused_names_the_command() {
    let refusing = answering(401, r#"{"message":"Session token not found or invalid"}"#);
    let settings = "sso_session = corp\n[sso-session corp]\nsso_region = r\nsso_start_url = u\n";
    let sandbox = at_now()
        .variable("AWS_ENDPOINT_URL", &refusing.url)
        .config(&format!("{SSO_PROFILE}{settings}"));
    let message = |fault: &str| {
        format!(
            "git-credential-codecommit: failed to use IAM Identity Center for profile `dev` ({}:2): {fault}\n  \
             to log in, run:\n      aws sso login --profile dev\n",
            sandbox.config_path().display()
        )
    };
    let run = || sandbox.run(&["--profile", "dev", "get"], REQUEST);
    run().assert_quit(&message("nobody has logged in to corp"));
    put_token(&sandbox, "corp", "{");
    run().assert_quit(&message("nobody has logged in to corp"));
    put_token(
        &sandbox,
        "corp",
        r#"{"accessToken":"hunter2","expiresAt":"2025-01-15T08:00:00Z"}"#,
    );
    run().assert_quit(&message(
        "the login to corp ended at 2025-01-15T08:00:00Z, and it is 2025-01-15T08:30:00Z",
    ));
    put_token(
        &sandbox,
        "corp",
        r#"{"accessToken":"hunter2","expiresAt":"2025-01-15T18:00:00Z"}"#,
    );
    run().assert_quit(&message("the login to corp is not accepted any more"));

    for (settings, fault) in [
        ("", "it has no sso_start_url, no sso_region"),
        (
            "sso_session = gone\n",
            "there is no [sso-session gone] in the config file",
        ),
        (
            "sso_region = one\nsso_session = corp\n[sso-session corp]\nsso_region = two\nsso_start_url = u\n",
            "its sso_region is not that of [sso-session corp]",
        ),
    ] {
        let sandbox = at_now().config(&format!("{SSO_PROFILE}{settings}"));
        let outcome = sandbox.run(&["--profile", "dev", "get"], REQUEST);
        assert!(outcome.stderr.contains(fault), "{outcome:?}");
        assert!(
            outcome.stderr.contains("aws configure sso --profile dev"),
            "{outcome:?}"
        );
    }
}

const LOGIN_SESSION: &str = "arn:aws:iam::111122223333:user/alice";

/// A new key, as `aws login` makes one.
fn dpop_key() -> String {
    use base64::Engine as _;
    use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
    let random = ring::rand::SystemRandom::new();
    let key = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
    let text = base64::engine::general_purpose::STANDARD.encode(key);
    format!("-----BEGIN PRIVATE KEY-----\n{text}\n-----END PRIVATE KEY-----\n")
}

fn put_login(sandbox: &Sandbox, expires: &str) -> PathBuf {
    let folder = sandbox.path().join("logins");
    fs::create_dir_all(&folder).unwrap();
    let file = folder.join("5778c30d3fe8c123cb2ab0d5a82c81b6fdcedfb868a6625f6f5bf6f05a7f129b.json");
    let document = serde_json::json!({
        "accessToken": {
            "accessKeyId": "ASIALOGIN", "secretAccessKey": "s", "sessionToken": "t",
            "accountId": "111122223333", "expiresAt": expires,
        },
        "tokenType": "aws_sigv4", "clientId": "arn:aws:signin:::devtools/same-device",
        "refreshToken": "old-refresh", "dpopKey": dpop_key(),
    });
    fs::write(&file, document.to_string()).unwrap();
    file
}

fn with_login(service: &Fake) -> Sandbox {
    let sandbox = at_now();
    let folder = sandbox.path().join("logins").display().to_string();
    sandbox
        .variable("AWS_ENDPOINT_URL", &service.url)
        .variable("AWS_LOGIN_CACHE_DIRECTORY", &folder)
        .config(&format!("[profile dev]\nlogin_session = {LOGIN_SESSION}\n"))
}

#[test]
fn the_keys_of_aws_login_are_used_and_renewed() {
    let service = answering(
        200,
        r#"{"accessToken":{"accessKeyId":"ASIANEW","secretAccessKey":"s","sessionToken":"t2"},"tokenType":"aws_sigv4",
            "expiresIn":900,"refreshToken":"new-refresh"}"#,
    );
    let sandbox = with_login(&service);
    let file = put_login(&sandbox, "2025-01-15T08:40:00Z");
    let run = || sandbox.run(&["--profile", "dev", "get"], REQUEST);
    run().assert_user_name("ASIALOGIN%t");
    assert!(service.asked().is_empty());

    put_login(&sandbox, "2025-01-15T08:34:00Z");
    run().assert_user_name("ASIANEW%t2");
    run().assert_user_name("ASIANEW%t2");
    let asked = service.asked();
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].line, "POST /v1/token");
    let sent: serde_json::Value = serde_json::from_str(&asked[0].body).unwrap();
    assert_eq!(sent["refreshToken"], "old-refresh");
    assert_eq!(asked[0].header("dpop").unwrap().split('.').count(), 3);
    let stored: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    assert_eq!(stored["refreshToken"], "new-refresh");
    assert_eq!(stored["accessToken"]["expiresAt"], "2025-01-15T08:45:00Z");
    assert_eq!(stored["accessToken"]["accountId"], "111122223333");
    assert_eq!(stored["clientId"], "arn:aws:signin:::devtools/same-device");
}

#[test]
fn a_login_that_has_ended_names_the_command() {
    let service = answering(
        403,
        r#"{"error":"TOKEN_EXPIRED","message":"The refresh token has expired"}"#,
    );
    let sandbox = with_login(&service);
    let message = |fault: &str| {
        format!(
            "git-credential-codecommit: failed to use the login of profile `dev` ({}:2): {fault}\n  \
             to log in, run:\n      aws login --profile dev\n",
            sandbox.config_path().display()
        )
    };
    let run = || sandbox.run(&["--profile", "dev", "get"], REQUEST);
    run().assert_quit(&message(&format!(
        "nobody has logged in as {LOGIN_SESSION}"
    )));
    let file = put_login(&sandbox, "2025-01-15T08:34:00Z");
    run().assert_quit(&message(&format!(
        "the login as {LOGIN_SESSION} has ended: The refresh token has expired"
    )));
    fs::write(file, r#"{"accessToken":{"accessKeyId":"A"}}"#).unwrap();
    run().assert_quit(&message(&format!(
        "the login as {LOGIN_SESSION} has no expiresAt"
    )));
}

#[test]
fn a_container_is_asked_with_its_token() {
    let service = answering(200, json_keys("ASIATASK"));
    let sandbox = at_now();
    let file = sandbox.path().join("pod-token");
    fs::write(&file, "from a file").unwrap();
    let sandbox = sandbox
        .variable(
            "AWS_CONTAINER_CREDENTIALS_FULL_URI",
            &format!("{}/task?id=1", service.url),
        )
        .variable("AWS_CONTAINER_AUTHORIZATION_TOKEN", "from a variable");
    sandbox
        .run(&["get"], REQUEST)
        .assert_user_name("ASIATASK%token");
    let sandbox = sandbox.variable(
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
        &file.display().to_string(),
    );
    sandbox
        .run(&["get"], REQUEST)
        .assert_user_name("ASIATASK%token");
    let asked = service.asked();
    assert_eq!(asked[0].line, "GET /task?id=1");
    let tokens: Vec<_> = asked
        .iter()
        .map(|asked| asked.header("authorization"))
        .collect();
    assert_eq!(tokens, [Some("from a variable"), Some("from a file")]);

    fs::write(&file, "hunter2\nx: y").unwrap();
    sandbox.run(&["get"], REQUEST).assert_quit(
        "git-credential-codecommit: failed to use AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: the token has control \
         characters in it\n",
    );
    let elsewhere = at_now().variable(
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "http://evil.example/x",
    );
    elsewhere.run(&["get"], REQUEST).assert_quit(
        "git-credential-codecommit: failed to use AWS_CONTAINER_CREDENTIALS_FULL_URI: http://evil.example/x is neither \
         https nor this machine nor an address of ECS or EKS\n",
    );
    let refusing = answering(400, r#"{"code":"InvalidToken","message":"no such pod"}"#);
    let sandbox = at_now().variable("AWS_CONTAINER_CREDENTIALS_FULL_URI", &refusing.url);
    let outcome = sandbox.run(&["get"], REQUEST);
    assert!(
        outcome
            .stderr
            .ends_with("answered 400: InvalidToken: no such pod\n"),
        "{outcome:?}"
    );
}

#[test]
fn an_instance_is_asked_last_and_with_a_token_of_version_2() {
    let machine = Fake::start(|asked| match asked.line.as_str() {
        "PUT /latest/api/token" => (200, "imds-token".to_owned()),
        _ if asked.header("x-aws-ec2-metadata-token") != Some("imds-token") => (401, String::new()),
        "GET /latest/meta-data/iam/security-credentials/" => (200, "web".to_owned()),
        _ => (200, json_keys("ASIAINSTANCE")),
    });
    let sandbox = at_now().variable("AWS_EC2_METADATA_DISABLED", "").variable(
        "AWS_EC2_METADATA_SERVICE_ENDPOINT",
        &format!("{}/", machine.url),
    );
    sandbox
        .run(&["get"], REQUEST)
        .assert_user_name("ASIAINSTANCE%token");
    assert_eq!(machine.asked().len(), 3);

    // Its keys are used past their end when the service cannot renew them.
    let sandbox = sandbox.variable("CODECOMMIT_HELPER_CLOCK", "2025-01-15T18:30:00Z");
    sandbox
        .run(&["get"], REQUEST)
        .assert_user_name("ASIAINSTANCE%token");

    for (machine, note) in [
        (
            answering(404, ""),
            "note: the instance metadata service has no keys: to latest/api/token ",
        ),
        (
            Fake::start(|asked| {
                match asked.line.as_str() {
                "GET /latest/meta-data/iam/security-credentials/web" => (
                    200,
                    r#"{"Code":"AssumeRoleUnauthorizedAccess","Message":"EC2 cannot assume the role"}"#.to_owned(),
                ),
                _ => (200, "web".to_owned()),
            }
            }),
            "note: the instance metadata service has no keys: for the role web it says `AssumeRoleUnauthorizedAccess: \
             EC2 cannot assume the role`\n",
        ),
    ] {
        let sandbox = at_now()
            .variable("AWS_EC2_METADATA_DISABLED", "")
            .variable("AWS_EC2_METADATA_SERVICE_ENDPOINT", &machine.url);
        let outcome = sandbox.run(&["get"], REQUEST);
        assert!(
            outcome.stderr.contains("failed to find AWS credentials"),
            "{outcome:?}"
        );
        assert!(outcome.stderr.contains(note), "{outcome:?}");
    }
}

#[test]
fn services_are_found_where_the_configuration_says() {
    let service = counting_sts();
    for (variable, config) in [
        (Some("AWS_ENDPOINT_URL_STS"), String::new()),
        (Some("AWS_ENDPOINT_URL"), String::new()),
        (
            None,
            format!(
                "services = local\n[services local]\nsts =\n  endpoint_url = {}\n",
                service.url
            ),
        ),
        (None, format!("endpoint_url = {}\n", service.url)),
    ] {
        let before = service.asked().len();
        let mut sandbox = at_now().config(&format!(
            "[default]\nrole_arn = {ROLE}\nsource_profile = default\n{KEYS}{config}"
        ));
        if let Some(variable) = variable {
            sandbox = sandbox.variable(variable, &service.url);
        }
        assert_eq!(sandbox.run(&["get"], REQUEST).code, 0);
        assert_eq!(service.asked().len(), before + 1);
    }
}

#[test]
fn a_proxy_is_used_and_no_proxy_honoured() {
    let proxy = answering(502, "");
    let service = counting_sts();
    let sandbox = at_now()
        .variable("AWS_ENDPOINT_URL_STS", &service.url)
        .variable("HTTP_PROXY", &proxy.url)
        .config(&format!(
            "[default]\nrole_arn = {ROLE}\nsource_profile = default\n{KEYS}"
        ));
    let outcome = sandbox.run(&["get"], REQUEST);
    assert_eq!(outcome.code, 1);
    assert!(!proxy.asked().is_empty() && service.asked().is_empty());
    let sandbox = sandbox.variable("NO_PROXY", "127.0.0.1");
    assert_eq!(sandbox.run(&["get"], REQUEST).code, 0);
}

#[test]
fn certificates_that_cannot_be_read_are_an_error_before_anything_is_sent() {
    let sandbox = at_now()
        .variable("AWS_CA_BUNDLE", "/nowhere/ca.pem")
        .config(&format!(
            "[default]\nrole_arn = {ROLE}\nsource_profile = default\n{KEYS}"
        ));
    let outcome = sandbox.run(&["get"], REQUEST);
    let expected = "failed to read the certificates of /nowhere/ca.pem";
    assert!(outcome.stderr.contains(expected), "{outcome:?}");
    // A key that lies in a file needs none.
    let sandbox = sandbox.config(&format!("[default]\n{KEYS}"));
    sandbox
        .run(&["get"], REQUEST)
        .assert_user_name("AKIASOURCE");
}
