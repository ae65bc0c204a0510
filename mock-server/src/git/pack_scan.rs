//! Looks at a pack while it passes: which kinds of entries it has, and how large its objects are.

use flate2::{Decompress, FlushDecompress, Status};

use crate::reported::ReportedReason;

/// What CodeCommit does not take in a pack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum UnacceptablePack {
    /// An entry that names its base by its distance in the pack. Clients must not send one that was not offered
    /// `ofs-delta`; CodeCommit does not offer it, and its answer is in src-d/go-git's issue 945.
    #[error("protocol error (offset deltas are not supported)")]
    OffsetDelta,
    /// An object of more than 2 GB (user guide, "Quotas in AWS CodeCommit"). The words are assumed.
    #[error("blob exceeds the maximum size of {limit} bytes")]
    TooLarge {
        /// The limit, in bytes.
        limit: u64,
    },
}

impl UnacceptablePack {
    /// Its id in the journal.
    pub(super) fn reason(self) -> ReportedReason {
        match self {
            Self::OffsetDelta => ReportedReason::OffsetDelta,
            Self::TooLarge { .. } => ReportedReason::ObjectTooLarge,
        }
    }
}

/// Follows a pack through its entries. A pack that is damaged is none of its business: git finds that out.
pub(super) struct PackScan {
    state: State,
    largest_object: u64,
    entries_left: u32,
    inflate: Decompress,
    scratch: Vec<u8>,
}

enum State {
    /// The twelve bytes `PACK`, version, number of entries.
    Header(Vec<u8>),
    /// An entry's kind and size, seven bits a byte after the first four.
    Entry {
        kind: Option<u8>,
        size: u64,
        shift: u32,
    },
    /// The id of a delta's base.
    Base { left: usize },
    /// Compressed content.
    Content,
    /// The checksum, or something that is not a pack.
    Done,
}

const OFS_DELTA: u8 = 6;
const REF_DELTA: u8 = 7;
const ID_LENGTH: usize = 20;

impl PackScan {
    pub(super) fn new(largest_object: u64) -> Self {
        Self {
            largest_object,
            state: State::Header(Vec::new()),
            entries_left: 0,
            inflate: Decompress::new(true),
            scratch: vec![0; 32 * 1024],
        }
    }

    /// Looks at the next bytes of the pack.
    pub(super) fn feed(&mut self, mut bytes: &[u8]) -> Result<(), UnacceptablePack> {
        while let Some(&byte) = bytes.first() {
            match &mut self.state {
                State::Done => return Ok(()),
                State::Header(header) => {
                    let taken = bytes.len().min(12 - header.len());
                    header.extend_from_slice(&bytes[..taken]);
                    bytes = &bytes[taken..];
                    if let Some(count) = header.get(8..12) {
                        let is_pack = header.starts_with(b"PACK");
                        let count = count.try_into().map_or(0, u32::from_be_bytes);
                        self.entries_left = if is_pack { count } else { 0 };
                        self.next_entry();
                    }
                }
                State::Entry { kind, size, shift } => {
                    bytes = &bytes[1..];
                    if kind.is_none() {
                        *kind = Some(byte >> 4 & 7);
                        *size = u64::from(byte & 15);
                        *shift = 4;
                    } else {
                        let part = u64::from(byte & 127);
                        *size |= part.checked_shl(*shift).unwrap_or(u64::MAX);
                        *shift = shift.saturating_add(7);
                    }
                    if byte & 128 == 0 {
                        let (kind, size) = (*kind, *size);
                        if size > self.largest_object {
                            return Err(UnacceptablePack::TooLarge {
                                limit: self.largest_object,
                            });
                        }
                        self.state = match kind {
                            Some(OFS_DELTA) => return Err(UnacceptablePack::OffsetDelta),
                            Some(REF_DELTA) => State::Base { left: ID_LENGTH },
                            _ => State::Content,
                        };
                        self.inflate.reset(true);
                    }
                }
                State::Base { left } => {
                    let taken = bytes.len().min(*left);
                    *left -= taken;
                    bytes = &bytes[taken..];
                    if *left == 0 {
                        self.state = State::Content;
                    }
                }
                State::Content => {
                    let before = self.inflate.total_in();
                    let status =
                        self.inflate
                            .decompress(bytes, &mut self.scratch, FlushDecompress::None);
                    let taken =
                        usize::try_from(self.inflate.total_in() - before).unwrap_or(bytes.len());
                    bytes = &bytes[taken..];
                    match status {
                        Ok(Status::StreamEnd) => {
                            self.entries_left -= 1;
                            self.next_entry();
                        }
                        Ok(_) if taken > 0 || self.inflate.total_out() > 0 => {}
                        // Not compressed as it should be.
                        Ok(_) | Err(_) => self.state = State::Done,
                    }
                }
            }
        }
        Ok(())
    }

