//! Scenarios that take worlds, client set-ups and steps from other files.

use std::fs;

use codecommit_mock::document::{DocumentError, Source};

use crate::scenario::{Action, Scenario};

const HEAD: &str = "id = \"sample\"\ntitle = \"A sample\"\nsource = { page = \"a-page\" }\nevidence = \"inferred\"\n\
                    platforms = [\"linux\"]\n";

/// Reads a scenario that lies beside these files.
fn read(rest: &str, beside: &[(&str, &str)]) -> Result<Scenario, DocumentError> {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in beside {
        fs::write(folder.path().join(name), text).unwrap();
    }
    let path = folder.path().join("sample.toml");
    fs::write(&path, format!("{HEAD}{rest}")).unwrap();
    Scenario::read(Source::read(&path).unwrap(), "area", "sample")
}

/// `file:line:column: message`, the file without its folder, and the help. Lines of the scenario count from after its head.
#[track_caller]
fn refused(rest: &str, beside: &[(&str, &str)], message: &str, help: &str) {
    let error = read(rest, beside).expect_err("not a scenario");
    let file = error.source_text.name().rsplit('/').next().unwrap_or("");
    let line = match file {
        "sample.toml" => error.line() - HEAD.lines().count(),
        _ => error.line(),
    };
    let column = error.column();
    let actual = format!("{file}:{line}:{column}: {}", error.message);
    assert_eq!(
        (&*actual, error.help.as_deref().unwrap_or("")),
        (message, help)
    );
}

fn commands(scenario: &Scenario) -> Vec<&str> {
    let steps = scenario.phases().into_iter().flat_map(|(_, steps)| steps);
    steps
        .filter_map(|step| match &step.action {
            Action::Run(run) => Some(&*run.command),
            _ => None,
        })
        .collect()
}

#[test]
fn a_world_extends_a_built_in_one_and_one_beside_it() {
    let step = "[[step]]\nrun = 'true'\n";
    let built_in = format!("[world]\nextends = 'payments-account'\n{step}");
    let world = read(&built_in, &[]).unwrap().world;
    assert_eq!(world.accounts.len(), 2);
    let own = "extends = 'payments-account'\n[[account]]\nid = '777788889999'\n";
    let beside = format!("[world]\nextends = './my-world.toml'\n{step}");
    let scenario = read(&beside, &[("my-world.toml", own)]).unwrap();
    assert_eq!(scenario.world.accounts.len(), 3);
    let names: Vec<&str> = scenario.shared.iter().map(|shared| &*shared.name).collect();
    assert_eq!(names, ["./my-world.toml", "payments-account"]);
}

#[test]
fn a_client_keeps_what_it_does_not_say_itself() {
    let rest = "[client]\nextends = 'cross-account-helper'\naws.credentials = 'own'\nenv.A = 'b'\n[[step]]\nrun = 'true'\n";
    let client = read(rest, &[]).unwrap().client;
    assert_eq!(client.aws_credentials.as_deref(), Some("own"));
    assert!(client.aws_config.unwrap().contains("role_arn"));
    let gitconfig = client.gitconfig_global.unwrap();
    assert!(gitconfig.contains("--profile"), "the nearer one wins");
    assert_eq!(client.env["A"], "b");
}

#[test]
fn a_group_of_steps_stands_where_it_is_included() {
    let group = "[parameters]\nname = 'cat'\nof = 'all'\n[[step]]\nnote = 'a {{name}}'\nrun = 'echo {{name}} ${x}'\nstdout = ['{{name}}']\n\
                 journal = [{ path = '{{of}}' }]\n[[step]]\nclock = '+1m'\n";
    let rest = "[[step]]\nrun = 'a'\n[[step]]\ninclude = './group.toml'\nwith = { name = 'dog' }\n[[step]]\nrun = 'b'\n";
    let scenario = read(rest, &[("group.toml", group)]).unwrap();
    assert_eq!(commands(&scenario), ["a", "echo dog ${x}", "b"]);
    let phases = scenario.phases();
    let included = &phases[0].1[1];
    assert_eq!(included.note.as_deref(), Some("a dog"));
    assert!(included.document.name().ends_with("group.toml"));
    let (line, _) = scenario.document.position(included.place().start);
    assert_eq!(line, HEAD.lines().count() + 4);
    let Action::Run(run) = &included.action else {
        panic!("a command");
    };
    let pattern = &run.expectation.journal.as_ref().unwrap().get_ref()[0];
    assert_eq!(pattern.get_ref().to_string(), "{ path = \"all\" }");
    assert_eq!(phases[0].1.len(), 4);
}

#[test]
fn a_note_at_the_include_wins() {
    let rest = "[[step]]\nnote = 'mine'\ninclude = 'commit-a-cat'\n";
    let scenario = read(rest, &[]).unwrap();
    assert_eq!(scenario.phases()[0].1[0].note.as_deref(), Some("mine"));
}

