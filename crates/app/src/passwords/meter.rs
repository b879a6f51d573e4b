//! Use case: how strong is what somebody types, before they send it (C8). Nothing of it is kept, logged or counted.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use countersign_domain::password::{BrokenRandomness, Rules, Surroundings, generate};
use countersign_domain::time::Timestamp;
use zeroize::Zeroizing;

use super::{Password, Verdict};
use crate::app::App;
use crate::error::{AppError, Cause};
use crate::sign_in::throttle::network;

/// Questions of one network within [`WINDOW`]. Someone who types and pauses asks every second.
const QUESTIONS: u32 = 120;
const WINDOW: Duration = Duration::from_secs(60);
/// Networks that are told apart; whoever comes when as many are known waits for the next window.
const MOST_NETWORKS: usize = 20_000;

/// How often each network asked in the present window. It only spares the processor, so it may forget all at a restart;
/// what decides about a sign-in is counted in the database.
#[derive(Default)]
pub(super) struct Questions(Mutex<Window>);

#[derive(Default)]
struct Window {
    since: Option<Timestamp>,
    asked: HashMap<String, u32>,
}

impl Questions {
    fn admit(&self, place: &str, now: Timestamp) -> Result<(), AppError> {
        let mut window = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let began = match window.since {
            Some(since) if now.since(since) < WINDOW => since,
            _ => {
                window.asked.clear();
                now
            }
        };
        window.since = Some(began);
        let full = window.asked.len() >= MOST_NETWORKS && !window.asked.contains_key(place);
        let asked = window.asked.get(place).copied().unwrap_or_default();
        if full || asked >= QUESTIONS {
            let left = WINDOW.saturating_sub(now.since(began)).as_secs();
            return Err(AppError::Throttled {
                retry_after_seconds: left.max(1),
            });
        }
        window.asked.insert(place.to_owned(), asked + 1);
        Ok(())
    }
}

/// What the rules say of what is being typed.
///
/// # Errors
/// [`AppError::Throttled`] for a network that asks too often.
pub async fn meter(
    app: &App,
    password: &Password,
    rules: Rules,
    around: &Surroundings,
    address: IpAddr,
) -> Result<Verdict, AppError> {
    app.passwords().questions.admit(&network(address), app.now())?;
    app.passwords().judge(password, rules, around).await
}

/// A password that nobody guesses, for whoever would rather not think of one.
///
/// # Errors
/// [`AppError::Unavailable`] when the system gives no randomness.
pub fn suggest(app: &App) -> Result<Zeroizing<String>, AppError> {
    let mut failure = None;
    let made = generate(&mut |bytes| {
        if let Err(error) = app.entropy().fill(bytes) {
            bytes.fill(u8::MAX);
            failure = Some(error);
        }
    });
    match (failure, made) {
        (Some(error), _) => Err(AppError::Unavailable(Cause::Entropy(error))),
        (None, Err(error @ BrokenRandomness)) => {
            Err(AppError::Unavailable(Cause::Entropy(error.to_string())))
        }
        (None, Ok(text)) => Ok(text),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{QUESTIONS, Questions};
    use countersign_domain::time::Timestamp;

    #[test]
    fn a_network_that_asks_too_often_waits_for_the_next_minute_and_others_do_not() {
        let questions = Questions::default();
        let noon = Timestamp::from_micros(1_000_000);
        for _ in 0..QUESTIONS {
            questions.admit("here", noon).unwrap();
        }
        questions.admit("here", noon).unwrap_err();
        questions.admit("there", noon).unwrap();
        questions
            .admit("here", noon.plus(Duration::from_secs(60)))
            .unwrap();
    }
}
