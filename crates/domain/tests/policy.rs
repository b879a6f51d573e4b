//! The presets say what the requirements ask for, explain every field, and survive being written and read.

use countersign_domain::pin::Digits;
use countersign_domain::policy::{HeldBy, Party, Policy, PolicyProblem, Preset, Requirement};

fn problems(text: &str) -> Vec<PolicyProblem> {
    Policy::parse_toml(text).err().unwrap_or_default()
}

/// The problems of a cloud-user-pin policy that differs in `change`.
fn cloud_with(change: &str) -> Vec<String> {
    let found = problems(&format!("preset = \"cloud-user-pin\"\n{change}"));
    found.iter().map(ToString::to_string).collect()
}

#[test]
fn every_preset_is_a_sound_policy() {
    for preset in Preset::ALL {
        let policy = Policy::preset(*preset);
        assert_eq!(policy.validate(), [], "{preset}");
        assert_eq!(policy.preset, *preset);
        assert_eq!(Policy::parse_toml(preset.toml()).unwrap(), policy);
    }
}

#[test]
fn every_preset_is_as_reviewed() {
    for preset in Preset::ALL {
        insta::assert_snapshot!(
            format!("preset_{}", preset.name()),
            Policy::preset(*preset).to_toml()
        );
    }
}

#[test]
fn a_policy_survives_being_written_and_read() {
    for preset in Preset::ALL {
        let mut policy = Policy::preset(*preset);
        policy.title = "Ours \"quoted\" – größer".to_owned();
        policy.conversation.verified_minutes = 20;
        assert_eq!(Policy::parse_toml(&policy.to_toml()).unwrap(), policy, "{preset}");
    }
}

#[test]
fn every_field_of_every_preset_is_explained_in_its_document() {
    for preset in Preset::ALL {
        let mut above = "";
        let mut explained = 0;
        for line in preset.toml().lines() {
            let is_field = line.contains(" = ") && !line.starts_with('#');
            if is_field
                && above != "[[actions]]"
                && !above.starts_with("id = ")
                && !above.starts_with("title = ")
            {
                let field = line.split(' ').next().unwrap();
                assert!(above.starts_with("# "), "{preset}: {field} is not explained");
                explained += 1;
            }
            above = line;
        }
        // The fields of a policy outside [[actions]], counted in the text that the program itself writes.
        let written = Policy::preset(*preset).to_toml();
        let fields = written
            .split("[[actions]]")
            .next()
            .unwrap()
            .lines()
            .filter(|line| line.contains(" = "))
            .count();
        assert_eq!(explained, fields, "{preset} leaves out a field");
        for word in ["`id`", "`title`", "`requires`"] {
            assert!(
                preset.toml().contains(word),
                "{preset} does not explain {word} of an action"
            );
        }
    }
}

#[test]
fn a1_a4_the_hosting_account_holds_six_digits_made_at_its_creation() {
    let policy = Policy::preset(Preset::HostingAccountPin);
    let pin = &policy.support_pin;
    assert_eq!((pin.held_by, pin.length), (HeldBy::Account, 6));
    assert!(pin.made_at_creation && pin.chosen_by_holder && pin.visible);
    let report = policy
        .pin_rules()
        .check(&Digits::parse("111111").unwrap(), &Default::default());
    assert!(
        report.all_held() && report.lines.len() == 1,
        "six digits, and no other rule"
    );
    assert_eq!((policy.tries.limit, policy.tries.machine_limit), (5, 2));
}

#[test]
fn a5_everything_about_billing_and_support_needs_the_pin() {
    let policy = Policy::preset(Preset::HostingAccountPin);
    for action in &policy.actions {
        assert_eq!(
            action.requires == Requirement::None,
            action.id == "general-information",
            "{}",
            action.id
        );
    }
    assert_eq!(policy.conversation.pin_required_channels.len(), 4);
}

#[test]
fn b1_b5_each_telecom_administrator_holds_four_digits() {
    let policy = Policy::preset(Preset::TelecomAdminPin);
    assert_eq!(
        (policy.support_pin.held_by, policy.support_pin.length),
        (HeldBy::Person, 4)
    );
    let channels: Vec<_> = policy
        .conversation
        .pin_required_channels
        .iter()
        .map(|channel| channel.name())
        .collect();
    assert!(channels.contains(&"phone") && channels.contains(&"email"));
}

