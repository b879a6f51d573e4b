use std::sync::Arc;
use std::time::Duration;

use countersign_app::second_factor::{Answer, codes, overview};
use countersign_domain::factor::BackupCode;
use countersign_domain::policy::Preset;
use countersign_testkit::TestApp;
use tokio::sync::Barrier;

use crate::support::{answer, done, half_open, place, resumed, totp, word};

fn backup(text: &str) -> Answer {
    Answer::Backup(BackupCode::parse(text).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn e45_of_a_hundred_sign_ins_with_one_backup_code_at_once_one_succeeds() {
    for test in TestApp::both().await {
        let brand = test.brand(Preset::CloudUserPin).await;
        let owner = brand.owner().await;
        let authenticator = brand.authenticator(&owner).await;
        let mut halves = Vec::new();
        for _ in 0..100 {
            halves.push(half_open(&test.app, &brand, &owner).await);
        }
        let code = authenticator.codes.backup[3].printed().to_uppercase();
        let (barrier, here) = (Arc::new(Barrier::new(100)), place(&brand));
        let mut callers = Vec::new();
        for half in halves {
            let (app, barrier, code) = (test.app.clone(), barrier.clone(), code.clone());
            callers.push(tokio::spawn(async move {
                barrier.wait().await;
                word(&answer(&app, here, &half, backup(&code)).await)
            }));
        }
        let mut signed_in = 0;
        for caller in callers {
            signed_in += usize::from(caller.await.unwrap() == "signed in");
        }
        assert_eq!(signed_in, 1, "{:?}", test.engine);
    }
}

#[tokio::test]
async fn c3_a_backup_code_serves_once_its_owner_alone_and_is_told_of() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::CloudUserPin).await;
    let (owner, other) = (brand.owner().await, brand.owner().await);
    let mine = brand.authenticator(&owner).await;
    brand.authenticator(&other).await;
    let code = mine.codes.backup[0].printed().to_string();
    let theirs = half_open(&test.app, &brand, &other).await;
    let refused = answer(&test.app, place(&brand), &theirs, backup(&code)).await;
    assert_eq!(word(&refused), "Wrong { drift_seconds: None }", "another's code");
    let half = half_open(&test.app, &brand, &owner).await;
    done(answer(&test.app, place(&brand), &half, backup(&code)).await);
    let half = half_open(&test.app, &brand, &owner).await;
    let again = answer(&test.app, place(&brand), &half, backup(&code)).await;
    assert_eq!(word(&again), "Wrong { drift_seconds: None }");
    let shown = overview::overview(&test.app, &brand.caller(&owner))
        .await
        .unwrap();
    assert_eq!(shown.factors.backup_codes, 9, "the page shows how many are left");
    let sent = test.sent().await;
    let mail = sent.last().unwrap();
    assert!(
        mail.text.contains("A backup code was used to sign in"),
        "{}",
        mail.text
    );
    assert_eq!(mail.to, owner.email);
}

#[tokio::test]
async fn c3_a_new_set_ends_the_old_one_and_needs_a_fresh_proof() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::CloudUserPin).await;
    let owner = brand.owner().await;
    let authenticator = brand.authenticator(&owner).await;
    let half = half_open(&test.app, &brand, &owner).await;
    let signed_in = done(answer(&test.app, place(&brand), &half, totp(authenticator.digits())).await);
    let (_, session) = resumed(&test.app, &brand, signed_in.token.expose()).await;
    let proven = session.proven(&test.app, false).unwrap();
    let renewed = codes::renew(&test.app, &session.caller, &proven).await.unwrap();
    assert_eq!(renewed.backup.len(), 10);
    let half = half_open(&test.app, &brand, &owner).await;
    let old = answer(
        &test.app,
        place(&brand),
        &half,
        backup(&authenticator.codes.backup[5].printed()),
    )
    .await;
    assert_eq!(word(&old), "Wrong { drift_seconds: None }");
    done(
        answer(
            &test.app,
            place(&brand),
            &half,
            backup(&renewed.backup[5].printed()),
        )
        .await,
    );
    test.clock.advance(Duration::from_secs(301));
    let (_, session) = resumed(&test.app, &brand, signed_in.token.expose()).await;
    assert!(session.proven(&test.app, false).is_none(), "after five minutes");
}

#[tokio::test]
async fn e15_no_code_and_no_secret_stands_in_the_database() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::CloudUserPin).await;
    let owner = brand.owner().await;
    let authenticator = brand.authenticator(&owner).await;
    let half = half_open(&test.app, &brand, &owner).await;
    let signed_in = done(answer(&test.app, place(&brand), &half, totp(authenticator.digits())).await);
    let mut secrets: Vec<String> = vec![half, signed_in.token.expose().to_owned()];
    secrets.push(authenticator.codes.recovery.expose().to_owned());
    secrets.extend(
        authenticator
            .codes
            .backup
            .iter()
            .map(|code| code.expose().to_owned()),
    );
    let file = test.database_file().unwrap();
    for name in [file.clone(), file.with_extension("db-wal")] {
        let bytes = std::fs::read(&name).unwrap_or_default();
        for secret in &secrets {
            let found = bytes
                .windows(secret.len())
                .any(|window| window == secret.as_bytes());
            assert!(!found, "{} holds a secret", name.display());
        }
    }
}
