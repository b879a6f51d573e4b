use std::time::Duration;

use countersign_domain::audit::ActorRef;
use countersign_domain::conversation::{Assurance, Channel, Conversation, Direction, Proof, Stage};
use countersign_domain::ids::{BrandId, ConversationId, HolderId, StaffId};
use countersign_store::conversations::{self, ConversationRow};
use countersign_store::{Store, StoreError};

use crate::engines;
use crate::samples::{fresh, household, noon, write};

async fn opened_by(store: &Store, opened_by: ActorRef) -> ConversationRow {
    let (brand, account, owner) = household(store).await;
    let row = ConversationRow {
        conversation: Conversation {
            id: ConversationId::new(noon(), fresh()),
            brand: brand.id,
            account: account.id,
            person: Some(owner.id),
            channel: Channel::InPerson,
            direction: Direction::Inbound,
            opened_at: noon(),
            stage: Stage::Open {
                proof: None,
                code: None,
            },
        },
        subject: Some("an invoice".to_owned()),
        reference: None,
        opened_by,
        revision: 1,
    };
    let saved = row.clone();
    write(store, async move |tx| conversations::insert(tx, &saved).await).await;
    row
}

async fn find(store: &Store, brand: BrandId, id: ConversationId) -> Option<ConversationRow> {
    store
        .read::<_, StoreError, _>(async |tx| conversations::find(tx, brand, id).await)
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_reads_back_in_every_stage() {
    for opened in engines::both().await {
        let row = opened_by(&opened.store, ActorRef::System).await;
        let it = row.conversation.clone();
        let proof = Proof {
            assurance: Assurance::Pin,
            holder: HolderId::Account(it.account),
            pin_version: 3,
            at: noon(),
            until: noon().plus(Duration::from_secs(900)),
        };
        let (brand, id) = (it.brand, it.id);
        for stage in [
            Stage::Open {
                proof: Some(proof),
                code: None,
            },
            Stage::Open {
                proof: None,
                code: None,
            },
            Stage::Closed { at: noon() },
        ] {
            write(&opened.store, async move |tx| {
                let held = conversations::hold(tx, brand, id).await?.unwrap();
                conversations::save_stage(tx, &held, stage).await
            })
            .await;
            let found = find(&opened.store, brand, id).await.unwrap();
            assert_eq!(
                found.conversation,
                Conversation { stage, ..it.clone() },
                "{}",
                opened.name
            );
            assert_eq!((found.subject, found.reference), (row.subject.clone(), None));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stale_stage_is_refused_and_another_brand_finds_nothing() {
    for opened in engines::both().await {
        let row = opened_by(&opened.store, ActorRef::System).await;
        let (brand, id) = (row.conversation.brand, row.conversation.id);
        write(&opened.store, async move |tx| {
            conversations::hold(tx, brand, id).await
        })
        .await;
        let refused = opened
            .store
            .write::<_, StoreError, _>(async move |tx| {
                conversations::save_stage(tx, &row, Stage::Closed { at: noon() }).await
            })
            .await;
        assert!(matches!(refused, Err(StoreError::Stale(_))), "{}", opened.name);
        assert!(
            find(&opened.store, BrandId::new(noon(), fresh()), id)
                .await
                .is_none(),
            "{}",
            opened.name
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_sees_the_conversations_that_they_have_open() {
    for opened in engines::both().await {
        let agent = StaffId::new(noon(), fresh());
        let row = opened_by(&opened.store, ActorRef::Staff(agent)).await;
        let (brand, id) = (row.conversation.brand, row.conversation.id);
        let mine = async || {
            opened
                .store
                .read::<_, StoreError, _>(async |tx| conversations::list_open_of_staff(tx, agent, 5).await)
                .await
                .unwrap()
                .len()
        };
        assert_eq!(mine().await, 1, "{}", opened.name);
        write(&opened.store, async move |tx| {
            let held = conversations::hold(tx, brand, id).await?.unwrap();
            conversations::save_stage(tx, &held, Stage::Closed { at: noon() }).await
        })
        .await;
        assert_eq!(mine().await, 0, "{}", opened.name);
    }
}
