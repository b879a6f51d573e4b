//! The one place that compares a code of the second factor, as `verification/judge.rs` is the one for PINs.
//!
//! In the caller's transaction: take the row, count the code, compare, use it up under its guard, take the count back when it
//! was right. The answer leaves the process only after the commit (T07, T08, T17, T18).

use countersign_domain::audit::{Action, Detail, DetailKey, Outcome};
use countersign_domain::factor::backup_codes::PaperCode;
use countersign_domain::factor::sign_in::{MOST_RECOVERY_CODES, WRONG_CODES_TO_CLOSE};
use countersign_domain::factor::{BackupCode, Factors, Method, RecoveryCode, TotpAnswer, TotpSecret};
use countersign_domain::pin::Digits;
use countersign_domain::time::Timestamp;
use countersign_store::half_open::HalfOpenRow;
use countersign_store::phones::WaitingPhone;
use countersign_store::second_factors::{self, CodeMac, SecondFactorRow};
use countersign_store::{Tx, half_open};
use countersign_vault::{CodePurpose, Mac, Sealed};

use super::notice::{self, Notice};
use super::state::place;
use super::visitor::Visitor;
use crate::app::App;
use crate::error::{AppError, Cause};
use crate::passkeys::WrongPasskey;

/// What somebody answers when the second factor is asked for. It cannot be printed.
pub enum Answer {
    /// The six digits of the authenticator.
    Totp(Digits),
    /// The six digits that came by SMS.
    Sms(Digits),
    /// A backup code.
    Backup(BackupCode),
    /// The recovery code.
    Recovery(RecoveryCode),
}

impl Answer {
    /// By which method it answers.
    #[must_use]
    pub const fn method(&self) -> Method {
        match self {
            Self::Totp(_) => Method::Totp,
            Self::Sms(_) => Method::Sms,
            Self::Backup(_) => Method::BackupCode,
            Self::Recovery(_) => Method::RecoveryCode,
        }
    }
}

impl From<PaperCode> for Answer {
    fn from(code: PaperCode) -> Self {
        match code {
            PaperCode::Backup(code) => Self::Backup(code),
            PaperCode::Recovery(code) => Self::Recovery(code),
        }
    }
}

/// Why a code does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WrongCode {
    /// It is wrong. Where it would have been right at another moment nearby: by how many seconds the phone's clock is ahead
    /// (C6).
    Wrong {
        /// Seconds ahead; behind when negative. Before there is a session only the latter is told.
        drift_seconds: Option<i64>,
    },
    /// It was right once and was used already: wait for the next one.
    AlreadyUsed,
    /// Too many wrong codes closed the second factor: only a passkey, the recovery code or support helps.
    Closed,
    /// This method is not open to them.
    NotOpen,
    /// No more codes by SMS are checked in this sign-in, or there is none in time.
    NoSmsCode,
    /// A passkey was used, and does not count.
    Passkey(WrongPasskey),
}

/// One code, and what it is for.
pub(crate) struct Ask<'a> {
    /// Whose factor.
    pub(crate) visitor: &'a Visitor,
    /// Their row, taken in this transaction.
    pub(crate) row: &'a SecondFactorRow,
    /// Their factors.
    pub(crate) factors: &'a Factors,
    /// What was answered.
    pub(crate) answer: &'a Answer,
    /// The half-open sign-in and the digest of its token; none where somebody signed in proves themselves again.
    pub(crate) half_open: Option<(&'a HalfOpenRow, &'a [u8; 32])>,
    /// When.
    pub(crate) now: Timestamp,
}

