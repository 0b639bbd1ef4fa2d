//! What we keep of a user agent: a coarse name and a keyed hash.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sealgate_shared::secret::Secret32;
use sha2::Sha256;

/// The marks of browsers. The first that is found counts, so those that others imitate come last.
const BROWSERS: &[(&str, &str)] = &[
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Vivaldi/", "Vivaldi"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chromium/", "Chromium"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
];

/// The marks of systems, in the same way: Android says Linux too, and iPads say Mac OS X.
const SYSTEMS: &[(&str, &str)] = &[
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Macintosh", "macOS"),
    ("Linux", "Linux"),
];

/// Names the device as its owner would: "Firefox on Linux". `None` when nothing is recognised. No
/// version and no model: they would tell devices apart, which is not what the name is for.
pub fn name_device(user_agent: &str) -> Option<String> {
    let find = |marks: &[(&str, &'static str)]| {
        marks.iter().find(|(mark, _)| user_agent.contains(mark)).map(|&(_, name)| name)
    };
    match (find(BROWSERS), find(SYSTEMS)) {
        (Some(browser), Some(system)) => Some(format!("{browser} on {system}")),
        (Some(one), None) | (None, Some(one)) => Some(one.to_owned()),
        (None, None) => None,
    }
}

/// HMAC-SHA256 of the user agent under the tenant's own key: tells whether it is the same one again, and
/// cannot be guessed from outside or matched across tenants.
#[expect(clippy::missing_panics_doc, reason = "HMAC takes keys of every length")]
pub fn fingerprint(key: &Secret32, user_agent: &str) -> [u8; 32] {
    Hmac::<Sha256>::new_from_slice(key.expose())
        .expect("HMAC takes keys of every length")
        .chain_update(user_agent.as_bytes())
        .finalize()
        .into_bytes()
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_devices_have_names() {
        const WEBKIT: &str = "AppleWebKit/537.36 (KHTML, like Gecko)";
        for (user_agent, name) in [
            ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
            (
                &format!("Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/140.0 Safari/537.36"),
                "Chrome on Windows",
            ),
            (
                &format!("Mozilla/5.0 (Windows NT 10.0) {WEBKIT} Chrome/140.0 Safari/537.36 Edg/140.0"),
                "Edge on Windows",
            ),
            (
                &format!("Mozilla/5.0 (Linux; Android 15; Pixel 9) {WEBKIT} Chrome/140.0 Mobile Safari/537.36"),
                "Chrome on Android",
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) AppleWebKit/605 (KHTML, like Gecko) Version/18 Safari/605",
                "Safari on macOS",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Version/18.0 Mobile Safari/604",
                "Safari on iPhone",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 FxiOS/140 Mobile Safari/604",
                "Firefox on iPhone",
            ),
            ("curl/8.5.0", "curl"),
        ] {
            assert_eq!(name_device(user_agent).as_deref(), Some(name), "{user_agent}");
        }
        assert_eq!(name_device(""), None);
        assert_eq!(name_device("okhttp/5"), None);
    }

    #[test]
    fn the_fingerprint_depends_on_key_and_user_agent() {
        let (one, two) = (Secret32::new([1; 32]), Secret32::new([2; 32]));
        assert_eq!(fingerprint(&one, "a"), fingerprint(&one, "a"));
        assert_ne!(fingerprint(&one, "a"), fingerprint(&one, "b"));
        assert_ne!(fingerprint(&one, "a"), fingerprint(&two, "a"));
    }
}
