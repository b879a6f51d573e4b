//! Puts a new PIN into a holder's row: its digest, its sealed copy where the holder may see it, fresh counts.

use countersign_domain::judge::Counters;
use countersign_domain::pin::{self, Digits};
use countersign_domain::time::Timestamp;
use countersign_store::pins::PinRow;
use countersign_vault::Place;

use crate::app::App;
use crate::directory::BrandEntry;
use crate::error::{AppError, Cause};

/// Makes digits that keep the brand's shape, each as likely as any other.
pub(crate) fn generate(app: &App, brand: &BrandEntry) -> Result<Digits, AppError> {
    let mut failure = None;
    let made = pin::generate(&brand.policy.pin_rules(), &mut |bytes| {
        if let Err(error) = app.entropy().fill(bytes) {
            failure = Some(error);
        }
    });
    match failure {
        Some(error) => Err(AppError::Unavailable(Cause::Entropy(error))),
        None => made.map_err(|_| AppError::Unavailable(Cause::Entropy("it repeats itself".to_owned()))),
    }
}

/// Puts `digits` into `row` as the next version of its PIN.
pub(crate) fn put(
    app: &App,
    brand: &BrandEntry,
    row: &mut PinRow,
    digits: &Digits,
    chosen: bool,
    now: Timestamp,
) -> Result<(), AppError> {
    row.pin_version = row.pin_version.saturating_add(1);
    let mac = app
        .vault()
        .pin_mac(row.brand, row.holder, row.pin_version, digits)?;
    row.mac = *mac.bytes();
    row.mac_key = mac.key_id();
    row.sealed = if brand.policy.support_pin.visible {
        let holder = row.holder.to_string();
        let place = place(row, &holder);
        Some(
            app.vault()
                .seal_digits(&place, app.entropy().bytes()?, digits)?
                .to_bytes(),
        )
    } else {
        None
    };
    row.chosen = chosen;
    row.changed_at = now;
    row.counters = Counters::renewed(now);
    row.locked_by = None;
    Ok(())
}

/// Has the holder's PIN replaced by someone else's wish. Where the holder will never be shown a PIN, they are left without
/// one, to choose it themselves: a PIN that nobody knows would help nobody.
pub(crate) fn replace(
    app: &App,
    brand: &BrandEntry,
    row: &mut PinRow,
    now: Timestamp,
) -> Result<(), AppError> {
    let policy = &brand.policy.support_pin;
    if policy.visible {
        let digits = generate(app, brand)?;
        return put(app, brand, row, &digits, false, now);
    }
    if !policy.chosen_by_holder {
        return Err(AppError::PolicyRefuses(
            "this brand neither shows a PIN nor lets its holder choose one: nobody could ever learn a new one",
        ));
    }
    row.pin_version = row.pin_version.saturating_add(1);
    row.mac = [0; 32];
    row.mac_key = app.vault().active_key_id();
    row.sealed = None;
    row.chosen = false;
    row.changed_at = now;
    row.counters = Counters::none(now);
    row.locked_by = None;
    Ok(())
}

/// Where a sealed PIN stands; opening it anywhere else fails.
pub(crate) const fn place<'a>(row: &PinRow, holder: &'a str) -> Place<'a> {
    Place {
        brand: Some(row.brand),
        row: holder,
        field: "support_pin",
        version: row.pin_version,
    }
}
