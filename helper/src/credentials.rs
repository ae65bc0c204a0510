//! Whose key signs: the AWS CLI's sources of credentials, in its order, which stands in `credentials/lookup.rs`.
//!
//! Files are read only when something in them is needed, and the network is used only by the sources that cannot do without.

mod cache;
mod container;
pub mod environment;
pub mod error;
mod instance;
mod login;
mod lookup;
mod process;
pub mod profile;
pub mod profile_file;
mod role;
mod service;
mod shared_file;
mod sso;
mod sts;

use std::cell::OnceCell;
use std::ffi::OsStr;
use std::fmt;
use std::path::PathBuf;

use crate::secret::Secret;
use crate::terminal;
use crate::timestamp::Timestamp;
use crate::variables::{NotText, Variables};

pub use self::error::CredentialsError;
pub use self::instance::NoInstance;
pub use self::login::LoginFault;
use self::lookup::Lookup;
pub use self::process::ProcessFault;
use self::profile::Profiles;
pub use self::role::RoleFault;
pub use self::service::ServiceError;
pub use self::sso::SsoFault;

/// A key that can sign.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// `AKIA...`, or `ASIA...` for a key that belongs to a session.
    pub access_key_id: String,
    /// The secret.
    pub secret_access_key: Secret,
    /// The token of the session, never empty.
    pub session_token: Option<Secret>,
    /// When the session ends, where that is known.
    pub expires: Option<Timestamp>,
    /// Where they were found.
    pub origin: Origin,
}

/// Where credentials were found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The environment variables.
    Environment,
    /// A profile's keys in a file.
    Profile {
        /// The name of the profile.
        profile: String,
        /// Where its access key id stands.
        at: Location,
    },
    /// A profile's program.
    Process {
        /// The name of the profile.
        profile: String,
        /// Where the program is named.
        at: Location,
    },
    /// A session of a role.
    Role {
        /// The name of the profile that says so.
        profile: String,
        /// The role.
        arn: String,
    },
    /// A session of a role, for a token.
    WebIdentity {
        /// The role.
        arn: String,
        /// Where the token lies.
        file: PathBuf,
    },
    /// A role of IAM Identity Center.
    Sso {
        /// The name of the profile.
        profile: String,
        /// The account.
        account: String,
        /// The role.
        role: String,
    },
    /// `aws login`.
    Login {
        /// The name of the profile.
        profile: String,
        /// Who logged in.
        session: String,
    },
    /// A container's task or pod.
    Container {
        /// The variable that says where its keys are.
        variable: &'static str,
    },
    /// An EC2 instance.
    Instance {
        /// Its role.
        role: String,
    },
}

/// A line of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// The file.
    pub file: PathBuf,
    /// The line, from 1.
    pub line: usize,
}

/// Which profile, and who says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProfileChoice {
    /// `--profile NAME`.
    Option(String),
    /// `AWS_PROFILE` or `AWS_DEFAULT_PROFILE`.
    Variable {
        /// The name of the variable.
        variable: &'static str,
        /// The name of the profile.
        profile: String,
    },
    /// Nobody says; it is `default`, which need not exist.
    Default,
}

/// One look for credentials and a Region.
pub struct Session<'a> {
    variables: &'a Variables,
    choice: ProfileChoice,
    profiles: OnceCell<Profiles>,
    region: Option<String>,
    host_region: Option<String>,
    ask: fn(&str) -> Result<Secret, String>,
}

impl<'a> Session<'a> {
    /// With the profile of `--profile`, if it was given. Like the AWS CLI, an empty name counts as none.
    ///
    /// # Errors
    /// [`NotText`] if the variable that names the profile is not Unicode.
    pub fn new(variables: &'a Variables, profile: Option<&str>) -> Result<Self, NotText> {
        let choice = match profile {
            Some(name) if !name.is_empty() => ProfileChoice::Option(name.to_owned()),
            // In the order of version 2 of the AWS CLI and of the SDKs; version 1 asks the other way round.
            _ => match variables.first_text(["AWS_PROFILE", "AWS_DEFAULT_PROFILE"])? {
                Some((variable, name)) => ProfileChoice::Variable {
                    variable,
                    profile: name.to_owned(),
                },
                None => ProfileChoice::Default,
            },
        };
        Ok(Self {
            variables,
            choice,
            profiles: OnceCell::new(),
            region: None,
            host_region: None,
            ask: terminal::ask,
        })
    }

    /// With the Region of `--region`, if it was given. Like the AWS CLI, an empty name counts as none.
    #[must_use]
    pub fn with_region(mut self, region: Option<&str>) -> Self {
        self.region = region
            .filter(|region| !region.is_empty())
            .map(str::to_owned);
        self
    }

    /// With the Region of the host that is to be signed for: where the services are asked that give out keys, if nothing
    /// else says where.
    #[must_use]
    pub fn with_host_region(mut self, region: Option<&str>) -> Self {
        self.host_region = region.map(str::to_owned);
        self
    }

    /// The credentials to sign with at `now`.
    ///
    /// # Errors
    /// [`CredentialsError`] if there are none, or if what there is cannot be used.
    pub fn credentials(&self, now: Timestamp) -> Result<Credentials, CredentialsError> {
        let explicit = matches!(self.choice, ProfileChoice::Option(_));
        let from_environment = if explicit {
            None
        } else {
            environment::credentials(self.variables)?
        };
        let credentials = match from_environment {
            Some(credentials) => {
                // The keys win, but whoever names a profile wants one that exists: a misspelt name is an error to the AWS
                // CLI, too. Without a name no file is opened.
                if matches!(self.choice, ProfileChoice::Variable { .. }) {
                    self.check_profile()?;
                }
                credentials
            }
            None => Lookup {
                session: self,
                variables: self.variables,
                choice: &self.choice,
                profiles: self.profiles()?,
                now,
            }
            .credentials()?,
        };
        credentials.check(now)?;
        Ok(credentials)
    }

