//! What must be true of a policy beyond the kinds of its fields.

use std::collections::HashSet;
use std::fmt::Display;
use std::hash::Hash;
use std::ops::RangeInclusive;

use super::{HeldBy, Party, Policy, PolicyProblem};
use crate::contact::countries;
use crate::factor::device::MOST_DAYS;

/// Collects problems, so that each check is one line.
#[derive(Default)]
struct Findings(Vec<PolicyProblem>);

impl Findings {
    fn unless(&mut self, fine: bool, field: &str, message: impl FnOnce() -> String) {
        if !fine {
            self.0.push(PolicyProblem::new(field, message()));
        }
    }

    fn within<N: PartialOrd + Display + Copy>(
        &mut self,
        field: &str,
        value: N,
        range: RangeInclusive<N>,
        unit: &str,
    ) {
        let message = || {
            format!(
                "must be {} to {}{unit}, it is {value}",
                range.start(),
                range.end()
            )
        };
        self.unless(range.contains(&value), field, message);
    }

    fn once_each<T: Eq + Hash + Display>(&mut self, field: &str, list: &[T]) {
        let mut seen = HashSet::new();
        let twice = list.iter().find(|item| !seen.insert(*item));
        if let Some(item) = twice {
            self.unless(false, field, || format!("names {item} twice"));
        }
    }
}

impl Policy {
    /// Everything that is wrong with the policy, in the order of its fields; empty when it is sound.
    #[must_use]
    pub fn validate(&self) -> Vec<PolicyProblem> {
        let mut findings = Findings::default();
        self.check_title(&mut findings);
        self.check_support_pin(&mut findings);
        self.check_tries(&mut findings);
        self.check_budget(&mut findings);
        self.check_parties(&mut findings);
        self.check_conversation(&mut findings);
        self.check_one_time_pin(&mut findings);
        self.check_sign_in(&mut findings);
        self.check_reset(&mut findings);
        self.check_sessions(&mut findings);
        self.check_actions(&mut findings);
        findings.0
    }

    fn check_title(&self, findings: &mut Findings) {
        findings.unless(is_title(&self.title), "title", title_message);
    }

    fn check_support_pin(&self, findings: &mut Findings) {
        let pin = &self.support_pin;
        findings.within("support_pin.length", pin.length, 4..=12, " digits");
        let exists = pin.held_by != HeldBy::Nobody;
        findings.unless(
            exists || !pin.made_at_creation,
            "support_pin.made_at_creation",
            || "must be false when support_pin.held_by is nobody".to_owned(),
        );
        findings.unless(
            exists || !pin.chosen_by_holder,
            "support_pin.chosen_by_holder",
            || "must be false when support_pin.held_by is nobody".to_owned(),
        );
        findings.unless(exists || !pin.visible, "support_pin.visible", || {
            "must be false when support_pin.held_by is nobody".to_owned()
        });
        findings.unless(!exists || pin.chosen_by_holder || pin.visible, "support_pin.visible", || {
            "must be true when support_pin.chosen_by_holder is false: otherwise nobody could ever learn the PIN".to_owned()
        });
        // At 1 the rules would leave no repeated digit, or no neighbouring values at all; no brand means that.
        for (field, most) in [
            (
                "support_pin.rules.max_equal_in_a_row",
                pin.rules.max_equal_in_a_row,
            ),
            ("support_pin.rules.max_in_sequence", pin.rules.max_in_sequence),
        ] {
            findings.unless(most == 0 || (2..=12).contains(&most), field, || {
                format!("must be 0 (rule off) or 2 to 12, it is {most}")
            });
        }
    }

    fn check_tries(&self, findings: &mut Findings) {
        let tries = &self.tries;
        findings.within("tries.limit", tries.limit, 1..=10, "");
        findings.within("tries.machine_limit", tries.machine_limit, 1..=10, "");
        findings.unless(tries.machine_limit <= tries.limit, "tries.machine_limit", || {
            format!(
                "must not exceed tries.limit ({}), it is {}",
                tries.limit, tries.machine_limit
            )
        });
        let cumulative = tries.cumulative_limit;
        findings.unless(
            cumulative == 0 || cumulative >= u16::from(tries.limit),
            "tries.cumulative_limit",
            || {
                format!(
                    "must be 0 (off) or at least tries.limit ({}), it is {cumulative}",
                    tries.limit
                )
            },
        );
        findings.within("tries.cumulative_limit", cumulative, 0..=1_000, "");
        findings.within("tries.cumulative_days", tries.cumulative_days, 1..=366, " days");
    }

