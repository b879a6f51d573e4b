//! What the source files say: who names a driver, who compares a secret, how long a file is and what it is called.

use std::path::{Path, PathBuf};

/// A source file of the product: path from the workspace, and the text before its own unit tests.
struct Source {
    path: String,
    text: String,
}

const LONGEST: usize = 500;

fn workspace_root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// Every file under `crates/*/src` that ships; files and modules of unit tests are left out.
fn sources() -> Vec<Source> {
    let root = workspace_root();
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(root.join("crates")).unwrap() {
        let folder = entry.unwrap().path();
        if !folder.ends_with("testkit") {
            collect(&folder.join("src"), &mut paths);
        }
    }
    let sources: Vec<Source> = paths
        .into_iter()
        .map(|path| Source {
            text: before_tests(&std::fs::read_to_string(&path).unwrap()),
            path: path
                .strip_prefix(&root)
                .unwrap()
                .to_string_lossy()
                .replace('\\', "/"),
        })
        .filter(|source| !source.path.contains("/tests/") && !source.path.ends_with("/tests.rs"))
        .collect();
    assert!(sources.len() > 80, "the sources were not found");
    sources
}

/// The part of a file above its module of tests; comments are kept, for they count as length.
fn before_tests(text: &str) -> String {
    let mut kept = Vec::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let opens_tests = line == "#[cfg(test)]"
            && lines
                .peek()
                .is_some_and(|next| next.starts_with("mod ") && next.ends_with('{'));
        if opens_tests {
            break;
        }
        kept.push(line);
    }
    kept.join("\n")
}

/// The code of a text, without its line comments.
fn code(text: &str) -> String {
    text.lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n")
}

/// The files that use one of `words` in their code although they are not among the allowed.
fn users_of(words: &[&str], allowed: impl Fn(&str) -> bool, sources: &[Source]) -> Vec<String> {
    sources
        .iter()
        .filter(|source| !allowed(&source.path))
        .flat_map(|source| {
            let text = code(&source.text);
            words
                .iter()
                .filter(|word| text.contains(**word))
                .map(|word| format!("{} uses {word}", source.path))
                .collect::<Vec<_>>()
        })
        .collect()
}

const DRIVERS: &[&str] = &["rusqlite", "tokio_postgres", "deadpool_postgres", "refinery"];
const COMPARISONS: &[&str] = &[".matches_pin(", ".go_through_the_motions("];
/// What compares a code: of the second factor, or a one-time PIN.
const CODE_COMPARISONS: &[&str] = &[".matches_code(", ".check_code("];

fn is_db(path: &str) -> bool {
    path.starts_with("crates/store/src/db/")
}

fn is_judge(path: &str) -> bool {
    path == "crates/app/src/verification/judge.rs" || path.starts_with("crates/vault/")
}

fn is_code_judge(path: &str) -> bool {
    path == "crates/app/src/second_factor/judge.rs"
        || path == "crates/app/src/verification/one_time_pin.rs"
        || path.starts_with("crates/vault/")
        || path.starts_with("crates/domain/src/factor/totp")
}

#[test]
fn only_the_database_layer_names_a_driver() {
    assert_eq!(users_of(DRIVERS, is_db, &sources()), Vec::<String>::new());
}

#[test]
fn t12_only_the_judge_compares_a_pin() {
    assert_eq!(users_of(COMPARISONS, is_judge, &sources()), Vec::<String>::new());
}

#[test]
fn t12_only_the_judges_of_codes_compare_them() {
    assert_eq!(
        users_of(CODE_COMPARISONS, is_code_judge, &sources()),
        Vec::<String>::new()
    );
}

#[test]
fn t12_only_the_application_takes_the_judges_key_and_only_the_judges_ask_for_it() {
    let allowed = |path: &str| is_judge(path) || is_code_judge(path) || path == "crates/app/src/app.rs";
    assert_eq!(
        users_of(&["judge_key("], allowed, &sources()),
        Vec::<String>::new()
    );
}

#[test]
fn only_the_web_crate_speaks_of_http_statuses() {
    let speaks = |path: &str| path.starts_with("crates/web/") || path.starts_with("crates/server/");
    assert_eq!(
        users_of(&["StatusCode"], speaks, &sources()),
        Vec::<String>::new()
    );
}

#[test]
fn statements_are_written_in_the_store_only() {
    let words = ["SELECT ", "INSERT INTO ", "DELETE FROM ", "UPDATE pins"];
    let allowed = |path: &str| path.starts_with("crates/store/");
    assert_eq!(users_of(&words, allowed, &sources()), Vec::<String>::new());
}

fn too_long(sources: &[Source]) -> Vec<String> {
    sources
        .iter()
        .filter(|source| source.text.lines().count() > LONGEST)
        .map(|source| format!("{}: {} lines", source.path, source.text.lines().count()))
        .collect()
}

#[test]
fn no_file_is_longer_than_a_reader_can_hold() {
    assert_eq!(too_long(&sources()), Vec::<String>::new());
}

fn dumping_grounds<'a>(paths: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    const NAMES: &[&str] = &["utils", "util", "common", "helpers", "helper", "manager", "misc"];
    paths
        .into_iter()
        .filter(|path| {
            path.trim_end_matches(".rs")
                .split('/')
                .any(|part| NAMES.contains(&part))
        })
        .collect()
}

#[test]
fn no_module_is_a_dumping_ground() {
    let sources = sources();
    let paths = sources.iter().map(|source| source.path.as_str());
    assert_eq!(dumping_grounds(paths), Vec::<&str>::new());
}

#[test]
fn each_of_these_guards_finds_what_it_looks_for() {
    let wrong = |path: &str, text: &str| Source {
        path: path.to_owned(),
        text: before_tests(text),
    };
    let sources = [
        wrong("crates/store/src/pins.rs", "use rusqlite::Connection;"),
        wrong(
            "crates/app/src/pins/change.rs",
            "let same = key.matches_pin(brand);",
        ),
        wrong(
            "crates/web/src/verify.rs",
            "// judge_key() is not for us\n#[cfg(test)]\nmod tests {\n rusqlite\n}",
        ),
        wrong("crates/app/src/long.rs", &"line\n".repeat(LONGEST + 1)),
    ];
    assert_eq!(
        users_of(DRIVERS, is_db, &sources),
        ["crates/store/src/pins.rs uses rusqlite"]
    );
    assert_eq!(
        users_of(COMPARISONS, is_judge, &sources),
        ["crates/app/src/pins/change.rs uses .matches_pin("]
    );
    assert_eq!(
        users_of(&["judge_key("], is_judge, &sources),
        Vec::<String>::new()
    );
    assert_eq!(too_long(&sources), ["crates/app/src/long.rs: 501 lines"]);
    assert_eq!(
        dumping_grounds([
            "crates/app/src/utils.rs",
            "crates/app/src/common/mod.rs",
            "crates/app/src/commonly.rs"
        ]),
        ["crates/app/src/utils.rs", "crates/app/src/common/mod.rs"]
    );
}
