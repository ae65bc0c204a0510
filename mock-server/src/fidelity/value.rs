//! What a switch can be set to.

/// A kind of value that a switch takes.
pub(super) trait Value: Copy {
    /// What may be written, for people.
    const VALUES: &'static str;

    fn parse(text: &str) -> Option<Self>;

    fn text(self) -> String;
}

impl Value for u64 {
    const VALUES: &'static str = "a number";

    fn parse(text: &str) -> Option<Self> {
        text.bytes()
            .all(|byte| byte.is_ascii_digit())
            .then(|| text.parse().ok())?
    }

    fn text(self) -> String {
        self.to_string()
    }
}

/// A status that refuses credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefusalStatus(pub u16);

impl Value for RefusalStatus {
    const VALUES: &'static str = "401, 403 or 404";

    fn parse(text: &str) -> Option<Self> {
        match text {
            "401" => Some(Self(401)),
            "403" => Some(Self(403)),
            "404" => Some(Self(404)),
            _ => None,
        }
    }

    fn text(self) -> String {
        self.0.to_string()
    }
}

macro_rules! choices {
    ($($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal,)+ })+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $($(#[$variant_doc])* $variant,)+ }

        impl Value for $name {
            const VALUES: &'static str = concat!($("`", $text, "` ",)+);

            fn parse(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$variant),)+ _ => None }
            }

            fn text(self) -> String {
                match self { $(Self::$variant => $text.to_owned(),)+ }
            }
        }
    )+};
}

choices! {
    /// The schemes that a 401 offers.
    Challenge {
        /// Basic alone.
        Basic = "basic",
        /// Negotiate before Basic.
        NegotiateAndBasic = "negotiate-and-basic",
    }
    /// What a repository's name with `.git` behind it means.
    GitSuffix {
        /// Another repository, which cannot exist.
        Kept = "kept",
        /// The same repository.
        Ignored = "ignored",
    }
    /// What more than one slash in a row means, or one at the end.
    ExtraSlashes {
        /// Part of the path.
        Kept = "kept",
        /// Nothing.
        Ignored = "ignored",
    }
    /// Whether a port that the request names may be signed with the host.
    SignedPort {
        /// It may or may not.
        Allowed = "allowed",
        /// It may not.
        Refused = "refused",
    }
    /// Which of two reasons to refuse is told.
    FirstCheck {
        /// That there is no such repository.
        Repository = "repository",
        /// That the permission is missing.
        Permission = "permission",
    }
    /// How a push to a protected branch is refused.
    DenyForm {
        /// In the report, on the line of each reference.
        Report = "report",
        /// As an error on the side-band.
        SideBand = "side-band",
    }
    /// What happens to a push of which some references are denied.
    DeniedReferences {
        /// Nothing is taken.
        WholePush = "whole-push",
        /// The others are taken.
        Each = "each",
    }
    /// The Content-Type of an error's body.
    ErrorType {
        /// `application/xml`.
        Xml = "xml",
        /// None at all.
        Absent = "absent",
    }
    /// Yes or no.
    YesOrNo {
        /// Yes.
        Yes = "yes",
        /// No.
        No = "no",
    }
}
