//! What is wrong with a certificate, in plain words.

use std::borrow::Cow;

use rustls::CertificateError;

/// The fault in words for whoever set the server up; those that nobody meets, in the library's own.
pub(super) fn describe(fault: &CertificateError) -> Cow<'static, str> {
    let words = match fault {
        CertificateError::UnknownIssuer => {
            "no authority that this machine knows has signed it, or the server does not send what is between the two (for \
             an authority of your own set SSL_CERT_FILE)"
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "it has expired, by this machine's clock"
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "it is not valid yet, by this machine's clock"
        }
        CertificateError::NotValidForName => "it is another name's",
        CertificateError::NotValidForNameContext { expected, presented } => {
            return describe_names(&expected.to_str(), presented).into();
        }
        CertificateError::BadSignature => "its signature is wrong: it is not by whom it says, or was changed",
        CertificateError::BadEncoding => "it cannot be read",
        CertificateError::Revoked => "it has been revoked",
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
            "it is not for servers (its extended key usage)"
        }
        CertificateError::Other(other) if other.to_string() == "CaUsedAsEndEntity" => {
            "it is an authority's own (CA:TRUE), which is none of a server: have the authority sign another for the server"
        }
        other => return other.to_string().into(),
    };
    words.into()
}

fn describe_names(expected: &str, presented: &[String]) -> String {
    if presented.is_empty() {
        return format!("it names no host (subjectAltName), and {expected} was asked for");
    }
    // They have come from the other side: as many as one can read, and nothing that moves a cursor.
    let names = presented.iter().take(5).map(|name| bare(name).escape_debug().take(100).collect());
    let names: Vec<String> = names.collect();
    let more = if presented.len() > names.len() { ", …" } else { "" };
    format!("it is for {}{more}, and {expected} was asked for", names.join(", "))
}

/// The library writes `DnsName("a.example")`.
fn bare(name: &str) -> &str {
    name.strip_prefix("DnsName(\"").and_then(|name| name.strip_suffix("\")")).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use rustls::OtherError;
    use rustls::pki_types::{ServerName, UnixTime};

    use super::*;

    /// As the library words what it has no name for: by the name of the variant.
    #[derive(Debug, thiserror::Error)]
    #[error("{self:?}")]
    enum Library {
        CaUsedAsEndEntity,
        SomethingNew,
    }

    fn other(fault: Library) -> CertificateError {
        CertificateError::Other(OtherError(Arc::new(fault)))
    }

    fn other_name(presented: &[&str]) -> CertificateError {
        CertificateError::NotValidForNameContext {
            expected: ServerName::try_from("login.example").unwrap(),
            presented: presented.iter().map(|&name| name.to_owned()).collect(),
        }
    }

    #[test]
    fn faults_are_said_in_plain_words() {
        let (time, limit) = (UnixTime::since_unix_epoch(std::time::Duration::ZERO), UnixTime::now());
        for (fault, words) in [
            (CertificateError::UnknownIssuer, "no authority that this machine knows has signed it"),
            (CertificateError::UnknownIssuer, "SSL_CERT_FILE"),
            (CertificateError::Expired, "it has expired"),
            (CertificateError::ExpiredContext { time, not_after: limit }, "it has expired"),
            (CertificateError::NotValidYet, "it is not valid yet"),
            (CertificateError::NotValidYetContext { time, not_before: limit }, "it is not valid yet"),
            (CertificateError::NotValidForName, "it is another name's"),
            (
                other_name(&["DnsName(\"a.example\")", "*.b.example"]),
                "it is for a.example, *.b.example, and login.example was asked for",
            ),
            (other_name(&["a\u{1b}[31m"]), "it is for a\\u{1b}[31m, and login.example"),
            (other_name(&["a"; 7]), "it is for a, a, a, a, a, …, and login.example"),
            (other_name(&[]), "it names no host (subjectAltName), and login.example"),
            (CertificateError::BadSignature, "its signature is wrong"),
            (CertificateError::BadEncoding, "it cannot be read"),
            (CertificateError::Revoked, "it has been revoked"),
            (CertificateError::InvalidPurpose, "it is not for servers"),
            (other(Library::CaUsedAsEndEntity), "it is an authority's own (CA:TRUE)"),
            (other(Library::SomethingNew), "SomethingNew"),
        ] {
            let told = describe(&fault);
            assert!(told.contains(words), "{fault:?}: {told}");
        }
    }
}
