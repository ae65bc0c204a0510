//! Whose policies have to allow `sts:AssumeRole`: the role's trust policy always, and the caller's own where it leaves it to them
//! or another account's role is asked for. The cases are those of the IAM user guide's "Policy evaluation logic".

use codecommit_mock::MockServer;
use codecommit_mock::authn::verdict::Verdict;
use codecommit_tests::aws::{Keys, between, sts};
use codecommit_tests::{Lab, world};

const STS: &str = "sts.us-east-2.amazonaws.com";
const HOME: &str = "111122223333";
const ABROAD: &str = "444455556666";

/// What `alice` of 111122223333 may do, and whom the role `Target` of each of two accounts trusts.
fn lab(alice: &str, trusted: &str) -> Lab {
    let text = format!(
        r#"
extends = "demo"
[[account]]
id = "{HOME}"
[[account.user]]
name = "alice"
{alice}
[[account.user.mfa_device]]
serial = "arn:aws:iam::{HOME}:mfa/alice"
token_code = "123456"
[[account.role]]
name = "Target"
trusted = [{trusted}]
[[account]]
id = "{ABROAD}"
[[account.role]]
name = "Target"
trusted = [{trusted}]
"#
    );
    Lab::start(MockServer::builder().world(world(&text)))
}

fn policy(effect: &str, more: &str) -> String {
    format!(
        "[[account.user.inline_policy]]\nname = \"roles\"\ndocument = '{{\"Version\": \"2012-10-17\", \"Statement\": {{\
         \"Effect\": \"{effect}\", \"Action\": \"sts:AssumeRole\", \"Resource\": \"arn:aws:iam::*:role/Target\"{more}}}}}'\n"
    )
}

/// The verdict on assuming `Target` of this account.
fn verdict(lab: &Lab, keys: &Keys, account: &str, more: &str) -> &'static str {
    let role = format!("arn:aws:iam::{account}:role/Target");
    let form = format!("Action=AssumeRole&RoleArn={role}&RoleSessionName=test{more}");
    sts(lab, STS, "us-east-2", keys, &form);
    lab.last_verdict()
}

const THE_USER: &str = "\"arn:aws:iam::111122223333:user/alice\"";
const THE_ACCOUNT: &str = "\"arn:aws:iam::111122223333:root\"";

#[test]
fn a_trust_policy_that_names_the_user_is_enough_in_one_account_and_not_between_two() {
    let lab = lab("", THE_USER);
    let alice = Keys::alice();
    assert_eq!(verdict(&lab, &alice, HOME, ""), "accepted");
    assert_eq!(verdict(&lab, &alice, ABROAD, ""), "access-denied");
}

#[test]
fn a_trust_policy_that_names_the_account_leaves_it_to_the_users_own_policies() {
    let without = lab("", THE_ACCOUNT);
    let alice = Keys::alice();
    for account in [HOME, ABROAD] {
        assert_eq!(verdict(&without, &alice, account, ""), "access-denied");
    }
    let with = lab(&policy("Allow", ""), THE_ACCOUNT);
    for account in [HOME, ABROAD] {
        assert_eq!(verdict(&with, &alice, account, ""), "accepted");
    }
}

#[test]
fn the_users_own_policies_are_not_enough() {
    let lab = lab(&policy("Allow", ""), "");
    for account in [HOME, ABROAD] {
        assert_eq!(
            verdict(&lab, &Keys::alice(), account, ""),
            "role-not-trusting"
        );
    }
}

#[test]
fn what_they_deny_is_denied_whomever_the_role_trusts() {
    let lab = lab(&policy("Deny", ""), THE_USER);
    assert_eq!(verdict(&lab, &Keys::alice(), HOME, ""), "access-denied");
}

