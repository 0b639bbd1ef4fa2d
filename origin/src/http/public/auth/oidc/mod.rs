//! `/auth/oidc`: signing in through an `OpenID` provider.

pub(in crate::http::public) mod backchannel_logout;
mod binding;
pub(in crate::http::public) mod callback;
mod failed;
pub(in crate::http::public) mod start;
