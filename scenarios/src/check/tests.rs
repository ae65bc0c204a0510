use super::*;

#[test]
fn an_error_in_another_file_is_shown_there_and_ends_the_search() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("w.toml"), "acount = 1\n").unwrap();
    let path = folder.path().join("x.toml");
    let source = Source::new(path.to_string_lossy(), "extends = './w.toml'\n");
    let found = check(&source, Kind::World, &path).errors;
    assert_eq!(found.len(), 1);
    assert!(
        found[0]
            .to_string()
            .ends_with("w.toml:1:1: unknown key `acount`")
    );
}

fn found(kind: Kind, text: &str) -> Vec<String> {
    let source = Source::new("x.toml", text);
    check(&source, kind, Path::new("area/x.toml"))
        .errors
        .iter()
        .map(ToString::to_string)
        .collect()
}

#[test]
fn all_unknown_keys_and_words_are_found_at_once() {
    let text = r#"
id = "x"
titel = "A title"
title = "A title"
source = { page = "a", sektion = "b" }
evidence = "guessed"
platforms = ["linux"]
colour = """
red
"""
[[step]]
run = "true"
journal = [{ stauts = 200, verdict = "accepted" }]
"#;
    assert_eq!(
        found(Kind::Scenario, text),
        [
            "x.toml:3:1: unknown key `titel`",
            "x.toml:5:24: unknown key `sektion`",
            "x.toml:6:12: unknown value `guessed`",
            "x.toml:8:1: unknown key `colour`",
            "x.toml:13:14: unknown key `stauts`",
        ]
    );
}

#[test]
fn a_value_of_the_wrong_type_does_not_hide_what_comes_behind_it() {
    let text =
        "[[account]]\nid = 12\n[[account.repository]]\nname = \"x\"\nregoin = \"us-east-2\"\n";
    assert_eq!(
        found(Kind::World, text),
        [
            "x.toml:2:6: this is a number; expected a text",
            "x.toml:5:1: unknown key `regoin`"
        ]
    );
}

#[test]
fn ten_faults_of_ten_kinds_are_told_in_one_go() {
    let text = r#"id = "y"
title = "A title"
source = { page = "a", sektion = "b" }
evidence = "observed"
platforms = ["linux", "solaris"]
requires = ["git >= many"]
[[world.account]]
id = 12
[[world.account.repository]]
region = "us-east-2"
[[setup]]
include = "commit-a-caat"
[[symptom]]
run = "git fetch"
status = 1
timeout = "10 parsecs"
stderr = { text = "no-such-text" }
[cause]
verdict = "acess-denied"
[[fix]]
rnu = "git fetch"
"#;
    assert_eq!(
        found(Kind::Scenario, text),
        [
            "x.toml:1:6: the id differs from the file's name, `x`",
            "x.toml:3:24: unknown key `sektion`",
            "x.toml:5:23: unknown value `solaris`",
            "x.toml:6:13: `>= many` does not say which versions: write `>= 2.46`, `< 2.46`, or `>= 2.40, < 2.46`",
            "x.toml:8:6: this is a number; expected a text",
            "x.toml:9:1: the key `name` is missing",
            "x.toml:12:11: unknown group of steps `commit-a-caat`",
            "x.toml:16:11: `10 parsecs` is not a span of time",
            "x.toml:17:19: unknown text `no-such-text`",
            "x.toml:19:11: unknown verdict `acess-denied`",
            "x.toml:21:1: unknown key `rnu`",
        ]
    );
}

#[test]
fn a_world_and_a_fault_file_are_told_in_one_go_too() {
    let world = r#"[[account]]
id = "11112222"
[[account.repository]]
name = "a b"
region = "us-east-2"
[[account.user]]
name = "alice"
access_key = [{ id = "AKIAIOSFODNN7EXAMPLE", status = 3 }]
managed_policies = ["AWSCodeCommitPowerUsr", 7]
[sso]
"#;
    assert_eq!(
        found(Kind::World, world),
        [
            "x.toml:2:6: an account id has twelve digits",
            "x.toml:4:8: a repository name holds letters, digits, `.`, `_` and `-` only",
            "x.toml:8:55: this is no text; expected a word",
            "x.toml:9:21: unknown value `AWSCodeCommitPowerUsr`",
            "x.toml:9:46: this is no text; expected a word",
            "x.toml:10:1: this is a table; expected a list",
            "x.toml:10:1: the key `start_url` is missing",
            "x.toml:10:1: the key `region` is missing",
        ]
    );
    assert_eq!(
        found(
            Kind::Faults,
            "[[fault]]\nstatus = 42\ntimes = 0\n[[fault]]\nstauts = 503\n"
        ),
        [
            "x.toml:2:10: a status that ends no exchange",
            "x.toml:3:9: `times` is counted from one",
            "x.toml:5:1: unknown key `stauts`",
        ]
    );
}

