//! `setup` and `undo`: git's configuration for CodeCommit's hosts, and for no other.

use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::Options;
use super::git_config_text::{self as text, Block};
use super::{git_version, report};
use crate::credentials::profile::Profiles;
use crate::credentials::{CredentialsError, ProfileChoice};
use crate::endpoint::Partition;
use crate::hint::Hint;
use crate::quoting::quote;
use crate::variables::Variables;

/// CodeCommit's hosts as git's configuration can match them: a `*` is one whole label, so each shape needs a section.
const PATTERNS: [&str; 6] = [
    "https://git-codecommit.*.amazonaws.com",
    "https://git-codecommit-fips.*.amazonaws.com",
    "https://*.git-codecommit.*.vpce.amazonaws.com",
    "https://*.git-codecommit-fips.*.vpce.amazonaws.com",
    "https://git-codecommit.*.amazonaws.com.cn",
    "https://*.git-codecommit.*.vpce.amazonaws.com.cn",
];

/// Which of git's files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    /// The user's: `--global`.
    #[default]
    Global,
    /// The repository's: `--local`.
    Local,
    /// The machine's: `--system`.
    System,
}

/// Git's configuration is as it was.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SetupError {
    /// Git cannot be asked, or does not say.
    #[error("find git's {} configuration: {reason}", scope.name())]
    NoFile {
        /// Which one.
        scope: Scope,
        /// What git says, or the system.
        reason: String,
    },
    /// The system refuses.
    #[error("{what} {}: {error}", file.display())]
    File {
        /// `read`, `write`, `lock`.
        what: &'static str,
        /// The file.
        file: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// The lines that mark the block are not in their places.
    #[error(
        "take the block out of {}: it begins at line {line} and does not end; its last line is gone",
        file.display()
    )]
    Unclosed {
        /// The file.
        file: PathBuf,
        /// Where it begins.
        line: usize,
    },
    /// Git itself cannot read the file, so nothing that is added to it would count.
    #[error("add to {}, which git cannot read: {reason}", file.display())]
    NotConfiguration {
        /// The file.
        file: PathBuf,
        /// What git says.
        reason: String,
    },
    /// This program's own place is not known, so nothing can point to it.
    #[error("find out where this program lies: {0}")]
    NoProgram(io::Error),
    /// The answer cannot be written.
    #[error("write: {0}")]
    Output(io::Error),
}

impl SetupError {
    /// What helps.
    pub fn hints(&self) -> Vec<Hint> {
        match self {
            Self::File {
                what: "lock", file, ..
            } => vec![Hint::note(format!(
                "if no git is running, a file from one that was killed is in the way: {}",
                lock_path(file).display()
            ))],
            Self::File {
                what: "write",
                file,
                ..
            } if !writable(file) => vec![Hint::note(
                "the machine's configuration needs an administrator; --global is your own",
            )],
            Self::Unclosed { .. } => {
                vec![Hint::note(format!("a block ends with `{}`", text::END))]
            }
            Self::NotConfiguration { .. } => {
                vec![Hint::note("mend that line first; nothing was written")]
            }
            _ => Vec::new(),
        }
    }
}

impl Scope {
    /// The option of `git config` that means it.
    pub fn option(self) -> &'static str {
        match self {
            Self::Global => "--global",
            Self::Local => "--local",
            Self::System => "--system",
        }
    }

    fn name(self) -> &'static str {
        self.option().trim_start_matches('-')
    }
}

