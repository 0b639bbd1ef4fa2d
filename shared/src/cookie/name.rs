//! Our cookies and what they are called.

/// The cookies sealgate sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CookieName {
    /// The access token.
    Access,
    /// The refresh token.
    Refresh,
    /// The CSRF token, which scripts may read.
    Csrf,
    /// Binds a sign-in under way to the browser that began it.
    Login,
    /// Counts how often the browser was just sent to sign in.
    Detour,
}

/// The two sets of names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum CookieNames {
    /// `__Host-…`: browsers take them from this very host over a secure connection only
    /// (RFC 6265bis §4.1.3.2).
    #[default]
    Host,
    /// Without prefix and without `Secure`, for development with clients that refuse the others on plain
    /// HTTP. Production neither sets nor reads them.
    Dev,
}

impl CookieName {
    /// Every cookie.
    pub const ALL: [Self; 5] = [Self::Access, Self::Refresh, Self::Csrf, Self::Login, Self::Detour];

    /// Whether scripts are kept from reading it.
    pub const fn is_http_only(self) -> bool {
        !matches!(self, Self::Csrf)
    }
}

impl CookieNames {
    /// The name of one of our cookies.
    pub const fn name(self, cookie: CookieName) -> &'static str {
        match (self, cookie) {
            (Self::Host, CookieName::Access) => "__Host-sg",
            (Self::Host, CookieName::Refresh) => "__Host-sg_refresh",
            (Self::Host, CookieName::Csrf) => "__Host-sg_csrf",
            (Self::Host, CookieName::Login) => "__Host-sg_login",
            (Self::Host, CookieName::Detour) => "__Host-sg_detour",
            (Self::Dev, CookieName::Access) => "sg",
            (Self::Dev, CookieName::Refresh) => "sg_refresh",
            (Self::Dev, CookieName::Csrf) => "sg_csrf",
            (Self::Dev, CookieName::Login) => "sg_login",
            (Self::Dev, CookieName::Detour) => "sg_detour",
        }
    }

    /// Which of our cookies has that name, compared byte for byte.
    pub fn find(self, name: &str) -> Option<CookieName> {
        CookieName::ALL.into_iter().find(|&cookie| self.name(cookie) == name)
    }

    /// Whether the cookies carry `Secure`.
    pub const fn are_secure(self) -> bool {
        matches!(self, Self::Host)
    }
}
