//! The side-band: one stream that carries data, progress and errors, a packet each.

use hyper::body::Bytes;

use super::pkt_line::{self, FLUSH};
use crate::fidelity::Profile;

/// Packs, and the report of a push.
pub(super) const DATA: u8 = 1;
/// What git shows behind `remote:`.
pub(super) const PROGRESS: u8 = 2;

/// What git shows behind `remote:` before it gives up.
pub(super) const ERROR: u8 = 3;

/// The largest payload of a side-band-64k packet, less the byte that names the band.
const LARGEST: usize = 65_515;

/// Data on a band, in as many packets as it takes.
pub(super) fn encode(band: u8, data: &[u8]) -> Vec<u8> {
    let mut packets = Vec::with_capacity(data.len() + 8);
    for piece in data.chunks(LARGEST) {
        let mut payload = Vec::with_capacity(piece.len() + 1);
        payload.push(band);
        payload.extend_from_slice(piece);
        packets.extend(pkt_line::encode(&payload));
    }
    packets
}

/// Turns the progress that the local git reports of a fetch into what CodeCommit reports: `Counting objects: N, done.` once,
/// before the pack (many public transcripts), and nothing else. Everything else passes through.
pub(super) struct Progress {
    state: State,
    /// The beginning of a packet that has not come to its end.
    unfinished: Vec<u8>,
}

enum State {
    /// Not ours to change, or no more: the rest passes through as it is.
    Passing,
    /// Packets, and the pack has not begun.
    BeforePack,
    /// Packets, with the pack in them.
    InPack,
}

impl Progress {
    pub(super) fn new(profile: Profile) -> Self {
        Self {
            state: match profile {
                Profile::Git => State::Passing,
                Profile::CodeCommit => State::BeforePack,
            },
            unfinished: Vec::new(),
        }
    }

    /// What a piece of git's output becomes.
    pub(super) fn dress(&mut self, piece: Bytes) -> Bytes {
        if let State::Passing = self.state {
            return piece;
        }
        self.unfinished.extend_from_slice(&piece);
        let mut dressed = Vec::with_capacity(piece.len());
        let mut rest = &*std::mem::take(&mut self.unfinished);
        while let Some(length) = rest.get(..4).map(pkt_line::length) {
            // A client that asked for no side-band gets the bare pack, which is no packet.
            let Some(length) = length else {
                self.state = State::Passing;
                break;
            };
            let Some(packet) = rest.get(..length.max(FLUSH.len())) else {
                break;
            };
            self.packet(packet, &mut dressed);
            rest = &rest[packet.len()..];
        }
        if let State::Passing = self.state {
            dressed.extend_from_slice(rest);
        } else {
            self.unfinished = rest.to_vec();
        }
        Bytes::from(dressed)
    }

    /// What is left when git has ended: a packet without its end is passed on as it is.
    pub(super) fn finish(self) -> Bytes {
        Bytes::from(self.unfinished)
    }

    fn packet(&mut self, packet: &[u8], dressed: &mut Vec<u8>) {
        match packet.get(4) {
            Some(&PROGRESS) => return,
            Some(&DATA) => {
                if let State::BeforePack = self.state {
                    self.state = State::InPack;
                    if let Some(count) = objects(&packet[5..]) {
                        let line = format!("Counting objects: {count}, done.\n");
                        dressed.extend(encode(PROGRESS, line.as_bytes()));
                    }
                }
            }
            _ => {}
        }
        dressed.extend_from_slice(packet);
    }
}

/// The number of objects in a pack, from its header.
fn objects(pack: &[u8]) -> Option<u32> {
    let rest = pack.strip_prefix(b"PACK")?;
    Some(u32::from_be_bytes(rest.get(4..8)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from_git() -> Vec<u8> {
        let mut stream = pkt_line::encode(b"NAK\n");
        stream.extend(encode(PROGRESS, b"Enumerating objects: 9, done.\n"));
        stream.extend(encode(DATA, b"PACK\0\0\0\x02\0\0\0\x09rest"));
        stream.extend(encode(PROGRESS, b"Total 9\n"));
        stream.extend(encode(DATA, b"more"));
        stream.extend_from_slice(FLUSH);
        stream
    }

    fn expected() -> Vec<u8> {
        let mut stream = pkt_line::encode(b"NAK\n");
        stream.extend(encode(PROGRESS, b"Counting objects: 9, done.\n"));
        stream.extend(encode(DATA, b"PACK\0\0\0\x02\0\0\0\x09rest"));
        stream.extend(encode(DATA, b"more"));
        stream.extend_from_slice(FLUSH);
        stream
    }

    #[test]
    fn codecommits_progress_takes_the_place_of_gits_however_the_stream_is_cut() {
        for size in [1, 3, 7, 1000] {
            let mut progress = Progress::new(Profile::CodeCommit);
            let mut dressed = Vec::new();
            for piece in from_git().chunks(size) {
                dressed.extend(progress.dress(Bytes::copy_from_slice(piece)));
            }
            dressed.extend(progress.finish());
            assert_eq!(dressed, expected(), "in pieces of {size}");
        }
    }

    #[test]
    fn a_bare_pack_and_the_git_profile_pass_through() {
        for (profile, stream) in [
            (
                Profile::CodeCommit,
                b"0008NAK\nPACK\0\0\0\x02\0\0\0\x01rest".to_vec(),
            ),
            (Profile::Git, from_git()),
        ] {
            let mut progress = Progress::new(profile);
            let mut dressed = progress.dress(Bytes::from(stream.clone())).to_vec();
            dressed.extend(progress.finish());
            assert_eq!(dressed, stream);
        }
    }
}
