//! Why a sign-in through a provider came to nothing: told to the log, the metrics and the audit table, and to nobody outside.

/// The reason, in the order in which they are looked for. Where a sign-in has two faults, the first is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Failure {
    /// The tenant has no such provider, or nobody is to sign in through it.
    ProviderUnknown,
    /// The provider does not answer, or not in time.
    ProviderUnreachable,
    /// What the provider says of itself is not what it is set up as.
    ProviderMetadata,
    /// The answer that the browser brought has a parameter twice, or no state that could be ours.
    ResponseMalformed,
    /// The browser did not begin any sign-in, or has forgotten.
    BindingMissing,
    /// No sign-in of this browser has that state: it was made up, used before, or begun in another browser.
    StateUnknown,
    /// The sign-in took longer than it may.
    LoginExpired,
    /// What was put aside for the sign-in cannot be opened.
    LoginUnreadable,
    /// The answer is another provider's (RFC 9207), or does not say whose it is though this provider's answers do.
    ResponseIssuer,
    /// The person, or the provider, said no.
    Denied,
    /// The provider answered with another error.
    ProviderError,
    /// There is no code.
    CodeMissing,
    /// The provider does not take the code, or does not take us for the client.
    CodeRefused,
    /// The provider's answer to the code is none.
    TokenResponse,
    /// There is no ID token in it.
    IdTokenMissing,
    /// The ID token is not a signed JSON Web Token, or its claims are not of the types they have to be.
    IdTokenMalformed,
    /// The algorithm is none of those allowed.
    Algorithm,
    /// The provider has no such key, or none for that algorithm.
    KeyUnknown,
    /// The signature is not the key's.
    Signature,
    /// Another issuer.
    Issuer,
    /// Not for us, or not for us alone.
    Audience,
    /// Issued to another client.
    AuthorizedParty,
    /// Of another access token.
    AccessTokenHash,
    /// The ID token has expired.
    Expired,
    /// Issued too long ago, or in the future.
    IssuedAt,
    /// Of another sign-in.
    Nonce,
    /// The person proved who they are too long ago, or it is not said when.
    AuthTime,
    /// It is not said whom it is about.
    Subject,
    /// What the provider says about the person cannot be read.
    Userinfo,
    /// It is about somebody else.
    UserinfoSubject,
    /// There is no e-mail address where one is needed.
    EmailMissing,
    /// The provider does not vouch for the address.
    EmailUnverified,
    /// The address is of none of the domains.
    EmailDomain,
    /// The claim that names the actor is missing, or can be nobody's id.
    ActorClaim,
    /// The groups cannot be read.
    GroupsClaim,
    /// Somebody else than the one who was to sign in again.
    AnotherActor,
    /// The provider has ended the sign-in already.
    LoggedOut,
    /// Roles and id are too long for a token.
    TokenTooLong,
}

impl Failure {
    /// All of them.
    pub const ALL: [Self; 38] = [
        Self::ProviderUnknown,
        Self::ProviderUnreachable,
        Self::ProviderMetadata,
        Self::ResponseMalformed,
        Self::BindingMissing,
        Self::StateUnknown,
        Self::LoginExpired,
        Self::LoginUnreadable,
        Self::ResponseIssuer,
        Self::Denied,
        Self::ProviderError,
        Self::CodeMissing,
        Self::CodeRefused,
        Self::TokenResponse,
        Self::IdTokenMissing,
        Self::IdTokenMalformed,
        Self::Algorithm,
        Self::KeyUnknown,
        Self::Signature,
        Self::Issuer,
        Self::Audience,
        Self::AuthorizedParty,
        Self::AccessTokenHash,
        Self::Expired,
        Self::IssuedAt,
        Self::Nonce,
        Self::AuthTime,
        Self::Subject,
        Self::Userinfo,
        Self::UserinfoSubject,
        Self::EmailMissing,
        Self::EmailUnverified,
        Self::EmailDomain,
        Self::ActorClaim,
        Self::GroupsClaim,
        Self::AnotherActor,
        Self::LoggedOut,
        Self::TokenTooLong,
    ];

    /// The word in the log, the metrics and the audit table. It never changes.
    pub const fn label(self) -> &'static str {
        match self {
            Self::ProviderUnknown => "provider_unknown",
            Self::ProviderUnreachable => "provider_unreachable",
            Self::ProviderMetadata => "provider_metadata",
            Self::ResponseMalformed => "response_malformed",
            Self::BindingMissing => "binding_missing",
            Self::StateUnknown => "state_unknown",
            Self::LoginExpired => "login_expired",
            Self::LoginUnreadable => "login_unreadable",
            Self::ResponseIssuer => "response_issuer",
            Self::Denied => "denied",
            Self::ProviderError => "provider_error",
            Self::CodeMissing => "code_missing",
            Self::CodeRefused => "code_refused",
            Self::TokenResponse => "token_response",
            Self::IdTokenMissing => "id_token_missing",
            Self::IdTokenMalformed => "id_token_malformed",
            Self::Algorithm => "algorithm",
            Self::KeyUnknown => "key_unknown",
            Self::Signature => "signature",
            Self::Issuer => "issuer",
            Self::Audience => "audience",
            Self::AuthorizedParty => "authorized_party",
            Self::AccessTokenHash => "access_token_hash",
            Self::Expired => "expired",
            Self::IssuedAt => "issued_at",
            Self::Nonce => "nonce",
            Self::AuthTime => "auth_time",
            Self::Subject => "subject",
            Self::Userinfo => "userinfo",
            Self::UserinfoSubject => "userinfo_subject",
            Self::EmailMissing => "email_missing",
            Self::EmailUnverified => "email_unverified",
            Self::EmailDomain => "email_domain",
            Self::ActorClaim => "actor_claim",
            Self::GroupsClaim => "groups_claim",
            Self::AnotherActor => "another_actor",
            Self::LoggedOut => "logged_out",
            Self::TokenTooLong => "token_too_long",
        }
    }

    /// Whether it is the provider that is out of order: trying again later helps, and so does another way in.
    pub const fn is_providers(self) -> bool {
        matches!(self, Self::ProviderUnreachable | Self::ProviderMetadata)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_reason_has_a_word_of_its_own() {
        let words: BTreeSet<&str> = Failure::ALL.iter().map(|failure| failure.label()).collect();
        assert_eq!(words.len(), Failure::ALL.len());
        assert!(words.iter().all(|word| word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')));
    }
}
