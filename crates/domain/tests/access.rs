//! The table of rights, as reviewed, and the policy's share of it.

use std::fmt::Write;

use countersign_domain::access::{Actor, Permission, person_may, scope_allows, staff_may, system_may};
use countersign_domain::api_client::Scope;
use countersign_domain::ids::{AccountId, ApiClientId, HolderId, PersonId, StaffId};
use countersign_domain::person::Role;
use countersign_domain::policy::{Party, Policy, Preset, Relation};
use countersign_domain::staff::StaffRole;

const ACCOUNT: AccountId = AccountId::from_u128(1);
const DANA: PersonId = PersonId::from_u128(10);
const EMIL: PersonId = PersonId::from_u128(11);

fn person(id: PersonId, role: Role) -> Actor {
    Actor::Person {
        id,
        account: ACCOUNT,
        role,
    }
}

fn staff(role: StaffRole) -> Actor {
    Actor::Staff {
        id: StaffId::from_u128(20),
        role,
    }
}

fn client(scopes: &[Scope]) -> Actor {
    Actor::ApiClient {
        id: ApiClientId::from_u128(30),
        scopes: scopes.to_vec(),
    }
}

#[test]
fn the_whole_table_is_as_reviewed() {
    let mut table = String::from("permission           ");
    let mut headings: Vec<String> = Role::ALL.iter().map(ToString::to_string).collect();
    headings.extend(StaffRole::ALL.iter().map(|role| format!("staff-{role}")));
    headings.extend(Scope::ALL.iter().map(ToString::to_string));
    headings.push("system".to_owned());
    for heading in &headings {
        write!(table, " | {heading}").unwrap();
    }
    table.push('\n');
    for permission in Permission::ALL {
        let mut ticks: Vec<bool> = Role::ALL
            .iter()
            .map(|role| person_may(*role, *permission))
            .collect();
        ticks.extend(StaffRole::ALL.iter().map(|role| staff_may(*role, *permission)));
        ticks.extend(Scope::ALL.iter().map(|scope| scope_allows(*scope, *permission)));
        ticks.push(system_may(*permission));
        write!(table, "{:<21}", permission.name()).unwrap();
        for (tick, heading) in ticks.iter().zip(&headings) {
            write!(
                table,
                " | {:^width$}",
                if *tick { "✓" } else { "·" },
                width = heading.len()
            )
            .unwrap();
        }
        table.push('\n');
    }
    let lines: Vec<_> = table.lines().map(str::trim_end).collect();
    insta::assert_snapshot!("permissions", lines.join("\n"));
}

#[test]
fn an_actor_may_what_its_column_says() {
    for permission in Permission::ALL {
        for role in Role::ALL {
            assert_eq!(
                person(DANA, *role).may(*permission),
                person_may(*role, *permission)
            );
        }
        for role in StaffRole::ALL {
            assert_eq!(staff(*role).may(*permission), staff_may(*role, *permission));
        }
        assert_eq!(Actor::System.may(*permission), system_may(*permission));
        assert!(
            !client(&[]).may(*permission),
            "a client without scopes may nothing"
        );
        let any = Scope::ALL.iter().any(|scope| scope_allows(*scope, *permission));
        assert_eq!(client(Scope::ALL).may(*permission), any);
    }
}

#[test]
fn nobody_but_the_customer_reads_or_chooses_a_pin() {
    for permission in [
        Permission::ReadOwnPin,
        Permission::SetOwnPin,
        Permission::SetAccountPin,
    ] {
        assert!(!client(Scope::ALL).may(permission) && !Actor::System.may(permission));
        assert!(StaffRole::ALL.iter().all(|role| !staff(*role).may(permission)));
        assert!(
            !person(DANA, Role::Contact).may(permission),
            "a contact has no portal"
        );
    }
}

#[test]
fn every_scope_allows_something_and_every_permission_is_somebodys() {
    for scope in Scope::ALL {
        assert!(
            Permission::ALL
                .iter()
                .any(|permission| scope_allows(*scope, *permission)),
            "{scope}"
        );
    }
    for permission in Permission::ALL {
        let persons = Role::ALL.iter().any(|role| person_may(*role, *permission));
        let staffs = StaffRole::ALL.iter().any(|role| staff_may(*role, *permission));
        let programs = Scope::ALL.iter().any(|scope| scope_allows(*scope, *permission));
        assert!(persons || staffs || programs, "{permission}");
    }
}

#[test]
fn relations_tell_own_same_account_and_outside_apart() {
    let own = HolderId::Person(DANA);
    let shared = HolderId::Account(ACCOUNT);
    let dana = person(DANA, Role::Member);
    assert_eq!(Relation::of(&dana, own, ACCOUNT), Relation::Own);
    assert_eq!(
        Relation::of(&dana, HolderId::Person(EMIL), ACCOUNT),
        Relation::SameAccount
    );
    assert_eq!(Relation::of(&dana, shared, ACCOUNT), Relation::SameAccount);
    let elsewhere = AccountId::from_u128(2);
    assert_eq!(
        Relation::of(&dana, HolderId::Account(elsewhere), elsewhere),
        Relation::Outside
    );
    for actor in [staff(StaffRole::Admin), client(Scope::ALL), Actor::System] {
        assert_eq!(Relation::of(&actor, own, ACCOUNT), Relation::Outside);
    }
}

