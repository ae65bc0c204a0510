//! Who and what every case meets.

use codecommit_helper::password::{self, Signable};
use codecommit_helper::timestamp::Timestamp;
use codecommit_mock::document::Source;
use codecommit_mock::world::{Key, World};

/// The key of a user who may do everything.
pub(super) const ALICE: &str = "AKIAIOSFODNN7EXAMPLE";
/// A session of hers.
pub(super) const ALICE_SESSION: &str = "ASIAIOSFODNN7EXAMPLE";
/// The key of a user who may read.
pub(super) const RITA: &str = "AKIARITAEXAMPLE00000";
/// The key of a user who may push, and not to `main`.
pub(super) const PAUL: &str = "AKIAPAULEXAMPLE00000";
/// Alice's HTTPS Git credential.
pub(super) const ALICE_GIT: &str = "alice-at-111122223333";
/// One with an `@` in the user's name, and slashes, a plus and an equals sign in the password.
pub(super) const ANA_GIT: &str = "ana@example.com-at-111122223333";

/// A repository's address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Remote {
    pub(super) host: &'static str,
    pub(super) region: &'static str,
    pub(super) name: &'static str,
}

/// The repository that most cases use.
pub(super) const DEMO: Remote = Remote {
    host: "git-codecommit.us-east-2.amazonaws.com",
    region: "us-east-2",
    name: "MyDemoRepo",
};
/// A repository without a commit.
pub(super) const EMPTY: Remote = Remote {
    name: "EmptyRepo",
    ..DEMO
};
/// A repository that does not exist.
pub(super) const NONE: Remote = Remote {
    name: "NoSuchRepo",
    ..DEMO
};
/// A Region that the repository is not in.
pub(super) const ELSEWHERE: Remote = Remote {
    host: "git-codecommit.us-east-1.amazonaws.com",
    region: "us-east-1",
    ..DEMO
};

impl Remote {
    pub(super) fn path(&self) -> String {
        format!("/v1/repos/{}", self.name)
    }

    pub(super) fn url(&self) -> String {
        format!("https://{}{}", self.host, self.path())
    }
}

/// A user name and a password, as a client gets them.
#[derive(Clone)]
pub(super) struct Login {
    pub(super) user_name: String,
    pub(super) password: String,
}

/// Makes the world.
pub(super) fn world() -> World {
    let source = Source::new("conformance/world.toml", include_str!("world.toml"));
    // The file is part of the program; a test reads it.
    World::parse(&source).unwrap_or_default()
}

/// What a credential helper answers with this key.
pub(super) fn signed(world: &World, key: &str, remote: &Remote, at: Timestamp) -> Option<Login> {
    let holder = world.key(key)?;
    let token = match &holder.key {
        Key::LongTerm(_) => None,
        Key::Temporary(session) => Some(session.token.clone()),
    };
    let signable = Signable {
        host: remote.host,
        path: &remote.path(),
        region: remote.region,
        service: password::SERVICE,
        at,
    };
    Some(Login {
        user_name: password::user_name(key, token.as_ref().map(|token| token.expose())),
        password: signable.sign(holder.key.secret()).expose(),
    })
}

/// An HTTPS Git credential.
pub(super) fn git_credential(world: &World, user_name: &str) -> Option<Login> {
    let (_, _, credential) = world.git_credential(user_name)?;
    Some(Login {
        user_name: user_name.to_owned(),
        password: credential.password.expose().to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_is_there() {
        let world = world();
        for key in [ALICE, ALICE_SESSION, RITA, PAUL] {
            assert!(world.key(key).is_some(), "{key}");
        }
        for user_name in [ALICE_GIT, ANA_GIT] {
            assert!(git_credential(&world, user_name).is_some(), "{user_name}");
        }
        let session = signed(
            &world,
            ALICE_SESSION,
            &DEMO,
            Timestamp::new(std::time::SystemTime::now()),
        );
        let user_name = session.unwrap().user_name;
        for character in ['%', '/', '+', '='] {
            assert!(user_name.contains(character), "{character}");
        }
    }
}
