//! Texts with names, as scenarios ask for them.

use super::tests::{error, read, refused};

#[test]
fn a_text_with_a_name_has_a_wording_for_everybody() {
    let step = "[[step]]\nrun = 'true'\nstderr = { text = 'cut' }\n";
    let ok = format!("{step}[[text.cut]]\ngit = '< 2.46'\ntext = 'a'\n[[text.cut]]\ntext = 'b'\n");
    assert!(read(&ok).is_ok());
    refused(
        &format!("{step}[[text.cut]]\ngit = '< 2.46'\ntext = 'a'\n"),
        (4, 1),
        "the text `cut` has no wording but for git older than 2.46",
        "end it with a wording without `git` and `shell`, which holds for all others",
    );
    refused(
        &format!("{step}[[text.cut]]\ntext = 'a'\n[[text.cut]]\ntext = 'b'\n"),
        (4, 1),
        "the wordings of `cut` behind this one never count",
        "a wording without `git` and `shell` holds everywhere: it comes last",
    );
    refused(
        "[[step]]\nrun = 'true'\nstderr = ['a', { text = 'helper-comand-not-found' }]\n",
        (3, 25),
        "unknown text `helper-comand-not-found`",
        "did you mean `helper-command-not-found`?",
    );
    refused(
        "[[step]]\nrun = 'true'\nstderr = { txt = 'cut' }\n",
        (3, 12),
        "unknown key `txt`",
        "did you mean `text`?",
    );
    let (line, column, message, _) =
        error(&format!("{step}[[text.cut]]\ngit = '2.46'\ntext = 'a'\n"));
    assert_eq!((line, column), (5, 7), "{message}");
    assert!(message.starts_with("`2.46` does not say which versions"));
}

#[test]
fn a_wording_is_one_text_or_one_of_several_whole_ones() {
    let with = |wording: &str| {
        format!("[[step]]\nrun = 'true'\nstderr = {{ text = 'cut' }}\n[[text.cut]]\n{wording}\n")
    };
    let two = "one_of = [{ from = 'git with X', text = 'a' }, { from = 'git with Y', text = 'b' }]";
    assert!(read(&with(two)).is_ok());
    let message = "a wording is either a text or one of several";
    let help = "write `text = \"...\"`, or `one_of = [{ from = \"...\", text = \"...\" }, ...]`";
    refused(&with(""), (4, 1), message, help);
    refused(&with(&format!("text = 'c'\n{two}")), (4, 1), message, help);
    refused(
        &with("one_of = [{ from = 'git with X', text = 'a' }]"),
        (5, 10),
        "one text of one",
        "write `text = \"...\"`, or the others, too",
    );
    refused(
        &with(&two.replace("git with X", "")),
        (5, 20),
        "nobody says this",
        "say whose text it is: `git with GnuTLS`",
    );
    let (line, column, message, _) = error(&with(&two.replace("'b'", "''")));
    assert_eq!(
        (line, column, &*message),
        (5, 78, "this holds whatever happens")
    );
}

#[test]
fn what_is_told_can_be_a_text_with_a_name() {
    let told = |name: &str| {
        format!(
            "[[symptom]]\nrun = 'x'\nstatus = 1\n[cause]\ntold = {{ by = 'tls', what = {{ text = '{name}' }} }}\n\
             [[fix]]\nrun = 'x'\n[[text.cut]]\none_of = [{{ from = 'X', text = 'a' }}, {{ from = 'Y', text = 'b' }}]\n\
             [[text.long]]\ntext = \"a\\nb\"\n"
        )
    };
    let scenario = read(&told("cut")).unwrap();
    let why = &scenario.cause().unwrap().why;
    assert_eq!(why.to_string(), "the TLS library says one of: \"a\", \"b\"");
    assert!(why.told().unwrap().is_in("b, too"));
    assert!(!why.told().unwrap().is_in("none"));
    let (line, _, message, _) = error(&told("long"));
    assert_eq!((line, &*message), (5, "what is told stands in one line"));
    let (line, _, message, _) = error(&told("cutt"));
    assert_eq!((line, &*message), (5, "unknown text `cutt`"));
}