/// Writes the sections, at the end of the file: what stands before them is reset by their empty `helper`.
pub(super) fn setup(
    options: &Options,
    variables: &Variables,
    program: &Path,
    output: &mut dyn io::Write,
) -> Result<(), SetupError> {
    let scope = options.scope.unwrap_or_default();
    let helper = helper(program, options.profile.as_deref());
    let urls = urls(options.region.as_deref());
    let block = Block::new(&urls, &helper);
    let file = ConfigFile::find(scope, variables)?;
    if options.dry_run {
        let by_hand = by_hand(scope, &urls, &helper);
        let text = format!(
            "would write to {}:\n\n{}\n{by_hand}",
            file.path.display(),
            block.text()
        );
        return output
            .write_all(text.as_bytes())
            .map_err(SetupError::Output);
    }
    file.check()?;
    file.change(|old| {
        let (without, removed) = file.without_block(old.unwrap_or_default())?;
        let made_before = removed.is_some_and(|removed| text::made_the_file(&removed));
        let is_new = without.is_empty() && (old.is_none() || made_before);
        Ok(Some(block.appended_to(is_new, &without)))
    })?;
    writeln!(
        output,
        "{}: {} sections for CodeCommit's hosts, with the helper `{helper}`\n\
         to take them out again: git-credential-codecommit undo {}",
        file.path.display(),
        urls.len(),
        scope.option(),
    )
    .and_then(|()| match missing_profile(options, variables) {
        Some(error) => report::warning(&error, &error.hints(), output),
        None => Ok(()),
    })
    .and_then(|()| match git_version::too_old(options.region.is_some()) {
        Some(error) => report::warning(&error, &error.hints(), output),
        None => Ok(()),
    })
    .map_err(SetupError::Output)
}

/// The named profile may be written later, so its absence is worth a word and no more. Files that cannot be read are for
/// `get` to complain of.
fn missing_profile(options: &Options, variables: &Variables) -> Option<CredentialsError> {
    let choice = ProfileChoice::Option(options.profile.clone()?);
    let profiles = Profiles::read(variables).ok()?;
    profiles.chosen(&choice).err()
}

/// Takes out what [`setup`] wrote, and nothing else.
pub(super) fn undo(
    options: &Options,
    variables: &Variables,
    output: &mut dyn io::Write,
) -> Result<(), SetupError> {
    let file = ConfigFile::find(options.scope.unwrap_or_default(), variables)?;
    let path = file.path.display();
    let said = match file.read()? {
        None => format!("{path}: there is no such file\n"),
        Some(old) => match file.without_block(&old)? {
            (_, None) => format!("{path}: nothing of `setup` in it\n"),
            (_, Some(removed)) if options.dry_run => {
                format!("would take out of {path}:\n\n{removed}")
            }
            (_, Some(_)) => {
                file.change(|old| {
                    let old = old.unwrap_or_default();
                    let (without, removed) = file.without_block(old)?;
                    let was_made = removed.is_some_and(|removed| text::made_the_file(&removed));
                    Ok((!was_made || !without.is_empty()).then_some(without))
                })?;
                format!("{path}: what `setup` wrote is out, and everything else as it was\n")
            }
        },
    };
    output
        .write_all(said.as_bytes())
        .map_err(SetupError::Output)
}

/// A path as git's shell reads it, also on Windows.
pub(super) fn shell_path(path: &Path) -> String {
    let text = path.display().to_string();
    if cfg!(windows) {
        text.replace('\\', "/")
    } else {
        text
    }
}

/// The value of `credential.helper`. A plain path is left plain, so that also a git without a shell can start it.
fn helper(program: &Path, profile: Option<&str>) -> String {
    let path = shell_path(program);
    let quoted = quote(&path);
    let mark = if quoted == path { "" } else { "!" };
    match profile {
        Some(profile) => format!("{mark}{quoted} --profile {}", quote(profile)),
        None => format!("{mark}{quoted}"),
    }
}

/// The patterns, and the hosts of one Region by name: libgit2 (cargo, for one) knows no patterns.
fn urls(region: Option<&str>) -> Vec<String> {
    let patterns = PATTERNS.iter().map(|&pattern| pattern.to_owned());
    let region = region.filter(|region| !region.is_empty());
    let named = region.into_iter().flat_map(|region| {
        let suffix = Partition::of_region(region).dns_suffix();
        ["git-codecommit", "git-codecommit-fips"]
            .map(|service| format!("https://{service}.{region}.{suffix}"))
    });
    patterns.chain(named).collect()
}

