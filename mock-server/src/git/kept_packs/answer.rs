//! An answer that is kept, and how it is given.

use std::io;
use std::sync::Arc;

use hyper::body::Bytes;

use super::pack_file::PackFile;
use crate::git::body::{Body, full};
use crate::git::streamed::{Client, Pieces, streamed};

/// As much of a file is read at a time: what a client that is slow has of the server's memory is two or three of these.
const PIECE: u64 = 128 * 1024;

#[derive(Clone, Debug)]
pub(in crate::git) enum Answer {
    Memory(Bytes),
    File(Arc<PackFile>),
}

impl Answer {
    pub(in crate::git) fn body(self, client: Client) -> Body {
        match self {
            Self::Memory(bytes) => full(bytes),
            Self::File(file) => {
                let length = Some(file.length());
                streamed(1, length, client, |pieces| send(file, pieces))
            }
        }
    }

    pub(super) fn size_in_memory(&self) -> usize {
        match self {
            Self::Memory(bytes) => bytes.len(),
            Self::File(_) => 0,
        }
    }

    pub(super) fn is_broken(&self) -> bool {
        match self {
            Self::Memory(_) => false,
            Self::File(file) => file.is_broken(),
        }
    }
}

/// Reads when there is room for a piece.
async fn send(file: Arc<PackFile>, pieces: Pieces) {
    let mut from = 0;
    while from < file.length() {
        let Some(room) = pieces.room().await else {
            return;
        };
        let length = PIECE.min(file.length() - from);
        let read = {
            let file = Arc::clone(&file);
            tokio::task::spawn_blocking(move || file.read(from, length as usize)).await
        };
        let piece = read.unwrap_or_else(|panic| Err(io::Error::other(panic)));
        let is_over = piece.is_err();
        room.send(piece);
        if is_over {
            return;
        }
        from += length;
    }
}