#[test]
fn d4_d5_in_the_cloud_preset_the_holder_unlocks_and_no_other_person() {
    let policy = Policy::preset(Preset::CloudUserPin);
    assert!(policy.may_unlock(&person(DANA, Role::Member), Relation::Own));
    assert!(!policy.may_unlock(&person(EMIL, Role::Owner), Relation::SameAccount));
    assert!(!policy.may_unlock(&staff(StaffRole::Supervisor), Relation::Outside));
    assert!(policy.may_unlock(&client(&[Scope::PinsUnlock]), Relation::Outside));
    assert!(!policy.may_unlock(&client(&[Scope::PinsReset, Scope::Verify]), Relation::Outside));
    assert!(!policy.may_unlock(&Actor::System, Relation::Outside));
}

#[test]
fn d1_another_persons_pin_is_reset_by_owner_admin_or_program() {
    let policy = Policy::preset(Preset::CloudUserPin);
    assert!(policy.may_reset(&person(EMIL, Role::Owner), Relation::SameAccount));
    assert!(policy.may_reset(&person(EMIL, Role::Admin), Relation::SameAccount));
    assert!(!policy.may_reset(&person(EMIL, Role::Member), Relation::SameAccount));
    for role in [Role::Owner, Role::Admin] {
        assert!(
            !policy.may_reset(&person(EMIL, role), Relation::Outside),
            "not across accounts"
        );
    }
    assert!(policy.may_reset(&client(&[Scope::PinsReset]), Relation::Outside));
    assert!(!policy.may_reset(&staff(StaffRole::Admin), Relation::Outside));
}

#[test]
fn a_supervisor_of_the_staff_unlocks_where_the_policy_names_them_and_an_agent_never() {
    for preset in [Preset::HostingAccountPin, Preset::TelecomAdminPin, Preset::Strict] {
        let policy = Policy::preset(preset);
        assert!(policy.may_unlock(&staff(StaffRole::Supervisor), Relation::Outside));
        assert!(policy.may_unlock(&staff(StaffRole::Admin), Relation::Outside));
        assert!(!policy.may_unlock(&staff(StaffRole::Agent), Relation::Outside));
        assert!(!policy.may_unlock(&staff(StaffRole::Auditor), Relation::Outside));
    }
}

#[test]
fn an_account_held_pin_is_unlocked_by_owner_or_admin_and_the_banner_names_them() {
    let policy = Policy::preset(Preset::HostingAccountPin);
    assert!(policy.may_unlock(&person(DANA, Role::Owner), Relation::SameAccount));
    assert!(policy.may_unlock(&person(DANA, Role::Admin), Relation::SameAccount));
    assert!(!policy.may_unlock(&person(DANA, Role::Member), Relation::SameAccount));
    let named: Vec<_> = policy.who_may_unlock().collect();
    assert_eq!(named, [Party::Owner, Party::Admin, Party::Supervisor]);
}

#[test]
fn where_nobody_holds_a_pin_nobody_unlocks_or_resets_one() {
    let policy = Policy::preset(Preset::BrokerOneTimePin);
    for actor in [
        person(DANA, Role::Owner),
        staff(StaffRole::Admin),
        client(Scope::ALL),
        Actor::System,
    ] {
        for relation in [Relation::Own, Relation::SameAccount, Relation::Outside] {
            assert!(!policy.may_unlock(&actor, relation) && !policy.may_reset(&actor, relation));
        }
    }
}

#[test]
fn a5_another_agents_proof_is_nobodys_but_a_supervisors_look_is_recorded() {
    use countersign_domain::access::Sight;
    use countersign_domain::audit::ActorRef;
    use countersign_domain::ids::{ApiClientId, StaffId};
    use countersign_domain::time::Timestamp;

    let at = Timestamp::from_micros(1_790_000_000_000_000);
    let (me, other) = (StaffId::new(at, [1; 10]), StaffId::new(at, [2; 10]));
    let program = ActorRef::ApiClient(ApiClientId::new(at, [3; 10]));
    for &role in StaffRole::ALL {
        let actor = Actor::Staff { id: me, role };
        assert_eq!(actor.sight_of(&ActorRef::Staff(me)), Sight::Own, "{role:?}");
        assert_eq!(actor.sight_of(&program), Sight::Recorded, "{role:?}");
        let expected = if role == StaffRole::Agent {
            Sight::Masked
        } else {
            Sight::Recorded
        };
        assert_eq!(actor.sight_of(&ActorRef::Staff(other)), expected, "{role:?}");
        assert!(actor.may_check_in(&ActorRef::Staff(me)) && actor.may_check_in(&program));
        assert!(!actor.may_check_in(&ActorRef::Staff(other)), "{role:?}");
    }
}