#[test]
fn d2_d4_the_cloud_preset_has_two_rules_and_six_tries_whatever_the_channel() {
    let policy = Policy::preset(Preset::CloudUserPin);
    assert_eq!(
        (policy.support_pin.held_by, policy.support_pin.length),
        (HeldBy::Person, 6)
    );
    let names: Vec<_> = policy.pin_rules().applying().map(|rule| rule.name()).collect();
    assert_eq!(names, ["length", "equal_in_a_row", "in_sequence"]);
    assert_eq!((policy.tries.limit, policy.tries.machine_limit), (6, 6));
    assert_eq!(policy.who_may_unlock().collect::<Vec<_>>(), [Party::Holder]);
}

#[test]
fn d6_every_preset_checks_a_pin_only_when_the_customer_made_contact() {
    for preset in Preset::ALL {
        assert!(Policy::preset(*preset).conversation.inbound_only);
    }
    let found = cloud_with("[conversation]\ninbound_only = false");
    assert_eq!(found.len(), 1);
    assert!(
        found[0].starts_with("conversation.inbound_only: must be true"),
        "{found:?}"
    );
}

#[test]
fn e1_e3_the_broker_sends_four_digits_for_24_hours_and_nobody_holds_a_pin() {
    let policy = Policy::preset(Preset::BrokerOneTimePin);
    assert_eq!(policy.support_pin.held_by, HeldBy::Nobody);
    assert!(
        !policy.support_pin.made_at_creation
            && !policy.support_pin.chosen_by_holder
            && !policy.support_pin.visible
    );
    let code = &policy.one_time_pin;
    assert_eq!(
        (code.enabled, code.digits, code.life_minutes, code.single_use),
        (true, 4, 24 * 60, false)
    );
}

#[test]
fn e4_the_broker_has_the_table_of_actions() {
    let policy = Policy::preset(Preset::BrokerOneTimePin);
    let table: Vec<_> = policy
        .actions
        .iter()
        .map(|action| (action.title.as_str(), action.requires))
        .collect();
    let expected = [
        ("General platform help", Requirement::None),
        ("Financial transactions", Requirement::Pin),
        ("Modifying personal information", Requirement::Pin),
        ("Technical issue with charts", Requirement::None),
        ("Verifying account ownership", Requirement::Pin),
    ];
    assert_eq!(table, expected);
    assert_eq!(
        policy.action("financial-transactions").unwrap().requires,
        Requirement::Pin
    );
    assert_eq!(policy.action("anything-else"), None);
}

#[test]
fn machine_channels_may_spend_two_tries_except_where_the_preset_says_whatever_the_channel() {
    for preset in Preset::ALL {
        let tries = Policy::preset(*preset).tries;
        let expected = if *preset == Preset::CloudUserPin {
            tries.limit
        } else {
            2
        };
        assert_eq!(tries.machine_limit, expected, "{preset}");
    }
}

#[test]
fn the_strict_preset_generates_eight_digits_and_sends_short_single_use_codes() {
    let policy = Policy::preset(Preset::Strict);
    assert_eq!(
        (policy.support_pin.length, policy.support_pin.chosen_by_holder),
        (8, false)
    );
    assert_eq!(policy.pin_rules().applying().count(), 7);
    let code = &policy.one_time_pin;
    assert!(code.digits >= 6 && code.life_minutes <= 10 && code.single_use);
    assert_eq!(policy.unlock.per_year, 4);
}

#[test]
fn a_short_document_takes_the_rest_from_its_preset() {
    let policy = Policy::parse_toml("preset = \"cloud-user-pin\"\n[tries]\nlimit = 7\n").unwrap();
    let mut expected = Policy::preset(Preset::CloudUserPin);
    expected.tries.limit = 7;
    assert_eq!(policy, expected);
}

#[test]
fn a_list_of_actions_replaces_the_presets_list() {
    let text =
        "preset = \"strict\"\n[[actions]]\nid = \"all\"\ntitle = \"Everything\"\nrequires = \"strong\"\n";
    let policy = Policy::parse_toml(text).unwrap();
    assert_eq!(policy.actions.len(), 1);
    assert_eq!(policy.action("all").unwrap().requires, Requirement::Strong);
}

#[test]
fn a_document_without_a_known_preset_is_told_the_five() {
    for text in ["", "title = \"x\"", "preset = \"strickt\"", "preset = 7"] {
        let found = problems(text);
        assert_eq!(found.len(), 1, "{text}");
        assert_eq!(found[0].field, "preset");
        assert!(
            found[0]
                .message
                .contains("hosting-account-pin, telecom-admin-pin"),
            "{}",
            found[0]
        );
    }
}

#[test]
fn a_text_that_is_no_toml_is_told_the_line() {
    let found = problems("preset = \"strict\"\n\n[tries\nlimit = 5\n");
    assert_eq!((found.len(), found[0].field.as_str()), (1, "line 3"));
    let twice = problems("preset = \"strict\"\n[tries]\nlimit = 5\nlimit = 6\n");
    assert_eq!(twice[0].field, "line 4");
    let long = problems(&"#".repeat(300_000));
    assert!(long[0].message.contains("too long"));
}

