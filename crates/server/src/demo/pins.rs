//! The PINs of the demo, as their holders know them.

use std::sync::Arc;

use anyhow::Context as _;
use countersign_app::directory::BrandEntry;
use countersign_app::pins::PinOf;
use countersign_app::pins::change::{NewPin, change};
use countersign_app::pins::reveal::reveal;
use countersign_app::pins::state::standing;
use countersign_app::{App, Caller};
use countersign_domain::access::Actor;
use countersign_domain::account::AccountNumber;
use countersign_domain::audit::Channel;
use countersign_domain::brand::Slug;
use countersign_domain::ids::{AccountId, PersonId};
use countersign_domain::judge::PinState;
use countersign_domain::person::Role;
use countersign_domain::pin::{self, Digits};
use countersign_domain::policy::HeldBy;

use super::document::Document;
use crate::opening::explained;

/// Writes into the document of a demo that ran before what its PINs are now. A PIN that was changed where the brand shows
/// none is nobody's to know, and is left out.
pub(super) async fn bring_up_to_date(app: &App, document: &mut Document) -> anyhow::Result<()> {
    let as_of = document.pins_as_of;
    document.pins_as_of = app.now().micros();
    for brand in &mut document.brands {
        let entry = app
            .directory()
            .current()
            .brand_by_slug(&Slug::parse(&brand.slug)?)
            .context("a brand of demo.json is not in the database")?;
        let system = Caller::system(entry.clone(), Channel::CommandLine);
        for account in &mut brand.accounts {
            let number = AccountNumber::parse(&account.account_number)?;
            let id = countersign_app::accounts::read::read(app, &system, &number)
                .await
                .map_err(explained)?
                .account
                .id;
            for person in &mut account.people {
                let holder = Holder {
                    app,
                    brand: &entry,
                    account: id,
                    person: person.id.parse()?,
                };
                match entry.policy.support_pin.held_by {
                    HeldBy::Person => {
                        let pin_of = PinOf::Person(number.clone(), holder.person);
                        holder.look_again(&pin_of, as_of, &mut person.support_pin).await?;
                    }
                    HeldBy::Account if person.role == Role::Owner.name() => {
                        let pin_of = PinOf::Account(number.clone());
                        holder
                            .look_again(&pin_of, as_of, &mut account.support_pin)
                            .await?;
                    }
                    HeldBy::Account | HeldBy::Nobody => {}
                }
            }
        }
    }
    Ok(())
}

/// Somebody on an account, for whom the demo acts.
pub(super) struct Holder<'a> {
    pub(super) app: &'a App,
    pub(super) brand: &'a Arc<BrandEntry>,
    pub(super) account: AccountId,
    pub(super) person: PersonId,
}

impl Holder<'_> {
    fn caller(&self) -> Caller {
        // As an owner even for a contact, who has no page to look at: the demo has to write it down somewhere.
        Caller {
            actor: Actor::Person {
                id: self.person,
                account: self.account,
                role: Role::Owner,
            },
            ..Caller::system(self.brand.clone(), Channel::CommandLine)
        }
    }

    /// Looks at a PIN again, if it was changed since. Only then, because looking at it is recorded.
    async fn look_again(&self, pin_of: &PinOf, as_of: i64, known: &mut Option<String>) -> anyhow::Result<()> {
        let caller = self.caller();
        let now = standing(self.app, &caller, pin_of).await.map_err(explained)?;
        if now.changed_at.micros() <= as_of {
            return Ok(());
        }
        *known = if now.state != PinState::None && now.can_be_shown {
            let digits = reveal(self.app, &caller, pin_of).await.map_err(explained)?;
            Some(digits.expose().to_owned())
        } else {
            None
        };
        Ok(())
    }

    /// Learns the digits of a PIN as its holder would: by looking at it, or else by choosing it.
    pub(super) async fn learn(&self, pin_of: &PinOf) -> anyhow::Result<Option<String>> {
        let pin = &self.brand.policy.support_pin;
        let caller = self.caller();
        if pin.visible && pin.made_at_creation {
            let digits = reveal(self.app, &caller, pin_of).await.map_err(explained)?;
            return Ok(Some(digits.expose().to_owned()));
        }
        if pin.chosen_by_holder {
            let digits = self.draw()?;
            let text = digits.expose().to_owned();
            change(self.app, &caller, pin_of, NewPin::Chosen(digits), None)
                .await
                .map_err(explained)?;
            return Ok(Some(text));
        }
        Ok(None)
    }

    fn draw(&self) -> anyhow::Result<Digits> {
        let mut failure = None;
        let digits = pin::generate(&self.brand.policy.pin_rules(), &mut |bytes| {
            if let Err(error) = self.app.entropy().fill(bytes) {
                failure = Some(error);
            }
        })?;
        match failure {
            Some(error) => Err(anyhow::anyhow!("no randomness: {error}")),
            None => Ok(digits),
        }
    }
}
