//! The database's clock and the mark below which no process begins.

use std::time::Duration;

use countersign_domain::factor::device::Device;
use countersign_domain::factor::sign_in::{Proof, SetUp};
use countersign_domain::ids::{DeviceId, SessionId, StaffId, SubjectId};
use countersign_domain::time::Timestamp;
use countersign_store::devices::{self, DeviceRow};
use countersign_store::links::{self, LinkPurpose, LinkRow};
use countersign_store::sessions::{self, SessionRow, Subject};
use countersign_store::{EngineKind, StoreError, clock_mark, second_factors, sent_codes, sign_in};

use crate::engines;
use crate::samples::{fresh, household, noon, write};

const DAY: Duration = Duration::from_secs(86_400);

#[tokio::test(flavor = "multi_thread")]
async fn a_server_of_its_own_has_a_clock_and_a_file_has_none() {
    for opened in engines::both().await {
        let shown = opened
            .store
            .read::<_, StoreError, _>(async |tx| Ok((tx.clock().await?, tx.clock().await?)))
            .await
            .unwrap();
        match (opened.store.kind(), shown) {
            (EngineKind::Sqlite, (None, None)) => {}
            (EngineKind::Postgres, (Some(first), Some(second))) => {
                let year_2026 = Timestamp::parse_rfc3339("2026-01-01T00:00:00Z").unwrap();
                assert!(first > year_2026, "{first}: microseconds since 1970");
                assert!(second > first, "it goes on between two statements");
            }
            other => panic!("{}: {other:?}", opened.name),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_mark_only_rises_unless_somebody_sets_it() {
    for opened in engines::both().await {
        let found = async || {
            opened
                .store
                .read::<_, StoreError, _>(async |tx| clock_mark::find(tx).await)
                .await
                .unwrap()
        };
        assert_eq!(found().await, None, "{}", opened.name);
        for seen in [noon(), noon().minus(DAY)] {
            write(&opened.store, async move |tx| clock_mark::raise(tx, seen).await).await;
            assert_eq!(found().await, Some(noon()), "{}", opened.name);
        }
        write(&opened.store, async |tx| {
            clock_mark::set(tx, noon().minus(DAY)).await
        })
        .await;
        assert_eq!(found().await, Some(noon().minus(DAY)), "{}", opened.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_clock_that_was_ahead_began_is_ended_and_the_rest_stays() {
    for opened in engines::both().await {
        let staff = Subject::Staff(StaffId::new(noon(), fresh()));
        let begun = |at: Timestamp| SessionRow {
            id: SessionId::new(at, fresh()),
            subject: staff,
            carrier: sessions::Carrier::Cookie,
            csrf: "value".to_owned(),
            browser: "Firefox".to_owned(),
            created_at: at,
            last_seen_at: at,
            expires_at: at.plus(DAY),
            proof: Proof::Password,
            proven_at: at,
            password_proven_at: None,
            set_up: SetUp::NotDue,
        };
        let (now, ahead) = (begun(noon()), begun(noon().plus(400 * DAY)));
        let kept = now.id;
        let ended = write(&opened.store, async move |tx| {
            sessions::insert(tx, &now, &[1; 32]).await?;
            sessions::insert(tx, &ahead, &[2; 32]).await?;
            sign_in::count(tx, "desk", &[1; 32], noon(), noon()).await?;
            let later = noon().plus(400 * DAY);
            sign_in::count(tx, "desk", &[2; 32], later, later).await?;
            clock_mark::end_what_began_after(tx, noon().plus(DAY)).await
        })
        .await;
        assert_eq!(ended, 1, "{}", opened.name);
        let left = opened
            .store
            .read::<_, StoreError, _>(async |tx| {
                let left = sessions::list(tx, &staff).await?;
                let mut doors = Vec::new();
                for key in 1..=2 {
                    doors.push(sign_in::find(tx, "desk", &[key; 32]).await?.is_some());
                }
                Ok((
                    left.into_iter().map(|session| session.id).collect::<Vec<_>>(),
                    doors,
                ))
            })
            .await
            .unwrap();
        assert_eq!(left, (vec![kept], vec![true, false]), "{}", opened.name);
    }
}

/// What becomes of each column that holds a time or a day when the clock was ahead. A column that is missing here has not been
/// thought about.
const SETTLED: &[&str] = &[
    "agent_wrong_tries.day",
    "clock_mark.seen",
    "conversations.code_until",
    "conversations.verified_until",
    "half_open_sign_ins.created_at",
    "messages.leased_until",
    "messages.next_at",
    "messages.useful_until",
    "one_time_pin_people.last_sent_at",
    "one_time_pin_sends.since",
    "one_time_pin_tries.at",
    "one_time_pins.sent_at",
    "passkey_ceremonies.created_at",
    "people.phone_confirmed_at",
    "people.phone_usable_from",
    "phone_confirmations.asked_at",
    "provider_sign_ins.created_at",
    "remembered_devices.created_at",
    "remembered_devices.last_used_at",
    "second_factors.pending_since",
    "second_factors.totp_last_step",
    "sent_codes.day",
    "sessions.created_at",
    "sessions.last_seen_at",
    "sign_in_failures.closed_until",
    "sign_in_failures.since",
    "single_use_links.created_at",
    "spent_budgets.day",
    "wrong_tries.day",
];

/// Ends with what is settled: the row goes, or no longer counts.
const GOES_WITH_ITS_ROW: &[&str] = &[
    "conversations.code_at",
    "conversations.verified_at",
    "half_open_sign_ins.expires_at",
    "half_open_sign_ins.sms_until",
    "one_time_pins.expires_at",
    "passkey_ceremonies.expires_at",
    "phone_confirmations.expires_at",
    "provider_sign_ins.expires_at",
    "remembered_devices.expires_at",
    "sessions.expires_at",
    "sessions.password_proven_at",
    "sessions.proven_at",
    "single_use_links.expires_at",
    "spent_budgets.at",
];

/// Tells what happened, or that something is over; nothing waits for it.
const HISTORY: &[&str] = &[
    "accounts.created_at",
    "api_clients.created_at",
    "api_clients.disabled_at",
    "backup_codes.used_at",
    "brands.created_at",
    "conversations.closed_at",
    "conversations.opened_at",
    "delivery_reports.at",
    "device_tokens.replaced_at",
    "half_open_sign_ins.ended_at",
    "idempotency_keys.created_at",
    "messages.created_at",
    "messages.ended_at",
    "messages.reported_at",
    "one_time_pins.ended_at",
    "one_time_pins.spent_at",
    "passkey_ceremonies.used_at",
    "passkeys.created_at",
    "passkeys.last_used_at",
    "people.created_at",
    "people.disabled_at",
    "people.phone_before_told_at",
    "policies.changed_at",
    "provider_sign_ins.used_at",
    "recovery_codes.used_at",
    "remembered_devices.ended_at",
    "second_factors.closed_at",
    "second_factors.totp_confirmed_at",
    "sessions.ended_at",
    "single_use_links.used_at",
    "staff.created_at",
    "staff.disabled_at",
    "staff_identities.created_at",
    "staff_identities.last_used_at",
];

/// Under the proof of its row, which no statement may touch.
const PROVED: &[&str] = &[
    "pins.changed_at",
    "pins.locked_at",
    "pins.unlocks_since",
    "pins.window_since",
];

#[tokio::test(flavor = "multi_thread")]
async fn t34_every_column_that_holds_a_time_is_known_to_clock_accept() {
    let opened = engines::sqlite().await;
    let columns: Vec<String> = opened
        .store
        .read::<_, StoreError, _>(async |tx| {
            tx.query(
                "SELECT t.name || '.' || c.name FROM sqlite_master t JOIN pragma_table_info(t.name) c \
                 WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite%' AND t.name NOT LIKE 'refinery%' \
                 AND c.type = 'INTEGER' AND (c.name = 'at' OR c.name = 'day' OR c.name = 'seen' OR c.name = 'since' \
                 OR c.name LIKE '%\\_at' ESCAPE '\\' OR c.name LIKE '%\\_until' ESCAPE '\\' \
                 OR c.name LIKE '%\\_since' ESCAPE '\\' OR c.name LIKE '%\\_from' ESCAPE '\\' \
                 OR c.name LIKE '%\\_step' ESCAPE '\\') ORDER BY 1",
                &[],
            )
            .await?
            .iter()
            .map(|row| row.get(0))
            .collect()
        })
        .await
        .unwrap();
    let mut known: Vec<&str> = [SETTLED, GOES_WITH_ITS_ROW, HISTORY, PROVED].concat();
    known.sort_unstable();
    assert_eq!(columns, known, "say above what becomes of a new column");
}

#[tokio::test(flavor = "multi_thread")]
async fn t34_what_a_clock_that_was_ahead_put_off_waits_for_it_no_longer() {
    for opened in engines::both().await {
        let (brand, account, owner) = household(&opened.store).await;
        let subject = SubjectId::Person(owner.id);
        let ahead = noon().plus(400 * DAY);
        let step = |at: Timestamp| u64::try_from(at.micros() / 30_000_000).unwrap();
        let (found, link, device) = write(&opened.store, async move |tx| {
            second_factors::hold(tx, subject, Some(brand.id)).await?;
            second_factors::put_pending(tx, subject, &[1], noon()).await?;
            second_factors::confirm_pending(tx, subject, noon(), step(ahead), noon()).await?;
            second_factors::put_pending(tx, subject, &[2], ahead).await?;
            let row = DeviceRow {
                id: DeviceId::new(noon(), fresh()),
                subject,
                browser: "Firefox".to_owned(),
                created_at: ahead,
                last_used_at: ahead,
                device: Device::remembered(2, 30, ahead).unwrap(),
            };
            devices::insert(tx, &row, &[1; 32]).await?;
            let link = LinkRow {
                subject: Subject::Person {
                    person: owner.id,
                    account: account.id,
                    brand: brand.id,
                },
                created_at: ahead,
                expires_at: ahead.plus(DAY),
            };
            links::insert(tx, LinkPurpose::PasswordReset, &link, &[2; 32]).await?;
            let ahead_day = ahead.micros() / 86_400_000_000;
            sent_codes::debit(tx, subject, ahead_day, 1).await?;
            clock_mark::end_what_began_after(tx, noon()).await?;
            assert!(
                sent_codes::debit(tx, subject, ahead_day, 1).await?,
                "that day was never spent"
            );
            Ok((
                second_factors::find(tx, subject).await?.unwrap(),
                links::find(tx, LinkPurpose::PasswordReset, &[2; 32], noon())
                    .await?
                    .is_some(),
                devices::list(tx, subject).await?.len(),
            ))
        })
        .await;
        let last = found.totp.map(|totp| totp.last_step);
        assert_eq!(last, Some(step(noon())), "{}", opened.name);
        assert!(found.pending.is_none(), "{}", opened.name);
        assert_eq!((link, device), (false, 0), "{}", opened.name);
    }
}