#[test]
fn unknown_keys_are_refused_by_name() {
    let found = cloud_with("colour = \"blue\"\n[tries]\nlimits = 5\n[lockout]\nafter = 3\n");
    assert_eq!(found.len(), 3, "{found:?}");
    assert!(
        found
            .iter()
            .any(|line| line.starts_with("colour: is not known here; known are actions, agent_budget"))
    );
    assert!(
        found
            .iter()
            .any(|line| line.starts_with("tries.limits: is not known here; known are cumulative_days"))
    );
    assert!(
        found
            .iter()
            .any(|line| line.starts_with("lockout: is not known here"))
    );
}

#[test]
fn values_of_the_wrong_kind_are_all_named_at_once() {
    let found = cloud_with(
        "title = 5\nportal = 3\n[tries]\nlimit = \"six\"\nmachine_limit = 300\n[unlock]\nby = [\"holder\", \"nobody\"]\n\
         [support_pin]\nheld_by = \"everyone\"\n[support_pin.rules]\nrefuse_dates = 1\n",
    );
    let fields: Vec<_> = found.iter().map(|line| line.split(':').next().unwrap()).collect();
    let mut sorted = fields.clone();
    sorted.sort_unstable();
    assert_eq!(
        sorted,
        [
            "portal",
            "support_pin.held_by",
            "support_pin.rules.refuse_dates",
            "title",
            "tries.limit",
            "tries.machine_limit",
            "unlock.by"
        ]
    );
    assert!(
        found
            .iter()
            .any(|line| line.contains("use one of account, person, nobody")),
        "{found:?}"
    );
}

#[test]
fn a_bad_action_is_named_by_its_place() {
    let good = "[[actions]]\nid = \"a\"\ntitle = \"A\"\nrequires = \"pin\"\n";
    let found = cloud_with(&format!(
        "{good}[[actions]]\nid = \"b\"\ntitle = \"B\"\nrequires = \"magic\"\n"
    ));
    assert_eq!(found.len(), 1);
    assert!(
        found[0].starts_with("actions[1]: ") && found[0].contains("none, pin, strong"),
        "{found:?}"
    );
    let found = cloud_with(&format!(
        "{good}[[actions]]\nid = \"b\"\ntitle = \"B\"\nrequires = \"pin\"\nwho = \"x\"\n"
    ));
    assert!(
        found[0].starts_with("actions[1]: ") && found[0].contains("who"),
        "{found:?}"
    );
    assert!(cloud_with("actions = 4")[0].starts_with("actions: is a list"));
    assert!(cloud_with("actions = [4]")[0].starts_with("actions[0]: is a section"));
}

