//! JSON documents in a folder, as the AWS CLI keeps them: sessions in `~/.aws/cli/cache`, tokens in `~/.aws/sso/cache` and
//! `~/.aws/login/cache`. The names and the format are the AWS CLI's, so each finds what the other has stored: one MFA code
//! is enough for both, and `aws sso logout` ends both.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use ring::digest;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Origin;
use crate::credentials::Credentials;
use crate::secret::Secret;
use crate::timestamp::Timestamp;

/// What has less time left than this is asked for anew. Botocore says 15 minutes, which is as long as the shortest
/// session, so that a profile with `duration_seconds = 900` would call the service each time.
const LEAST: time::Duration = time::Duration::minutes(5);

/// A folder of documents.
#[derive(Clone, Debug)]
pub(super) struct Cache {
    folder: PathBuf,
}

/// Held while a document is being made; other processes wait.
#[derive(Debug)]
pub(super) struct Lock {
    _file: Option<File>,
}

/// A session in the AWS CLI's cache.
#[derive(Serialize, Deserialize)]
struct Stored {
    #[serde(rename = "ProviderType", skip_serializing_if = "Option::is_none")]
    provider: Option<String>,
    #[serde(rename = "Credentials")]
    credentials: StoredCredentials,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct StoredCredentials {
    access_key_id: String,
    secret_access_key: String,
    session_token: String,
    expiration: String,
}

impl Cache {
    pub(super) fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// Where a document lies.
    pub(super) fn path(&self, key: &str) -> PathBuf {
        self.folder.join(format!("{key}.json"))
    }

    /// A document; `None` if there is none, or none that can be read.
    pub(super) fn read(&self, key: &str) -> Option<Value> {
        let text = fs::read_to_string(self.path(key)).ok().map(Secret::new)?;
        serde_json::from_str(text.expose()).ok()
    }

    /// Puts a document in its place at once: whoever reads sees the old one or the new one.
    pub(super) fn write(&self, key: &str, document: &impl Serialize) -> io::Result<()> {
        // Two threads of one process are two writers.
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let text = Secret::new(serde_json::to_string(document)?);
        owner_only::create_folder(&self.folder)?;
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("{key}.{}.{number}.tmp", std::process::id());
        let temporary = self.folder.join(name);
        let written = owner_only::create_file(&temporary).and_then(|mut file| {
            file.write_all(text.expose().as_bytes())?;
            file.sync_all()?;
            fs::rename(&temporary, self.path(key))
        });
        if written.is_err() {
            // It is ours, and nothing came of it.
            let _ = fs::remove_file(&temporary);
        }
        written
    }

    /// Waits until no other process makes this document. Where the system cannot lock, nobody waits: then the worst is a
    /// request too many.
    pub(super) fn lock(&self, key: &str) -> Lock {
        let file = owner_only::create_folder(&self.folder)
            .and_then(|()| owner_only::open_lock(&self.folder.join(format!("{key}.lock"))))
            .and_then(|file| file.lock().map(|()| file));
        Lock { _file: file.ok() }
    }

    /// A session of the AWS CLI's cache that is good for a while.
    pub(super) fn session(
        &self,
        key: &str,
        now: Timestamp,
        origin: &Origin,
    ) -> Option<Credentials> {
        let stored: Stored = serde_json::from_value(self.read(key)?).ok()?;
        let StoredCredentials {
            access_key_id,
            secret_access_key,
            session_token,
            expiration,
        } = stored.credentials;
        let expires = Timestamp::parse_aws(&expiration).ok()?;
        (expires.since(now) >= LEAST).then(|| Credentials {
            access_key_id,
            secret_access_key: Secret::new(secret_access_key),
            session_token: Some(Secret::new(session_token)),
            expires: Some(expires),
            origin: origin.clone(),
        })
    }

    /// The session of the cache, or else the one that `make` gets, which is then stored. Only one process makes it.
    pub(super) fn session_or<E>(
        &self,
        key: &str,
        provider: Option<&str>,
        now: Timestamp,
        origin: &Origin,
        make: impl FnOnce() -> Result<Credentials, E>,
    ) -> Result<Credentials, E> {
        if let Some(found) = self.session(key, now, origin) {
            return Ok(found);
        }
        let _lock = self.lock(key);
        if let Some(found) = self.session(key, now, origin) {
            return Ok(found);
        }
        let made = make()?;
        let token = made.session_token.as_ref().map_or("", Secret::expose);
        if let Some(expires) = made.expires {
            let stored = Stored {
                provider: provider.map(str::to_owned),
                credentials: StoredCredentials {
                    access_key_id: made.access_key_id.clone(),
                    secret_access_key: made.secret_access_key.expose().to_owned(),
                    session_token: token.to_owned(),
                    expiration: expires.to_string(),
                },
            };
            // A home that cannot be written to costs a request each time, and nothing else.
            let _ = self.write(key, &stored);
        }
        Ok(made)
    }
}

/// The name under which the AWS CLI stores something: the SHA-1 of a text, in hex.
pub(super) fn key(text: &str) -> String {
    hex(digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, text.as_bytes()).as_ref())
}

