//! Profiles: `~/.aws/config` and `~/.aws/credentials` as botocore puts them together.
//!
//! In the config file a profile is `[default]` or `[profile NAME]`, with NAME quoted as in a shell if it has spaces;
//! in the credentials file the section's whole name is the profile's, raw, and quotes are a part of it.

use std::path::Path;

use super::error::{FileSummary, Misspelt};
use super::profile_file::{Entry, Section};
use super::shared_file::{SharedFile, location};
use super::{Credentials, CredentialsError, Location, Origin, ProfileChoice};
use crate::quoting;
use crate::secret::Secret;
use crate::variables::Variables;

/// The profiles of both files.
#[derive(Clone, Debug)]
pub struct Profiles {
    config: SharedFile,
    credentials: SharedFile,
}

/// One profile: a section of either file or of both.
#[derive(Clone, Copy, Debug)]
pub struct Profile<'a> {
    config: Option<(&'a Path, &'a Section)>,
    credentials: Option<(&'a Path, &'a Section)>,
}

/// A key and its value, and where they stand.
#[derive(Clone, Copy, Debug)]
pub struct Setting<'a> {
    file: &'a Path,
    entry: &'a Entry,
}

pub(super) const ACCESS_KEY_ID: &str = "aws_access_key_id";
pub(super) const SECRET_ACCESS_KEY: &str = "aws_secret_access_key";
/// The old name counts first, as in botocore.
const SESSION_TOKEN: [&str; 2] = ["aws_security_token", "aws_session_token"];

impl Profiles {
    /// Reads both files. A file that does not exist has no profiles.
    ///
    /// # Errors
    /// [`CredentialsError`] if a file cannot be read, or is not in the format.
    pub fn read(variables: &Variables) -> Result<Self, CredentialsError> {
        Ok(Self {
            config: SharedFile::read("AWS_CONFIG_FILE", "config", variables)?,
            credentials: SharedFile::read("AWS_SHARED_CREDENTIALS_FILE", "credentials", variables)?,
        })
    }

    /// The chosen profile; `None` only if nobody chose and there is no `default`.
    ///
    /// # Errors
    /// [`CredentialsError::UnknownProfile`] if it was chosen and does not exist.
    pub fn chosen(&self, choice: &ProfileChoice) -> Result<Option<Profile<'_>>, CredentialsError> {
        let found = self.profile(choice.name());
        if found.is_none() && *choice != ProfileChoice::Default {
            return Err(CredentialsError::UnknownProfile {
                choice: choice.clone(),
                files: self.summaries(),
                known: self.names(),
                misspelt: self.misspelt(choice.name()),
            });
        }
        Ok(found)
    }

    /// The profile of this name.
    pub fn profile(&self, name: &str) -> Option<Profile<'_>> {
        // The last one: `[profile dev]` and `[profile "dev"]` are two sections of one name, and the later one counts.
        let config = self
            .config
            .sections()
            .rev()
            .find(|(_, section)| config_name(section).as_deref() == Some(name));
        let credentials = self
            .credentials
            .sections()
            .find(|(_, section)| section.name == name);
        (config.is_some() || credentials.is_some()).then_some(Profile {
            config,
            credentials,
        })
    }

    /// A section of the config file that is no profile: `[sso-session NAME]`, `[services NAME]`.
    pub(super) fn section(&self, kind: &str, name: &str) -> Option<&Section> {
        self.config
            .sections()
            .map(|(_, section)| section)
            .rev()
            .find(|section| {
                section.name.starts_with(kind)
                    && quoting::split(&section.name).is_some_and(|words| words == [kind, name])
            })
    }

    /// The names of all profiles, in the order of the files.
    pub fn names(&self) -> Vec<String> {
        let config = self.config.sections().filter_map(|(_, s)| config_name(s));
        let credentials = self.credentials.sections().map(|(_, s)| s.name.clone());
        let mut names = Vec::new();
        for name in config.chain(credentials) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    pub(super) fn summaries(&self) -> Vec<FileSummary> {
        let config = self.config.summary(|s| config_name(s).is_some());
        let credentials = self.credentials.summary(|_| true);
        [config, credentials].into_iter().flatten().collect()
    }

    /// Sections that look as if they were meant to be this profile, and how they would be.
    fn misspelt(&self, name: &str) -> Vec<Misspelt> {
        let means = |section: &Section| {
            let header = section.name.trim();
            let inner = header.strip_prefix("profile").unwrap_or(header).trim();
            let unquoted = quoting::split(inner).map(|words| words.join(" "));
            inner == name || unquoted.as_deref() == Some(name)
        };
        let mut found = Vec::new();
        let config = self.config.sections();
        let unread_config = config.filter(|(_, s)| config_name(s).as_deref() != Some(name));
        for (file, section) in unread_config.filter(|(_, s)| means(s)) {
            found.push(Misspelt {
                at: location(file, section.line),
                header: section.name.clone(),
                correct: config_header(name),
            });
        }
        for (file, section) in self.credentials.sections().filter(|(_, s)| means(s)) {
            found.push(Misspelt {
                at: location(file, section.line),
                header: section.name.clone(),
                correct: name.to_owned(),
            });
        }
        found
    }
}

