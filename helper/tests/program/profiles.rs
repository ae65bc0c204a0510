//! Whose key signs.

use crate::sandbox::{ACCESS_KEY_ID, REQUEST, Sandbox};

fn key(id: &str) -> String {
    format!("aws_access_key_id = {id}\naws_secret_access_key = secret\n")
}

#[test]
fn names_with_spaces_work_in_both_files() {
    let sandbox = Sandbox::new()
        .config(&format!(
            "[profile \"Code Commit\"]\n{}\n[profile 'single quoted']\n{}",
            key("AKIADOUBLE"),
            key("AKIASINGLE")
        ))
        .credentials(&format!("[Code Cred]\r\n{}", key("AKIARAW")).replace('\n', "\r\n"));
    for (profile, id) in [
        ("Code Commit", "AKIADOUBLE"),
        ("single quoted", "AKIASINGLE"),
        ("Code Cred", "AKIARAW"),
    ] {
        for args in [
            vec!["--profile", profile, "get"],
            vec!["get", "--profile", profile],
            vec![&*format!("--profile={profile}"), "get"],
        ] {
            sandbox.run(&args, REQUEST).assert_user_name(id);
        }
    }
}

#[test]
fn the_order_of_sources_is_that_of_the_aws_cli() {
    let files = |sandbox: Sandbox| {
        sandbox.config(&format!(
            "[default]\n{}[profile dev]\n{}[profile ops]\n{}",
            key("AKIADEFAULT"),
            key("AKIADEV"),
            key("AKIAOPS"),
        ))
    };
    let get = ["get"];
    let default = files(Sandbox::new());
    default.run(&get, REQUEST).assert_user_name("AKIADEFAULT");
    let empty = files(Sandbox::new()).variable("AWS_PROFILE", "");
    empty.run(&get, REQUEST).assert_user_name("AKIADEFAULT");
    let old = files(Sandbox::new()).variable("AWS_DEFAULT_PROFILE", "ops");
    old.run(&get, REQUEST).assert_user_name("AKIAOPS");
    let variable = old.variable("AWS_PROFILE", "dev");
    variable.run(&get, REQUEST).assert_user_name("AKIADEV");

    let keys = files(Sandbox::with_keys()).variable("AWS_PROFILE", "dev");
    keys.run(&get, REQUEST).assert_user_name(ACCESS_KEY_ID);
    // The keys win, but a profile that is named has to exist, as for the AWS CLI.
    let misspelt = files(Sandbox::with_keys()).variable("AWS_PROFILE", "dve");
    let outcome = misspelt.run(&get, REQUEST);
    assert!(
        outcome
            .stderr
            .contains("failed to find profile `dve` (named by AWS_PROFILE)"),
        "{outcome:?}"
    );
    assert_eq!(outcome.stdout, "quit=1\n");
    let explicit = ["--profile", "dev", "get"];
    keys.run(&explicit, REQUEST).assert_user_name("AKIADEV");
    let nobody = ["--profile", "", "get"];
    keys.run(&nobody, REQUEST).assert_user_name(ACCESS_KEY_ID);
}

#[test]
fn a_named_profile_does_not_borrow_the_session_of_the_environment() {
    let sandbox = Sandbox::with_keys()
        .variable("AWS_SESSION_TOKEN", "token")
        .variable("AWS_CREDENTIAL_EXPIRATION", "2001-01-01T00:00:00Z")
        .credentials(&format!("[dev]\n{}", key("AKIADEV")));
    let explicit = ["--profile", "dev", "get"];
    sandbox.run(&explicit, REQUEST).assert_user_name("AKIADEV");
}

#[test]
fn session_tokens_travel_in_the_user_name() {
    let sandbox = Sandbox::new().credentials(&format!(
        "[default]\n{}aws_session_token = IQoJ/+==\n[old]\n{}aws_security_token = old\n\
         aws_session_token = new\n[empty]\n{}aws_session_token =\n",
        key("ASIA"),
        key("ASIA"),
        key("AKIA")
    ));
    for (profile, user_name) in [
        ("default", "ASIA%IQoJ/+=="),
        ("old", "ASIA%old"),
        ("empty", "AKIA"),
    ] {
        let outcome = sandbox.run(&["--profile", profile, "get"], REQUEST);
        outcome.assert_user_name(user_name);
    }
}

#[test]
fn files_may_lie_elsewhere() {
    let sandbox = Sandbox::new();
    std::fs::write(
        sandbox.path().join("elsewhere"),
        format!("[default]\n{}", key("AKIAELSEWHERE")),
    )
    .unwrap();
    let sandbox = sandbox
        .credentials(&format!("[default]\n{}", key("AKIAHOME")))
        .variable("AWS_SHARED_CREDENTIALS_FILE", "~/elsewhere");
    sandbox
        .run(&["get"], REQUEST)
        .assert_user_name("AKIAELSEWHERE");
}

#[test]
fn files_that_are_not_needed_are_not_read() {
    let sandbox = Sandbox::with_keys().config("nonsense").credentials("[");
    sandbox
        .run(&["get"], REQUEST)
        .assert_user_name(ACCESS_KEY_ID);
}

#[test]
fn a_host_without_a_region_takes_the_profiles() {
    let request = "protocol=http\nhost=localhost:8443\npath=v1/repos/MyDemoRepo\n";
    let at = "2025-01-15T08:30:00Z";
    let password = |sandbox: &Sandbox, args: &[&str]| {
        let outcome = sandbox.run(args, request);
        outcome.stdout.lines().nth(1).map(str::to_owned)
    };
    let sandbox = Sandbox::with_keys()
        .variable("CODECOMMIT_HELPER_CLOCK", at)
        .config("[default]\nregion = eu-west-1\n");
    let by_profile = password(&sandbox, &["get", "--ignore-host-check"]);
    let by_option = password(
        &sandbox,
        &["get", "--ignore-host-check", "--region", "eu-west-1"],
    );
    assert!(by_profile.is_some());
    assert_eq!(by_profile, by_option);
    let sandbox = sandbox.variable("AWS_REGION", "us-east-2");
    let by_variable = password(&sandbox, &["get", "--ignore-host-check"]);
    assert_ne!(by_variable, by_profile);
}
