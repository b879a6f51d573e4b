//! One-time PINs: one counts at a time, tries are counted below the limits, one caller spends a code.

use std::sync::Arc;
use std::time::Duration;

use countersign_domain::account::Account;
use countersign_domain::audit::ActorRef;
use countersign_domain::conversation::{Channel, CodeProof, Conversation, Direction, Stage};
use countersign_domain::delivery;
use countersign_domain::ids::{ConversationId, MessageId, OneTimePinId};
use countersign_domain::one_time_pin::OneTimePin;
use countersign_domain::person::Person;
use countersign_domain::time::Timestamp;
use countersign_store::conversations::{self, ConversationRow};
use countersign_store::messages::{self, MessageRow};
use countersign_store::one_time_pins::{self, OneTimePinRow};
use countersign_store::retention::{Kept, forget};
use countersign_store::second_factors::CodeMac;
use countersign_store::{Store, StoreError, clock_mark};
use tokio::sync::Barrier;

use crate::engines;
use crate::samples::{fresh, household, noon, write};

const AT_ONCE: u32 = 32;

fn later(seconds: u64) -> Timestamp {
    noon().plus(Duration::from_secs(seconds))
}

/// A code in this conversation, good for ten minutes, and the message that carries it.
async fn sent(
    store: &Store,
    account: &Account,
    person: &Person,
    conversation: ConversationId,
) -> OneTimePinRow {
    let (account_id, brand, to) = (account.id, account.brand, person.id);
    write(store, async move |tx| {
        let message = MessageRow {
            id: MessageId::new(noon(), fresh()),
            brand,
            account: Some(account_id),
            channel: "sms".to_owned(),
            recipient: "+12015550123".to_owned(),
            subject: None,
            body: String::new(),
            sealed_body: Some(vec![1, 2, 3]),
            useful_until: Some(later(600)),
            created_at: noon(),
            attempts: 0,
        };
        messages::insert(tx, &message).await?;
        one_time_pins::end_of_conversation(tx, conversation, noon()).await?;
        let row = OneTimePinRow {
            conversation,
            number: one_time_pins::next_number(tx, conversation).await?,
            id: OneTimePinId::new(noon(), fresh()),
            brand,
            account: account_id,
            person: to,
            channel: delivery::Channel::Sms,
            recipient: message.recipient.clone(),
            message: message.id,
            code: CodeMac { mac: [5; 32], key: 2 },
            pin: OneTimePin::sent(noon(), Duration::from_secs(600)),
        };
        one_time_pins::insert(tx, &row).await?;
        Ok(row)
    })
    .await
}

fn conversation() -> ConversationId {
    ConversationId::new(noon(), fresh())
}

async fn newest(store: &Store, conversation: ConversationId) -> OneTimePinRow {
    store
        .read::<_, StoreError, _>(async |tx| one_time_pins::newest(tx, conversation).await)
        .await
        .unwrap()
        .unwrap()
}

