//! How applications read a path: what is between a request target and the page that is served for it differs from
//! server to server, and each of these is what some server does.

/// One way to read a path: which of the things that servers do to it are done.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each may be combined with every other")]
pub struct Reading {
    /// How often `%41` is decoded.
    pub decodings: u8,
    /// Overlong and broken UTF-8 is decoded to what it looks like, and wide characters to ASCII.
    pub decodes_laxly: bool,
    /// What follows a NUL is lost.
    pub ends_at_nul: bool,
    /// `\` separates, too.
    pub takes_backslashes: bool,
    /// A segment ends at `;`.
    pub ignores_parameters: bool,
    /// Dots, blanks and controls at the end of a segment are lost, blanks at its beginning.
    pub strips_ends: bool,
    /// `//` is `/`.
    pub folds_slashes: bool,
    /// `.` and `..` are resolved.
    pub resolves_dots: bool,
    /// Everything is lower case.
    pub ignores_case: bool,
}

impl Reading {
    /// Every combination.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..3_u8).flat_map(|decodings| {
            (0..=u8::MAX).map(move |bits| {
                let bit = |position: u8| bits >> position & 1 == 1;
                Self {
                    decodings,
                    decodes_laxly: bit(0),
                    ends_at_nul: bit(1),
                    takes_backslashes: bit(2),
                    ignores_parameters: bit(3),
                    strips_ends: bit(4),
                    folds_slashes: bit(5),
                    resolves_dots: bit(6),
                    ignores_case: bit(7),
                }
            })
        })
    }

    /// The path as this server reads it, from a target in Latin-1.
    pub fn read(self, target: &str) -> String {
        let path = target.split(['?', '#']).next().unwrap_or_default();
        let mut bytes = crate::raw::bytes(path);
        for _ in 0..self.decodings {
            bytes = decode(&bytes);
        }
        let mut path = if self.decodes_laxly { decode_laxly(&bytes) } else { crate::raw::latin1(&bytes) };
        if self.ends_at_nul {
            path = path.split('\0').next().unwrap_or_default().to_owned();
        }
        if self.takes_backslashes {
            path = path.replace('\\', "/");
        }
        let mut segments: Vec<&str> = path.split('/').collect();
        for segment in &mut segments {
            if self.ignores_parameters {
                *segment = segment.split(';').next().unwrap_or_default();
            }
            if self.strips_ends {
                *segment = strip_ends(segment);
            }
        }
        if self.folds_slashes {
            let last = segments.len() - 1;
            let mut position = 0..;
            segments.retain(|segment| {
                let at = position.next().unwrap_or(last);
                at == 0 || at == last || !segment.is_empty()
            });
        }
        if self.resolves_dots {
            segments = resolve(&segments);
        }
        let path = segments.join("/");
        if self.ignores_case { path.to_lowercase() } else { path }
    }
}

/// A segment that is all dots keeps two of them at most: it still is what it was.
fn strip_ends(segment: &str) -> &str {
    let blank = |char: char| char.is_whitespace() || char.is_control();
    let stripped = segment.trim_matches(blank);
    if matches!(stripped, "." | "..") { stripped } else { stripped.trim_end_matches(|char| blank(char) || char == '.') }
}

fn resolve<'s>(segments: &[&'s str]) -> Vec<&'s str> {
    let mut resolved = Vec::new();
    for (position, segment) in segments.iter().enumerate() {
        match *segment {
            ".." if resolved.len() > 1 => _ = resolved.pop(),
            "." | ".." => {}
            segment => resolved.push(segment),
        }
        if matches!(*segment, "." | "..") && position + 1 == segments.len() {
            resolved.push("");
        }
    }
    resolved
}

fn decode(bytes: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::new();
    let mut rest = bytes;
    while let Some((&first, after)) = rest.split_first() {
        let digits = after.get(..2).filter(|_| first == b'%').and_then(|digits| std::str::from_utf8(digits).ok());
        let byte = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        decoded.push(byte.unwrap_or(first));
        rest = if byte.is_some() { &after[2..] } else { after };
    }
    decoded
}

/// UTF-8 by the number of leading ones alone, nothing checked; then the wide forms of ASCII made narrow, and the
/// letters that are ASCII in another case.
fn decode_laxly(bytes: &[u8]) -> String {
    let mut text = String::new();
    let mut rest = bytes.iter().copied().peekable();
    while let Some(first) = rest.next() {
        let (mut point, following) = match first {
            0xc0..=0xdf => (u32::from(first & 0x1f), 1),
            0xe0..=0xef => (u32::from(first & 0x0f), 2),
            0xf0..=0xf7 => (u32::from(first & 0x07), 3),
            _ => (u32::from(first), 0),
        };
        for _ in 0..following {
            point = point << 6 | u32::from(rest.next_if(|byte| byte & 0xc0 == 0x80).unwrap_or(0) & 0x3f);
        }
        text.push(match char::from_u32(point).unwrap_or(char::REPLACEMENT_CHARACTER) {
            wide @ '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(wide) - 0xfee0).unwrap_or(wide),
            '\u{212a}' => 'k',
            '\u{17f}' => 's',
            '\u{130}' | '\u{131}' => 'i',
            char => char,
        });
    }
    text
}
