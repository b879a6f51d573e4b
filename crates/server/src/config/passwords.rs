//! `[passwords]`: what hashing one costs (Argon2id).

use std::num::NonZero;

use countersign_app::passwords::Cost;
use serde::Deserialize;

use super::Checking;

/// The least work that OWASP's password storage cheat sheet accepts: memory in KiB times passes.
const LEAST_WORK: u64 = 7_168 * 5;
const LEAST_MEMORY_KIB: u32 = 7_168;
const MOST_MEMORY_KIB: u32 = 1_048_576;
const MOST_PASSES: u32 = 20;

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Written {
    memory_kib: Option<u32>,
    passes: Option<u32>,
    at_once: Option<usize>,
}

/// What hashing a password costs.
#[derive(Clone, Copy)]
pub(crate) struct Passwords {
    /// Memory and passes.
    pub(crate) cost: Cost,
    /// How many are hashed at once: the memory of a hundred sign-ins must not be taken at a time.
    pub(crate) at_once: usize,
}

impl Default for Passwords {
    fn default() -> Self {
        Self {
            cost: Cost::STANDARD,
            at_once: std::thread::available_parallelism().map_or(1, NonZero::get),
        }
    }
}

impl Written {
    pub(super) fn check(self, checking: &mut Checking) -> Passwords {
        let usual = Passwords::default();
        let cost = Cost {
            memory_kib: self.memory_kib.unwrap_or(usual.cost.memory_kib),
            passes: self.passes.unwrap_or(usual.cost.passes),
        };
        let at_once = self.at_once.unwrap_or(usual.at_once);
        if !(LEAST_MEMORY_KIB..=MOST_MEMORY_KIB).contains(&cost.memory_kib) {
            checking.wrong(
                "passwords.memory_kib",
                format!(
                    "{} is not from {LEAST_MEMORY_KIB} to {MOST_MEMORY_KIB}",
                    cost.memory_kib
                ),
            );
        }
        if !(1..=MOST_PASSES).contains(&cost.passes) {
            checking.wrong(
                "passwords.passes",
                format!("{} is not from 1 to {MOST_PASSES}", cost.passes),
            );
        } else if u64::from(cost.memory_kib) * u64::from(cost.passes) < LEAST_WORK {
            checking.wrong(
                "passwords.passes",
                format!("memory_kib times passes has to reach {LEAST_WORK}: 19456 and 2 do, 7168 and 5 too"),
            );
        }
        if !(1..=256).contains(&at_once) {
            checking.wrong("passwords.at_once", format!("{at_once} is not from 1 to 256"));
        }
        Passwords { cost, at_once }
    }
}