impl<'a> Profile<'a> {
    pub(super) const NONE: Self = Self {
        config: None,
        credentials: None,
    };

    /// A setting. The credentials file counts first, as in botocore.
    pub fn setting(&self, key: &str) -> Option<Setting<'a>> {
        let find = |(file, section): (&'a Path, &'a Section)| {
            let entry = section.entry(key)?;
            Some(Setting { file, entry })
        };
        self.credentials
            .and_then(find)
            .or_else(|| self.config.and_then(find))
    }

    /// The keys of the credentials file.
    pub(super) fn keys_of_credentials_file(
        &self,
        name: &str,
    ) -> Result<Option<Credentials>, CredentialsError> {
        Self::keys(self.credentials, name)
    }

    /// The keys of the config file.
    pub(super) fn keys_of_config_file(
        &self,
        name: &str,
    ) -> Result<Option<Credentials>, CredentialsError> {
        Self::keys(self.config, name)
    }

    /// The keys of one file. Both halves come from the same file, as in botocore.
    fn keys(
        section: Option<(&'a Path, &'a Section)>,
        name: &str,
    ) -> Result<Option<Credentials>, CredentialsError> {
        let Some((file, section)) = section else {
            return Ok(None);
        };
        let Some(id) = section.entry(ACCESS_KEY_ID) else {
            return Ok(None);
        };
        let origin = Origin::Profile {
            profile: name.to_owned(),
            at: Setting { file, entry: id }.location(),
        };
        let filled = |key: &str| {
            let value = section.entry(key)?.value.expose();
            (!value.is_empty()).then_some(value)
        };
        match (filled(ACCESS_KEY_ID), filled(SECRET_ACCESS_KEY)) {
            (Some(id), Some(secret)) => Ok(Some(Credentials {
                access_key_id: id.to_owned(),
                secret_access_key: Secret::new(secret),
                // An empty token is no token. The AWS CLI makes `AKIA...%` of one that stands in a file, but not of
                // one in the environment, and git-remote-codecommit never does.
                session_token: SESSION_TOKEN
                    .iter()
                    .find_map(|key| filled(key))
                    .map(Secret::new),
                expires: None,
                origin,
            })),
            (None, _) => Err(CredentialsError::Partial {
                origin,
                has: SECRET_ACCESS_KEY,
                lacks: ACCESS_KEY_ID,
            }),
            (_, None) => Err(CredentialsError::Partial {
                origin,
                has: ACCESS_KEY_ID,
                lacks: SECRET_ACCESS_KEY,
            }),
        }
    }
}

impl<'a> Setting<'a> {
    /// The value.
    pub fn value(self) -> &'a str {
        self.entry.value.expose()
    }

    /// Where it stands.
    pub fn location(self) -> Location {
        location(self.file, self.entry.line)
    }
}