#[test]
fn a_boundary_is_no_limit_to_whom_the_role_trusts_by_name_but_to_all_others() {
    let boundary = "permissions_boundary = \"AWSCodeCommitFullAccess\"\n";
    let alice = format!("{boundary}{}", policy("Allow", ""));
    let by_name = lab(&alice, THE_USER);
    assert_eq!(verdict(&by_name, &Keys::alice(), HOME, ""), "accepted");
    let by_account = lab(&alice, THE_ACCOUNT);
    assert_eq!(
        verdict(&by_account, &Keys::alice(), HOME, ""),
        "access-denied"
    );
}

#[test]
fn conditions_see_the_code_the_address_and_the_names_of_the_request() {
    let code = format!("&SerialNumber=arn:aws:iam::{HOME}:mfa/alice&TokenCode=123456");
    for (condition, more, expected) in [
        (
            "\"Bool\": {\"aws:MultiFactorAuthPresent\": \"true\"}",
            "",
            "access-denied",
        ),
        (
            "\"Bool\": {\"aws:MultiFactorAuthPresent\": \"true\"}",
            &*code,
            "accepted",
        ),
        (
            "\"IpAddress\": {\"aws:SourceIp\": \"127.0.0.0/8\"}",
            "",
            "accepted",
        ),
        (
            "\"StringEquals\": {\"aws:RequestedRegion\": \"eu-west-1\"}",
            "",
            "access-denied",
        ),
        (
            "\"StringEquals\": {\"sts:RoleSessionName\": \"test\"}",
            "",
            "accepted",
        ),
    ] {
        let allow = policy("Allow", &format!(", \"Condition\": {{{condition}}}"));
        let lab = lab(&allow, THE_ACCOUNT);
        assert_eq!(
            verdict(&lab, &Keys::alice(), HOME, more),
            expected,
            "{condition} {more}"
        );
    }
}

#[test]
fn a_role_that_is_trusted_by_name_is_held_to_the_policy_of_its_session() {
    let text = r#"
extends = "demo"
[[account]]
id = "111122223333"
[[account.role]]
name = "First"
trusted = ["arn:aws:iam::111122223333:user/alice"]
[[account.role]]
name = "Target"
trusted = ["arn:aws:iam::111122223333:role/First"]
"#;
    let lab = Lab::start(MockServer::builder().world(world(text)));
    let first =
        "Action=AssumeRole&RoleArn=arn:aws:iam::111122223333:role/First&RoleSessionName=test";
    let session = |policy: &str| {
        let form = format!("{first}{policy}");
        let answer = sts(&lab, STS, "us-east-2", &Keys::alice(), &form);
        Keys::of_xml(&answer.text())
    };
    assert_eq!(verdict(&lab, &session(""), HOME, ""), "accepted");
    let narrow = "&Policy=%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A\
                  %22codecommit%3A%2A%22%2C%22Resource%22%3A%22%2A%22%7D%7D";
    assert_eq!(verdict(&lab, &session(narrow), HOME, ""), "access-denied");
}

#[test]
fn the_refusal_is_awss_and_the_journal_says_what_to_do() {
    let lab = lab("", THE_USER);
    let role = format!("arn:aws:iam::{ABROAD}:role/Target");
    let form = format!("Action=AssumeRole&RoleArn={role}&RoleSessionName=test");
    let text = sts(&lab, STS, "us-east-2", &Keys::alice(), &form).text();
    assert_eq!(between(&text, "<Code>", "</Code>"), "AccessDenied");
    assert_eq!(
        between(&text, "<Message>", "</Message>"),
        format!(
            "User: arn:aws:iam::{HOME}:user/alice is not authorized to perform: sts:AssumeRole on resource: {role}"
        )
    );
    let Some(Verdict::Refused(refusal)) = lab.exchanges().pop().unwrap().verdict else {
        panic!("it was refused");
    };
    assert_eq!(
        refusal.detail,
        "sts:AssumeRole is not for user alice: no identity-based policy allows sts:AssumeRole"
    );
    assert_eq!(
        refusal.help.unwrap(),
        format!("give user alice a policy that allows sts:AssumeRole on {role}")
    );
}
