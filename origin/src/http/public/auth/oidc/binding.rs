//! The cookie that binds sign-ins under way to the browser that began them.

use sealgate_shared::cookie::{self, CookieName, CookieNames};
use sealgate_shared::secret::Secret32;

use crate::office::LOGIN_MS;

/// What the browser has been given before. All its tabs show the same, and each has a sign-in of its own.
pub(super) fn read(cookies: &str, names: CookieNames) -> Option<Secret32> {
    cookie::values_of(cookies, names, CookieName::Login).find_map(Secret32::from_base64url)
}

/// The line that gives it to the browser, for as long as a sign-in may take from now on.
pub(super) fn write(binding: &Secret32, names: CookieNames) -> String {
    cookie::set(names, CookieName::Login, &binding.expose_base64url(), Some(LOGIN_MS / 1_000))
}