    fn check_budget(&self, findings: &mut Findings) {
        let budget = &self.agent_budget;
        let (day, week, month) = (budget.per_day, budget.per_7_days, budget.per_30_days);
        findings.unless(week == 0 || day <= week, "agent_budget.per_7_days", || {
            format!("must be 0 (off) or at least agent_budget.per_day ({day}), it is {week}")
        });
        findings.unless(
            month == 0 || day.max(week) <= month,
            "agent_budget.per_30_days",
            || {
                format!(
                    "must be 0 (off) or at least the shorter windows' {}, it is {month}",
                    day.max(week)
                )
            },
        );
        let (client, brand) = (self.client_budget.per_day, self.brand_alarm.per_day);
        findings.within("client_budget.per_day", client, 0..=1_000_000, "");
        findings.within("brand_alarm.per_day", brand, 0..=1_000_000, "");
        findings.unless(
            brand > 0 || !self.brand_alarm.stops_programs,
            "brand_alarm.stops_programs",
            || "must be false when brand_alarm.per_day is 0: there is no alarm".to_owned(),
        );
    }

    fn check_parties(&self, findings: &mut Findings) {
        let held_by = self.support_pin.held_by;
        for (field, parties) in [("unlock.by", &self.unlock.by), ("reset.by", &self.reset.by)] {
            findings.once_each(field, parties);
            findings.unless(held_by == HeldBy::Nobody || !parties.is_empty(), field, || {
                "must name somebody, or a locked or forgotten PIN stays so for ever".to_owned()
            });
            findings.unless(held_by != HeldBy::Account || !parties.contains(&Party::Holder), field, || {
                "must not name holder when support_pin.held_by is account: name owner, admin or supervisor".to_owned()
            });
        }
    }

    fn check_conversation(&self, findings: &mut Findings) {
        findings.within(
            "conversation.verified_minutes",
            self.conversation.verified_minutes,
            1..=240,
            " minutes",
        );
        findings.unless(self.conversation.inbound_only, "conversation.inbound_only", || {
            "must be true: whoever calls a customer and asks for the PIN is a fraud, and must stay one (D6)".to_owned()
        });
        findings.once_each(
            "conversation.pin_required_channels",
            &self.conversation.pin_required_channels,
        );
    }

    fn check_one_time_pin(&self, findings: &mut Findings) {
        let code = &self.one_time_pin;
        findings.within("one_time_pin.digits", code.digits, 4..=12, " digits");
        findings.within(
            "one_time_pin.life_minutes",
            code.life_minutes,
            1..=1_440,
            " minutes",
        );
        findings.within("one_time_pin.tries_per_code", code.tries_per_code, 1..=10, "");
        findings.within(
            "one_time_pin.tries_per_person_per_day",
            code.tries_per_person_per_day,
            1..=100,
            "",
        );
        let (each, day) = (code.tries_per_code, code.tries_per_person_per_day);
        findings.unless(each <= day, "one_time_pin.tries_per_person_per_day", || {
            format!("must be at least one_time_pin.tries_per_code ({each}), it is {day}")
        });
        findings.unless(
            !code.enabled || !code.channels.is_empty(),
            "one_time_pin.channels",
            || "must name sms, voice or email when one_time_pin.enabled is true".to_owned(),
        );
        findings.once_each("one_time_pin.channels", &code.channels);
        for country in &code.countries {
            findings.unless(is_country(country), "one_time_pin.countries", || {
                format!(
                    "must name countries by two capital letters such as DE (ISO 3166), it names {country:?}"
                )
            });
        }
        findings.once_each("one_time_pin.countries", &code.countries);
        self.check_sends(findings);
        findings.unless(
            code.enabled || self.support_pin.held_by != HeldBy::Nobody,
            "one_time_pin.enabled",
            || {
                "must be true when support_pin.held_by is nobody: otherwise nobody could be verified"
                    .to_owned()
            },
        );
    }

