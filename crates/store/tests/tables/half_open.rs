use std::sync::Arc;
use std::time::Duration;

use countersign_domain::factor::HalfOpen;
use countersign_domain::factor::sign_in::{MOST_SMS_CHECKS, MOST_SMS_SENDS};
use countersign_domain::ids::StaffId;
use countersign_store::half_open::{self, HalfOpenRow};
use countersign_store::second_factors::CodeMac;
use countersign_store::sessions::Subject;
use countersign_store::{Store, StoreError};
use tokio::sync::Barrier;

use crate::engines;
use crate::samples::{fresh, household, noon, write};

const TOKEN: [u8; 32] = [1; 32];
const CODE: CodeMac = CodeMac { mac: [4; 32], key: 2 };

async fn begun(store: &Store, subject: Subject) {
    let row = HalfOpenRow {
        id: "hop_1".to_owned(),
        subject,
        browser: "Firefox on Linux".to_owned(),
        created_at: noon(),
        state: HalfOpen::begin(7, noon()),
        sms_code: None,
    };
    write(store, async move |tx| half_open::insert(tx, &row, &TOKEN).await).await;
}

async fn find(store: &Store) -> HalfOpenRow {
    store
        .read::<_, StoreError, _>(async |tx| half_open::find(tx, &TOKEN).await)
        .await
        .unwrap()
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_half_open_sign_in_reads_back_and_is_ended_once() {
    for opened in engines::both().await {
        let (brand, account, owner) = household(&opened.store).await;
        let subject = Subject::Person {
            person: owner.id,
            account: account.id,
            brand: brand.id,
        };
        begun(&opened.store, subject).await;
        let read = find(&opened.store).await;
        assert_eq!(
            (read.subject, read.state, read.sms_code),
            (subject, HalfOpen::begin(7, noon()), None),
            "{}",
            opened.name
        );
        write(&opened.store, async |tx| half_open::note_wrong(tx, &TOKEN).await).await;
        let held = write(&opened.store, async |tx| half_open::hold(tx, &TOKEN).await)
            .await
            .unwrap();
        assert_eq!(held.state.wrong_codes, 1, "{}", opened.name);
        let barrier = Arc::new(Barrier::new(16));
        let mut callers = Vec::new();
        for _ in 0..16 {
            let (store, barrier) = (opened.store.clone(), barrier.clone());
            callers.push(tokio::spawn(async move {
                barrier.wait().await;
                write(&store, async |tx| half_open::end(tx, &TOKEN, noon()).await).await
            }));
        }
        let mut ended = 0;
        for caller in callers {
            ended += u32::from(caller.await.unwrap());
        }
        assert_eq!(ended, 1, "{}", opened.name);
        assert!(find(&opened.store).await.state.ended, "{}", opened.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn t13_five_codes_are_sent_and_five_are_checked_whatever_is_sent_again() {
    for opened in engines::both().await {
        begun(&opened.store, Subject::Staff(StaffId::new(noon(), fresh()))).await;
        let until = noon().plus(Duration::from_secs(600));
        let send = async || {
            write(&opened.store, async move |tx| {
                half_open::put_sms_code(tx, &TOKEN, CODE, until).await
            })
            .await
        };
        let check = async |at| {
            write(&opened.store, async move |tx| {
                half_open::debit_sms_check(tx, &TOKEN, at).await
            })
            .await
        };
        assert!(!check(noon()).await, "{}: there is no code yet", opened.name);
        for number in 0..MOST_SMS_SENDS {
            assert!(send().await, "{}: send {number}", opened.name);
            assert_eq!(find(&opened.store).await.sms_code, Some(CODE), "{}", opened.name);
            assert!(!check(until).await, "{}: too late", opened.name);
            if number > 0 {
                assert!(check(noon()).await, "{}: check {number}", opened.name);
            }
        }
        assert!(!send().await, "{}", opened.name);
        assert!(check(noon()).await, "{}: the fifth check", opened.name);
        assert!(!check(noon()).await, "{}", opened.name);
        let state = find(&opened.store).await.state;
        assert_eq!(
            (state.sms_sends, state.sms_checks),
            (MOST_SMS_SENDS, MOST_SMS_CHECKS),
            "{}",
            opened.name
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn all_half_open_sign_ins_of_a_subject_end_at_once() {
    for opened in engines::both().await {
        let staff = Subject::Staff(StaffId::new(noon(), fresh()));
        begun(&opened.store, staff).await;
        let ended = write(&opened.store, async move |tx| {
            half_open::end_all(tx, staff.subject_id(), noon()).await
        })
        .await;
        assert_eq!(ended, 1, "{}", opened.name);
        assert!(!write(&opened.store, async |tx| half_open::end(tx, &TOKEN, noon()).await).await);
    }
}
