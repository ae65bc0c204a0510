//! What is done to the bytes of an answer's body.

use super::Corruption;

/// Looks for the place at which a body is to be wrong, in however many pieces it comes, and changes a few bytes there.
#[derive(Debug)]
pub(crate) struct Corrupter {
    corruption: Corruption,
    /// The four digits of a pkt-line's length, as far as they have come.
    length: Vec<u8>,
    /// Of the packet, what is still to come, and what has come.
    left: usize,
    seen: usize,
    band: u8,
    /// Bytes of the pack that have come.
    pack: usize,
    done: bool,
}

/// Behind the twelve bytes of a pack's header stands its first object: there, everything depends on everything.
const IN_THE_PACK: usize = 16;

/// A band that the protocol does not have.
const NO_BAND: u8 = 9;

impl Corrupter {
    pub(crate) fn new(corruption: Corruption) -> Self {
        Self {
            corruption,
            length: Vec::new(),
            left: 0,
            seen: 0,
            band: 0,
            pack: 0,
            done: false,
        }
    }

    /// Changes a piece of the body; whether something was changed now.
    pub(crate) fn change(&mut self, piece: &mut [u8]) -> bool {
        // A text that is no pkt-line may begin with one of its digits.
        let is_no_line =
            |piece: &[u8]| piece.iter().take(4).any(|digit| !digit.is_ascii_hexdigit());
        if self.corruption == Corruption::PktLine && self.length.is_empty() && is_no_line(piece) {
            self.done = true;
        }
        let mut changed = false;
        for byte in piece {
            if self.done {
                break;
            }
            if self.left == 0 {
                if self.corruption == Corruption::PktLine {
                    *byte = b'z';
                    changed = true;
                    self.done = self.length.len() == 3;
                    self.length.push(*byte);
                    continue;
                }
                self.length.push(*byte);
                if self.length.len() == 4 {
                    let length = std::str::from_utf8(&self.length).ok();
                    let length = length.and_then(|digits| usize::from_str_radix(digits, 16).ok());
                    // What is no pkt-line is nothing to look for a side-band in.
                    self.done = length.is_none();
                    self.left = length.unwrap_or_default().saturating_sub(4);
                    self.seen = 0;
                    self.length.clear();
                }
                continue;
            }
            self.left -= 1;
            self.seen += 1;
            if self.seen == 1 {
                self.band = *byte;
                if self.band == 1 && self.corruption == Corruption::SideBand {
                    *byte = NO_BAND;
                    (self.done, changed) = (true, true);
                }
            } else if self.band == 1 && self.corruption == Corruption::Pack {
                self.pack += 1;
                if self.pack == IN_THE_PACK {
                    *byte ^= 0xff;
                    (self.done, changed) = (true, true);
                }
            }
        }
        changed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn corrupted(corruption: Corruption, pieces: usize) -> Vec<u8> {
        let mut body = b"0008NAK\n0019\x01PACK\0\0\0\x020123456789ab0006\x02x0000".to_vec();
        let mut corrupter = Corrupter::new(corruption);
        let mut changed = 0;
        for piece in body.chunks_mut(pieces) {
            changed += usize::from(corrupter.change(piece));
        }
        assert!(changed > 0);
        body
    }

    #[test]
    fn what_is_no_pkt_line_stays() {
        for corruption in [Corruption::PktLine, Corruption::SideBand, Corruption::Pack] {
            let mut body = *b"codecommit-lab: unauthenticated";
            assert!(!Corrupter::new(corruption).change(&mut body));
            assert_eq!(&body, b"codecommit-lab: unauthenticated");
        }
    }

    #[test]
    fn the_place_is_found_in_whatever_pieces_a_body_comes() {
        for pieces in [1, 2, 3, 5, 100] {
            let side_band = corrupted(Corruption::SideBand, pieces);
            assert_eq!(side_band[12], 9);
            let pack = corrupted(Corruption::Pack, pieces);
            assert_eq!(pack[12], 1);
            assert_eq!(pack[12 + IN_THE_PACK], b'7' ^ 0xff);
            let line = corrupted(Corruption::PktLine, pieces);
            assert!(line.starts_with(b"zzzzNAK\n0019"), "{line:?}");
        }
    }
}
