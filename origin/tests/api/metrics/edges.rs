//! What edges are handed, and what they have counted.

use super::Scrape;
use crate::follower::Follower;
use crate::kit::Origin;

#[tokio::test]
async fn documents_of_the_feed_are_counted_with_their_sizes() {
    let origin = Origin::start().await;
    let follower = Follower::new(&origin);
    let head = follower.ask_head().send().await;
    let position = follower.open(&head).position;
    let snapshot = follower.fetch_snapshot(position).await;
    assert_eq!(snapshot.status, 200, "{}", snapshot.text());
    follower.ask(&follower.path("snapshot/9/9")).refused(404, "no_such_snapshot").await;
    let bytes = |body: &[u8]| f64::from(u32::try_from(body.len()).unwrap());
    Scrape::of(&origin).await.expect(&[
        ("sealgate_feed_document_bytes_count{kind=\"head\"}", 1.0),
        ("sealgate_feed_document_bytes_sum{kind=\"head\"}", bytes(&head.body)),
        ("sealgate_feed_document_bytes_count{kind=\"snapshot\"}", 1.0),
        ("sealgate_feed_document_bytes_sum{kind=\"snapshot\"}", bytes(&snapshot.body)),
    ]);
}

#[tokio::test]
async fn what_an_edge_has_counted_is_told_under_its_name() {
    let origin = Origin::start().await;
    let (dev, shop) = (Follower::new(&origin), Follower::create(&origin, "shop", &["demo"]).await);
    let report = "forward.session=5,refuse.bad_mac=2,age.250=5,stale.open=1,feed.failed=3";
    for _ in 0..2 {
        assert_eq!(dev.ask_head().header("x-sealgate-report", report).send().await.status, 200);
    }
    assert_eq!(shop.ask_head().header("x-sealgate-report", "forward.session=1").send().await.status, 200);
    let scrape = Scrape::of(&origin).await;
    scrape.expect(&[
        ("sealgate_edge_reports_total{edge=\"dev\"}", 2.0),
        ("sealgate_edge_requests_total{edge=\"dev\",verdict=\"session\"}", 10.0),
        ("sealgate_edge_requests_total{edge=\"shop\",verdict=\"session\"}", 1.0),
        ("sealgate_edge_refusals_total{edge=\"dev\",code=\"bad_mac\"}", 4.0),
        ("sealgate_edge_revocation_age_seconds_bucket{le=\"0.1\",edge=\"dev\"}", 0.0),
        ("sealgate_edge_revocation_age_seconds_bucket{le=\"0.25\",edge=\"dev\"}", 10.0),
        ("sealgate_edge_stale_total{edge=\"dev\",action=\"open\"}", 2.0),
        ("sealgate_edge_feed_total{edge=\"dev\",outcome=\"failed\"}", 6.0),
    ]);
    assert_eq!(scrape.find("sealgate_edge_refusals_total{edge=\"shop\",code=\"bad_mac\"}"), None);
}

#[tokio::test]
async fn what_is_not_a_report_is_no_reason_to_keep_the_head() {
    let origin = Origin::start().await;
    let edge = Follower::new(&origin);
    for odd in ["forward.session=1,x=2", "forward.session=99999999999999999999", "forward.session=1;drop"] {
        assert_eq!(edge.ask_head().header("x-sealgate-report", odd).send().await.status, 200, "{odd}");
    }
    let scrape = Scrape::of(&origin).await;
    scrape.expect(&[("sealgate_edge_reports_malformed_total{edge=\"dev\"}", 3.0)]);
    assert_eq!(scrape.find("sealgate_edge_requests_total{edge=\"dev\",verdict=\"session\"}"), None);
}

#[tokio::test]
async fn nobody_reports_for_an_edge_whose_secret_they_do_not_have() {
    let origin = Origin::start().await;
    let edge = Follower::new(&origin);
    let ask = edge.ask_head().header("x-sealgate-report", "forward.session=1");
    ask.header("x-sealgate-edge", &crate::kit::bend(&edge.credential)).refused(401, "edge_credential").await;
    let (_, shop) = origin.create_edge("shop", &["demo"]).await;
    let ask = edge.ask_head().header("x-sealgate-report", "forward.session=1");
    ask.header("x-sealgate-edge", &shop).refused(404, "no_such_feed").await;
    let names = Scrape::of(&origin).await.names();
    assert!(!names.iter().any(|name| name.starts_with("sealgate_edge_")), "{names:?}");
}
