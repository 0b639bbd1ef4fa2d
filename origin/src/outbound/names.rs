//! From names to addresses that may be asked: what this answers is what is connected to.

use std::net::SocketAddr;
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::OutboundSettings;
use super::addresses::judge;

/// No address was found for a name.
#[derive(Debug, thiserror::Error)]
#[error("the name {0} is not known")]
pub(super) struct NoAddress(pub(super) String);

/// Resolves names by the system's means, and passes on only what may be asked.
#[derive(Clone, Debug)]
pub(super) struct Names {
    settings: Arc<OutboundSettings>,
    #[cfg(test)]
    pub(super) invented: std::collections::BTreeMap<String, Vec<std::net::IpAddr>>,
}

impl Names {
    pub(super) fn new(settings: Arc<OutboundSettings>) -> Self {
        Self {
            settings,
            #[cfg(test)]
            invented: std::collections::BTreeMap::new(),
        }
    }

    async fn find(&self, name: &str) -> Vec<SocketAddr> {
        #[cfg(test)]
        if let Some(addresses) = self.invented.get(name) {
            return addresses.iter().map(|&address| SocketAddr::new(address, 0)).collect();
        }
        tokio::net::lookup_host((name, 0)).await.map(Iterator::collect).unwrap_or_default()
    }
}

impl Resolve for Names {
    fn resolve(&self, name: Name) -> Resolving {
        let names = self.clone();
        Box::pin(async move {
            let name = name.as_str();
            let found = names.find(name).await;
            let Some(first) = found.first() else { return Err(NoAddress(name.to_owned()).into()) };
            let refusal = judge(first.ip(), &names.settings);
            let allowed: Vec<SocketAddr> =
                found.iter().copied().filter(|address| judge(address.ip(), &names.settings).is_ok()).collect();
            match refusal {
                Err(forbidden) if allowed.is_empty() => Err(forbidden.into()),
                _ => Ok(Box::new(allowed.into_iter()) as Addrs),
            }
        })
    }
}