    fn check_sends(&self, findings: &mut Findings) {
        let code = &self.one_time_pin;
        let field = |name: &str| format!("one_time_pin.sends_per_{name}");
        findings.within(
            &field("person_per_day"),
            code.sends_per_person_per_day,
            1..=50,
            "",
        );
        findings.within(
            &field("number_per_hour"),
            code.sends_per_number_per_hour,
            1..=50,
            "",
        );
        findings.within(
            &field("agent_per_day"),
            code.sends_per_agent_per_day,
            1..=1_000,
            "",
        );
        findings.within(
            &field("brand_per_day"),
            code.sends_per_brand_per_day,
            1..=1_000_000,
            "",
        );
    }

    fn check_sign_in(&self, findings: &mut Findings) {
        let sign_in = &self.sign_in;
        findings.within(
            "sign_in.remember_device_days",
            sign_in.remember_device_days,
            0..=MOST_DAYS,
            " days",
        );
        findings.within(
            "sign_in.phone_change_wait_hours",
            sign_in.phone_change_wait_hours,
            0..=720,
            " hours",
        );
        findings.within(
            "sign_in.reauthentication_minutes",
            sign_in.reauthentication_minutes,
            1..=60,
            " minutes",
        );
        findings.unless(
            !sign_in.new_pin_at_password_reset || self.support_pin.held_by == HeldBy::Person,
            "sign_in.new_pin_at_password_reset",
            || {
                "must be false unless support_pin.held_by is person: only a PIN of their own may go with a password"
                    .to_owned()
            },
        );
    }

    fn check_reset(&self, findings: &mut Findings) {
        let typed = self.reset.typed_by_administrators;
        let pin = &self.support_pin;
        findings.unless(
            !typed || (pin.held_by == HeldBy::Person && pin.chosen_by_holder),
            "reset.typed_by_administrators",
            || {
                "must be false unless support_pin.held_by is person and support_pin.chosen_by_holder is true: only such PINs \
                 are typed at all"
                    .to_owned()
            },
        );
    }

    fn check_sessions(&self, findings: &mut Findings) {
        let (portal, desk) = (&self.portal, &self.desk);
        findings.within("portal.idle_minutes", portal.idle_minutes, 1..=1_440, " minutes");
        findings.within("portal.absolute_hours", portal.absolute_hours, 1..=720, " hours");
        findings.within(
            "portal.reveal_seconds",
            portal.reveal_seconds,
            5..=300,
            " seconds",
        );
        findings.within("desk.idle_minutes", desk.idle_minutes, 1..=60, " minutes");
        findings.within("desk.absolute_hours", desk.absolute_hours, 1..=12, " hours");
        for (field, idle, absolute) in [
            ("portal.idle_minutes", portal.idle_minutes, portal.absolute_hours),
            ("desk.idle_minutes", desk.idle_minutes, desk.absolute_hours),
        ] {
            findings.unless(u32::from(idle) <= u32::from(absolute) * 60, field, || {
                format!("must not exceed the absolute {absolute} hours, it is {idle} minutes")
            });
        }
    }

    fn check_actions(&self, findings: &mut Findings) {
        findings.unless(!self.actions.is_empty(), "actions", || {
            "must have at least one entry".to_owned()
        });
        findings.unless(self.actions.len() <= 200, "actions", || {
            format!("must have at most 200 entries, there are {}", self.actions.len())
        });
        let mut seen = HashSet::new();
        for (index, action) in self.actions.iter().enumerate() {
            findings.unless(is_action_id(&action.id), &format!("actions[{index}].id"), || {
                format!(
                    "must be 1 to 64 of a-z, 0-9 and inner dashes, it is {:?}",
                    action.id
                )
            });
            findings.unless(
                is_title(&action.title),
                &format!("actions[{index}].title"),
                title_message,
            );
            findings.unless(seen.insert(&action.id), &format!("actions[{index}].id"), || {
                format!("is {:?} a second time", action.id)
            });
        }
    }
}

fn is_title(text: &str) -> bool {
    (1..=120).contains(&text.chars().count()) && text.trim() == text && !text.chars().any(char::is_control)
}

fn title_message() -> String {
    "must be 1 to 120 characters on one line, without space around them".to_owned()
}

fn is_country(text: &str) -> bool {
    countries().iter().any(|country| country.region == text)
}

fn is_action_id(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text
            .bytes()
            .all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
}