#[test]
fn a_mistake_in_a_policy_hides_neither_its_others_nor_those_behind_it() {
    let world = r#"[[account]]
id = "111122223333"
[[account.user]]
name = "bob"
[[account.user.inline_policy]]
name = "p"
document = '''{"Statement":[{"Effect":"Denyy","Action":"codecommit:GitPul","Resource":"*",
"Condition":{"StringEqals":{"codecommit:Referencess":["x"]}}}]}'''
[[account.repository]]
name = "ab"
region = "us-est-2"
[[account.repository]]
name = "ab"
region = "us-east-2"
"#;
    assert_eq!(
        found(Kind::World, world),
        [
            "x.toml:7:39: statement 1: unknown effect `Denyy`",
            "x.toml:7:56: statement 1: unknown action `codecommit:GitPul`",
            "x.toml:8:14: statement 1: unknown condition operator `StringEqals`",
            "x.toml:8:29: statement 1: unknown condition key `codecommit:Referencess`",
            "x.toml:11:10: CodeCommit has no Region `us-est-2`; did you mean `us-east-2`?",
            "x.toml:13:8: account 111122223333 has a repository `ab` in us-east-2 already",
        ]
    );
}

#[test]
fn a_mistake_in_one_fault_hides_none_in_others() {
    let faults = "[[fault]]\nmethod = \"GETT\"\nprobability = 3\nstatus = 503\n[[fault]]\nhost = \"x\"\n\
                  [[fault]]\nstatus = 503\nreset = 3\n[[fault]]\nstatus = 503\nnth = 0\n";
    assert_eq!(
        found(Kind::Faults, faults),
        [
            "x.toml:2:10: unknown method `GETT`",
            "x.toml:3:15: a probability lies between 0 and 1",
            "x.toml:5:1: a fault that does nothing",
            "x.toml:7:1: a fault that does two things",
            "x.toml:12:7: `nth` is counted from one",
        ]
    );
}

#[test]
fn what_a_correction_brings_is_never_told() {
    let text = "id = \"x\"\ntitle = \"x\"\nsource = { page = \"a\" }\nevidence = \"observed\"\nplatforms = \
                    [\"linux\"]\n[[symptom]]\nrun = \"git fetch\"\n[cause]\nverdict = \
                    \"access-denied\"\n[[fix]]\nrun = \"git fetch\"\n";
    let found = found(Kind::Scenario, text);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("no command of the symptom fails"));
}

/// A scenario that is in order but for what is replaced.
fn found_in_scenario(replaced: &str, by: &str) -> Vec<String> {
    let text = "id = \"x\"\ntitle = \"x\"\nsource = { page = \"a\" }\nevidence = \"observed\"\nplatforms = \
                    [\"linux\"]\n[[symptom]]\nrun = \"git fetch\"\nstatus = 1\n[cause]\nverdict = \
                    \"access-denied\"\n[[fix]]\nadministrator.put-user-policy = { user = \"alice\", name = \"p\", document = \
                    '{\"Statement\": {\"Effect\": \"Allow\", \"Action\": \"*\", \"Resource\": \"*\"}}' }\n[[fix]]\nrun = \"git fetch\"\n";
    assert!(found(Kind::Scenario, text).is_empty());
    assert!(text.contains(replaced));
    found(Kind::Scenario, &text.replacen(replaced, by, 1))
}

