use codecommit_mock::world::{KeyStatus, World};

use super::tests::{error, read, refused};
use crate::scenario::Action;

#[test]
fn an_administrator_changes_the_world_step_by_step() {
    let set = |status: &str| {
        format!(
            "[[step]]\nadministrator.update-access-key = {{ id = 'AKIAIOSFODNN7EXAMPLE', status = '{status}' }}\n"
        )
    };
    let text = format!(
        "{}{}[[step]]\nrun = 'true'\n",
        set("inactive"),
        set("active")
    );
    let scenario = read(&text).unwrap();
    let steps = scenario.phases()[0].1;
    assert_eq!(
        steps[0].summary(),
        "the administrator deactivates access key AKIAIOSFODNN7EXAMPLE of user alice"
    );
    let statuses = steps.iter().filter_map(|step| match &step.action {
        Action::Administrator(done) => Some(done.world.accounts[0].users[0].access_keys[0].status),
        _ => None,
    });
    assert_eq!(
        statuses.collect::<Vec<_>>(),
        [KeyStatus::Inactive, KeyStatus::Active]
    );
    refused(
        &set("active"),
        (2, 42),
        "this changes nothing: the access key is that already",
        "",
    );
    refused(
        "[[step]]\nadministrator.attach-user-policy = { user = 'alicia', policy = 'AWSCodeCommitReadOnly' }\n",
        (2, 45),
        "the world has no user `alicia` at this point",
        "did you mean `alice`?",
    );
    let (line, _, message, help) =
        error("[[step]]\nadministrator.delete-acces-key = { id = 'AKIAIOSFODNN7EXAMPLE' }\n");
    assert_eq!(
        (line, &*help),
        (2, "did you mean `delete-access-key`?"),
        "{message}"
    );
}

/// What the last of these operations is told as, and the world after it.
fn administered(steps: &str) -> (String, World) {
    let lines = steps.trim().lines();
    let steps: String = lines
        .map(|line| format!("[[step]]\nadministrator.{}\n", line.trim()))
        .collect();
    let scenario = read(&format!(
        "[world]\nextends = 'demo'\n[[world.account]]\nid = '111122223333'\n[[world.account.role]]\nname = 'Deployer'\n\
         [[world.vpc_endpoint]]\nid = 'vpce-0b47ea360adebf88a'\n{steps}"
    ))
    .unwrap();
    let step = scenario.phases()[0].1.last().unwrap();
    match &step.action {
        Action::Administrator(done) => (step.summary(), done.world.clone()),
        _ => panic!("not an administrator's step"),
    }
}

const ALLOW: &str =
    r#"{"Statement": {"Effect": "Allow", "Action": "codecommit:GitPull", "Resource": "*"}}"#;
const DENY: &str =
    r#"{"Statement": {"Effect": "Deny", "Action": "codecommit:GitPush", "Resource": "*"}}"#;

#[test]
fn an_administrator_puts_and_deletes_policies() {
    for (kind, name, whose) in [
        ("user", "alice", "user alice"),
        ("role", "Deployer", "role Deployer"),
    ] {
        let put = |document: &str| {
            format!(
                "put-{kind}-policy = {{ {kind} = '{name}', name = 'git', document = '{document}' }}\n"
            )
        };
        let delete = format!("delete-{kind}-policy = {{ {kind} = '{name}', name = 'git' }}");
        let policies = |world: &World| match kind {
            "user" => world.accounts[0].users[0].policies.clone(),
            _ => world.accounts[0].roles[0].policies.clone(),
        };
        let (told, world) = administered(&put(ALLOW));
        assert_eq!(
            told,
            format!("the administrator adds policy git of {whose}")
        );
        assert_eq!(policies(&world).inline[0].document.json(), ALLOW);
        let (told, world) = administered(&(put(ALLOW) + &put(DENY)));
        assert_eq!(
            told,
            format!("the administrator changes policy git of {whose}")
        );
        assert_eq!(policies(&world).inline[0].document.json(), DENY);
        assert_eq!(policies(&world).inline.len(), 1);
        let (told, world) = administered(&(put(ALLOW) + &delete));
        assert_eq!(
            told,
            format!("the administrator deletes policy git of {whose}")
        );
        assert!(policies(&world).inline.is_empty());
    }
    let (told, world) = administered(
        "attach-role-policy = { role = 'Deployer', policy = 'AWSCodeCommitReadOnly' }\n\
         attach-role-policy = { role = 'Deployer', policy = 'AWSCodeCommitPowerUser' }\n\
         detach-role-policy = { role = 'Deployer', policy = 'AWSCodeCommitReadOnly' }",
    );
    assert_eq!(
        told,
        "the administrator detaches AWSCodeCommitReadOnly from role Deployer"
    );
    assert_eq!(world.accounts[0].roles[0].policies.managed.len(), 1);
}

