use super::Profile;
use super::value::{
    Challenge, DeniedReferences, DenyForm, ErrorType, ExtraSlashes, FirstCheck, GitSuffix,
    RefusalStatus, SignedPort, Value, YesOrNo,
};
use crate::document::nearest;

/// A behaviour that is assumed, under the name by which it can be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Switch {
    /// Its name, kebab-case.
    pub name: &'static str,
    /// What it can be set to.
    pub values: &'static str,
    /// What it decides.
    pub summary: &'static str,
}

/// A switch cannot be set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SwitchError {
    /// There is no such switch.
    #[error("find a switch `{name}`")]
    Unknown {
        /// What was asked for.
        name: String,
        /// A name that is close.
        nearest: Option<&'static str>,
    },
    /// It does not take this value.
    #[error("set switch `{name}` to `{value}`")]
    Value {
        /// The switch.
        name: &'static str,
        /// What was asked for.
        value: String,
        /// What it takes.
        values: &'static str,
    },
}

impl SwitchError {
    /// What to write instead, where that is known.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Unknown { nearest, .. } => nearest.map(|near| format!("did you mean `{near}`?")),
            Self::Value { values, .. } => Some(format!("it takes {}", values.trim())),
        }
    }
}

macro_rules! switches {
    ($($(#[doc = $summary:literal])+ $field:ident: $kind:ty = $default:expr, $name:literal;)+) => {
        /// A profile, and a switch for each behaviour that nobody outside AWS knows: where the real service turns out to be
        /// different, a switch makes the laboratory follow.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct Fidelity {
            /// Whose Git service is shown.
            pub profile: Profile,
            $($(#[doc = $summary])+ #[doc = concat!("\n\nSwitch: `", $name, "`.")] pub $field: $kind,)+
        }

        impl Fidelity {
            /// Every switch there is.
            pub const SWITCHES: &[Switch] = &[$(Switch {
                name: $name,
                values: <$kind as Value>::VALUES,
                summary: concat!($($summary),+),
            }),+];

            /// A profile with every switch in its default position.
            pub const fn new(profile: Profile) -> Self {
                Self { profile, $($field: $default,)+ }
            }

            /// Sets a switch by its name.
            ///
            /// # Errors
            /// [`SwitchError`], with the nearest name or the possible values.
            pub fn set(&mut self, name: &str, value: &str) -> Result<(), SwitchError> {
                match name {
                    $($name => {
                        self.$field = <$kind as Value>::parse(value).ok_or_else(|| SwitchError::Value {
                            name: $name,
                            value: value.to_owned(),
                            values: <$kind as Value>::VALUES,
                        })?;
                    })+
                    _ => {
                        return Err(SwitchError::Unknown {
                            name: name.to_owned(),
                            nearest: nearest(name, Self::SWITCHES.iter().map(|switch| switch.name)),
                        });
                    }
                }
                Ok(())
            }

            /// The position of a switch, as it is written.
            pub fn get(&self, name: &str) -> Option<String> {
                match name {
                    $($name => Some(Value::text(self.$field)),)+
                    _ => None,
                }
            }
        }
    };
}

switches! {
    /// The schemes that the challenge offers.
    challenge: Challenge = Challenge::Basic, "challenge";
    /// The status for a user name with an empty password.
    empty_password_status: RefusalStatus = RefusalStatus(403), "empty-password-status";
    /// The status for an expired password.
    expired_password_status: RefusalStatus = RefusalStatus(403), "expired-password-status";
    /// The status for a signature that does not match.
    signature_mismatch_status: RefusalStatus = RefusalStatus(403), "signature-mismatch-status";
    /// The status for a missing permission.
    missing_permission_status: RefusalStatus = RefusalStatus(403), "missing-permission-status";
    /// For how many seconds a password is good.
    password_lifetime_seconds: u64 = 15 * 60, "password-lifetime-seconds";
    /// By how many seconds a client's clock may be ahead.
    future_tolerance_seconds: u64 = 5 * 60, "future-tolerance-seconds";
    /// Whether a port that the request names may be signed with the host.
    signed_port: SignedPort = SignedPort::Allowed, "signed-port";
    /// What `.git` behind a repository's name means.
    git_suffix: GitSuffix = GitSuffix::Kept, "git-suffix";
    /// What more than one slash in a row means, or one at the end.
    extra_slashes: ExtraSlashes = ExtraSlashes::Kept, "extra-slashes";
    /// Which is told first: that a repository is missing, or a permission.
    first_check: FirstCheck = FirstCheck::Repository, "first-check";
    /// The Content-Type of an error's body.
    error_type: ErrorType = ErrorType::Xml, "error-type";
    /// Whether a refusal says in plain words why, and what to do: git shows them as `remote:` lines.
    explain: YesOrNo = YesOrNo::No, "explain";
    /// Whether HTTP/2 is offered.
    http_2: YesOrNo = YesOrNo::Yes, "http-2";
    /// Whether protocol version 2 is answered with version 2.
    protocol_version_2: YesOrNo = YesOrNo::No, "protocol-version-2";
    /// How a push to a protected branch is refused.
    branch_deny: DenyForm = DenyForm::Report, "branch-deny";
    /// What happens to a push of which some references are denied.
    denied_references: DeniedReferences = DeniedReferences::WholePush, "denied-references";
    /// How many references one push may create, update and delete.
    references_per_push: u64 = 4_000, "references-per-push";
    /// How many bytes the largest object may have.
    largest_object_bytes: u64 = 2 * 1024 * 1024 * 1024, "largest-object-bytes";
    /// How many requests an account may make in a second and Region before it is throttled; 0 for as many as it likes.
    requests_per_second: u64 = 0, "requests-per-second";
}

impl Default for Fidelity {
    fn default() -> Self {
        Self::new(Profile::CodeCommit)
    }
}

impl From<Profile> for Fidelity {
    fn from(profile: Profile) -> Self {
        Self::new(profile)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_switch_reads_back_what_it_is_set_to() {
        let mut fidelity = Fidelity::default();
        for switch in Fidelity::SWITCHES {
            let position = fidelity.get(switch.name).unwrap();
            fidelity.set(switch.name, &position).unwrap();
        }
        assert_eq!(fidelity, Fidelity::default());
        fidelity.set("expired-password-status", "401").unwrap();
        assert_eq!(fidelity.expired_password_status.0, 401);
    }

    #[test]
    fn what_cannot_be_set_is_explained() {
        let mut fidelity = Fidelity::default();
        assert_eq!(
            fidelity.set("chalenge", "basic"),
            Err(SwitchError::Unknown {
                name: "chalenge".to_owned(),
                nearest: Some("challenge"),
            })
        );
        for (name, value) in [
            ("challenge", "kerberos"),
            ("requests-per-second", "-1"),
            ("http-2", "true"),
        ] {
            assert!(
                matches!(fidelity.set(name, value), Err(SwitchError::Value { .. })),
                "{name}"
            );
        }
    }
}
