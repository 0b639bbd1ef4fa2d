//! As much of HTTP/1.1 (RFC 9112) as it takes to see where an answer ends.

/// Finds the status and the body of an answer; `None` while it is not there as a whole.
pub(crate) fn read(bytes: &[u8]) -> Option<(u16, &[u8])> {
    let end = find(bytes, b"\r\n\r\n")?;
    let (head, body) = (&bytes[..end], &bytes[end + 4..]);
    let status = std::str::from_utf8(head.get(9..12)?).ok()?.parse().ok()?;
    let whole = match content_length(head) {
        Some(length) => body.len() >= length,
        // In chunks; one request is under way at a time, so nothing follows the last one.
        None => body.ends_with(b"0\r\n\r\n"),
    };
    whole.then_some((status, body))
}

/// Where `wanted` first occurs.
pub(crate) fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

fn content_length(head: &[u8]) -> Option<usize> {
    const NAME: &[u8] = b"content-length:";
    let mut lines = head.split(|byte| *byte == b'\n');
    let line = lines.find(|line| line.len() > NAME.len() && line[..NAME.len()].eq_ignore_ascii_case(NAME))?;
    std::str::from_utf8(&line[NAME.len()..]).ok()?.trim().parse().ok()
}
