//! E13, E14: time tells nobody whether an account exists or which digit was wrong.
//!
//! The classes take turns, so that whatever else the machine does meets all of them alike. `COUNTERSIGN_TIMING_SAMPLES`
//! asks for more samples than a quick run takes (the requirement is measured with 6,500). These tests are a program of
//! their own and take turns, so that no other test runs beside them.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test stops where its ground is missing, and a measurement is shown"
)]

use std::time::Duration;

use countersign_domain::policy::Preset;
use countersign_testkit::{TestApp, TestPerson};
use serde_json::{Value, json};
use tokio::sync::Mutex;
use tokio::time::Instant;

/// How many samples of each class the requirement asks for.
const FULL: usize = 6_500;

/// One measurement at a time.
static ALONE: Mutex<()> = Mutex::const_new(());

fn try_body(person: &TestPerson, code: &str) -> Value {
    json!({
        "account_number": person.account.number.as_str(),
        "person": person.id.to_string(),
        "code": code,
        "channel": "ivr",
    })
}

async fn verify(app: &TestApp, key: &str, person: &TestPerson, code: &str) -> String {
    let request = app.post("/api/v1/verify").key(key);
    request.json(&try_body(person, code)).send().await.at("/result")
}

/// A body, the word that it is answered with, and how often it is sent for one sample.
struct Class {
    name: &'static str,
    body: Value,
    word: &'static str,
    sent: usize,
    micros: Vec<f64>,
}

fn class(name: &'static str, body: Value, word: &'static str) -> Class {
    Class {
        name,
        body,
        word,
        sent: 1,
        micros: Vec::new(),
    }
}

#[expect(clippy::disallowed_methods, reason = "whoever measures says how long")]
fn samples() -> usize {
    std::env::var("COUNTERSIGN_TIMING_SAMPLES")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(150)
}

/// Measures all classes in turns; `reset` is verified between, so that nothing locks.
async fn measure(app: &TestApp, key: &str, reset: (&TestPerson, &str), classes: &mut [Class]) {
    for round in 0..samples() {
        for turn in 0..classes.len() {
            let index = (turn + round) % classes.len();
            let it = &mut classes[index];
            let began = Instant::now();
            for _ in 0..it.sent {
                let answer = app.post("/api/v1/verify").key(key).json(&it.body).send().await;
                assert_eq!(answer.at("/result"), it.word, "{}", it.name);
            }
            it.micros.push(began.elapsed().as_secs_f64() * 1e6);
            if round % 2 == 1 || it.sent > 1 {
                let (person, pin) = reset;
                assert_eq!(verify(app, key, person, pin).await, "verified");
            }
        }
    }
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}

/// The two-sided probability that two samples of one distribution differ as these do (Mann and Whitney, normal
/// approximation; microseconds leave no ties worth a correction).
fn probability(one: &[f64], other: &[f64]) -> f64 {
    let mut all: Vec<(f64, bool)> = one.iter().map(|value| (*value, true)).collect();
    all.extend(other.iter().map(|value| (*value, false)));
    all.sort_by(|left, right| left.0.total_cmp(&right.0));
    let ranks: f64 = all
        .iter()
        .zip(1_u32..)
        .filter(|((_, first), _)| *first)
        .map(|(_, rank)| f64::from(rank))
        .sum();
    let (n, m) = (to_f64(one.len()), to_f64(other.len()));
    let u = ranks - n * (n + 1.0) / 2.0;
    let deviation = (n * m * (n + m + 1.0) / 12.0).sqrt();
    let z = ((u - n * m / 2.0) / deviation).abs();
    erfc(z / std::f64::consts::SQRT_2)
}

fn to_f64(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap())
}

/// The complementary error function (Abramowitz and Stegun, 7.1.26), good to 1.5e-7.
fn erfc(x: f64) -> f64 {
    let t = 1.0 / (1.0 + 0.327_591_1 * x);
    let series = t
        * (0.254_829_592
            + t * (-0.284_496_736 + t * (1.421_413_741 + t * (-1.453_152_027 + t * 1.061_405_429))));
    series * (-x * x).exp()
}