/// The profile that a section of the config file is. Botocore looks at the first letters only, so `[profiles dev]` is
/// one too; a name that is not one word is none.
fn config_name(section: &Section) -> Option<String> {
    if section.name == "default" {
        return Some(section.name.clone());
    }
    if !section.name.starts_with("profile") {
        return None;
    }
    let words = quoting::split(&section.name)?;
    match <[String; 2]>::try_from(words) {
        Ok([_, name]) => Some(name),
        Err(_) => None,
    }
}

/// How a profile's header is written in the config file.
fn config_header(name: &str) -> String {
    let quoted = quoting::quote(name);
    if quoted == name {
        format!("profile {name}")
    } else if name.contains(['"', '\\', ']']) {
        format!("profile {quoted}")
    } else {
        format!("profile \"{name}\"")
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// Both files in a home directory, and no variable but the one that names it.
    struct Home {
        folder: tempfile::TempDir,
        variables: Variables,
    }

    impl Home {
        fn new(config: &str, credentials: &str) -> Self {
            let folder = tempfile::tempdir().unwrap();
            let aws = folder.path().join(".aws");
            fs::create_dir(&aws).unwrap();
            fs::write(aws.join("config"), config).unwrap();
            fs::write(aws.join("credentials"), credentials).unwrap();
            let home = if cfg!(windows) { "USERPROFILE" } else { "HOME" };
            let variables = Variables::from_iter([
                (home, folder.path().as_os_str()),
                ("AWS_EC2_METADATA_DISABLED", "true".as_ref()),
            ]);
            Self { folder, variables }
        }

        fn find(&self, profile: &str) -> Result<Credentials, CredentialsError> {
            let now = crate::timestamp::Timestamp::from_unix_seconds(0);
            crate::credentials::Session::new(&self.variables, Some(profile))
                .unwrap()
                .credentials(now)
        }

        fn id(&self, profile: &str) -> String {
            self.find(profile).unwrap().access_key_id
        }
    }

    fn key(id: &str) -> String {
        format!("aws_access_key_id = {id}\naws_secret_access_key = s\n")
    }

    // Which section is which profile, and which file counts first, was compared with the AWS CLI (1.45).

    #[test]
    fn names_are_quoted_in_the_config_file_and_raw_in_the_credentials_file() {
        let home = Home::new(
            &format!(
                "[profile \"Code Commit\"]\n{}[profile 'x y']\n{}[profile back\\ slash]\n{}[default]\n{}",
                key("AKIADOUBLE"),
                key("AKIASINGLE"),
                key("AKIABACKSLASH"),
                key("AKIADEFAULT"),
            ),
            &format!(
                "[Raw Name]\n{}[\"Quoted Name\"]\n{}[profile dev]\n{}",
                key("AKIARAW"),
                key("AKIAQUOTED"),
                key("AKIAPROFILEDEV")
            ),
        );
        for (profile, id) in [
            ("Code Commit", "AKIADOUBLE"),
            ("x y", "AKIASINGLE"),
            ("back slash", "AKIABACKSLASH"),
            ("default", "AKIADEFAULT"),
            ("Raw Name", "AKIARAW"),
            ("\"Quoted Name\"", "AKIAQUOTED"),
            ("profile dev", "AKIAPROFILEDEV"),
        ] {
            assert_eq!(home.id(profile), id, "{profile}");
        }
    }

    #[test]
    fn an_unquoted_name_is_no_profile_and_the_error_shows_how_to_write_it() {
        let home = Home::new(
            "[profile Code Commit]\nregion = x\n[other]\n",
            "[profile other]\n[\"Quoted Name\"]\n",
        );
        for (profile, header, correct, file, line) in [
            (
                "Code Commit",
                "profile Code Commit",
                "profile \"Code Commit\"",
                "config",
                1,
            ),
            ("other", "other", "profile other", "config", 3),
            ("other", "profile other", "other", "credentials", 1),
            (
                "Quoted Name",
                "\"Quoted Name\"",
                "Quoted Name",
                "credentials",
                2,
            ),
        ] {
            let Err(CredentialsError::UnknownProfile { misspelt, .. }) = home.find(profile) else {
                panic!("{profile}");
            };
            let expected = Misspelt {
                at: location(&home.folder.path().join(".aws").join(file), line),
                header: header.to_owned(),
                correct: correct.to_owned(),
            };
            assert!(misspelt.contains(&expected), "{misspelt:?}");
        }
    }

    #[test]
    fn the_credentials_file_counts_first_and_keys_are_not_mixed() {
        let home = Home::new(
            &format!("[default]\n{}region = config\n", key("AKIACONFIG")),
            "[default]\nregion = credentials\n",
        );
        assert_eq!(home.id("default"), "AKIACONFIG");
        let profiles = Profiles::read(&home.variables).unwrap();
        let region = profiles.profile("default").unwrap().setting("region");
        assert_eq!(region.unwrap().value(), "credentials");

        let home = Home::new(
            &format!("[default]\n{}", key("AKIACONFIG")),
            "[default]\naws_access_key_id = AKIAHALF\n",
        );
        assert!(matches!(
            home.find("default"),
            Err(CredentialsError::Partial {
                lacks: SECRET_ACCESS_KEY,
                ..
            })
        ));
    }

    #[test]
    fn empty_keys_are_half_a_key_and_an_empty_token_is_none() {
        let home = Home::new(
            "[profile id]\naws_access_key_id =\naws_secret_access_key = s\n\
             [profile secret]\naws_secret_access_key = s\n\
             [profile token]\naws_access_key_id = AKIA\naws_secret_access_key = s\naws_session_token =\n",
            "",
        );
        for profile in ["id", "secret"] {
            let error = home.find(profile).unwrap_err();
            assert!(
                matches!(
                    error,
                    CredentialsError::Partial {
                        lacks: ACCESS_KEY_ID,
                        ..
                    }
                ),
                "{error}"
            );
        }
        assert_eq!(home.find("token").unwrap().session_token, None);
    }

    #[test]
    fn other_sections_are_found_by_kind_and_name() {
        let home = Home::new(
            "[sso-session corp]\nsso_region = a\n[sso-session \"my corp\"]\nsso_region = b\n[services corp]\nsts =\n  \
             endpoint_url = http://127.0.0.1:1\n  x\nsso = no\n",
            "",
        );
        let profiles = Profiles::read(&home.variables).unwrap();
        let region = |name| {
            let section = profiles.section("sso-session", name)?;
            Some(section.entry("sso_region")?.value.expose().to_owned())
        };
        assert_eq!(region("corp").as_deref(), Some("a"));
        assert_eq!(region("my corp").as_deref(), Some("b"));
        assert_eq!(region("other"), None);
        let services = profiles.section("services", "corp").unwrap();
        let url = services.nested("sts", "endpoint_url");
        assert_eq!(url.as_deref(), Some("http://127.0.0.1:1"));
        assert_eq!(services.nested("sso", "endpoint_url"), None);
    }

    #[test]
    fn faults_of_a_file_name_file_and_line_and_show_no_secret() {
        for (text, line) in [
            (&b"[default]\naws_secret_access_key hunter2\n"[..], 2),
            (
                b"[default]\nregion = x\naws_secret_access_key = hunter2\xff\n",
                3,
            ),
        ] {
            let home = Home::new("", "");
            let file = home.folder.path().join(".aws").join("credentials");
            fs::write(&file, text).unwrap();
            let error = home.find("default").unwrap_err().to_string();
            assert!(
                error.contains(&format!("{}:{line}", file.display())),
                "{error}"
            );
            assert!(!error.contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn a_file_that_is_not_there_has_no_profiles() {
        let home = Home::new("", "");
        let nowhere = home.folder.path().join("nowhere");
        for path in [nowhere.as_path(), home.folder.path(), Path::new("")] {
            let variables = Variables::from_iter([
                ("AWS_CONFIG_FILE", path),
                ("AWS_SHARED_CREDENTIALS_FILE", path),
            ]);
            let profiles = Profiles::read(&variables).unwrap();
            assert!(profiles.names().is_empty());
            let default = profiles.chosen(&ProfileChoice::Default);
            assert!(default.unwrap().is_none());
        }
    }
}