#[test]
fn each_of_these_slips_is_one_error() {
    for (replaced, by, told) in [
        ("status = 1\n", "", "no command of the symptom fails"),
        (
            "status = 1\n",
            "status = 1\nstderr = { text = \"no-such-text\" }\n",
            "unknown text `no-such-text`",
        ),
        ("Effect", "Efect", "unknown element `Efect`"),
        (
            "[cause]\nverdict = \"access-denied\"\n",
            "",
            "a failure without a `[cause]`",
        ),
        (
            "status = 1\n",
            "status = 1\nstderr = { text = \"mine\" }\n[[text.mine]]\ntxet = \"x\"\n",
            "unknown key `txet`",
        ),
        ("user = ", "usr = ", "unknown key `usr`"),
    ] {
        let found = found_in_scenario(replaced, by);
        assert_eq!(found.len(), 1, "{by}: {found:#?}");
        assert!(found[0].contains(told), "{told}: {found:#?}");
    }
    let head = "id = \"x\"\ntitle = \"x\"\nsource = { page = \"a\" }\nevidence = \"observed\"\nplatforms = [\"linux\"]\n";
    let found = found(Kind::Scenario, head);
    assert_eq!(found.len(), 1, "{found:#?}");
}

#[test]
fn what_belongs_to_the_world_or_the_client_is_sent_there() {
    let text = "id = \"x\"\ntitle = \"x\"\nsource = { page = \"a\" }\nevidence = \"observed\"\nplatforms = [\"linux\"]\n\
                [[account]]\nid = \"111122223333\"\n[[account.repository]]\nname = \"x\"\nregion = \"us-east-2\"\n\
                [aws]\nconfig = \"\"\n[[step]]\nrun = \"true\"\n";
    let errors = check(
        &Source::new("x.toml", text),
        Kind::Scenario,
        Path::new("x.toml"),
    )
    .errors;
    let told: Vec<_> = errors
        .iter()
        .map(|error| (error.line(), &*error.message, error.help.as_deref()))
        .collect();
    assert_eq!(
        told,
        [
            (
                6,
                "unknown key `account`",
                Some("did you mean `world.account`?")
            ),
            (
                8,
                "unknown key `account`",
                Some("did you mean `world.account`?")
            ),
            (11, "unknown key `aws`", Some("did you mean `client.aws`?")),
        ]
    );
}

#[test]
fn a_file_of_another_language_is_told_once() {
    let line = "<item name=\"x\">text</item>\n";
    assert_eq!(found(Kind::Scenario, &line.repeat(100)).len(), 1);
}

#[test]
fn a_misspelt_key_that_is_needed_is_told_once() {
    let text = "[[account]]\nid = \"111122223333\"\n[[account.repository]]\nname = \"x\"\nregoin = \"us-east-2\"\n";
    assert_eq!(
        found(Kind::World, text),
        ["x.toml:5:1: unknown key `regoin`"]
    );
}

#[test]
fn what_follows_from_a_misspelt_key_is_not_told() {
    let text = "id = \"x\"\ntitle = \"x\"\nsource = { page = \"a\" }\nevidence = \"observed\"\nplatforms = \
                    [\"linux\"]\n[[symptom]]\nrun = \"false\"\nstauts = 1\n[cause]\nverdict = \
                    \"access-denied\"\n[[fix]]\nrun = \"false\"\n";
    assert_eq!(
        found(Kind::Scenario, text),
        ["x.toml:8:1: unknown key `stauts`"]
    );
}

#[test]
fn every_line_that_is_not_toml_is_told() {
    assert_eq!(found(Kind::World, "a = \nb == 1\nc = 1\n").len(), 2);
    // In their order.
    let told = found(Kind::World, "a = 1\na = 2\nb = [\n");
    assert!(told[0].starts_with("x.toml:2:"), "{told:?}");
}

#[test]
fn a_client_set_up_and_a_group_of_steps_are_checked_too() {
    assert_eq!(
        found(Kind::Client, "gitconfig.globl = \"\"\n"),
        ["x.toml:1:11: unknown key `globl`"]
    );
    assert_eq!(
        found(Kind::Steps, "[[step]]\nrnu = \"true\"\n"),
        ["x.toml:2:1: unknown key `rnu`"]
    );
}

