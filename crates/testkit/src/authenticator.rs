//! Second factors in tests: an authenticator that shows codes by the test's clock, and a confirmed mobile number.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use countersign_app::second_factor::{PaperCodes, enrol};
use countersign_app::sign_in::Subject;
use countersign_domain::factor::TotpSecret;
use countersign_domain::pin::Digits;

use crate::{TestBrand, TestClock, TestPerson, TestStaff};

/// An authenticator that is set up for somebody, and their codes on paper.
pub struct Authenticator {
    secret: TotpSecret,
    clock: Arc<TestClock>,
    /// The latest step whose code was handed out: no code counts twice.
    shown: AtomicI64,
    /// The codes on paper.
    pub codes: PaperCodes,
}

impl Authenticator {
    /// The six digits that it shows now. The next ones come after 30 seconds of the test's clock.
    pub fn code(&self) -> String {
        self.code_in(0)
    }

    /// The six digits that one shows whose clock is so many seconds ahead; behind when negative.
    pub fn code_in(&self, seconds: i64) -> String {
        let at = self.clock.set_at().micros() + seconds * 1_000_000;
        let code = self
            .secret
            .code_at(countersign_domain::time::Timestamp::from_micros(at));
        code.expect("six digits").expose().to_owned()
    }

    /// A code that was not handed out by this before. The server takes those of half a minute before and after, too: three
    /// sign-ins go by at one moment of the test's clock.
    pub fn next_code(&self) -> String {
        let now = self.clock.set_at().micros().div_euclid(30_000_000);
        let step = self.shown.fetch_max(now - 2, Ordering::Relaxed).max(now - 2) + 1;
        assert!(
            step <= now + 1,
            "let the test's clock go on: every code of this moment is used"
        );
        self.shown.store(step, Ordering::Relaxed);
        self.code_in((step - now) * 30)
    }

    /// As [`Authenticator::code`], parsed.
    pub fn digits(&self) -> Digits {
        Digits::parse(&self.code()).expect("six digits")
    }

    /// Six digits that it shows at no moment near.
    pub fn wrong_digits(&self) -> Digits {
        let shown: Vec<_> = (-12..=12).map(|step| self.code_in(step * 30)).collect();
        let wrong = (0..1_000_000)
            .map(|number| format!("{number:06}"))
            .find(|code| !shown.contains(code));
        Digits::parse(&wrong.expect("a code that is not shown")).expect("six digits")
    }
}

impl TestBrand<'_> {
    /// A person as whoever signs in.
    pub fn subject(&self, person: &TestPerson) -> Subject {
        Subject::Person {
            person: person.id,
            account: person.account.id,
            brand: self.entry.brand.id,
        }
    }

    /// Sets up an authenticator for a person.
    pub async fn authenticator(&self, person: &TestPerson) -> Authenticator {
        self.authenticator_of(self.subject(person)).await
    }

    /// Sets up an authenticator for a member of staff.
    pub async fn staff_authenticator(&self, member: &TestStaff) -> Authenticator {
        self.authenticator_of(Subject::Staff(member.id)).await
    }

    async fn authenticator_of(&self, subject: Subject) -> Authenticator {
        let entropy: &dyn countersign_app::clock::Entropy = self.test.app.entropy();
        let bytes: [u8; 20] = entropy.bytes().expect("seeded randomness");
        let codes = enrol::put_in_force(
            &self.test.app,
            &self.system(),
            subject,
            TotpSecret::from_bytes(bytes),
        )
        .await
        .expect("the authenticator is set up");
        Authenticator {
            secret: TotpSecret::from_bytes(bytes),
            clock: self.test.clock.clone(),
            shown: AtomicI64::new(i64::MIN),
            codes,
        }
    }

    /// Notes that a person confirmed the mobile number on record, so that codes may go there.
    pub async fn confirm_phone(&self, person: &TestPerson) {
        countersign_app::people::phone::confirm_on_record(
            &self.test.app,
            &self.system(),
            person.account.id,
            person.id,
        )
        .await
        .expect("the number is confirmed");
    }
}
