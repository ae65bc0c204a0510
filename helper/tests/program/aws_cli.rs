//! Side by side with the real AWS CLI, where it is installed (`ci/install-peers.sh`).

#![cfg(unix)]

use std::path::{Path, PathBuf};

use crate::fake::Fake;
use crate::sandbox::{REQUEST, Sandbox};
use crate::skip::skipped;

fn aws() -> Option<PathBuf> {
    let installed = concat!(env!("CARGO_MANIFEST_DIR"), "/../ci/peers/bin/aws");
    let program = Path::new(installed).canonicalize().ok();
    if program.is_none() {
        skipped("the AWS CLI is not installed (ci/install-peers.sh)");
    }
    program
}

fn user_name(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

/// What either of the two has got from a service, the other takes from the cache.
#[test]
fn sessions_are_shared_with_the_aws_cli() {
    let Some(aws) = aws() else { return };
    for (name, config) in [
        (
            "role",
            "[profile dev]\nrole_arn = arn:aws:iam::111122223333:role/Deployer\nsource_profile = dev\n\
             aws_access_key_id = AKIA\naws_secret_access_key = s\nregion = us-east-1\n",
        ),
        (
            "role with everything",
            "[profile dev]\nrole_arn = arn:aws:iam::111122223333:role/Deployer\nsource_profile = dev\n\
             external_id = caf\u{e9} \"x\" \u{1f980}\nduration_seconds = 1800\nrole_session_name = alice\n\
             aws_access_key_id = AKIA\naws_secret_access_key = s\nregion = us-east-1\n",
        ),
        (
            "web identity",
            "[profile dev]\nrole_arn = arn:aws:iam::111122223333:role/Deployer\nweb_identity_token_file = token\n\
             region = us-east-1\n",
        ),
    ] {
        for ours_first in [true, false] {
            let count = std::sync::atomic::AtomicU32::new(0);
            let service = Fake::start(move |asked| {
                let number = count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                let action = asked.parameter("Action").unwrap();
                let text = format!(
                    "<{action}Response><{action}Result><Credentials><AccessKeyId>ASIA{number}</AccessKeyId>\
                     <SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>\
                     <Expiration>2099-01-15T09:30:00Z</Expiration></Credentials></{action}Result></{action}Response>"
                );
                (200, text)
            });
            let sandbox = Sandbox::new()
                .variable("AWS_ENDPOINT_URL_STS", &service.url)
                .config(config);
            std::fs::write(sandbox.path().join("token"), "a.b.c").unwrap();
            let ours = || sandbox.run(&["--profile", "dev", "get"], REQUEST);
            let theirs = || {
                let args = ["--profile", "dev", "codecommit", "credential-helper", "get"];
                sandbox.run_program(&aws, &args, REQUEST)
            };
            let (first, second) = match ours_first {
                true => (ours(), theirs()),
                false => (theirs(), ours()),
            };
            assert_eq!(
                user_name(&first.stdout),
                "username=ASIA0%t",
                "{name}: {first:?}"
            );
            assert_eq!(
                user_name(&second.stdout),
                "username=ASIA0%t",
                "{name}: {second:?}"
            );
            assert_eq!(service.asked().len(), 1, "{name}");
        }
    }
}

/// The AWS CLI takes the endpoint of its configuration in this order, too.
#[test]
fn the_order_of_configured_endpoints_is_that_of_the_aws_cli() {
    let Some(aws) = aws() else { return };
    let named = |name: &'static str| {
        Fake::start(move |_| {
            let text = format!(
                "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>{name}</AccessKeyId>\
                 <SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>\
                 <Expiration>2025-01-15T09:30:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"
            );
            (200, text)
        })
    };
    let (sts, all, section, profile) = (
        named("STS"),
        named("ALL"),
        named("SECTION"),
        named("PROFILE"),
    );
    let config = |services: bool, url: bool| {
        let services = match services {
            true => format!(
                "services = x\n[services x]\nsts =\n  endpoint_url = {}\n",
                section.url
            ),
            false => String::new(),
        };
        let url = match url {
            true => format!("endpoint_url = {}\n", profile.url),
            false => String::new(),
        };
        format!(
            "[profile dev]\nrole_arn = arn:aws:iam::111122223333:role/Deployer\nsource_profile = dev\n\
             aws_access_key_id = AKIA\naws_secret_access_key = s\nregion = us-east-1\n{url}{services}"
        )
    };
    for (variables, services, url, expected) in [
        (
            vec![("AWS_ENDPOINT_URL_STS", &sts), ("AWS_ENDPOINT_URL", &all)],
            true,
            true,
            "STS",
        ),
        (vec![("AWS_ENDPOINT_URL", &all)], true, true, "ALL"),
        (vec![], true, true, "SECTION"),
        (vec![], false, true, "PROFILE"),
    ] {
        // Sessions that have ended, so that nothing comes from a cache.
        let mut sandbox = Sandbox::new().config(&config(services, url));
        for (name, fake) in variables {
            sandbox = sandbox.variable(name, &fake.url);
        }
        let args = ["--profile", "dev", "codecommit", "credential-helper", "get"];
        let asked = |fake: &Fake| fake.asked().len();
        let before = [&sts, &all, &section, &profile].map(asked);
        let _ = sandbox.run_program(&aws, &args, REQUEST);
        let theirs = [&sts, &all, &section, &profile].map(asked);
        let sandbox = sandbox.variable("CODECOMMIT_HELPER_CLOCK", "2025-01-15T08:30:00Z");
        let ours = sandbox.run(&["--profile", "dev", "get"], REQUEST);
        ours.assert_user_name(&format!("{expected}%t"));
        let index = ["STS", "ALL", "SECTION", "PROFILE"]
            .iter()
            .position(|name| *name == expected)
            .unwrap();
        for (at, (before, theirs)) in before.iter().zip(theirs).enumerate() {
            assert_eq!(theirs > *before, at == index, "{expected}");
        }
    }
}
