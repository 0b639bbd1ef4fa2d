//! One request, one answer.

use std::fmt;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};

use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};
use reqwest::{Client, Response, redirect};
use rustls::RootCertStore;
use url::{Host, Url};

use super::addresses::judge;
use super::names::Names;
use super::{MAX_ANSWER, OutboundError, OutboundSettings, tls};

/// Asks others. Clones share their connections.
#[derive(Clone)]
pub struct Outbound(Arc<Parts>);

struct Parts {
    settings: Arc<OutboundSettings>,
    names: Names,
    /// In the place of the machine's own.
    authorities: Option<Arc<RootCertStore>>,
    /// Made when they are needed, one for each of `http:` and `https:`: most processes ask nobody.
    clients: [OnceLock<Client>; 2],
}

impl Outbound {
    /// One who may ask where the settings say.
    pub fn new(settings: OutboundSettings) -> Self {
        let settings = Arc::new(settings);
        let names = Names::new(Arc::clone(&settings));
        Self(Arc::new(Parts { settings, names, authorities: None, clients: Default::default() }))
    }

    /// As [`Self::new`], with these addresses for names and these certificate authorities.
    #[cfg(test)]
    pub(super) fn invent(
        settings: OutboundSettings,
        names: &[(&str, &[&str])],
        authorities: Option<Arc<RootCertStore>>,
    ) -> Self {
        let settings = Arc::new(settings);
        let mut resolver = Names::new(Arc::clone(&settings));
        for (name, addresses) in names {
            let addresses = addresses.iter().map(|address| address.parse().expect("an address"));
            resolver.invented.insert((*name).to_owned(), addresses.collect());
        }
        Self(Arc::new(Parts { settings, names: resolver, authorities, clients: Default::default() }))
    }

    /// Whether `http:` will do.
    pub fn takes_plain_http(&self) -> bool {
        self.0.settings.plain_http
    }

    /// Refuses a URL that is not asked, as far as can be told without looking its name up.
    pub fn check_url(&self, url: &Url) -> Result<(), OutboundError> {
        match url.scheme() {
            "https" => {}
            "http" if self.0.settings.plain_http => {}
            _ => return Err(OutboundError::Scheme),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(OutboundError::Credentials);
        }
        let address: IpAddr = match url.host() {
            Some(Host::Ipv4(address)) => address.into(),
            Some(Host::Ipv6(address)) => address.into(),
            Some(Host::Domain(_)) => return Ok(()),
            None => return Err(OutboundError::Url),
        };
        Ok(judge(address, &self.0.settings)?)
    }

    /// Sends the request and reads the answer, whatever its status.
    pub async fn send(&self, request: HttpRequest) -> Result<HttpResponse, OutboundError> {
        let (parts, body) = request.into_parts();
        let url = Url::parse(&parts.uri.to_string()).map_err(|_| OutboundError::Url)?;
        // The resolver sees names alone: what is an address already is judged here.
        self.check_url(&url)?;
        let asked = self.client(url.scheme() == "https")?.request(parts.method, url).headers(parts.headers).body(body);
        let mut response = asked.send().await?;
        let body = read(&mut response).await?;
        let mut answer = HttpResponse::new(body);
        *answer.status_mut() = response.status();
        *answer.headers_mut() = std::mem::take(response.headers_mut());
        Ok(answer)
    }

    fn client(&self, secure: bool) -> Result<&Client, OutboundError> {
        let parts = &self.0;
        let made = &parts.clients[usize::from(secure)];
        if let Some(client) = made.get() {
            return Ok(client);
        }
        let authorities = match &parts.authorities {
            Some(given) => Arc::clone(given),
            None if secure => tls::authorities()?,
            // Nobody needs to be vouched for.
            None => Arc::new(RootCertStore::empty()),
        };
        let client = Client::builder()
            .tls_backend_preconfigured(tls::configure(authorities))
            .https_only(secure)
            .dns_resolver(parts.names.clone())
            .redirect(redirect::Policy::none())
            .no_proxy()
            .referer(false)
            .user_agent(concat!("sealgate/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(parts.settings.connect_timeout)
            .timeout(parts.settings.total_timeout)
            .pool_max_idle_per_host(4)
            .build()?;
        Ok(made.get_or_init(|| client))
    }
}

async fn read(response: &mut Response) -> Result<Vec<u8>, OutboundError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > MAX_ANSWER {
            return Err(OutboundError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

impl<'c> AsyncHttpClient<'c> for Outbound {
    type Error = OutboundError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, OutboundError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.send(request))
    }
}

impl fmt::Debug for Outbound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Outbound").field(&self.0.settings).finish()
    }
}