#[test]
fn an_administrator_sets_boundaries_trust_and_endpoint_policies() {
    let boundary =
        "put-user-permissions-boundary = { user = 'alice', policy = 'AWSCodeCommitReadOnly' }\n";
    let (told, world) = administered(boundary);
    assert_eq!(
        told,
        "the administrator sets the permissions boundary of user alice"
    );
    assert!(world.accounts[0].users[0].policies.boundary.is_some());
    let delete = "delete-user-permissions-boundary = { user = 'alice' }";
    let (_, world) = administered(&format!("{boundary}{delete}"));
    assert!(world.accounts[0].users[0].policies.boundary.is_none());
    let (told, world) = administered(
        "update-assume-role-policy = { role = 'Deployer', trusted = ['ec2.amazonaws.com', '444455556666'] }",
    );
    assert_eq!(
        told,
        "the administrator lets role Deployer trust ec2.amazonaws.com and 444455556666"
    );
    assert_eq!(world.accounts[0].roles[0].trusted.len(), 2);
    let policy =
        r#"{"Statement": {"Principal": "*", "Effect": "Allow", "Action": "*", "Resource": "*"}}"#;
    let (told, world) = administered(&format!(
        "modify-vpc-endpoint = {{ id = 'vpce-0b47ea360adebf88a', policy = '{policy}' }}"
    ));
    assert_eq!(
        told,
        "the administrator changes the policy of VPC endpoint vpce-0b47ea360adebf88a"
    );
    assert!(world.vpc_endpoints[0].policy.is_some());
}

#[test]
fn an_administrator_renames_deletes_and_tags_repositories() {
    let (told, world) =
        administered("update-repository-name = { old_name = 'MyDemoRepo', new_name = 'Renamed' }");
    assert_eq!(
        told,
        "the administrator renames repository MyDemoRepo to Renamed"
    );
    let repository = &world.accounts[0].repositories[0];
    assert_eq!(
        (repository.name.as_str(), repository.created_as.as_str()),
        ("Renamed", "MyDemoRepo")
    );
    let (_, world) = administered("delete-repository = { repository = 'MyDemoRepo' }");
    assert!(world.accounts[0].repositories.is_empty());
    let tag =
        "tag-resource = { repository = 'MyDemoRepo', tags = { stage = 'prod', team = 'blue' } }\n";
    let (told, _) = administered(tag);
    assert_eq!(
        told,
        "the administrator tags repository MyDemoRepo with stage=prod, team=blue"
    );
    let untag = "untag-resource = { repository = 'MyDemoRepo', tag_keys = ['team'] }";
    let (told, world) = administered(&format!("{tag}{untag}"));
    assert_eq!(
        told,
        "the administrator removes the tag team of repository MyDemoRepo"
    );
    assert_eq!(world.accounts[0].repositories[0].tags.len(), 1);
}