    fn next_entry(&mut self) {
        self.state = if self.entries_left == 0 {
            State::Done
        } else {
            State::Entry {
                kind: None,
                size: 0,
                shift: 0,
            }
        };
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::ZlibEncoder;

    use super::*;

    const LARGEST_OBJECT: u64 = 2 * 1024 * 1024 * 1024;

    fn pack(entries: &[(u8, u64, &[u8], &[u8])]) -> Vec<u8> {
        let mut pack = b"PACK\0\0\0\x02".to_vec();
        pack.extend((entries.len() as u32).to_be_bytes());
        for (kind, size, base, content) in entries {
            let mut size = *size;
            let mut byte = kind << 4 | (size & 15) as u8;
            size >>= 4;
            while size > 0 {
                pack.push(byte | 128);
                byte = (size & 127) as u8;
                size >>= 7;
            }
            pack.push(byte);
            pack.extend_from_slice(base);
            let mut packed = ZlibEncoder::new(&mut pack, Compression::default());
            packed.write_all(content).unwrap();
            packed.finish().unwrap();
        }
        pack.extend([0; 20]);
        pack
    }

    fn scan(pack: &[u8], size: usize) -> Result<(), UnacceptablePack> {
        let mut scan = PackScan::new(LARGEST_OBJECT);
        pack.chunks(size).try_for_each(|piece| scan.feed(piece))
    }

    #[test]
    fn an_offset_delta_is_found_behind_other_entries_however_the_pack_is_cut() {
        let large = vec![7; 100_000];
        let good = [
            (3, 100_000, &b""[..], &large[..]),
            (REF_DELTA, 5, &[9; 20][..], b"delta"),
            (1, 6, b"", b"commit"),
        ];
        let mut bad = good.to_vec();
        bad.insert(2, (OFS_DELTA, 5, b"\x05", b"delta"));
        for size in [1, 5, 64, 1_000_000] {
            assert_eq!(scan(&pack(&good), size), Ok(()), "{size}");
            assert_eq!(
                scan(&pack(&bad), size),
                Err(UnacceptablePack::OffsetDelta),
                "{size}"
            );
        }
    }

    #[test]
    fn an_object_of_more_than_two_gigabytes_is_found_by_its_header() {
        for (size, expected) in [
            (LARGEST_OBJECT, Ok(())),
            (
                LARGEST_OBJECT + 1,
                Err(UnacceptablePack::TooLarge {
                    limit: LARGEST_OBJECT,
                }),
            ),
            (
                u64::MAX,
                Err(UnacceptablePack::TooLarge {
                    limit: LARGEST_OBJECT,
                }),
            ),
        ] {
            assert_eq!(
                scan(&pack(&[(3, size, b"", b"x")]), 1000),
                expected,
                "{size}"
            );
        }
    }

    #[test]
    fn what_is_no_pack_is_left_to_git() {
        for bytes in [
            &b""[..],
            b"PACK",
            b"not a pack at all",
            b"PACK\0\0\0\x02\0\0\0\x01\x33not zlib",
        ] {
            assert_eq!(scan(bytes, 3), Ok(()));
        }
    }
}