#[test]
fn a_name_that_does_not_exist_is_located_with_the_nearest() {
    let step = "[[step]]\nrun = 'true'\n";
    refused(
        &format!("[world]\nextends = 'dmeo'\n{step}"),
        &[],
        "sample.toml:2:11: unknown world `dmeo`",
        "did you mean `demo`?",
    );
    refused(
        &format!("[client]\nextends = 'credentail-helper'\n{step}"),
        &[],
        "sample.toml:2:11: unknown client set-up `credentail-helper`",
        "did you mean `credential-helper`?",
    );
    refused(
        "[[step]]\ninclude = 'comit-a-cat'\n",
        &[],
        "sample.toml:2:11: unknown group of steps `comit-a-cat`",
        "did you mean `commit-a-cat`?",
    );
    let error = read("[[step]]\ninclude = './none.toml'\n", &[]).unwrap_err();
    assert!(error.message.starts_with("failed to read "), "{error}");
}

#[test]
fn an_error_in_a_shared_file_is_shown_there() {
    let step = "[[step]]\nrun = 'true'\n";
    refused(
        &format!("[world]\nextends = './w.toml'\n{step}"),
        &[("w.toml", "\n[[account]]\nid = '12'\n")],
        "w.toml:3:6: an account id has twelve digits",
        "",
    );
    refused(
        &format!("[client]\nextends = './c.toml'\n{step}"),
        &[("c.toml", "gitconfig.golbal = ''\n")],
        "c.toml:1:11: unknown key `golbal`",
        "did you mean `global`?",
    );
    refused(
        "[[step]]\ninclude = './g.toml'\n",
        &[("g.toml", "[[step]]\nclock = '+1m'\nstderr = 'x'\n")],
        "g.toml:3:10: `stderr` means nothing in a `clock` step",
        "it belongs to a `run` step",
    );
}

#[test]
fn nothing_extends_itself() {
    let step = "[[step]]\nrun = 'true'\n";
    refused(
        &format!("[world]\nextends = './a.toml'\n{step}"),
        &[
            ("a.toml", "extends = './b.toml'\n"),
            ("b.toml", "extends = './a.toml'\n"),
        ],
        "b.toml:1:11: this extends itself",
        "",
    );
    refused(
        &format!("[client]\nextends = './a.toml'\n{step}"),
        &[("a.toml", "extends = './a.toml'\n")],
        "a.toml:1:11: this extends itself",
        "",
    );
    refused(
        "[[step]]\ninclude = './g.toml'\n",
        &[("g.toml", "[[step]]\ninclude = 'commit-a-cat'\n")],
        "g.toml:2:11: a group of steps cannot include another",
        "",
    );
}

#[test]
fn parameters_exist_and_are_used() {
    let include = "[[step]]\ninclude = './g.toml'\n";
    refused(
        &format!("{include}with = {{ nmae = 'x' }}\n"),
        &[(
            "g.toml",
            "[parameters]\nname = ''\n[[step]]\nrun = '{{name}}x'\n",
        )],
        "sample.toml:3:10: unknown parameter `nmae`",
        "did you mean `name`?",
    );
    refused(
        include,
        &[("g.toml", "[parameters]\nname = 'x'\n[[step]]\nrun = 'x'\n")],
        "g.toml:2:1: no step uses this parameter",
        "write `{{name}}` where its value belongs",
    );
    refused(
        include,
        &[(
            "g.toml",
            "[parameters]\nname = 'x'\n[[step]]\nrun = '{{name}} {{nmae}}'\n",
        )],
        "g.toml:4:7: unknown parameter `nmae`",
        "`[parameters]` has: name",
    );
}

#[test]
fn an_include_is_nothing_else() {
    refused(
        "[[step]]\ninclude = 'commit-a-cat'\nrun = 'x'\n",
        &[],
        "sample.toml:3:7: a step is exactly one of `run`, `clock`, `edit`, `faults`, `administrator` and `include`",
        "",
    );
    refused(
        "[[step]]\ninclude = 'commit-a-cat'\nstatus = 1\n",
        &[],
        "sample.toml:3:10: `status` means nothing in an `include` step",
        "it belongs to a `run` step",
    );
    refused(
        "[[step]]\nrun = 'x'\nwith = { a = 'b' }\n",
        &[],
        "sample.toml:3:8: `with` means nothing in a `run` step",
        "it belongs to an `include` step",
    );
}

#[test]
fn no_shared_document_that_errors_show_holds_a_secret() {
    let secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    let group = format!("[[step]]\nrun = 'echo {secret}'\n");
    let scenario = read("[[step]]\ninclude = './g.toml'\n", &[("g.toml", &group)]).unwrap();
    assert!(!scenario.phases()[0].1[0].document.text().contains(secret));
    assert!(!scenario.shared[0].document.text().contains(secret));
}