    /// The Region of a host that does not name one: `--region`, `AWS_REGION`, `AWS_DEFAULT_REGION`, then the profile's `region`.
    ///
    /// The order is that of version 2 of the AWS CLI and of the SDKs; version 1 does not know `AWS_REGION`.
    ///
    /// # Errors
    /// [`CredentialsError`] if the profile is needed and cannot be read.
    pub fn region(&self) -> Result<Option<String>, CredentialsError> {
        if let Some(region) = &self.region {
            return Ok(Some(region.clone()));
        }
        if let Some((_, region)) = self
            .variables
            .first_text(["AWS_REGION", "AWS_DEFAULT_REGION"])?
        {
            return Ok(Some(region.to_owned()));
        }
        let profile = self.profiles()?.chosen(&self.choice)?;
        Ok(profile
            .and_then(|profile| profile.setting("region"))
            .map(|setting| setting.value().to_owned())
            .filter(|region| !region.is_empty()))
    }

    /// Whether FIPS endpoints are wanted: `AWS_USE_FIPS_ENDPOINT`, then `use_fips_endpoint` of the profile.
    ///
    /// # Errors
    /// [`CredentialsError`] if the profile is needed and cannot be read.
    pub fn uses_fips(&self) -> Result<bool, CredentialsError> {
        let is_true = |text: &str| text.eq_ignore_ascii_case("true");
        if let Some(text) = self.variables.text("AWS_USE_FIPS_ENDPOINT")? {
            return Ok(is_true(text));
        }
        let profile = self.profiles()?.chosen(&self.choice)?;
        let setting = profile.and_then(|profile| profile.setting("use_fips_endpoint"));
        Ok(setting.is_some_and(|setting| is_true(setting.value())))
    }

    /// The name of the chosen profile.
    pub fn profile(&self) -> &str {
        self.choice.name()
    }

    /// Whether the chosen profile exists.
    ///
    /// # Errors
    /// [`CredentialsError::UnknownProfile`] if it was named and does not exist; others if the files cannot be read.
    pub fn check_profile(&self) -> Result<(), CredentialsError> {
        self.profiles()?.chosen(&self.choice).map(drop)
    }

    /// An MFA code, from a person.
    fn ask(&self, mfa_serial: &str) -> Result<Secret, String> {
        // Git's switch for "nobody is there".
        if self.variables.get("GIT_TERMINAL_PROMPT") == Some(OsStr::new("0")) {
            return Err("GIT_TERMINAL_PROMPT is 0".to_owned());
        }
        (self.ask)(&format!("Enter MFA code for {mfa_serial}: "))
    }

    fn profiles(&self) -> Result<&Profiles, CredentialsError> {
        if let Some(profiles) = self.profiles.get() {
            return Ok(profiles);
        }
        let profiles = Profiles::read(self.variables)?;
        Ok(self.profiles.get_or_init(|| profiles))
    }
}

impl Credentials {
    /// Git's protocol has lines, and AWS's keys have no white space: a stray line feed or a comment behind the value
    /// would reach the service as a key that does not exist.
    fn check(&self, now: Timestamp) -> Result<(), CredentialsError> {
        let is_key = |text: &str| !text.contains(|c: char| c.is_whitespace() || c.is_control());
        let token = self.session_token.as_ref().map_or("", Secret::expose);
        for (what, text) in [
            ("access key id", self.access_key_id.as_str()),
            ("secret access key", self.secret_access_key.expose()),
            ("session token", token),
        ] {
            if !is_key(text) {
                return Err(CredentialsError::NotAKey {
                    what,
                    origin: self.origin.clone(),
                });
            }
        }
        match self.expires {
            Some(ended) if ended <= now => Err(CredentialsError::SessionEnded {
                ended,
                now,
                origin: self.origin.clone(),
            }),
            _ => Ok(()),
        }
    }
}

impl ProfileChoice {
    /// The name of the profile.
    pub fn name(&self) -> &str {
        match self {
            Self::Option(profile) | Self::Variable { profile, .. } => profile,
            Self::Default => "default",
        }
    }
}

/// Who chose it, as it fits in brackets.
impl fmt::Display for ProfileChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Option(_) => f.write_str("named by --profile"),
            Self::Variable { variable, .. } => write!(f, "named by {variable}"),
            Self::Default => f.write_str("the default"),
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Environment => f.write_str("the environment"),
            Self::Profile { profile, at } => write!(f, "profile `{profile}` ({at})"),
            Self::Process { profile, at } => {
                write!(f, "the credential_process of profile `{profile}` ({at})")
            }
            Self::Role { profile, arn } => write!(f, "the role {arn} of profile `{profile}`"),
            Self::WebIdentity { arn, file } => write!(
                f,
                "the role {arn} for the web identity in {}",
                file.display()
            ),
            Self::Sso {
                profile,
                account,
                role,
            } => write!(
                f,
                "the role {role} in account {account} of profile `{profile}`"
            ),
            Self::Login { profile, session } => {
                write!(f, "the login as {session} of profile `{profile}`")
            }
            Self::Container { variable } => write!(f, "the container ({variable})"),
            Self::Instance { role } => write!(f, "the instance's role {role}"),
        }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file.display(), self.line)
    }
}
