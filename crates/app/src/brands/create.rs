//! Use case: a brand is created, with its policy and its stand-ins for accounts that do not exist.

use countersign_domain::audit::{Action, ActorRef, Chain, Channel, Detail, EventDraft, Outcome, Subject};
use countersign_domain::brand::{Brand, HostName, Slug};
use countersign_domain::contact::AccountName;
use countersign_domain::ids::{BrandId, HolderId};
use countersign_domain::judge::{Counters, PinState};
use countersign_domain::policy::Policy;
use countersign_store::{Tx, audit, directory, pins};

use crate::app::App;
use crate::directory::decoys_of;
use crate::error::AppError;
use crate::pins::row;

/// What is created.
#[derive(Clone, Debug)]
pub struct NewBrand {
    /// Its short name.
    pub slug: Slug,
    /// What customers call it.
    pub name: AccountName,
    /// Where its pages are; none on a server with one brand.
    pub host: Option<HostName>,
    /// The country for phone numbers that name none.
    pub default_region: Option<String>,
    /// Its policy, as TOML.
    pub policy_document: String,
}

/// Creates a brand. Only the command line does.
///
/// # Errors
/// [`AppError::Conflict`] when the slug or the host name is taken; [`AppError::Invalid`] naming the first wrong field of
/// the policy.
pub async fn create(app: &App, asked: NewBrand) -> Result<BrandId, AppError> {
    check_policy(&asked.policy_document)?;
    let (app_in, now) = (app.clone(), app.now());
    let brand = Brand {
        id: BrandId::new(now, app.entropy().bytes()?),
        slug: asked.slug,
        name: asked.name,
        host: asked.host,
        default_region: asked.default_region,
        created_at: now,
        version: 1,
    };
    let id = brand.id;
    app.store()
        .write::<_, AppError, _>(async move |tx: &mut Tx| {
            let app = &app_in;
            directory::insert_brand(tx, &brand, &asked.policy_document, "system")
                .await
                .map_err(AppError::conflict("the slug or the host name"))?;
            for decoy in decoys_of(&brand) {
                let mut stand_in = row::empty(app.vault(), brand.id, decoy, HolderId::Account(decoy), now)?;
                // Active, with a digest that no PIN has: it answers like a wrong PIN for ever.
                stand_in.counters = Counters {
                    state: PinState::Active,
                    ..Counters::none(now)
                };
                stand_in.mac = app.entropy().bytes()?;
                row::prove(app.vault(), &mut stand_in)?;
                pins::insert(tx, &stand_in).await?;
            }
            let draft = EventDraft {
                id: app.new_event_id(now)?,
                brand: brand.id,
                chain: Chain::Brand(brand.id),
                at: now,
                actor: ActorRef::System,
                action: Action::BrandCreated,
                subject: Subject::Brand(brand.id),
                conversation: None,
                channel: Some(Channel::CommandLine),
                outcome: Outcome::Done,
                detail: Detail::none(),
                request_id: None,
                policy_version: 1,
            };
            audit::append(tx, draft).await?;
            Ok(())
        })
        .await?;
    app.reload_directory().await?;
    Ok(id)
}

/// Refuses a policy that does not hold together, with its first problem.
pub(super) fn check_policy(document: &str) -> Result<(), AppError> {
    Policy::parse_toml(document).map(|_| ()).map_err(|problems| {
        let text = problems
            .iter()
            .map(|problem| format!("{}: {}", problem.field, problem.message))
            .collect::<Vec<_>>()
            .join("; ");
        AppError::invalid("policy", text)
    })
}
