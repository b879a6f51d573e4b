//! One file for each table or closely knit group of tables.

mod accounts_and_people;
mod budgets;
mod clock;
mod conversations;
mod devices_and_links;
mod directory;
mod evidence;
mod half_open;
mod once_only;
mod one_time_pins;
mod outbox;
mod passkeys_and_phones;
mod pins;
mod providers;
mod retention;
mod second_factors;
mod sessions_and_staff;
mod team;
