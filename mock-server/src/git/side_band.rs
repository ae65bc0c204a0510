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

/// What of a packet tells how long it is, and what it is.
const HEAD: usize = 5;

/// What of a pack tells how many objects it has.
const PACK_HEADER: usize = 12;

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
/// before the pack (many public transcripts), and nothing else. Everything else passes through; a pack is not copied.
pub(super) struct Progress {
    state: State,
    /// The beginning of what cannot be told yet: packets before the pack, the head of one packet in it.
    unfinished: Vec<u8>,
}

enum State {
    /// Not ours to change, or no more: the rest passes through as it is.
    Passing,
    /// Packets, and the pack has not begun.
    BeforePack,
    /// Packets, with the pack in them.
    InPack(Packet),
}

/// What is still to come of a packet.
#[derive(Clone, Copy)]
struct Packet {
    left: usize,
    is_wanted: bool,
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

    /// What a piece of git's output becomes: pieces, none of them empty.
    pub(super) fn dress(&mut self, piece: Bytes) -> Vec<Bytes> {
        let mut dressed = match self.state {
            State::Passing => vec![piece],
            State::BeforePack => self.begin(&piece),
            State::InPack(packet) => self.pass(&piece, packet),
        };
        dressed.retain(|piece| !piece.is_empty());
        dressed
    }

    /// What is left when git has ended: a packet without its end is passed on as it is.
    pub(super) fn finish(self) -> Bytes {
        Bytes::from(self.unfinished)
    }

    /// Up to the pack, which is announced.
    fn begin(&mut self, piece: &[u8]) -> Vec<Bytes> {
        self.unfinished.extend_from_slice(piece);
        let seen = Bytes::from(std::mem::take(&mut self.unfinished));
        let mut dressed = Vec::new();
        let mut rest = &*seen;
        while let Some(length) = rest.get(..4).map(pkt_line::length) {
            // A client that asked for no side-band gets the bare pack, which is no packet.
            let Some(length) = length.map(|length| length.max(FLUSH.len())) else {
                self.state = State::Passing;
                return vec![dressed.into(), seen.slice_ref(rest)];
            };
            if rest.get(4) == Some(&DATA) && length > FLUSH.len() {
                let Some(pack) = rest.get(5..length.min(5 + PACK_HEADER)) else {
                    break;
                };
                if let Some(count) = objects(pack) {
                    let line = format!("Counting objects: {count}, done.\n");
                    dressed.extend(encode(PROGRESS, line.as_bytes()));
                }
                let mut pieces = vec![dressed.into()];
                pieces.extend(self.pass(&seen.slice_ref(rest), Packet::none()));
                return pieces;
            }
            let Some(packet) = rest.get(..length) else {
                break;
            };
            if packet.get(4) != Some(&PROGRESS) {
                dressed.extend_from_slice(packet);
            }
            rest = &rest[length..];
        }
        self.unfinished = rest.to_vec();
        vec![dressed.into()]
    }

    /// The pack, and what is between its packets. `packet` is the one that the piece begins in.
    fn pass(&mut self, piece: &Bytes, mut packet: Packet) -> Vec<Bytes> {
        let mut dressed = Vec::new();
        // What was looked at, and where what passes in one go begins.
        let (mut seen, mut from) = (0, 0);
        loop {
            let step = packet.left.min(piece.len() - seen);
            seen += step;
            packet.left -= step;
            if !packet.is_wanted {
                from = seen;
            }
            if seen == piece.len() {
                break;
            }
            if self.unfinished.is_empty()
                && let Some(head) = piece.get(seen..seen + HEAD)
            {
                let Some(next) = Packet::after(head) else {
                    self.state = State::Passing;
                    dressed.push(piece.slice(from..));
                    return dressed;
                };
                if !next.is_wanted {
                    dressed.push(piece.slice(from..seen));
                }
                packet = next;
                continue;
            }
            // A head that the pieces cut in two.
            dressed.push(piece.slice(from..seen));
            self.unfinished.push(piece[seen]);
            seen += 1;
            from = seen;
            packet = Packet::none();
            let length = self.unfinished.get(..4).map(pkt_line::length);
            let is_whole = match length {
                None => false,
                Some(Some(length)) if length > FLUSH.len() => self.unfinished.len() == HEAD,
                Some(_) => true,
            };
            if is_whole {
                let head = std::mem::take(&mut self.unfinished);
                let Some(next) = Packet::after(&head) else {
                    self.state = State::Passing;
                    dressed.extend([head.into(), piece.slice(from..)]);
                    return dressed;
                };
                packet = Packet {
                    left: next.left - head.len(),
                    ..next
                };
                if packet.is_wanted {
                    dressed.push(head.into());
                }
            }
        }
        dressed.push(piece.slice(from..));
        self.state = State::InPack(packet);
        dressed
    }
}

impl Packet {
    /// Between two of them.
    fn none() -> Self {
        Self {
            left: 0,
            is_wanted: true,
        }
    }

    /// The packet that begins with `head`, whole; none if it is no packet.
    fn after(head: &[u8]) -> Option<Self> {
        let length = pkt_line::length(head.get(..4)?)?.max(FLUSH.len());
        Some(Self {
            left: length,
            is_wanted: length == FLUSH.len() || head.get(4) != Some(&PROGRESS),
        })
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
        for size in 1..200 {
            let mut progress = Progress::new(Profile::CodeCommit);
            let mut dressed = Vec::new();
            for piece in from_git().chunks(size) {
                dressed.extend(progress.dress(Bytes::copy_from_slice(piece)).concat());
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
            let mut dressed = progress.dress(Bytes::from(stream.clone())).concat();
            dressed.extend(progress.finish());
            assert_eq!(dressed, stream);
        }
    }
}
