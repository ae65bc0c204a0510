//! Profiles: `~/.aws/config` and `~/.aws/credentials` as botocore puts them together.
//!
//! In the config file a profile is `[default]` or `[profile NAME]`, with NAME quoted as in a shell if it has spaces;
//! in the credentials file the section's whole name is the profile's, raw, and quotes are a part of it.

use std::path::Path;

use super::error::{FileSummary, Misspelt, NoKeys};
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

/// The credentials of the chosen profile: the first of botocore's sources that it is set up for.
///
/// # Errors
/// [`CredentialsError`] if the profile is named and does not exist, has half a key, has no source at all, or one that
/// is not read yet.
pub fn credentials(
    profiles: &Profiles,
    choice: &ProfileChoice,
    variables: &Variables,
) -> Result<Credentials, CredentialsError> {
    let profile = profiles.chosen(choice)?.unwrap_or(Profile::NONE);
    let unread = |setting: Setting<'_>| CredentialsError::UnreadSource {
        profile: choice.name().to_owned(),
        key: setting.entry.key.clone(),
        at: setting.location(),
    };
    let points_somewhere = |variable| match variables.text(variable) {
        Ok(None) => Ok(()),
        Ok(Some(_)) => Err(CredentialsError::UnreadVariable { variable }),
        Err(error) => Err(error.into()),
    };
    let explicit = matches!(choice, ProfileChoice::Option(_));

    // Botocore's order. A role with a web identity token is a matter of the web identity, which comes second.
    let web_identity = profile.setting("web_identity_token_file");
    match (profile.setting("role_arn"), web_identity) {
        (Some(role), None) => return Err(unread(role)),
        (_, Some(token_file)) => return Err(unread(token_file)),
        (None, None) if explicit => (),
        (None, None) => points_somewhere("AWS_WEB_IDENTITY_TOKEN_FILE")?,
    }
    for key in ["sso_account_id", "sso_role_name"] {
        if let Some(setting) = profile.setting(key) {
            return Err(unread(setting));
        }
    }
    if let Some(keys) = profile.keys(profile.credentials, choice)? {
        return Ok(keys);
    }
    for key in ["login_session", "credential_process"] {
        if let Some(setting) = profile.setting(key) {
            return Err(unread(setting));
        }
    }
    if let Some(keys) = profile.keys(profile.config, choice)? {
        return Ok(keys);
    }
    points_somewhere("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI")?;
    points_somewhere("AWS_CONTAINER_CREDENTIALS_FULL_URI")?;

    // Botocore goes on to the instance's role here, and a half key looks like no key at all.
    if let Some(secret) = profile.setting(SECRET_ACCESS_KEY) {
        return Err(CredentialsError::Partial {
            origin: origin(choice, secret),
            has: SECRET_ACCESS_KEY,
            lacks: ACCESS_KEY_ID,
        });
    }
    let environment = match variables.text(super::environment::SECRET_ACCESS_KEY)? {
        _ if explicit => NoKeys::NotAsked,
        Some(_) => NoKeys::SecretAlone,
        None => NoKeys::NotSet,
    };
    Err(CredentialsError::NoneFound {
        choice: choice.clone(),
        files: profiles.summaries(),
        environment,
    })
}

const ACCESS_KEY_ID: &str = "aws_access_key_id";
const SECRET_ACCESS_KEY: &str = "aws_secret_access_key";
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

    fn summaries(&self) -> Vec<FileSummary> {
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
    const NONE: Self = Self {
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

    /// The keys of one file. Both halves come from the same file, as in botocore.
    fn keys(
        &self,
        section: Option<(&'a Path, &'a Section)>,
        choice: &ProfileChoice,
    ) -> Result<Option<Credentials>, CredentialsError> {
        let Some((file, section)) = section else {
            return Ok(None);
        };
        let Some(id) = section.entry(ACCESS_KEY_ID) else {
            return Ok(None);
        };
        let origin = origin(choice, Setting { file, entry: id });
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
    pub fn value(&self) -> &'a str {
        self.entry.value.expose()
    }

    /// Where it stands.
    pub fn location(&self) -> Location {
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

fn origin(choice: &ProfileChoice, setting: Setting<'_>) -> Origin {
    Origin::Profile {
        profile: choice.name().to_owned(),
        at: setting.location(),
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
            let variables = Variables::from_iter([(home, folder.path())]);
            Self { folder, variables }
        }

        fn find(&self, profile: &str) -> Result<Credentials, CredentialsError> {
            let profiles = Profiles::read(&self.variables)?;
            let choice = ProfileChoice::Option(profile.to_owned());
            credentials(&profiles, &choice, &self.variables)
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
    fn sources_that_are_not_read_yet_are_named_in_botocores_order() {
        let home = Home::new(
            &format!(
                "[profile role]\nrole_arn = arn:x\n{0}[profile sso]\nsso_account_id = 1\n{0}\
                 [profile process]\ncredential_process = x\n{0}[profile login]\nlogin_session = x\n{0}\
                 [profile both]\ncredential_process = x\n",
                key("AKIACONFIG")
            ),
            &format!("[both]\n{}", key("AKIABOTH")),
        );
        for (profile, key, line) in [
            ("role", "role_arn", 2),
            ("sso", "sso_account_id", 6),
            ("process", "credential_process", 10),
            ("login", "login_session", 14),
        ] {
            let expected = CredentialsError::UnreadSource {
                profile: profile.to_owned(),
                key: key.to_owned(),
                at: location(&home.folder.path().join(".aws").join("config"), line),
            };
            let error = home.find(profile).unwrap_err();
            assert_eq!(error.to_string(), expected.to_string());
        }
        assert_eq!(home.id("both"), "AKIABOTH");
    }

    #[test]
    fn variables_of_other_sources_do_not_concern_a_named_profile() {
        let home = Home::new(&format!("[profile dev]\n{}", key("AKIA")), "");
        let mut variables = home.variables.clone();
        let token_file = Variables::from_iter([("AWS_WEB_IDENTITY_TOKEN_FILE", "/token")]);
        let profiles = Profiles::read(&variables).unwrap();
        variables = token_file;
        let named = ProfileChoice::Option("dev".to_owned());
        assert!(credentials(&profiles, &named, &variables).is_ok());
        let by_variable = ProfileChoice::Variable {
            variable: "AWS_PROFILE",
            profile: "dev".to_owned(),
        };
        assert!(matches!(
            credentials(&profiles, &by_variable, &variables),
            Err(CredentialsError::UnreadVariable { .. })
        ));
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
            assert!(matches!(
                credentials(&profiles, &ProfileChoice::Default, &variables),
                Err(CredentialsError::NoneFound { .. })
            ));
        }
    }
}