#[test]
fn each_limit_is_checked_and_the_problem_names_its_field() {
    let cases = [
        (
            "title = \"\"",
            "title: must be 1 to 120 characters on one line, without space around them",
        ),
        (
            "[support_pin]\nlength = 3",
            "support_pin.length: must be 4 to 12 digits, it is 3",
        ),
        (
            "[support_pin]\nlength = 13",
            "support_pin.length: must be 4 to 12 digits, it is 13",
        ),
        (
            "[support_pin]\nvisible = false\nchosen_by_holder = false",
            "support_pin.visible: must be true when support_pin.chosen_by_holder is false",
        ),
        (
            "[support_pin.rules]\nmax_equal_in_a_row = 1",
            "support_pin.rules.max_equal_in_a_row: must be 0 (rule off) or 2 to 12, it is 1",
        ),
        (
            "[support_pin.rules]\nmax_in_sequence = 13",
            "support_pin.rules.max_in_sequence: must be 0 (rule off) or 2 to 12, it is 13",
        ),
        (
            "[tries]\nlimit = 0\nmachine_limit = 0",
            "tries.limit: must be 1 to 10, it is 0",
        ),
        (
            "[tries]\nlimit = 5\nmachine_limit = 7",
            "tries.machine_limit: must not exceed tries.limit (5), it is 7",
        ),
        (
            "[tries]\ncumulative_limit = 3",
            "tries.cumulative_limit: must be 0 (off) or at least tries.limit (6), it is 3",
        ),
        (
            "[tries]\ncumulative_days = 0",
            "tries.cumulative_days: must be 1 to 366 days, it is 0",
        ),
        (
            "[agent_budget]\nper_7_days = 10",
            "agent_budget.per_7_days: must be 0 (off) or at least agent_budget.per_day (20), it is 10",
        ),
        (
            "[agent_budget]\nper_30_days = 59",
            "agent_budget.per_30_days: must be 0 (off) or at least the shorter windows' 60, it is 59",
        ),
        ("[unlock]\nby = []", "unlock.by: must name somebody"),
        ("[reset]\nby = [\"api\", \"api\"]", "reset.by: names api twice"),
        (
            "[conversation]\nverified_minutes = 0",
            "conversation.verified_minutes: must be 1 to 240 minutes, it is 0",
        ),
        (
            "[conversation]\npin_required_channels = [\"chat\", \"chat\"]",
            "conversation.pin_required_channels: names chat twice",
        ),
        (
            "[one_time_pin]\ndigits = 3",
            "one_time_pin.digits: must be 4 to 12 digits, it is 3",
        ),
        (
            "[one_time_pin]\nlife_minutes = 1441",
            "one_time_pin.life_minutes: must be 1 to 1440 minutes, it is 1441",
        ),
        (
            "[one_time_pin]\ntries_per_code = 0",
            "one_time_pin.tries_per_code: must be 1 to 10, it is 0",
        ),
        (
            "[one_time_pin]\ntries_per_person_per_day = 2",
            "one_time_pin.tries_per_person_per_day: must be at least one_time_pin.tries_per_code (3), it is 2",
        ),
        (
            "[one_time_pin]\nchannels = []",
            "one_time_pin.channels: must name sms, voice or email",
        ),
        (
            "[portal]\nidle_minutes = 0",
            "portal.idle_minutes: must be 1 to 1440 minutes, it is 0",
        ),
        (
            "[portal]\nidle_minutes = 90\nabsolute_hours = 1",
            "portal.idle_minutes: must not exceed the absolute 1 hours, it is 90 minutes",
        ),
        (
            "[portal]\nreveal_seconds = 301",
            "portal.reveal_seconds: must be 5 to 300 seconds, it is 301",
        ),
        (
            "[sign_in]\nreauthentication_minutes = 0",
            "sign_in.reauthentication_minutes: must be 1 to 60 minutes, it is 0",
        ),
        (
            "[sign_in]\nremember_device_days = 31",
            "sign_in.remember_device_days: must be 0 to 30 days, it is 31",
        ),
        (
            "[sign_in]\nphone_change_wait_hours = 721",
            "sign_in.phone_change_wait_hours: must be 0 to 720 hours, it is 721",
        ),
        (
            "[desk]\nidle_minutes = 61",
            "desk.idle_minutes: must be 1 to 60 minutes, it is 61",
        ),
        (
            "[desk]\nabsolute_hours = 13",
            "desk.absolute_hours: must be 1 to 12 hours, it is 13",
        ),
        ("actions = []", "actions: must have at least one entry"),
        (
            "[[actions]]\nid = \"Bad Id\"\ntitle = \"A\"\nrequires = \"pin\"",
            "actions[0].id: must be 1 to 64 of a-z, 0-9 and inner dashes, it is \"Bad Id\"",
        ),
        (
            "[[actions]]\nid = \"a\"\ntitle = \" A\"\nrequires = \"pin\"",
            "actions[0].title: must be 1 to 120 characters",
        ),
    ];
    for (change, expected) in cases {
        let found = cloud_with(change);
        assert!(
            found.iter().any(|line| line.starts_with(expected)),
            "{change}\nexpected {expected}\nfound {found:#?}"
        );
    }
    let twice = "[[actions]]\nid = \"a\"\ntitle = \"A\"\nrequires = \"pin\"\n".repeat(2);
    assert_eq!(cloud_with(&twice), ["actions[1].id: is \"a\" a second time"]);
    let many: String = (0..201)
        .map(|id| format!("[[actions]]\nid = \"a{id}\"\ntitle = \"A\"\nrequires = \"pin\"\n"))
        .collect();
    assert_eq!(
        cloud_with(&many),
        ["actions: must have at most 200 entries, there are 201"]
    );
}

#[test]
fn a_pin_that_nobody_holds_can_be_neither_made_nor_chosen_nor_shown() {
    let found = cloud_with("[support_pin]\nheld_by = \"nobody\"\n[one_time_pin]\nenabled = false\n");
    let fields: Vec<_> = found.iter().map(|line| line.split(':').next().unwrap()).collect();
    assert_eq!(
        fields,
        [
            "support_pin.made_at_creation",
            "support_pin.chosen_by_holder",
            "support_pin.visible",
            "one_time_pin.enabled"
        ]
    );
}

#[test]
fn an_account_held_pin_has_no_single_holder() {
    let found = cloud_with("[support_pin]\nheld_by = \"account\"\n");
    assert_eq!(found.len(), 1);
    assert!(
        found[0].starts_with("unlock.by: must not name holder"),
        "{found:?}"
    );
}