/// The requirement's bound for a full measurement. A quick run in every build makes many comparisons, so it stops only
/// at what chance would bring about once in ten thousand builds.
fn least_probability() -> f64 {
    if samples() >= FULL { 1e-3 } else { 1e-5 }
}

fn assert_alike(classes: &[Class]) {
    let first = &classes[0];
    for other in &classes[1..] {
        let difference = Duration::from_secs_f64((median(&first.micros) - median(&other.micros)).abs() / 1e6);
        let p = probability(&first.micros, &other.micros);
        println!(
            "{} and {}: medians differ by {difference:?}, p = {p:.4}",
            first.name, other.name
        );
        // The medians of a few samples move with the load of the machine; the test on ranks does not.
        if samples() >= FULL {
            assert!(
                difference < Duration::from_micros(500),
                "{} and {}: {difference:?}",
                first.name,
                other.name
            );
        }
        assert!(
            p > least_probability(),
            "{} and {}: p = {p:.6}",
            first.name,
            other.name
        );
    }
}

#[tokio::test]
async fn e13_known_unknown_and_strange_accounts_take_equally_long() {
    let _alone = ALONE.lock().await;
    for app in TestApp::both().await {
        let brand = app.brand(Preset::CloudUserPin).await;
        let elsewhere = app.brand(Preset::CloudUserPin).await;
        let key = brand.key_with_every_scope().await;
        let owner = brand.owner().await;
        let stranger = elsewhere.owner().await;
        let pin = brand.pin(&owner).await;
        let wrong = brand.wrong_pin(&pin, 7);
        let mut unknown = try_body(&owner, &wrong);
        unknown["account_number"] = json!("99999999");
        let mut nobody = try_body(&owner, &wrong);
        nobody["person"] = json!("per_01hzy8f3v0000000000000000a");
        let locked = brand.owner().await;
        let locked_pin = brand.pin(&locked).await;
        for index in 0..6 {
            verify(&app, &key, &locked, &brand.wrong_pin(&locked_pin, index)).await;
        }
        let mut classes = [
            class("known", try_body(&owner, &wrong), "denied"),
            class("unknown account", unknown, "denied"),
            class("unknown person", nobody, "denied"),
            class("another brand's", try_body(&stranger, &wrong), "denied"),
            class("locked", try_body(&locked, &wrong), "locked"),
        ];
        measure(&app, &key, (&owner, &pin), &mut classes).await;
        assert_alike(&classes);
    }
}

#[tokio::test]
async fn e14_it_does_not_matter_for_time_which_digit_is_wrong() {
    let _alone = ALONE.lock().await;
    let app = TestApp::sqlite().await;
    let brand = app.brand(Preset::CloudUserPin).await;
    let key = brand.key_with_every_scope().await;
    let owner = brand.owner().await;
    brand.set_pin(&owner, "918273").await;
    let mut classes = [
        class("wrong at the first digit", try_body(&owner, "018273"), "denied"),
        class("wrong at the last digit", try_body(&owner, "918270"), "denied"),
        class("too short", try_body(&owner, "9182"), "denied"),
        class("too long", try_body(&owner, "918273918273"), "denied"),
    ];
    measure(&app, &key, (&owner, "918273"), &mut classes).await;
    assert_alike(&classes);
}

/// The positive control: twice the work is seen.
#[tokio::test]
async fn e13_the_test_sees_a_difference_where_there_is_one() {
    let _alone = ALONE.lock().await;
    let app = TestApp::sqlite().await;
    let brand = app.brand(Preset::CloudUserPin).await;
    let key = brand.key_with_every_scope().await;
    let owner = brand.owner().await;
    let pin = brand.pin(&owner).await;
    let wrong = try_body(&owner, &brand.wrong_pin(&pin, 7));
    let mut twice = class("twice", wrong.clone(), "denied");
    twice.sent = 2;
    let mut classes = [class("once", wrong, "denied"), twice];
    measure(&app, &key, (&owner, &pin), &mut classes).await;
    assert!(probability(&classes[0].micros, &classes[1].micros) < 1e-3);
}
