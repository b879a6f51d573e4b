//! Who on an account may do what to whom (E49-shaped: every role, to oneself and to every other role).

use std::fmt::Write as _;

use countersign_domain::ids::PersonId;
use countersign_domain::person::{PersonStatus, Role};
use countersign_domain::team::{Deed, Member, Refusal, decide};
use proptest::prelude::{Strategy, prop, proptest};
use proptest::{prop_assert, prop_assert_eq};

fn member(id: u128, role: Role) -> Member {
    Member {
        id: PersonId::from_u128(id),
        role,
        status: PersonStatus::Active,
    }
}

fn word(answer: Result<(), Refusal>) -> &'static str {
    match answer {
        Ok(()) => "yes",
        Err(Refusal::NotYours) => "no",
        Err(Refusal::Yourself) => "self",
        Err(Refusal::LastOwner) => "last",
        Err(Refusal::Pointless) => "-",
    }
}

#[test]
fn e49_the_whole_table_is_as_reviewed() {
    let mut table = String::new();
    for actor in Role::ALL {
        let actor = member(1, *actor);
        // Another owner stands by, so that the rule about the last one does not hide the others.
        let bystander = member(9, Role::Owner);
        for target in Role::ALL {
            let target = member(2, *target);
            let off = Member {
                status: PersonStatus::Disabled,
                ..target
            };
            let ask = |deed| word(decide(&actor, deed, &[actor, target, bystander]));
            write!(table, "{:>7} > {:<7}", actor.role.name(), target.role.name()).unwrap();
            write!(
                table,
                " add {:<4} invite {:<4}",
                ask(Deed::Add(target.role)),
                ask(Deed::Invite(target))
            )
            .unwrap();
            for to in Role::ALL {
                write!(table, " {} {:<4}", to.name(), ask(Deed::ChangeRole(target, *to))).unwrap();
            }
            writeln!(
                table,
                " off {:<4} on {:<4} phone {}",
                ask(Deed::Disable(target)),
                ask(Deed::Enable(off)),
                ask(Deed::WritePhone(target))
            )
            .unwrap();
        }
    }
    insta::assert_snapshot!("team", table);
}

#[test]
fn e49_nobody_does_anything_to_themself() {
    for role in Role::ALL {
        let me = member(1, *role);
        let others = [me, member(2, Role::Owner)];
        for deed in [
            Deed::Invite(me),
            Deed::Disable(me),
            Deed::Enable(me),
            Deed::WritePhone(me),
        ]
        .into_iter()
        .chain(Role::ALL.iter().map(|to| Deed::ChangeRole(me, *to)))
        {
            assert!(decide(&me, deed, &others).is_err(), "{role}: {deed:?}");
        }
    }
}

#[test]
fn e49_whoever_is_switched_off_does_nothing() {
    let me = Member {
        status: PersonStatus::Disabled,
        ..member(1, Role::Owner)
    };
    let other = member(2, Role::Member);
    assert_eq!(
        decide(&me, Deed::Disable(other), &[me, other]),
        Err(Refusal::NotYours)
    );
    assert_eq!(
        decide(&me, Deed::Add(Role::Member), &[me, other]),
        Err(Refusal::NotYours)
    );
}

fn role() -> impl Strategy<Value = Role> {
    prop::sample::select(Role::ALL)
}

proptest! {
    #[test]
    fn whatever_is_done_an_owner_who_can_act_is_left_and_nobody_outranks_who_raised_them(
        roles in prop::collection::vec(role(), 1..5),
        steps in prop::collection::vec((0..6_usize, 0..6_usize, 0..4_u8, role()), 0..40),
    ) {
        let mut team: Vec<Member> = vec![member(100, Role::Owner)];
        team.extend((0_u128..).zip(roles).map(|(id, role)| member(id, role)));
        for (actor, target, kind, to) in steps {
            let (Some(actor), Some(target)) = (team.get(actor).copied(), team.get(target).copied()) else { continue };
            let deed = match kind {
                0 => Deed::ChangeRole(target, to),
                1 => Deed::Disable(target),
                2 => Deed::Enable(target),
                _ => Deed::Add(to),
            };
            if decide(&actor, deed, &team).is_err() {
                continue;
            }
            // `Role` is ordered from the owner down.
            if let Deed::ChangeRole(_, given) | Deed::Add(given) = deed {
                prop_assert!(actor.role <= given);
            }
            for one in team.iter_mut().filter(|one| one.id == target.id) {
                match deed {
                    Deed::ChangeRole(_, to) => one.role = to,
                    Deed::Disable(_) => one.status = PersonStatus::Disabled,
                    Deed::Enable(_) => one.status = PersonStatus::Active,
                    Deed::Add(_) | Deed::Invite(_) | Deed::WritePhone(_) => {}
                }
            }
            let owners = team.iter().filter(|one| one.role == Role::Owner && one.status == PersonStatus::Active);
            prop_assert!(owners.count() > 0);
            prop_assert_eq!(team.iter().filter(|one| one.id == actor.id).map(|one| one.role).next(), Some(actor.role));
        }
    }
}