#[test]
fn what_an_administrator_cannot_do_is_an_error_in_its_place() {
    for (step, place, message, help) in [
        (
            format!(
                "put-user-policy = {{ user = 'alice', name = 'git', document = '{}' }}",
                DENY.replace("GitPush", "GitPsh")
            ),
            (2, 120),
            "statement 1: unknown action `codecommit:GitPsh`",
            "did you mean `codecommit:GitPush`?",
        ),
        (
            "delete-user-policy = { user = 'alice', name = 'git' }".to_owned(),
            (2, 61),
            "the world has no policy of user alice `git` at this point",
            "",
        ),
        (
            "delete-user-permissions-boundary = { user = 'alice' }".to_owned(),
            (2, 59),
            "user alice has no permissions boundary at this point",
            "",
        ),
        (
            "update-repository-name = { old_name = 'MyDemoRepo', new_name = 'MyDemoRepo' }"
                .to_owned(),
            (2, 78),
            "the account has a repository `MyDemoRepo` in us-east-2 already",
            "",
        ),
        (
            "update-repository-name = { old_name = 'MyDemoRepo', new_name = 'a.git' }".to_owned(),
            (2, 78),
            "a repository name cannot end in `.git`",
            "",
        ),
        (
            "untag-resource = { repository = 'MyDemoRep', tag_keys = ['stage'] }".to_owned(),
            (2, 47),
            "the world has no repository `MyDemoRep` at this point",
            "did you mean `MyDemoRepo`?",
        ),
        (
            "untag-resource = { repository = 'MyDemoRepo', tag_keys = ['stage'] }".to_owned(),
            (2, 73),
            "the world has no tag of repository MyDemoRepo `stage` at this point",
            "",
        ),
        (
            "modify-vpc-endpoint = { id = 'vpce-1', policy = '{}' }".to_owned(),
            (2, 64),
            "the policy has no statement",
            "",
        ),
    ] {
        refused(
            &format!("[[step]]\nadministrator.{step}\n"),
            place,
            message,
            help,
        );
    }
    let two = "[world]\nextends = 'demo'\n[[world.account]]\nid = '444455556666'\n[[world.account.user]]\nname = 'alice'\n";
    let step = "[[step]]\nadministrator.delete-user-permissions-boundary = { user = 'alice' }\n";
    let (line, _, message, _) = error(&format!("{two}{step}"));
    assert_eq!(
        (line, &*message),
        (8, "the world has several: user `alice`")
    );
}

#[test]
fn an_operation_without_a_table_and_several_in_one_step_are_told_with_the_way_out() {
    for (done, message, help) in [
        (
            "'update-access-key'",
            "this is a word alone; expected a table",
            "say of what, in a table: `{ update-access-key = { ... } }`",
        ),
        (
            "{ delete-access-key = { id = 'A' }, delete-repository = { repository = 'MyDemoRepo' } }",
            "these are several; expected one",
            "part them: each into a table of its own",
        ),
    ] {
        let step = format!("[[step]]\nadministrator = {done}\n");
        refused(&step, (2, 17), message, help);
    }
    let (_, _, message, _) = error("[[step]]\nadministrator = {}\n");
    assert_eq!(message, "this table is empty; expected one key in it");
}

#[test]
fn a_key_that_was_deleted_is_gone() {
    let delete = "[[step]]\nadministrator.delete-access-key = { id = 'AKIAIOSFODNN7EXAMPLE' }\n";
    let set = delete
        .replace("delete-access-key", "update-access-key")
        .replace(" }", ", status = 'active' }");
    for next in [delete, &set] {
        refused(
            &format!("{delete}{next}"),
            (4, 42),
            "there is no such access key any more: it has been deleted",
            "",
        );
    }
}

#[test]
fn a_password_that_an_administrator_sets_is_a_secret_too() {
    let secret = "nEwPasswOrdEXAMPLEnEwPasswOrdEXAMPLE";
    let text = format!(
        "[[step]]\nadministrator.reset-git-credential = {{ user_name = 'alice-at-111122223333', password = '{secret}' }}\n"
    );
    let scenario = read(&text).unwrap();
    assert!(!scenario.document.text().contains(secret));
}
