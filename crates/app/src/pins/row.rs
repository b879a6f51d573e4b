//! A holder's row in hand: proven before it is believed, and proven again before it is saved.

use countersign_domain::audit::{self, Channel, EventDraft};
use countersign_domain::ids::{AccountId, BrandId, EventId, HolderId};
use countersign_domain::judge::{Counters, PinState};
use countersign_domain::time::Timestamp;
use countersign_store::pins::{self, PinRow};
use countersign_store::{Tx, audit as evidence};
use countersign_vault::{Mac, RowName, Vault, VaultError};

use crate::error::AppError;

/// The row of a holder without a PIN and without a past.
pub(crate) fn empty(
    vault: &Vault,
    brand: BrandId,
    account: AccountId,
    holder: HolderId,
    now: Timestamp,
) -> Result<PinRow, AppError> {
    let mut row = PinRow {
        account,
        holder,
        brand,
        counters: Counters::none(now),
        mac: [0; 32],
        mac_key: vault.active_key_id(),
        sealed: None,
        pin_version: 0,
        chosen: false,
        changed_at: now,
        locked_by: None,
        revision: 1,
        head: audit::Head::EMPTY,
        last_event: None,
        row_mac: [0; 32],
        row_key: 0,
    };
    prove(vault, &mut row)?;
    Ok(row)
}

/// Whether the row is as this server wrote it. A proof or a PIN under a key that the keyring does not hold proves nothing.
pub(crate) fn is_proven(vault: &Vault, row: &PinRow) -> Result<bool, AppError> {
    let stored = Mac::from_parts(row.row_key, row.row_mac);
    let holder = row.holder.to_string();
    let ours = match vault.row_is_ours(name(row.brand, &holder), &[&bytes(row)], &stored) {
        Ok(ours) => ours,
        Err(VaultError::UnknownKey { .. }) => false,
        Err(error) => return Err(error.into()),
    };
    let has_pin = row.counters.state != PinState::None;
    let can_be_checked = !has_pin || vault.keyring().keys().any(|(id, _)| id == row.mac_key);
    Ok(ours && can_be_checked)
}

/// Gives the row its next revision, and its proof over everything else in it.
pub(crate) fn renew(vault: &Vault, row: &mut PinRow) -> Result<(), AppError> {
    row.revision = row.revision.saturating_add(1);
    prove(vault, row)
}

/// Gives the row its proof, over everything else in it.
pub(crate) fn prove(vault: &Vault, row: &mut PinRow) -> Result<(), AppError> {
    let holder = row.holder.to_string();
    let mac = vault.row_mac(name(row.brand, &holder), &[&bytes(row)])?;
    row.row_key = mac.key_id();
    row.row_mac = *mac.bytes();
    Ok(())
}

/// Adds an event to the holder's chain: the evidence is saved now, the new head with the row. Along the chain ids only
/// rise, whichever node's clock made them: pages of an account's events begin where the one before ended, by id.
pub(crate) async fn record(tx: &mut Tx, row: &mut PinRow, mut draft: EventDraft) -> Result<(), AppError> {
    if let Some(last) = row.last_event {
        draft.id = draft.id.behind(last);
    }
    let (event, head) = audit::append(row.head, draft);
    row.head = head;
    let previous = row.last_event.replace(event.id);
    evidence::insert(tx, &event, head, previous).await?;
    Ok(())
}

/// Renews and saves the row.
pub(crate) async fn save(vault: &Vault, tx: &mut Tx, row: &mut PinRow) -> Result<(), AppError> {
    renew(vault, row)?;
    pins::save(tx, row).await?;
    Ok(())
}

const fn name(brand: BrandId, holder: &str) -> RowName<'_> {
    RowName {
        brand,
        table: "pins",
        row: holder,
    }
}

/// Everything that the proof covers, each part of fixed width or behind its length.
fn bytes(row: &PinRow) -> Vec<u8> {
    let counters = &row.counters;
    let mut out = Vec::with_capacity(320);
    out.extend_from_slice(counters.state.name().as_bytes());
    out.push(0);
    for count in [
        counters.tries,
        counters.machine_tries,
        counters.window_tries,
        counters.unlocks,
        row.mac_key,
    ] {
        out.extend_from_slice(&count.to_be_bytes());
    }
    let locked_at = counters.locked_at.map_or(i64::MIN, Timestamp::micros);
    let moments = [
        counters.window_since.micros(),
        counters.unlocks_since.micros(),
        locked_at,
        row.changed_at.micros(),
    ];
    for moment in moments {
        out.extend_from_slice(&moment.to_be_bytes());
    }
    for number in [
        row.pin_version,
        row.revision,
        row.head.sequence,
        u64::from(row.chosen),
    ] {
        out.extend_from_slice(&number.to_be_bytes());
    }
    out.extend_from_slice(&row.mac);
    out.extend_from_slice(&row.head.hash);
    out.extend_from_slice(&row.last_event.map_or(0, EventId::as_u128).to_be_bytes());
    out.extend_from_slice(row.locked_by.map_or("", Channel::as_str).as_bytes());
    out.push(0);
    out.extend_from_slice(row.sealed.as_deref().unwrap_or_default());
    out
}