/// The same with SHA-256.
pub(super) fn sha256_key(text: &str) -> String {
    hex(digest::digest(&digest::SHA256, text.as_bytes()).as_ref())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// An object as Python's `json.dumps(..., sort_keys=True)` writes it, of which the AWS CLI takes the SHA-1: with a space
/// after commas and colons, and ASCII only. `compact` leaves the spaces out.
pub(super) fn python_json(pairs: &[(&str, Value)], compact: bool) -> String {
    let mut pairs: Vec<_> = pairs.iter().collect();
    pairs.sort_by_key(|(key, _)| *key);
    let (comma, colon) = if compact { (",", ":") } else { (", ", ": ") };
    let ascii = |value: &Value| {
        let mut text = String::new();
        for c in value.to_string().chars() {
            if c.is_ascii() {
                text.push(c);
            } else {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    text += &format!("\\u{unit:04x}");
                }
            }
        }
        text
    };
    let members: Vec<String> = pairs
        .iter()
        .map(|(key, value)| format!("{}{colon}{}", ascii(&Value::from(*key)), ascii(value)))
        .collect();
    format!("{{{}}}", members.join(comma))
}

/// Files that only their owner may read.
#[cfg(unix)]
mod owner_only {
    use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
    use std::path::Path;

    use super::{File, OpenOptions, fs, io};

    pub(super) fn create_folder(path: &Path) -> io::Result<()> {
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(path)
    }

    pub(super) fn create_file(path: &Path) -> io::Result<File> {
        OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)
    }

    pub(super) fn open_lock(path: &Path) -> io::Result<File> {
        OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(path)
    }
}

/// On Windows the folder of a user is that user's, and so is what is created in it.
#[cfg(not(unix))]
mod owner_only {
    use std::path::Path;

    use super::{File, OpenOptions, fs, io};

    pub(super) fn create_folder(path: &Path) -> io::Result<()> {
        fs::create_dir_all(path)
    }

    pub(super) fn create_file(path: &Path) -> io::Result<File> {
        File::create_new(path)
    }

    pub(super) fn open_lock(path: &Path) -> io::Result<File> {
        OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;

    use super::*;

    // What botocore 1.44.5 makes of the same arguments.
    #[test]
    fn names_are_those_of_the_aws_cli() {
        let arguments = [
            (
                "RoleArn",
                Value::from("arn:aws:iam::111122223333:role/Deployer"),
            ),
            ("DurationSeconds", Value::from(900)),
            ("ExternalId", Value::from("caf\u{e9} \"x\"")),
        ];
        let text = python_json(&arguments, false);
        assert_eq!(
            text,
            r#"{"DurationSeconds": 900, "ExternalId": "caf\u00e9 \"x\"", "RoleArn": "arn:aws:iam::111122223333:role/Deployer"}"#
        );
        assert_eq!(key("abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
        let compact = python_json(&[("b", Value::from("x")), ("a", Value::from("y"))], true);
        assert_eq!(compact, r#"{"a":"y","b":"x"}"#);
    }

    fn at(text: &str) -> Timestamp {
        Timestamp::parse_rfc3339(text).unwrap()
    }

    fn made() -> Credentials {
        Credentials {
            access_key_id: "ASIA".to_owned(),
            secret_access_key: Secret::new("hunter2"),
            session_token: Some(Secret::new("token")),
            expires: Some(at("2025-01-15T09:30:00Z")),
            origin: Origin::Environment,
        }
    }

    #[test]
    fn a_session_is_made_once_and_again_when_it_ends() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(folder.path().join("cli").join("cache"));
        let get = |now: &str| {
            let mut called = false;
            let found = cache
                .session_or("key", None, at(now), &Origin::Environment, || {
                    called = true;
                    Ok::<_, ()>(made())
                })
                .unwrap();
            assert_eq!(found.access_key_id, "ASIA");
            assert_eq!(found.session_token, made().session_token);
            assert_eq!(found.expires, made().expires);
            called
        };
        assert!(get("2025-01-15T08:30:00Z"));
        assert!(!get("2025-01-15T08:30:00Z"));
        assert!(!get("2025-01-15T09:25:00Z"));
        assert!(get("2025-01-15T09:25:01Z"));

        // What is damaged is made anew.
        fs::write(cache.path("key"), "{").unwrap();
        assert!(get("2025-01-15T08:30:00Z"));
    }

    #[test]
    fn of_many_at_once_one_makes_it_and_nobody_sees_half_of_it() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(folder.path().to_owned());
        let (barrier, made_by) = (Barrier::new(8), AtomicU32::new(0));
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    barrier.wait();
                    let now = at("2025-01-15T08:30:00Z");
                    let found = cache.session_or("key", None, now, &Origin::Environment, || {
                        made_by.fetch_add(1, Ordering::Relaxed);
                        Ok::<_, ()>(made())
                    });
                    assert_eq!(found.unwrap().access_key_id, "ASIA");
                });
            }
        });
        assert_eq!(made_by.into_inner(), 1);
        let left: Vec<_> = fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        assert_eq!(left.len(), 2, "{left:?}");
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_may_read_it() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(folder.path().join("a").join("b"));
        cache.write("key", &Value::Null).unwrap();
        let mode =
            |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&cache.path("key")), 0o600);
        assert_eq!(mode(&folder.path().join("a")), 0o700);
    }

    #[test]
    fn a_folder_that_cannot_be_written_to_costs_nothing_but_a_request() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        let cache = Cache::new(file.join("cache"));
        let now = at("2025-01-15T08:30:00Z");
        let found = cache.session_or("key", None, now, &Origin::Environment, || {
            Ok::<_, ()>(made())
        });
        assert!(found.is_ok());
    }
}