/// The same as commands, for people who would rather see what they do.
fn by_hand(scope: Scope, urls: &[String], helper: &str) -> String {
    let mut text = String::new();
    for (shell, quote) in [
        ("a POSIX shell", quote as fn(&str) -> String),
        ("cmd.exe", quote_for_cmd),
    ] {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "the same by hand, in {shell}:\n");
        for url in urls {
            for (key, value) in [("helper", ""), ("helper", helper), ("useHttpPath", "true")] {
                let _ = writeln!(
                    text,
                    "git config {} --add {} {}",
                    scope.option(),
                    quote(&format!("credential.{url}.{key}")),
                    quote(value),
                );
            }
        }
        text.push('\n');
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

/// One argument for cmd.exe and the C run-time library of the program that it starts. Single quotes mean nothing to
/// either, so those for git's shell pass through.
fn quote_for_cmd(word: &str) -> String {
    let mut quoted = String::from("\"");
    let mut backslashes = 0;
    for c in word.chars() {
        match c {
            '\\' => backslashes += 1,
            '"' => {
                quoted.push_str(&"\\".repeat(backslashes + 1));
                backslashes = 0;
            }
            _ => backslashes = 0,
        }
        quoted.push(c);
    }
    quoted.push_str(&"\\".repeat(backslashes));
    quoted.push('"');
    quoted
}

/// One of git's files.
struct ConfigFile {
    path: PathBuf,
}

impl ConfigFile {
    fn find(scope: Scope, variables: &Variables) -> Result<Self, SetupError> {
        let path = match scope {
            Scope::Global => global(variables).ok_or_else(|| SetupError::NoFile {
                scope,
                reason: "there is no home directory".to_owned(),
            })?,
            Scope::Local => ask_git(scope, &["rev-parse", "--git-path", "config"])?,
            // It has no option that names its file, but it gives the name to an editor.
            Scope::System => ask_git(scope, &["config", "--system", "--edit"])?,
        };
        Ok(Self {
            // As git does, the file behind a link is the one to change.
            path: fs::canonicalize(&path).unwrap_or(path),
        })
    }

    /// `None` if it does not exist.
    fn read(&self) -> Result<Option<String>, SetupError> {
        match fs::read_to_string(&self.path) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.failed("read", error)),
        }
    }

    /// Whether git can read it: if not, git refuses to run at all, with or without what is added.
    fn check(&self) -> Result<(), SetupError> {
        if !self.path.exists() {
            return Ok(());
        }
        let asked = Command::new("git")
            .args(["config", "--list", "--file"])
            .arg(&self.path)
            .env("LC_ALL", "C")
            .stdin(Stdio::null())
            .output();
        match asked {
            Ok(output) if !output.status.success() => Err(SetupError::NotConfiguration {
                file: self.path.clone(),
                reason: String::from_utf8_lossy(&output.stderr).trim().to_owned(),
            }),
            // Without git there is nobody to ask.
            _ => Ok(()),
        }
    }

    fn without_block(&self, old: &str) -> Result<(String, Option<String>), SetupError> {
        text::without_block(old).map_err(|line| SetupError::Unclosed {
            file: self.path.clone(),
            line,
        })
    }

    /// Replaces the text at once, under the lock that git takes; `None` removes the file.
    fn change(
        &self,
        to: impl FnOnce(Option<&str>) -> Result<Option<String>, SetupError>,
    ) -> Result<(), SetupError> {
        if let Some(folder) = self.path.parent() {
            fs::create_dir_all(folder).map_err(|error| self.failed("write", error))?;
        }
        let path = lock_path(&self.path);
        let mut lock = fs::File::create_new(&path).map_err(|error| {
            let taken = error.kind() == io::ErrorKind::AlreadyExists;
            self.failed(if taken { "lock" } else { "write" }, error)
        })?;
        let outcome = self.read().and_then(|old| {
            let new = to(old.as_deref())?;
            let written = match &new {
                None => fs::remove_file(&self.path).and_then(|()| fs::remove_file(&path)),
                Some(new) => lock.write_all(new.as_bytes()).and_then(|()| {
                    if let Ok(metadata) = fs::metadata(&self.path) {
                        fs::set_permissions(&path, metadata.permissions())?;
                    }
                    fs::rename(&path, &self.path)
                }),
            };
            written.map_err(|error| self.failed("write", error))
        });
        if outcome.is_err() {
            // It is ours, and nothing came of it.
            let _ = fs::remove_file(&path);
        }
        outcome
    }

    fn failed(&self, what: &'static str, error: io::Error) -> SetupError {
        SetupError::File {
            what,
            file: self.path.clone(),
            error,
        }
    }
}

