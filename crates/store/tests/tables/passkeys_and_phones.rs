use std::time::Duration;

use countersign_domain::contact::Phone;
use countersign_domain::ids::{StaffId, SubjectId};
use countersign_store::StoreError;
use countersign_store::passkeys::{self, Ceremony, PasskeyRow};
use countersign_store::phones::{self, WaitingPhone};
use countersign_store::second_factors::CodeMac;
use countersign_store::sessions::Subject;

use crate::engines;
use crate::samples::{fresh, household, noon, write};

#[tokio::test(flavor = "multi_thread")]
async fn a_passkey_is_kept_used_renamed_and_removed_by_its_owner() {
    for opened in engines::both().await {
        let staff = StaffId::new(noon(), fresh());
        let (mine, other) = (
            SubjectId::Staff(staff),
            SubjectId::Staff(StaffId::new(noon(), fresh())),
        );
        let row = PasskeyRow {
            credential_id: vec![1, 2, 3],
            subject: Subject::Staff(staff),
            passkey: "{\"cred\":1}".to_owned(),
            name: "Laptop".to_owned(),
            created_at: noon(),
            last_used_at: None,
        };
        let saved = row.clone();
        write(&opened.store, async move |tx| {
            passkeys::insert(tx, &saved, "{\"raw\":1}").await
        })
        .await;
        let list = async || {
            opened
                .store
                .read::<_, StoreError, _>(async |tx| {
                    assert_eq!(passkeys::count(tx, other).await?, 0);
                    passkeys::list(tx, mine).await
                })
                .await
                .unwrap()
        };
        assert_eq!(list().await, std::slice::from_ref(&row), "{}", opened.name);
        let again = row.clone();
        let clash = opened
            .store
            .write::<(), StoreError, _>(async move |tx| passkeys::insert(tx, &again, "{}").await)
            .await;
        assert!(matches!(clash, Err(StoreError::Conflict(_))), "{}", opened.name);
        write(&opened.store, async move |tx| {
            let (old, new) = ("{\"cred\":1}", "{\"cred\":2}");
            assert!(!passkeys::note_use(tx, &[1, 2], (old, new), noon()).await?);
            assert!(passkeys::note_use(tx, &[1, 2, 3], (old, new), noon()).await?);
            assert!(
                !passkeys::note_use(tx, &[1, 2, 3], (old, new), noon()).await?,
                "a counter moves on once, and never back"
            );
            assert!(!passkeys::rename(tx, other, &[1, 2, 3], "Mine").await?);
            assert!(passkeys::rename(tx, mine, &[1, 2, 3], "Phone").await?);
            Ok(())
        })
        .await;
        let used = opened
            .store
            .read::<_, StoreError, _>(async |tx| passkeys::find(tx, &[1, 2, 3]).await)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            (used.passkey.as_str(), used.name.as_str(), used.last_used_at),
            ("{\"cred\":2}", "Phone", Some(noon())),
            "{}",
            opened.name
        );
        for (who, done) in [(other, false), (mine, true), (mine, false)] {
            let removed = write(&opened.store, async move |tx| {
                passkeys::remove(tx, who, &[1, 2, 3]).await
            })
            .await;
            assert_eq!(removed, done, "{}", opened.name);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ceremonys_state_is_taken_once_for_its_purpose_and_in_time() {
    for opened in engines::both().await {
        let ceremony = Ceremony {
            purpose: "sign_in".to_owned(),
            subject: None,
            brand: None,
            state: "{}".to_owned(),
            created_at: noon(),
            expires_at: noon().plus(Duration::from_secs(300)),
        };
        let saved = ceremony.clone();
        write(&opened.store, async move |tx| {
            passkeys::begin_ceremony(tx, &saved, &[1; 32]).await
        })
        .await;
        for (purpose, at, taken) in [
            ("register", noon(), None),
            ("sign_in", ceremony.expires_at, None),
            ("sign_in", noon(), Some(ceremony.clone())),
            ("sign_in", noon(), None),
        ] {
            let given = write(&opened.store, async move |tx| {
                passkeys::end_ceremony(tx, purpose, &[1; 32], at).await
            })
            .await;
            assert_eq!(given, taken, "{}", opened.name);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn c5_a_number_on_record_receives_codes_once_it_is_confirmed_and_its_wait_is_over() {
    for opened in engines::both().await {
        let (brand, account, owner) = household(&opened.store).await;
        let on_record = async || {
            opened
                .store
                .read::<_, StoreError, _>(async |tx| phones::on_record(tx, account.id, owner.id).await)
                .await
                .unwrap()
                .unwrap()
        };
        let old = on_record().await;
        assert!(
            !old.may_receive_codes(noon()),
            "{}: nobody confirmed it",
            opened.name
        );
        let (number, person, on) = (old.phone.clone(), owner.id, account.id);
        let confirmed = write(&opened.store, async move |tx| {
            phones::confirm_on_record(tx, on, person, &number, noon(), noon()).await
        })
        .await;
        assert!(
            confirmed && on_record().await.may_receive_codes(noon()),
            "{}",
            opened.name
        );

        let waiting = WaitingPhone {
            person: owner.id,
            account: account.id,
            brand: brand.id,
            phone: Phone::parse("+12025550199", None).unwrap(),
            asked_at: noon(),
            expires_at: noon().plus(Duration::from_secs(600)),
            code: CodeMac { mac: [5; 32], key: 1 },
            epoch: 1,
            sends: 1,
            checks: 0,
        };
        let wait_until = noon().plus(Duration::from_secs(72 * 3600));
        let (change, before) = (waiting.clone(), old.phone.clone());
        for (known, done) in [(None, false), (Some(before.clone()), true), (Some(before), false)] {
            let change = change.clone();
            let replaced = write(&opened.store, async move |tx| {
                phones::replace_on_record(tx, &change, known.as_ref(), noon(), wait_until).await
            })
            .await;
            assert_eq!(replaced, done, "{}", opened.name);
        }
        let new = on_record().await;
        assert_eq!(new.phone, waiting.phone, "{}", opened.name);
        assert!(
            !new.may_receive_codes(noon()) && new.may_receive_codes(wait_until),
            "{}",
            opened.name
        );
        for told in [true, false] {
            let noted = write(&opened.store, async move |tx| {
                phones::note_before_told(tx, on, person, noon()).await
            })
            .await;
            assert_eq!(noted, told, "{}", opened.name);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn t13_sends_and_checks_of_a_waiting_number_stay_counted_over_all_numbers() {
    for opened in engines::both().await {
        let (brand, account, owner) = household(&opened.store).await;
        let waiting = |epoch: u64, number: &str| WaitingPhone {
            person: owner.id,
            account: account.id,
            brand: brand.id,
            phone: Phone::parse(number, None).unwrap(),
            asked_at: noon(),
            expires_at: noon().plus(Duration::from_secs(600)),
            code: CodeMac { mac: [5; 32], key: 1 },
            epoch,
            sends: 1,
            checks: 0,
        };
        let put = async |row: WaitingPhone, since| {
            write(&opened.store, async move |tx| {
                phones::put_waiting(tx, &row, since, 2).await
            })
            .await
        };
        let check = async |at| {
            let person = owner.id;
            write(&opened.store, async move |tx| {
                phones::debit_check(tx, person, 2, at).await
            })
            .await
            .map(|row| (row.epoch, row.checks))
        };
        assert_eq!(
            put(waiting(1, "+12025550199"), noon()).await,
            Some(1),
            "{}",
            opened.name
        );
        assert_eq!(check(noon()).await, Some((1, 1)), "{}", opened.name);
        assert_eq!(
            put(waiting(2, "+12025550198"), noon()).await,
            Some(2),
            "{}",
            opened.name
        );
        assert_eq!(
            put(waiting(3, "+12025550197"), noon()).await,
            None,
            "{}",
            opened.name
        );
        assert_eq!(
            check(noon()).await,
            Some((2, 2)),
            "{}: the check before stays counted",
            opened.name
        );
        assert_eq!(check(noon()).await, None, "{}", opened.name);
        let later = noon().plus(Duration::from_secs(1));
        assert_eq!(
            put(waiting(4, "+12025550197"), later).await,
            Some(1),
            "{}: a new day",
            opened.name
        );
        assert_eq!(
            check(noon().plus(Duration::from_secs(600))).await,
            None,
            "{}: too late",
            opened.name
        );
        let person = owner.id;
        for (epoch, done) in [(3, false), (4, true), (4, false)] {
            let ended = write(&opened.store, async move |tx| {
                phones::end_waiting(tx, person, epoch).await
            })
            .await;
            assert_eq!(ended, done, "{}", opened.name);
        }
        let over = opened
            .store
            .read::<_, StoreError, _>(async |tx| phones::find_waiting(tx, person).await)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            over.expires_at, over.asked_at,
            "{}: it waits no more",
            opened.name
        );
        assert_eq!(
            over.sends, 1,
            "{}: what was sent stays counted (T20)",
            opened.name
        );
    }
}
