/// The flush packet.
pub(crate) const FLUSH: &[u8] = b"0000";

/// What stands between the sections of a request of protocol version 2.
pub(crate) const DELIMITER: &[u8] = b"0001";

/// A packet with its four-digit length in front; the length counts itself.
pub(crate) fn encode(payload: &[u8]) -> Vec<u8> {
    let mut packet = format!("{:04x}", payload.len() + 4).into_bytes();
    packet.extend_from_slice(payload);
    packet
}

/// The length that four hexadecimal digits tell.
pub(crate) fn length(digits: &[u8]) -> Option<usize> {
    digits.iter().try_fold(0, |length, digit| {
        Some(length * 16 + char::from(*digit).to_digit(16)? as usize)
    })
}

/// The first packet's payload and what follows it. `None` for a flush packet or anything that is not a packet.
pub(crate) fn split_first(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let length = length(bytes.get(..4)?)?;
    Some((bytes.get(4..length)?, &bytes[length..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_survive_a_round_trip() {
        let mut bytes = encode(b"hello\n");
        assert_eq!(bytes, b"000ahello\n");
        bytes.extend_from_slice(FLUSH);
        assert_eq!(split_first(&bytes), Some((&b"hello\n"[..], FLUSH)));
    }

    #[test]
    fn what_is_no_packet_is_not_read() {
        for bytes in [
            &b""[..],
            b"000",
            b"0000",
            b"0003",
            b"zzzz",
            b"00ffshort",
            b"+00ahello\n",
        ] {
            assert_eq!(split_first(bytes), None);
        }
    }
}
