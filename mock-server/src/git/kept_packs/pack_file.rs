//! A file without a name that holds one answer, whole.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use hyper::body::Bytes;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::disk::Share;

/// How many pieces wait to be written.
const PIECES_WAITING: usize = 32;

/// So long in all a client is kept waiting for the disk.
const PATIENCE: Duration = Duration::from_millis(200);

/// What was written to its end.
#[derive(Debug)]
pub(in crate::git) struct PackFile {
    file: File,
    /// As long as it is.
    share: Share,
    is_broken: AtomicBool,
}

/// A file that is being written, by a thread of its own.
#[derive(Debug)]
pub(super) struct Writer {
    pieces: mpsc::Sender<Bytes>,
    written: JoinHandle<io::Result<File>>,
    share: Share,
    /// What is left of it.
    patience: Duration,
}

impl Writer {
    /// A new file on the file system of `folder`, and what it takes of the disk.
    pub(super) fn new(folder: &Path, share: Share) -> Self {
        let (pieces, mut coming) = mpsc::channel::<Bytes>(PIECES_WAITING);
        let folder = folder.to_owned();
        let written = tokio::task::spawn_blocking(move || {
            // It has no name from the start, or loses it at once: whatever ends the server, the system takes it away.
            let mut file = tempfile::tempfile_in(folder)?;
            while let Some(piece) = coming.blocking_recv() {
                file.write_all(&piece)?;
            }
            Ok(file)
        });
        Self {
            pieces,
            written,
            share,
            patience: PATIENCE,
        }
    }

    pub(super) fn length(&self) -> u64 {
        self.share.bytes()
    }

    /// Room for more; false if there is none.
    pub(super) fn grow(&mut self, bytes: u64) -> bool {
        self.share.grow(bytes)
    }

    /// Writes what there is room for. False if the disk fails, or is slower than the client.
    pub(super) async fn write(&mut self, piece: Bytes) -> bool {
        let began = Instant::now();
        let sent = tokio::time::timeout(self.patience, self.pieces.send(piece)).await;
        self.patience = self.patience.saturating_sub(began.elapsed());
        matches!(sent, Ok(Ok(())))
    }

    /// Waits until all is written; none if it is not.
    pub(super) async fn finish(self) -> Option<PackFile> {
        drop(self.pieces);
        let file = self.written.await.ok()?.ok()?;
        Some(PackFile {
            file,
            share: self.share,
            is_broken: AtomicBool::new(false),
        })
    }
}

impl PackFile {
    pub(super) fn length(&self) -> u64 {
        self.share.bytes()
    }

    /// Reads a piece, whole; blocks. Many can read at the same time.
    pub(super) fn read(&self, from: u64, length: usize) -> io::Result<Bytes> {
        let mut piece = vec![0; length];
        let read = read_exact_at(&self.file, &mut piece, from);
        if read.is_err() {
            self.is_broken.store(true, Ordering::Relaxed);
        }
        read.map(|()| piece.into())
    }

    #[cfg(test)]
    pub(super) fn cut(&self) {
        self.file.set_len(1).unwrap();
    }

    /// Whether it could not be read once.
    pub(super) fn is_broken(&self) -> bool {
        self.is_broken.load(Ordering::Relaxed)
    }
}

#[cfg(unix)]
fn read_exact_at(file: &File, piece: &mut [u8], from: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, piece, from)
}

#[cfg(windows)]
fn read_exact_at(file: &File, mut piece: &mut [u8], mut from: u64) -> io::Result<()> {
    while !piece.is_empty() {
        let read = std::os::windows::fs::FileExt::seek_read(file, piece, from)?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        piece = &mut piece[read..];
        from += read as u64;
    }
    Ok(())
}
