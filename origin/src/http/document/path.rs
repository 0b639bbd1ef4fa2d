//! What paths name. Routes refer to it, so that a tenant is described the same wherever one is named.

use utoipa::IntoParams;

#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "describes a path")]
pub(in crate::http) struct TenantInPath {
    /// The tenant
    #[param(pattern = "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", example = "demo")]
    id: String,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "describes a path")]
pub(in crate::http) struct ProviderInPath {
    /// The provider
    #[param(pattern = "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", example = "corporate")]
    provider: String,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "describes a path")]
pub(in crate::http) struct SessionInPath {
    /// The session's id
    #[param(pattern = "^ses-[A-Za-z0-9_-]{21}[AQgw]$", example = "ses-AAAAAAAAAAAAAAAAAAAAAA")]
    id: String,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "describes a path")]
pub(in crate::http) struct ActorInPath {
    /// The kind of actor
    #[param(pattern = "^[a-z][a-z0-9_-]{0,31}$", example = "user")]
    kind: String,
    /// The actor
    #[param(pattern = "^[!-~]{1,128}$", example = "ada")]
    id: String,
}
