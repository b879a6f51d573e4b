//! One file for each table or closely knit group of tables.

mod accounts_and_people;
mod budgets;
mod clock;
mod conversations;
mod directory;
mod evidence;
mod once_only;
mod outbox;
mod pins;
mod retention;
mod sessions_and_staff;
