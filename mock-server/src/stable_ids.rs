//! Enumerations whose variants are public facts: each with a kebab-case id that never changes, and a few words.

/// Makes the enumeration, with its ids and words; `ALL` is in the order of the list.
macro_rules! stable_ids {
    (
        $(#[$about:meta])* $name:ident;
        $($(#[$doc:meta])* $variant:ident = $id:literal, $summary:literal;)+
    ) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$doc])* #[doc = concat!("\n\nId: `", $id, "`.")] $variant,)+
        }

        impl $name {
            /// Every one, in the order in which the checks are made.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The kebab-case id.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $id),+ }
            }

            /// A few words that say it, lower case, for the head of a report.
            pub fn summary(self) -> &'static str {
                match self { $(Self::$variant => $summary),+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

pub(crate) use stable_ids;
