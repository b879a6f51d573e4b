//! What is kept for a time only goes when its time is over, and nothing else does.

use std::time::Duration;

use countersign_domain::delivery::{Channel, DeliveryState};
use countersign_domain::factor::device::Device;
use countersign_domain::ids::{BrandId, DeviceId, HolderId, MessageId, SessionId, StaffId, SubjectId};
use countersign_domain::judge::AgentTries;
use countersign_domain::time::Timestamp;
use countersign_store::devices::{self, DeviceRow};
use countersign_store::links::{self, LinkPurpose, LinkRow};
use countersign_store::messages::{self, Lease, MessageRow};
use countersign_store::retention::{Kept, forget};
use countersign_store::sessions::{self, SessionRow, Subject};
use countersign_store::{Store, StoreError, agent_tries, sign_in};

use crate::engines;
use crate::samples::{fresh, household, noon, write};

const DAY: Duration = Duration::from_secs(86_400);

async fn forgotten(store: &Store, kept: Kept) -> u64 {
    write(store, async move |tx| forget(tx, kept, 100).await).await
}

#[tokio::test(flavor = "multi_thread")]
async fn old_failures_go_unless_they_still_close_a_door() {
    for opened in engines::both().await {
        write(&opened.store, async |tx| {
            for (key, at) in [(1, noon()), (2, noon()), (3, noon().plus(2 * DAY))] {
                sign_in::count(tx, "desk", &[key; 32], at, at).await?;
            }
            sign_in::close(tx, "desk", &[2; 32], noon().plus(3 * DAY)).await
        })
        .await;
        let gone = forgotten(&opened.store, Kept::SignInFailures(noon().plus(DAY))).await;
        assert_eq!(gone, 1, "{}", opened.name);
        let left = opened
            .store
            .read::<_, StoreError, _>(async |tx| {
                let mut left = Vec::new();
                for key in 1..=3 {
                    left.push(sign_in::find(tx, "desk", &[key; 32]).await?.is_some());
                }
                Ok(left)
            })
            .await
            .unwrap();
        assert_eq!(left, [false, true, true], "{}", opened.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_go_when_they_ended_or_ran_out_long_ago() {
    for opened in engines::both().await {
        let staff = Subject::Staff(StaffId::new(noon(), fresh()));
        let row = |expires_at| SessionRow {
            id: SessionId::new(noon(), fresh()),
            subject: staff,
            carrier: sessions::Carrier::Cookie,
            csrf: "value".to_owned(),
            browser: "Firefox".to_owned(),
            created_at: noon(),
            last_seen_at: noon(),
            expires_at,
            proof: countersign_domain::factor::sign_in::Proof::Password,
            proven_at: noon(),
            password_proven_at: None,
            set_up: countersign_domain::factor::sign_in::SetUp::NotDue,
        };
        let (ended, over, alive) = (
            row(noon().plus(90 * DAY)),
            row(noon().plus(DAY)),
            row(noon().plus(90 * DAY)),
        );
        let kept = alive.id;
        write(&opened.store, async move |tx| {
            for (number, row) in [&ended, &over, &alive].into_iter().enumerate() {
                sessions::insert(tx, row, &[u8::try_from(number).unwrap(); 32]).await?;
            }
            sessions::end(tx, &staff, ended.id, noon()).await
        })
        .await;
        assert_eq!(forgotten(&opened.store, Kept::Sessions(noon())).await, 0);
        let gone = forgotten(&opened.store, Kept::Sessions(noon().plus(2 * DAY))).await;
        assert_eq!(gone, 2, "{}", opened.name);
        let left = opened
            .store
            .read::<_, StoreError, _>(async |tx| sessions::list(tx, &staff).await)
            .await
            .unwrap();
        let left: Vec<_> = left.iter().map(|session| session.id).collect();
        assert_eq!(left, [kept], "{}", opened.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_tries_of_agents_go_by_the_day() {
    for opened in engines::both().await {
        let (_, account, owner) = household(&opened.store).await;
        let staff = StaffId::new(noon(), fresh());
        write(&opened.store, async move |tx| {
            agent_tries::add(tx, staff, 100, HolderId::Account(account.id)).await?;
            agent_tries::add(tx, staff, 101, HolderId::Person(owner.id)).await
        })
        .await;
        let gone = forgotten(&opened.store, Kept::AgentTries(101)).await;
        assert_eq!(gone, 1, "{}", opened.name);
        let left = opened
            .store
            .read::<_, StoreError, _>(async |tx| agent_tries::spent(tx, staff, 101).await)
            .await
            .unwrap();
        let one = AgentTries {
            day: 1,
            week: 1,
            month: 1,
        };
        assert_eq!(left, one, "{}", opened.name);
    }
}

fn all_at(now: Timestamp) -> Lease {
    Lease {
        gateway: "main".to_owned(),
        now,
        until: now.plus(DAY),
        limit: 10,
        most_attempts: 3,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sent_messages_go_in_batches_and_what_waits_stays() {
    for opened in engines::both().await {
        let message = || MessageRow {
            id: MessageId::new(noon(), fresh()),
            brand: BrandId::new(noon(), fresh()),
            account: None,
            channel: "email".to_owned(),
            recipient: "dana@example.com".to_owned(),
            subject: None,
            body: "a text".to_owned(),
            sealed_body: None,
            useful_until: None,
            created_at: noon(),
            attempts: 0,
        };
        let (sent, failed, waiting) = (message(), message(), message());
        let kept = waiting.id;
        write(&opened.store, async move |tx| {
            for message in [&sent, &failed, &waiting] {
                messages::insert(tx, message).await?;
            }
            messages::route(tx, "main", Channel::Email, None).await?;
            messages::lease(tx, &all_at(noon())).await?;
            messages::accepted(tx, sent.id, 1, noon(), None, true).await?;
            messages::give_up(tx, failed.id, 1, noon(), DeliveryState::Failed, "no").await
        })
        .await;
        let before = Kept::Messages(noon().plus(DAY));
        for expected in [1, 1, 0] {
            let gone = write(&opened.store, async move |tx| forget(tx, before, 1).await).await;
            assert_eq!(gone, expected, "{}", opened.name);
        }
        let later = noon().plus(2 * DAY);
        let left = write(&opened.store, async move |tx| {
            messages::lease(tx, &all_at(later)).await
        })
        .await;
        let left: Vec<_> = left.iter().map(|leased| leased.message.id).collect();
        assert_eq!(left, [kept], "{}", opened.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn devices_go_with_their_tokens_and_short_lived_things_when_their_time_is_over() {
    for opened in engines::both().await {
        let staff = StaffId::new(noon(), fresh());
        let device = |number: u8, days: u32| DeviceRow {
            id: DeviceId::new(noon(), fresh()),
            subject: SubjectId::Staff(staff),
            browser: format!("browser {number}"),
            created_at: noon(),
            last_used_at: noon(),
            device: Device {
                generation: 1,
                expires_at: noon().plus(days * DAY),
                ended: false,
            },
        };
        let rows = [(1_u8, device(1, 1)), (2, device(2, 30))];
        write(&opened.store, async move |tx| {
            for (number, row) in &rows {
                devices::insert(tx, row, &[*number; 32]).await?;
            }
            let link = LinkRow {
                subject: Subject::Staff(staff),
                created_at: noon(),
                expires_at: noon().plus(DAY),
            };
            links::insert(tx, LinkPurpose::PasswordReset, &link, &[3; 32]).await
        })
        .await;
        let later = noon().plus(2 * DAY);
        assert_eq!(
            forgotten(&opened.store, Kept::Devices(later)).await,
            1,
            "{}",
            opened.name
        );
        assert_eq!(
            forgotten(&opened.store, Kept::ShortLived(later)).await,
            1,
            "{}",
            opened.name
        );
        let left = opened
            .store
            .read::<_, StoreError, _>(async |tx| {
                Ok((
                    devices::find_by_token(tx, &[1; 32]).await?.is_some(),
                    devices::find_by_token(tx, &[2; 32]).await?.is_some(),
                ))
            })
            .await
            .unwrap();
        assert_eq!(left, (false, true), "{}", opened.name);
    }
}