async fn message_state(store: &Store, id: MessageId) -> Option<String> {
    store
        .read::<_, StoreError, _>(async |tx| messages::find_fate(tx, id).await)
        .await
        .unwrap()
        .map(|fate| fate.state.name().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn e3_a_new_code_takes_the_place_of_the_last_one_which_is_not_sent_any_more() {
    for opened in engines::both().await {
        let (_, account, owner) = household(&opened.store).await;
        let talk = conversation();
        let first = sent(&opened.store, &account, &owner, talk).await;
        assert_eq!(newest(&opened.store, talk).await, first, "{}", opened.name);
        let second = sent(&opened.store, &account, &owner, talk).await;
        assert_eq!((first.number, second.number), (1, 2), "{}", opened.name);
        let all = opened
            .store
            .read::<_, StoreError, _>(async |tx| one_time_pins::list(tx, talk, 10).await)
            .await
            .unwrap();
        assert_eq!(all.first(), Some(&second), "{}", opened.name);
        assert_eq!(all[1].pin.ended_at, Some(noon()), "{}", opened.name);
        write(&opened.store, async |tx| messages::expire(tx, noon()).await).await;
        assert_eq!(
            message_state(&opened.store, first.message).await.as_deref(),
            Some("expired"),
            "{}",
            opened.name
        );
        assert_eq!(
            message_state(&opened.store, second.message).await.as_deref(),
            Some("queued"),
            "{}",
            opened.name
        );
        assert_eq!(
            message_state(&opened.store, MessageId::new(noon(), fresh())).await,
            None
        );
        let person = owner.id;
        write(&opened.store, async move |tx| {
            assert!(
                !one_time_pins::debit(tx, talk, 1, 3, noon()).await?,
                "it was replaced"
            );
            assert!(one_time_pins::debit(tx, talk, 2, 3, noon()).await?);
            assert!(
                !one_time_pins::debit(tx, talk, 2, 3, later(600)).await?,
                "too late"
            );
            assert_eq!(one_time_pins::end_of_person(tx, person, noon()).await?, 1);
            assert!(
                !one_time_pins::debit(tx, talk, 2, 3, noon()).await?,
                "the number changed"
            );
            Ok(())
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn e01_of_many_tries_at_once_no_more_than_the_limits_are_counted() {
    for opened in engines::both().await {
        let (_, account, owner) = household(&opened.store).await;
        let (talk, person) = (conversation(), owner.id);
        sent(&opened.store, &account, &owner, talk).await;
        let since = noon().minus(Duration::from_secs(86_400));
        let barrier = Arc::new(Barrier::new(AT_ONCE as usize));
        let mut tries = Vec::new();
        for _ in 0..AT_ONCE {
            let (store, barrier) = (opened.store.clone(), barrier.clone());
            tries.push(tokio::spawn(async move {
                barrier.wait().await;
                write(&store, async move |tx| {
                    let number = one_time_pins::take_person(tx, person).await?;
                    let of_person = one_time_pins::count_try(tx, person, number, since, 10, noon()).await?;
                    let of_code = one_time_pins::debit(tx, talk, 1, 3, noon()).await?;
                    Ok((of_person, of_code))
                })
                .await
            }));
        }
        let (mut of_person, mut of_code) = (0, 0);
        for one in tries {
            let (person, code) = one.await.unwrap();
            of_person += u32::from(person);
            of_code += u32::from(code);
        }
        assert_eq!((of_person, of_code), (10, 3), "{}", opened.name);
        let wrong = async |since| {
            opened
                .store
                .read::<_, StoreError, _>(async |tx| one_time_pins::wrong_tries(tx, person, since).await)
                .await
                .unwrap()
        };
        assert_eq!(wrong(since).await, 10, "{}", opened.name);
        assert_eq!(wrong(noon()).await, 0, "{}: a day later none counts", opened.name);
        // A day later there is room again, and a right try takes its own back.
        write(&opened.store, async move |tx| {
            let number = one_time_pins::take_person(tx, person).await?;
            assert!(one_time_pins::count_try(tx, person, number, noon(), 10, later(86_400)).await?);
            one_time_pins::uncount_try(tx, person, number).await
        })
        .await;
        assert_eq!(wrong(noon()).await, 0, "{}", opened.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn e44_of_many_who_say_the_right_code_at_once_one_spends_it() {
    for opened in engines::both().await {
        let (_, account, owner) = household(&opened.store).await;
        let talk = conversation();
        sent(&opened.store, &account, &owner, talk).await;
        let barrier = Arc::new(Barrier::new(AT_ONCE as usize));
        let mut callers = Vec::new();
        for _ in 0..AT_ONCE {
            let (store, barrier) = (opened.store.clone(), barrier.clone());
            callers.push(tokio::spawn(async move {
                barrier.wait().await;
                write(&store, async move |tx| {
                    Ok(one_time_pins::debit(tx, talk, 1, AT_ONCE, noon()).await?
                        && one_time_pins::matched(tx, talk, 1, Some(noon())).await?)
                })
                .await
            }));
        }
        let mut spent = 0;
        for caller in callers {
            spent += u32::from(caller.await.unwrap());
        }
        assert_eq!(spent, 1, "{}", opened.name);
        assert_eq!(
            newest(&opened.store, talk).await.pin.spent_at,
            Some(noon()),
            "{}",
            opened.name
        );
        // Where nothing spends it, it serves again, and its try comes back.
        let other = conversation();
        sent(&opened.store, &account, &owner, other).await;
        for _ in 0..4 {
            write(&opened.store, async move |tx| {
                assert!(one_time_pins::debit(tx, other, 1, 1, noon()).await?);
                assert!(one_time_pins::matched(tx, other, 1, None).await?);
                Ok(())
            })
            .await;
        }
        assert_eq!(newest(&opened.store, other).await.pin.tries, 0, "{}", opened.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn e54_sendings_wait_thirty_seconds_and_stop_at_their_limits_also_at_once() {
    for opened in engines::both().await {
        let (_, _, owner) = household(&opened.store).await;
        let person = owner.id;
        let last = async || {
            opened
                .store
                .read::<_, StoreError, _>(async |tx| one_time_pins::last_send(tx, person).await)
                .await
                .unwrap()
        };
        assert_eq!(last().await, None, "{}", opened.name);
        let barrier = Arc::new(Barrier::new(AT_ONCE as usize));
        let mut senders = Vec::new();
        for _ in 0..AT_ONCE {
            let (store, barrier) = (opened.store.clone(), barrier.clone());
            senders.push(tokio::spawn(async move {
                barrier.wait().await;
                write(&store, async move |tx| {
                    let soon = one_time_pins::note_send(tx, person, later(30), noon()).await?;
                    let within = one_time_pins::debit_send(tx, "brn_1", noon(), 5).await?;
                    Ok((soon, within))
                })
                .await
            }));
        }
        let (mut noted, mut counted) = (0, 0);
        for sender in senders {
            let (soon, within) = sender.await.unwrap();
            noted += u32::from(soon);
            counted += u32::from(within);
        }
        assert_eq!((noted, counted), (1, 5), "{}", opened.name);
        assert_eq!(last().await, Some(later(30)), "{}", opened.name);
        write(&opened.store, async move |tx| {
            assert!(!one_time_pins::note_send(tx, person, later(59), later(29)).await?);
            assert!(one_time_pins::note_send(tx, person, later(60), later(30)).await?);
            assert!(
                one_time_pins::debit_send(tx, "brn_1", later(3_600), 5).await?,
                "another span"
            );
            assert!(
                one_time_pins::debit_send(tx, "brn_2", noon(), 5).await?,
                "another owner"
            );
            Ok(())
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn e2_what_a_code_proved_reads_back_beside_nothing_else() {
    for opened in engines::both().await {
        let (brand, account, owner) = household(&opened.store).await;
        let row = ConversationRow {
            conversation: Conversation {
                id: conversation(),
                brand: brand.id,
                account: account.id,
                person: None,
                channel: Channel::Phone,
                direction: Direction::Inbound,
                opened_at: noon(),
                stage: Stage::Open {
                    proof: None,
                    code: Some(CodeProof {
                        person: owner.id,
                        number: 3,
                        at: noon(),
                        until: later(900),
                    }),
                },
            },
            subject: None,
            reference: None,
            opened_by: ActorRef::System,
            revision: 1,
        };
        let saved = row.clone();
        write(&opened.store, async move |tx| {
            conversations::insert(tx, &saved).await
        })
        .await;
        let id = row.conversation.id;
        let found = async || {
            opened
                .store
                .read::<_, StoreError, _>(async |tx| conversations::find(tx, brand.id, id).await)
                .await
                .unwrap()
                .unwrap()
        };
        assert_eq!(found().await.conversation, row.conversation, "{}", opened.name);
        let held = found().await;
        let none = Stage::Open {
            proof: None,
            code: None,
        };
        write(&opened.store, async move |tx| {
            conversations::save_stage(tx, &held, none).await
        })
        .await;
        assert_eq!(found().await.conversation.stage, none, "{}", opened.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn e41_what_a_clock_that_was_ahead_sent_ends_when_the_clock_is_put_right() {
    for opened in engines::both().await {
        let (_, account, owner) = household(&opened.store).await;
        let (talk, person) = (conversation(), owner.id);
        sent(&opened.store, &account, &owner, talk).await;
        let right = noon().minus(Duration::from_secs(86_400));
        write(&opened.store, async move |tx| {
            let number = one_time_pins::take_person(tx, person).await?;
            one_time_pins::count_try(tx, person, number, right, 10, noon()).await?;
            one_time_pins::note_send(tx, person, noon(), noon()).await?;
            one_time_pins::debit_send(tx, "brn_1", noon(), 1).await?;
            clock_mark::end_what_began_after(tx, right).await?;
            assert_eq!(
                one_time_pins::wrong_tries(tx, person, right.minus(Duration::from_secs(1))).await?,
                1,
                "wrong tries stay counted"
            );
            assert_eq!(one_time_pins::last_send(tx, person).await?, Some(right));
            assert!(one_time_pins::debit_send(tx, "brn_1", noon(), 1).await?);
            Ok(())
        })
        .await;
        assert_eq!(
            newest(&opened.store, talk).await.pin.ended_at,
            Some(right),
            "{}",
            opened.name
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_tries_and_counts_are_forgotten_a_batch_at_a_time() {
    for opened in engines::both().await {
        let (_, account, owner) = household(&opened.store).await;
        let (talk, person) = (conversation(), owner.id);
        sent(&opened.store, &account, &owner, talk).await;
        write(&opened.store, async move |tx| {
            let number = one_time_pins::take_person(tx, person).await?;
            one_time_pins::count_try(tx, person, number, noon(), 10, noon()).await?;
            one_time_pins::debit_send(tx, "brn_1", noon(), 1).await?;
            for (kept, gone) in [
                (Kept::OneTimePins(later(600)), 0),
                (Kept::OneTimePins(later(601)), 1),
                (Kept::OneTimePinTries(noon()), 0),
                (Kept::OneTimePinTries(later(1)), 1),
                (Kept::OneTimePinSends(noon()), 0),
                (Kept::OneTimePinSends(later(1)), 1),
            ] {
                assert_eq!(forget(tx, kept, 10).await?, gone, "{kept:?}");
            }
            Ok(())
        })
        .await;
    }
}
