//! Several at once: one of them moves the session on, and all are answered the same.

use std::time::Duration;

use serde_json::Value;

use sealgate_origin::app::App;

use super::{FIREFOX, audited, code, generation, mint, refresh_token, show, show_to, token};
use crate::kit::Origin;

/// What everybody is answered who shows a token at the same moment, each to one of the origins.
pub(super) async fn show_at_once(origin: &Origin, tokens: &[(&App, &String)]) -> Vec<Value> {
    let asked = tokens.iter().map(|(app, token)| {
        let ask = super::ask(origin, app, token, FIREFOX);
        tokio::spawn(async move {
            let answer = ask.send().await;
            assert_eq!(answer.status, 200, "{}", answer.text());
            answer.json()
        })
    });
    let asked: Vec<_> = asked.collect();
    let mut answers = Vec::new();
    for one in asked {
        answers.push(one.await.unwrap());
    }
    answers
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn tabs_race_each_other_at_two_origins() {
    let origin = Origin::start().await;
    let minted = mint(&origin).await;
    let another = origin.start_another().await;
    let mut held = refresh_token(&minted.body);
    for turn in 1..=8 {
        origin.wait(Duration::from_mins(16));
        let racers: Vec<_> =
            (0..24).map(|number| (if number % 2 == 0 { &origin.app } else { &another }, &held)).collect();
        let answers = show_at_once(&origin, &racers).await;
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:#?}");
        assert_eq!(generation(&origin, &minted.id).await, turn, "one step");
        held = token(&answers[0]);
    }
    assert_eq!(audited(&origin, "session.late").await + audited(&origin, "session.reuse").await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn tabs_of_a_laptop_that_wakes_up_race_for_the_late_answer() {
    let origin = Origin::start().await;
    let minted = mint(&origin).await;
    let another = origin.start_another().await;
    let first = refresh_token(&minted.body);
    origin.wait(Duration::from_mins(16));
    token(&show(&origin, &first).await);
    for (pause, at) in [(Duration::from_mins(5), 1), (Duration::from_mins(30), 2)] {
        origin.wait(pause);
        let racers: Vec<_> =
            (0..24).map(|number| (if number % 2 == 0 { &origin.app } else { &another }, &first)).collect();
        let answers = show_at_once(&origin, &racers).await;
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:#?}");
        token(&answers[0]);
        assert_eq!((generation(&origin, &minted.id).await, audited(&origin, "session.late").await), (at, at));
        // As if the answers had arrived nowhere, which nobody gets away with twice.
        origin.database().await.execute("update sessions set answered_late_at = null").await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn keys_are_rotated_under_those_who_race() {
    let origin = Origin::start().await;
    let another = origin.start_another().await;
    let mut sessions = Vec::new();
    for _ in 0..12 {
        sessions.push(refresh_token(&mint(&origin).await.body));
    }
    origin.wait(Duration::from_mins(16));
    let rotating = another.clone();
    let rotation = tokio::spawn(async move {
        let demo = "demo".parse().unwrap();
        for _ in 0..6 {
            rotating.office().rotate(&demo).await.unwrap();
        }
    });
    let racers: Vec<_> =
        sessions.iter().flat_map(|token| [(&origin.app, token), (&another, token), (&origin.app, token)]).collect();
    let answers = show_at_once(&origin, &racers).await;
    rotation.await.unwrap();
    for three in answers.chunks(3) {
        let tokens: Vec<String> = three.iter().map(token).collect();
        assert!(tokens.iter().all(|token| *token == tokens[0]), "{three:#?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_signs_out_meanwhile_is_signed_out() {
    let origin = Origin::start().await;
    for _ in 0..12 {
        let minted = mint(&origin).await;
        let held = refresh_token(&minted.body);
        origin.wait(Duration::from_mins(16));
        let path = format!("/v1/sessions/{}", minted.id);
        let revoke = tokio::spawn(origin.v1("DELETE", &path).send());
        let answers = show_at_once(&origin, &[(&origin.app, &held); 4]).await;
        assert_eq!(revoke.await.unwrap().status, 200);
        // Whoever was answered before it holds tokens of a session that has ended.
        assert_eq!(origin.check(&minted.id).await, "revoked");
        for answer in &answers {
            let held = if answer["status"] == "refreshed" { token(answer) } else { held.clone() };
            assert_eq!(code(&show_to(&origin, &origin.app, &held, FIREFOX).await), "revoked");
        }
        assert_eq!(audited(&origin, "session.reuse").await, 0);
    }
}
