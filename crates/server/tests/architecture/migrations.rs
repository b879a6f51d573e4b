//! Both engines have the same migrations, and these make the same tables, columns and indexes.

use std::collections::BTreeMap;
use std::path::Path;

fn migrations(engine: &str) -> BTreeMap<String, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../store/migrations")
        .join(engine);
    std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let entry = entry.unwrap();
            (
                entry.file_name().into_string().unwrap(),
                std::fs::read_to_string(entry.path()).unwrap(),
            )
        })
        .collect()
}

/// A migration in one dialect: without comments, without what only one engine needs, types by one name.
fn portable(sql: &str) -> Vec<String> {
    let text: String = sql
        .lines()
        .map(|line| line.split("--").next().unwrap_or_default())
        .collect::<Vec<_>>()
        .join(" ");
    text.split(';')
        .map(|statement| statement.split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|statement| !statement.is_empty())
        .map(|statement| {
            let statement = statement
                .replace(" COLLATE \"C\"", "")
                .replace("BIGINT", "INTEGER")
                .replace("BYTEA", "BLOB")
                .replace("( ", "(")
                .replace(" )", ")");
            let statement = statement
                .trim_end_matches(", WITHOUT ROWID")
                .trim_end_matches(" STRICT");
            match statement.rfind(" WITH (fillfactor") {
                Some(at) => statement[..at].to_owned(),
                None => statement.to_owned(),
            }
        })
        .collect()
}

#[test]
fn both_engines_have_migrations_of_the_same_names() {
    let names = |engine| migrations(engine).into_keys().collect::<Vec<_>>();
    assert_eq!(names("sqlite"), names("postgres"));
    assert!(!names("sqlite").is_empty());
}

#[test]
fn both_engines_have_the_same_tables_columns_and_indexes() {
    let postgres = migrations("postgres");
    for (name, sql) in migrations("sqlite") {
        let (sqlite, postgres) = (portable(&sql), portable(&postgres[&name]));
        assert!(
            sqlite.iter().any(
                |statement| statement.starts_with("CREATE TABLE") || statement.starts_with("ALTER TABLE")
            ),
            "{name} changes no table"
        );
        for (ours, theirs) in sqlite.iter().zip(&postgres) {
            assert_eq!(
                ours, theirs,
                "in {name}: SQLite on the left, PostgreSQL on the right"
            );
        }
        assert_eq!(sqlite.len(), postgres.len(), "statements in {name}");
    }
}

#[test]
fn a_column_that_one_engine_lacks_or_keeps_otherwise_would_be_found() {
    let sqlite = portable(
        "CREATE TABLE a (\n id TEXT NOT NULL, -- its name\n at INTEGER NOT NULL\n) STRICT, WITHOUT ROWID;",
    );
    let same = portable(
        "CREATE TABLE a (id TEXT COLLATE \"C\" NOT NULL, at BIGINT NOT NULL) WITH (fillfactor = 80);",
    );
    let nullable = portable("CREATE TABLE a (id TEXT COLLATE \"C\" NOT NULL, at BIGINT);");
    let lacking = portable("CREATE TABLE a (id TEXT COLLATE \"C\" NOT NULL);");
    assert_eq!(sqlite, same);
    assert_ne!(sqlite, nullable);
    assert_ne!(sqlite, lacking);
}

#[test]
fn migrations_keep_to_the_dialect_that_distributed_engines_speak() {
    for (name, sql) in migrations("sqlite").into_iter().chain(migrations("postgres")) {
        let statements = portable(&sql).join("\n").to_lowercase();
        for word in [
            "now()",
            "::",
            "serial",
            "for update",
            "jsonb",
            " array",
            "current_timestamp",
            "trigger",
        ] {
            assert!(!statements.contains(word), "{name} uses {word}");
        }
    }
}
