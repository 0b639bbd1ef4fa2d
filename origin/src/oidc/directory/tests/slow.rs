//! A provider that takes its time.

use super::*;

#[tokio::test]
async fn keys_that_do_not_come_are_waited_for_a_second_and_those_at_hand_used() {
    let setting = Setting::start().await;
    setting.kids().await.unwrap();
    setting.wait(660);
    let held = setting.provider.hold(Endpoint::Keys);
    let asked = setting.ask();
    held.arrival().await;
    // From here on time passes when nothing else is left to do; nothing comes from the provider.
    tokio::time::pause();
    let waited = Instant::now();
    assert_eq!(asked.await.unwrap().unwrap(), ["rsa"]);
    assert!(waited.elapsed() < WAIT_FOR_NEWER * 2);
    let waited = Instant::now();
    for _ in 0..10 {
        assert_eq!(setting.kids().await.unwrap(), ["rsa"]);
        assert_eq!(setting.kids_with("rsa").await, ["rsa"]);
    }
    assert_eq!(waited.elapsed(), Duration::ZERO, "who comes meanwhile does not wait");
    tokio::time::resume();
    // The question goes on; a key that nobody knows is waited for.
    setting.provider.plan(|plan| plan.published = vec![Key::OtherRsa]);
    let (directory, issuer) = (setting.directory.clone(), setting.issuer.clone());
    let looked = tokio::spawn(async move { directory.metadata_with_key(&issuer, Some(Key::OtherRsa.id())).await });
    held.release();
    assert_eq!(names(&looked.await.unwrap().unwrap()), [Key::OtherRsa.id()]);
    assert_eq!(setting.kids().await.unwrap(), [Key::OtherRsa.id()]);
    assert_eq!(setting.asked(), (1, 2));
}

#[tokio::test]
async fn keys_that_come_within_a_second_are_the_ones_used() {
    let setting = Setting::start().await;
    setting.kids().await.unwrap();
    setting.wait(660);
    setting.provider.plan(|plan| plan.published = vec![Key::OtherRsa]);
    assert_eq!(setting.kids().await.unwrap(), [Key::OtherRsa.id()], "withdrawn is withdrawn");
}

#[tokio::test]
async fn an_unknown_key_is_not_waited_for_longer_than_a_request_may_take() {
    let patient = OutboundSettings { total_timeout: Duration::from_hours(1), ..OutboundSettings::default() };
    let setting = Setting::asking(patient).await;
    setting.kids().await.unwrap();
    setting.wait(11);
    let held = setting.provider.hold(Endpoint::Keys);
    let (directory, issuer) = (setting.directory.clone(), setting.issuer.clone());
    let looked = tokio::spawn(async move { directory.metadata_with_key(&issuer, Some("new")).await });
    held.arrival().await;
    tokio::time::pause();
    let waited = Instant::now();
    assert_eq!(names(&looked.await.unwrap().unwrap()), ["rsa"], "it may still be lacking");
    assert!(waited.elapsed() < PATIENCE * 2);
    assert_eq!(setting.kids_with("newer").await, ["rsa"]);
    assert_eq!(setting.asked(), (1, 2), "nor is it looked for again at once");
}

#[tokio::test]
async fn a_description_and_its_keys_have_one_deadline() {
    let patient = OutboundSettings { total_timeout: Duration::from_hours(1), ..OutboundSettings::default() };
    let setting = Setting::asking(patient).await;
    let (description, keys) = (setting.provider.hold(Endpoint::Discovery), setting.provider.hold(Endpoint::Keys));
    let asked = setting.ask();
    description.arrival().await;
    tokio::time::pause();
    tokio::time::advance(PATIENCE / 2).await;
    tokio::time::resume();
    description.release();
    keys.arrival().await;
    tokio::time::pause();
    let waited = Instant::now();
    assert_eq!(asked.await.unwrap(), Err("timeout"));
    assert!(waited.elapsed() < PATIENCE * 3 / 4);
}
