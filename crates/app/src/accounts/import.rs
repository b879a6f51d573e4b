//! Use case: accounts and their people are taken in from a list, all of it or nothing.

use std::collections::{HashMap, HashSet};

use countersign_domain::access::Permission;
use countersign_domain::account::AccountNumber;
use countersign_domain::audit::{Action, Chain, Detail, DetailKey, Outcome, Subject};
use countersign_domain::contact::AccountName;
use countersign_store::{Tx, accounts, audit, people};

use super::create;
use crate::app::App;
use crate::caller::Caller;
use crate::error::AppError;
use crate::people::create::{self as create_person, NewPerson};

/// The most accounts in one list: it is one transaction, and others wait for it.
pub const MOST_ACCOUNTS: usize = 50_000;

/// An account to take in.
#[derive(Clone, Debug)]
pub struct Row {
    /// Where it stands in the list, for whoever has to mend it.
    pub line: u64,
    /// Its number; one is drawn where there is none.
    pub number: Option<AccountNumber>,
    /// Its name.
    pub name: AccountName,
    /// Its people, each with their own place in the list.
    pub people: Vec<(u64, NewPerson)>,
}

/// What stands in the way, and where.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Problem {
    /// Where in the list.
    pub line: u64,
    /// What is wrong and what to do.
    pub message: String,
}

/// What was taken in.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Imported {
    /// How many accounts.
    pub accounts: usize,
    /// How many people.
    pub people: usize,
}

/// Looks for everything that would stop an import, without changing anything.
///
/// # Errors
/// [`AppError::Forbidden`]; [`AppError::Invalid`] for a list that is too long.
pub async fn check(app: &App, caller: &Caller, rows: &[Row]) -> Result<Vec<Problem>, AppError> {
    caller.must(Permission::CreateAccount)?;
    caller.must(Permission::ManagePeople)?;
    if rows.len() > MOST_ACCOUNTS {
        return Err(AppError::invalid(
            "accounts",
            "a list has at most 50,000 accounts: split it",
        ));
    }
    let mut problems = within_the_list(rows);
    let brand = caller.brand.brand.id;
    app.store()
        .read::<_, AppError, _>(async |tx| {
            let mut found = Vec::new();
            for row in rows {
                if let Some(number) = &row.number
                    && accounts::find_by_number(tx, brand, number).await?.is_some()
                {
                    found.push(problem(
                        row.line,
                        format!("the account number {} is already in use", number.as_str()),
                    ));
                }
                for (line, person) in &row.people {
                    if let Some(username) = &person.username
                        && people::find_credentials(tx, brand, username).await?.is_some()
                    {
                        found.push(problem(
                            *line,
                            format!("the user name {} is already in use", username.as_str()),
                        ));
                    }
                }
            }
            Ok(found)
        })
        .await?
        .into_iter()
        .for_each(|found| problems.push(found));
    problems.sort_by_key(|problem| problem.line);
    Ok(problems)
}

/// Takes the list in, in one transaction. `progress` hears how many accounts are done.
///
/// # Errors
/// [`AppError::Conflict`] when something was taken meanwhile; nothing is left half-done. What [`check`] finds should be
/// asked first.
pub async fn import(
    app: &App,
    caller: &Caller,
    rows: Vec<Row>,
    progress: impl Fn(usize) + Send + Sync + 'static,
) -> Result<Imported, AppError> {
    caller.must(Permission::CreateAccount)?;
    caller.must(Permission::ManagePeople)?;
    let (app, caller, now) = (app.clone(), caller.clone(), app.now());
    let store = app.store().clone();
    store
        .write::<_, AppError, _>(async move |tx: &mut Tx| {
            let mut people = 0;
            for (done, row) in rows.iter().enumerate() {
                let account =
                    create::put(&app, tx, &caller, row.number.clone(), row.name.clone(), now).await?;
                for (_, person) in &row.people {
                    create_person::check(person)?;
                    create_person::put(&app, tx, &caller, &account, person, None, now).await?;
                    people += 1;
                }
                progress(done + 1);
            }
            let brand = caller.brand.brand.id;
            let mut draft = caller.event(
                app.new_event_id(now)?,
                now,
                Chain::Brand(brand),
                Action::AccountsImported,
                Subject::Brand(brand),
                Outcome::Done,
            );
            draft.detail = Detail::none().with(DetailKey::Count, rows.len().to_string());
            audit::append(tx, draft).await?;
            Ok(Imported {
                accounts: rows.len(),
                people,
            })
        })
        .await
}

fn within_the_list(rows: &[Row]) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut numbers: HashMap<&str, u64> = HashMap::new();
    let mut usernames: HashSet<String> = HashSet::new();
    for row in rows {
        if let Some(number) = &row.number
            && let Some(first) = numbers.insert(number.as_str(), row.line)
        {
            problems.push(problem(
                row.line,
                format!("the account number stands on line {first} already"),
            ));
        }
        for (line, person) in &row.people {
            if let Err(error) = create_person::check(person) {
                problems.push(problem(*line, error.to_string()));
            }
            if let Some(username) = &person.username
                && !usernames.insert(username.key())
            {
                problems.push(problem(
                    *line,
                    format!("the user name {} stands in the list twice", username.as_str()),
                ));
            }
        }
    }
    problems
}

const fn problem(line: u64, message: String) -> Problem {
    Problem { line, message }
}