/// Judges a code, records it, and closes the factor where it was one wrong code too many.
pub(crate) async fn judge(app: &App, tx: &mut Tx, ask: &Ask<'_>) -> Result<Result<(), WrongCode>, AppError> {
    let mut verdict = compare(app, tx, ask).await?;
    if let (Err(WrongCode::Wrong { drift_seconds }), Some(_)) = (&mut verdict, ask.half_open) {
        // Before there is a session, a code that will be good later is told from a wrong one to nobody: it would be a guess
        // that is confirmed ahead of its time.
        *drift_seconds = drift_seconds.filter(|seconds| *seconds < 0);
    }
    let outcome = match verdict {
        Ok(()) => Outcome::Verified,
        Err(WrongCode::Wrong { .. }) => Outcome::Denied,
        Err(WrongCode::AlreadyUsed) => Outcome::Expired,
        Err(WrongCode::Closed) => Outcome::Locked,
        Err(WrongCode::NotOpen | WrongCode::NoSmsCode | WrongCode::Passkey(_)) => Outcome::Unavailable,
    };
    let detail = Detail::none().with(DetailKey::Method, ask.answer.method().name());
    ask.visitor
        .record(app, tx, (Action::SecondFactorJudged, outcome), detail, ask.now)
        .await?;
    if matches!(verdict, Err(WrongCode::Wrong { .. })) {
        if let Some((_, token_hash)) = ask.half_open {
            // Only what was taken from the count is given back when the sign-in succeeds.
            if matches!(ask.answer, Answer::Recovery(_)) {
                if half_open::note_wrong_recovery(tx, token_hash).await? >= MOST_RECOVERY_CODES {
                    half_open::end(tx, token_hash, ask.now).await?;
                }
            } else {
                half_open::note_wrong(tx, token_hash).await?;
            }
        }
        close_at_the_limit(app, tx, ask).await?;
    }
    Ok(verdict)
}

async fn compare(app: &App, tx: &mut Tx, ask: &Ask<'_>) -> Result<Result<(), WrongCode>, AppError> {
    let (subject, method) = (ask.row.subject, ask.answer.method());
    if !ask.factors.allows(method) {
        let closed = ask.factors.any() && ask.factors.closed_at.is_some();
        return Ok(Err(if closed {
            WrongCode::Closed
        } else {
            WrongCode::NotOpen
        }));
    }
    // 80 random bits need no count beyond the sign-in's own; and the recovery code must work where the count has closed
    // everything else.
    if let Answer::Recovery(code) = ask.answer {
        return recovery(app, tx, ask, code).await;
    }
    if let (Answer::Sms(_), Some((_, token_hash))) = (ask.answer, ask.half_open)
        && !half_open::debit_sms_check(tx, token_hash, ask.now).await?
    {
        return Ok(Err(WrongCode::NoSmsCode));
    }
    if !second_factors::debit(tx, subject, WRONG_CODES_TO_CLOSE).await? {
        return Ok(Err(WrongCode::Closed));
    }
    let verdict = match ask.answer {
        Answer::Totp(code) => totp(app, tx, ask, code).await?,
        Answer::Sms(code) => sms(app, ask, code)?,
        Answer::Backup(code) => backup(app, tx, ask, code).await?,
        Answer::Recovery(_) => Err(WrongCode::NotOpen),
    };
    // A code that was right before is no guess either.
    if matches!(verdict, Ok(()) | Err(WrongCode::AlreadyUsed)) {
        second_factors::give_back(tx, subject, 1).await?;
    }
    Ok(verdict)
}

async fn totp(
    app: &App,
    tx: &mut Tx,
    ask: &Ask<'_>,
    code: &Digits,
) -> Result<Result<(), WrongCode>, AppError> {
    let Some(totp) = &ask.row.totp else {
        return Ok(Err(WrongCode::NotOpen));
    };
    let secret = open(app, ask.visitor, &totp.sealed, totp.version)?;
    Ok(match secret.check_code(code, ask.now, Some(totp.last_step)) {
        TotpAnswer::Accepted { step } => {
            if second_factors::accept_step(tx, ask.row.subject, totp.version, step).await? {
                Ok(())
            } else {
                Err(WrongCode::AlreadyUsed)
            }
        }
        TotpAnswer::AlreadyUsed => Err(WrongCode::AlreadyUsed),
        TotpAnswer::Wrong { drift_seconds } => Err(WrongCode::Wrong { drift_seconds }),
    })
}

/// Looks at the code of an authenticator that waits for its first one: it has no step before it.
pub(crate) fn check_waiting(
    app: &App,
    visitor: &Visitor,
    row: &SecondFactorRow,
    code: &Digits,
    now: Timestamp,
) -> Result<TotpAnswer, AppError> {
    let Some(waiting) = &row.pending else {
        return Ok(TotpAnswer::Wrong { drift_seconds: None });
    };
    let secret = open(app, visitor, &waiting.sealed, row.totp_version + 1)?;
    Ok(secret.check_code(code, now, None))
}