#[test]
fn a_conformance_client_and_a_helper_are_told_in_one_go_too() {
    let client = r#"nmae = "mine"
title = ""
titel = "Mine"
needs = ["./python3", "sh"]
version = " "
credentials = "variable"
colour = "red"
[network]
proxi = ["HTTPS_PROXY"]
direct = "no"
[commands]
fetch = "x"
timeout = "soon"
[[known]]
case = "shalow-clone"
verdict = "pass"
because = ""
"#;
    assert_eq!(
        found(Kind::ConformanceClient, client),
        [
            "x.toml:1:1: unknown key `nmae`",
            "x.toml:3:1: unknown key `titel`",
            "x.toml:4:10: this is not the name of a program on PATH",
            "x.toml:5:11: this is empty",
            "x.toml:6:15: unknown value `variable`",
            "x.toml:7:1: unknown key `colour`",
            "x.toml:9:1: unknown key `proxi`",
            "x.toml:10:10: this is a text; expected true or false",
            "x.toml:11:1: the key `clone` is missing",
            "x.toml:13:11: `soon` is not a span of time",
            "x.toml:15:8: unknown case `shalow-clone`",
            "x.toml:16:11: unknown value `pass`",
            "x.toml:17:11: the reason is empty",
        ]
    );
    let helper = "name = \"mine\"\ntitle = 1\ncommand = \"\"\nneeds = \"sh\"\n";
    assert_eq!(
        found(Kind::ConformanceHelper, helper),
        [
            "x.toml:2:9: this is a number; expected a text",
            "x.toml:3:11: the command is empty",
            "x.toml:4:9: this is a text; expected a list",
        ]
    );
}

#[test]
fn it_is_said_whether_that_is_all() {
    let is_all = |text: &str| {
        let source = Source::new("x.toml", text);
        check(&source, Kind::World, Path::new("x.toml")).is_all
    };
    assert!(is_all("extends = \"demo\"\n"));
    assert!(is_all("[[acount]]\nid = \"111122223333\"\n"));
    assert!(is_all(
        "[[account]]\nid = \"111122223333\"\ncolour = \"red\"\n"
    ));
    // What was taken away with a mistake may have others, and be at odds with what stands beside it.
    assert!(!is_all(
        "[[account]]\nid = \"111122223333\"\n[sso]\nx = 1\n"
    ));
    assert!(!is_all(
        "[[account]]\nid = \"111122223333\"\ncolour = { red = 1 }\n"
    ));
    let faults = |text| {
        check(
            &Source::new("x.toml", text),
            Kind::Faults,
            Path::new("x.toml"),
        )
    };
    assert!(!faults("[[fault]]\nclose = true\nreset = 3\n").is_all);
    assert!(faults("[[fault]]\nclose = true\n").is_all);
    // Behind broken TOML, and behind more corrections than anybody needs.
    assert!(!is_all("extends = \n"));
    let many: String = (0..=MOST_CORRECTIONS)
        .map(|number| format!("[[account]]\nid = {number}\n"))
        .collect();
    assert!(!is_all(&many));
}

#[test]
fn what_is_in_order_is_not_complained_about() {
    assert!(found(Kind::World, "extends = \"demo\"\n").is_empty());
}

/// Each line of the catalog can be one that somebody leaves out or misspells; some of them are tried.
#[test]
fn one_mistake_in_a_catalog_file_is_told_as_one() {
    const EVERY: usize = 211;
    let catalog = Path::new(env!("CARGO_MANIFEST_DIR")).join("catalog");
    let mut number = 0;
    for path in crate::selection::files_below(&catalog).unwrap() {
        let text = std::fs::read_to_string(&path).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        for (at, line) in lines.iter().enumerate() {
            number += 1;
            if number % EVERY != 0 {
                continue;
            }
            let with = |line: &[&str]| [&lines[..at], line, &lines[at + 1..]].concat().join("\n");
            for changed in [with(&[]), with(&[&spoilt(line)])] {
                let source = Source::new("x.toml", changed);
                let found = check(&source, Kind::of(&source), &path).errors;
                // TOML's parser goes on by itself.
                let most = match syntax(&source).is_empty() {
                    true => 1,
                    false => MOST_SYNTAX_ERRORS,
                };
                let place = format!("{}:{}", path.display(), at + 1);
                assert!(found.len() <= most, "{place}: {line}: {found:#?}");
            }
        }
    }
    assert!(number > EVERY);
}

/// A line whose last word has a letter too many.
fn spoilt(line: &str) -> String {
    let last = line.rfind(|c: char| c.is_ascii_alphanumeric());
    let (begin, end) = line.split_at(last.map_or(0, |at| at + 1));
    format!("{begin}x{end}")
}