fn lock_path(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".lock");
    name.into()
}

fn writable(file: &Path) -> bool {
    fs::OpenOptions::new().append(true).open(file).is_ok()
}

/// The file that `git config --global` writes: the one in the home directory, unless only the other exists.
fn global(variables: &Variables) -> Option<PathBuf> {
    if let Some(path) = variables.get("GIT_CONFIG_GLOBAL") {
        return Some(path.into());
    }
    // Git's home is HOME, on Windows too.
    let home = match variables.get("HOME") {
        Some(home) if !home.is_empty() => home.into(),
        _ => variables.home()?,
    };
    let own = home.join(".gitconfig");
    let xdg = match variables.get("XDG_CONFIG_HOME") {
        Some(folder) if !folder.is_empty() => PathBuf::from(folder),
        _ => home.join(".config"),
    };
    let other = xdg.join("git").join("config");
    Some(if !own.exists() && other.exists() {
        other
    } else {
        own
    })
}

fn ask_git(scope: Scope, args: &[&str]) -> Result<PathBuf, SetupError> {
    let fails = |reason: String| SetupError::NoFile { scope, reason };
    let output = Command::new("git")
        .args(args)
        .env("GIT_EDITOR", "echo")
        .stdin(Stdio::null())
        .output()
        .map_err(|error| fails(format!("start git: {error}")))?;
    let said = String::from_utf8_lossy(&output.stdout);
    let path = said.lines().last().unwrap_or_default();
    if !output.status.success() || path.is_empty() {
        return Err(fails(
            String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        ));
    }
    std::path::absolute(path).map_err(|error| fails(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_helper_is_quoted_where_it_must_be() {
        for (program, profile, expected) in [
            ("/usr/bin/gcc", None, "/usr/bin/gcc"),
            ("/usr/bin/gcc", Some("dev"), "/usr/bin/gcc --profile dev"),
            (
                "/usr/bin/gcc",
                Some("Code Commit"),
                "/usr/bin/gcc --profile 'Code Commit'",
            ),
            ("/my bin/gcc", None, "!'/my bin/gcc'"),
            (
                "/it's/gcc",
                Some("it's"),
                r"!'/it'\''s/gcc' --profile 'it'\''s'",
            ),
        ] {
            assert_eq!(helper(Path::new(program), profile), expected);
        }
    }

    #[test]
    fn commands_for_cmd_keep_backslashes_and_double_quotes() {
        for (word, quoted) in [
            ("", r#""""#),
            ("a b", r#""a b""#),
            (r"C:\x y", r#""C:\x y""#),
            (r"C:\x y\", r#""C:\x y\\""#),
            (r#"say "hi""#, r#""say \"hi\"""#),
            (r#"\"#, r#""\\""#),
            (r#"a\"b"#, r#""a\\\"b""#),
            (
                "!'C:/a b/x' --profile 'it'",
                r#""!'C:/a b/x' --profile 'it'""#,
            ),
        ] {
            assert_eq!(quote_for_cmd(word), quoted);
        }
    }

    #[test]
    fn a_region_adds_its_hosts_by_name() {
        assert_eq!(urls(None).len(), PATTERNS.len());
        let named = urls(Some("cn-north-1"));
        assert_eq!(
            named[PATTERNS.len()],
            "https://git-codecommit.cn-north-1.amazonaws.com.cn"
        );
    }

    #[test]
    fn the_users_file_is_the_one_that_git_writes() {
        let home = tempfile::tempdir().unwrap();
        let path =
            |variables: &[(&str, &Path)]| global(&variables.iter().copied().collect()).unwrap();
        let own = home.path().join(".gitconfig");
        let variables = [("HOME", home.path())];
        assert_eq!(path(&variables), own);
        let other = home.path().join(".config/git/config");
        fs::create_dir_all(other.parent().unwrap()).unwrap();
        fs::write(&other, "").unwrap();
        assert_eq!(path(&variables), other);
        fs::write(&own, "").unwrap();
        assert_eq!(path(&variables), own);
        let named = [variables[0], ("GIT_CONFIG_GLOBAL", Path::new("/x"))];
        assert_eq!(path(&named), Path::new("/x"));
    }
}
