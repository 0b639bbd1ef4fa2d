//! Documents of the feed that were handed out.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

use super::Metrics;

/// A kind of document of the feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum FeedDocument {
    Head,
    Snapshot,
}

impl FeedDocument {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Head => "head",
            Self::Snapshot => "snapshot",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Served {
    kind: &'static str,
}

#[derive(Clone, Debug)]
pub(super) struct Feed {
    documents: Family<Served, Histogram, fn() -> Histogram>,
}

impl Feed {
    pub(super) fn new(registry: &mut Registry) -> Self {
        // From an empty head to a snapshot of a million entries: 256 B, 1 kiB, 4 kiB and so on up to 16 MiB.
        let documents: Family<_, _, fn() -> _> =
            Family::new_with_constructor(|| Histogram::new(exponential_buckets(256.0, 4.0, 9)));
        for kind in [FeedDocument::Head, FeedDocument::Snapshot] {
            drop(documents.get_or_create(&Served { kind: kind.as_str() }));
        }
        let help = "Documents of the feed that were handed out, by kind, and their sizes";
        registry.register("feed_document_bytes", help, documents.clone());
        Self { documents }
    }
}

impl Metrics {
    /// Counts a document of the feed that was handed out.
    pub(crate) fn count_feed(&self, kind: FeedDocument, bytes: usize) {
        // Exact up to four gigabytes, and no document is larger.
        let bytes = f64::from(u32::try_from(bytes).unwrap_or(u32::MAX));
        self.feed.documents.get_or_create(&Served { kind: kind.as_str() }).observe(bytes);
    }
}

#[cfg(test)]
mod tests {
    use prometheus_client::encoding::text::encode;

    use super::*;

    #[test]
    fn documents_and_their_bytes_add_up_by_kind() {
        let metrics = Metrics::default();
        metrics.count_feed(FeedDocument::Head, 100);
        metrics.count_feed(FeedDocument::Head, 300);
        let mut text = String::new();
        encode(&mut text, &metrics.registry).unwrap();
        for line in [
            "sealgate_feed_document_bytes_count{kind=\"head\"} 2",
            "sealgate_feed_document_bytes_sum{kind=\"head\"} 400.0",
            "sealgate_feed_document_bytes_bucket{le=\"256.0\",kind=\"head\"} 1",
            "sealgate_feed_document_bytes_bucket{le=\"1024.0\",kind=\"head\"} 2",
            "sealgate_feed_document_bytes_bucket{le=\"16777216.0\",kind=\"head\"} 2",
            "sealgate_feed_document_bytes_count{kind=\"snapshot\"} 0",
        ] {
            assert!(text.lines().any(|told| told == line), "{line} is not in\n{text}");
        }
    }
}