/// Opens the secret of an authenticator.
pub(crate) fn open(
    app: &App,
    visitor: &Visitor,
    sealed: &[u8],
    version: u64,
) -> Result<TotpSecret, AppError> {
    let id = visitor.id().to_string();
    let opened = app
        .vault()
        .open(&place(visitor, &id, version), &Sealed::from_bytes(sealed)?)?;
    TotpSecret::from_slice(opened.expose()).ok_or_else(|| {
        AppError::Unavailable(Cause::Corrupt(
            "the secret of an authenticator has another length".to_owned(),
        ))
    })
}

fn sms(app: &App, ask: &Ask<'_>, code: &Digits) -> Result<Result<(), WrongCode>, AppError> {
    let Some((half, _)) = ask.half_open else {
        return Ok(Err(WrongCode::NotOpen));
    };
    let Some(stored) = half.sms_code else {
        return Ok(Err(WrongCode::NoSmsCode));
    };
    let (_, brand) = half.subject.home();
    let matches = app.judge_key().matches_code(
        brand,
        CodePurpose::SignInCode,
        &half.id,
        u64::from(half.state.sms_sends),
        &mac(stored),
        code.expose().as_bytes(),
    )?;
    // It is used up with the sign-in, which ends for exactly one caller.
    Ok(if matches {
        Ok(())
    } else {
        Err(WrongCode::Wrong { drift_seconds: None })
    })
}

async fn backup(
    app: &App,
    tx: &mut Tx,
    ask: &Ask<'_>,
    code: &BackupCode,
) -> Result<Result<(), WrongCode>, AppError> {
    let (subject, set) = (ask.row.subject, ask.row.code_set);
    let owner = subject.to_string();
    let mut found = None;
    // Each of them, also after a match: how long it takes tells nothing.
    for (number, stored) in second_factors::unused_backup_codes(tx, subject, set).await? {
        let matches = app.judge_key().matches_code(
            ask.row.brand,
            CodePurpose::BackupCode,
            &owner,
            set,
            &mac(stored),
            code.expose().as_bytes(),
        )?;
        if matches {
            found = Some(number);
        }
    }
    Ok(match found {
        Some(number) if second_factors::use_backup_code(tx, subject, set, number, ask.now).await? => Ok(()),
        Some(_) => Err(WrongCode::AlreadyUsed),
        None => Err(WrongCode::Wrong { drift_seconds: None }),
    })
}

async fn recovery(
    app: &App,
    tx: &mut Tx,
    ask: &Ask<'_>,
    code: &RecoveryCode,
) -> Result<Result<(), WrongCode>, AppError> {
    let (subject, set) = (ask.row.subject, ask.row.code_set);
    let Some(stored) = second_factors::unused_recovery_code(tx, subject, set).await? else {
        return Ok(Err(WrongCode::NotOpen));
    };
    let matches = app.judge_key().matches_code(
        ask.row.brand,
        CodePurpose::RecoveryCode,
        &subject.to_string(),
        set,
        &mac(stored),
        code.expose().as_bytes(),
    )?;
    if !matches {
        return Ok(Err(WrongCode::Wrong { drift_seconds: None }));
    }
    if !second_factors::use_recovery_code(tx, subject, set, ask.now).await? {
        return Ok(Err(WrongCode::AlreadyUsed));
    }
    second_factors::reopen(tx, subject).await?;
    Ok(Ok(()))
}

async fn close_at_the_limit(app: &App, tx: &mut Tx, ask: &Ask<'_>) -> Result<(), AppError> {
    if !second_factors::close(tx, ask.row.subject, WRONG_CODES_TO_CLOSE, ask.now).await? {
        return Ok(());
    }
    half_open::end_all(tx, ask.row.subject, ask.now).await?;
    let detail = Detail::none().with(DetailKey::Tries, WRONG_CODES_TO_CLOSE.to_string());
    ask.visitor
        .record(
            app,
            tx,
            (Action::SecondFactorClosed, Outcome::Done),
            detail,
            ask.now,
        )
        .await?;
    notice::enqueue(app, tx, ask.visitor, Notice::Closed, ask.now).await
}

/// Whether this is the code that was sent to a number that waits (C5). Its check was counted before.
pub(crate) fn phone_code_matches(app: &App, waiting: &WaitingPhone, code: &Digits) -> Result<bool, AppError> {
    Ok(app.judge_key().matches_code(
        waiting.brand,
        CodePurpose::PhoneCode,
        &waiting.person.to_string(),
        waiting.epoch,
        &mac(waiting.code),
        code.expose().as_bytes(),
    )?)
}

const fn mac(stored: CodeMac) -> Mac {
    Mac::from_parts(stored.key, stored.mac)
}
