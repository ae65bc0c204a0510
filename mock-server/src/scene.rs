//! The world as it is now, and what one request sees of it from its first step to its last.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use codecommit_helper::secret::Secret;
use codecommit_helper::timestamp::Timestamp;

use crate::clock::Clock;
use crate::git_program::GitProgram;
use crate::world::{Storage, StorageError, World};

/// Where requests are played: a world that can be replaced, a clock that can be moved, and the repositories on disk.
#[derive(Debug)]
pub(crate) struct Stage {
    world: RwLock<Arc<World>>,
    clock: Clock,
    storage: Storage,
    program: GitProgram,
    /// The Region of requests straight to the loopback address; that of the world's first repository if not said.
    loopback_region: Option<String>,
    /// The secrets of worlds that were replaced: reports must still not show them. Held while a world is replaced, so that
    /// one replacement waits for the other.
    former_secrets: Mutex<Vec<Secret>>,
}

/// One world and one instant. A request takes it once, so that nothing changes under its feet.
#[derive(Clone, Debug)]
pub(crate) struct Scene {
    pub(crate) world: Arc<World>,
    pub(crate) now: Timestamp,
}

impl Stage {
    /// Puts the world's repositories on disk.
    ///
    /// # Errors
    /// A repository cannot be made.
    pub(crate) fn new(
        world: World,
        clock: Clock,
        storage: Storage,
        program: GitProgram,
        loopback_region: Option<String>,
    ) -> Result<Self, StorageError> {
        storage.prepare(&world, &program)?;
        Ok(Self {
            world: RwLock::new(Arc::new(world)),
            clock,
            storage,
            program,
            loopback_region,
            former_secrets: Mutex::default(),
        })
    }

    /// What a request that comes now sees.
    pub(crate) fn scene(&self) -> Scene {
        Scene {
            world: self.world(),
            now: self.now(),
        }
    }

    /// What time it is.
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.timestamp()
    }

    /// The world as it is now.
    pub(crate) fn world(&self) -> Arc<World> {
        Arc::clone(&self.world.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn storage(&self) -> &Storage {
        &self.storage
    }

    /// The Region of requests straight to the loopback address.
    pub(crate) fn loopback_region<'a>(&'a self, scene: &'a Scene) -> &'a str {
        let first = scene
            .world
            .accounts
            .iter()
            .flat_map(|account| &account.repositories)
            .map(|repository| repository.region.as_str());
        let named = self.loopback_region.as_deref();
        named
            .or_else(|| first.into_iter().next())
            .unwrap_or("us-east-1")
    }

    /// Puts another world in the place of this one. Its repositories are made first; if that fails, nothing has changed.
    ///
    /// # Errors
    /// A repository cannot be made.
    pub(crate) fn replace(&self, mut world: World) -> Result<(), StorageError> {
        let mut former_secrets = self.former_secrets();
        self.storage.prepare(&world, &self.program)?;
        let former = self.world();
        world.succeed(&former);
        for secret in former.secrets() {
            if !former_secrets.contains(&secret) {
                former_secrets.push(secret);
            }
        }
        *self.world.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(world);
        Ok(())
    }

    /// The secrets of this world and of those before it.
    pub(crate) fn secrets(&self) -> Vec<Secret> {
        let mut secrets = self.world().secrets();
        secrets.extend(self.former_secrets().iter().cloned());
        secrets
    }

    fn former_secrets(&self) -> MutexGuard<'_, Vec<Secret>> {
        self.former_secrets
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
