//! Runs the examples of the manual, page by page, as a reader would: in one folder, one after the other.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::examples::{Example, examples, fits};
use crate::program::{Demo, free_port};
use crate::read;

/// How long one example may take, in seconds; then it and what it started is killed.
const PATIENCE: &str = "60";

/// The pages whose examples need nothing, and the pages whose examples talk to the demo.
const ALONE: [&str; 2] = ["docs/operate.md", "docs/policy.md"];
const WITH_DEMO: [&str; 2] = ["docs/integrate.md", "docs/phone-pin-api.md"];

fn address(port: u16) -> String {
    format!("127.0.0.1:{port}")
}

/// Runs one example, in which a server listens at these ports. Variables that it sets are there for the next one.
fn run(folder: &Path, ports: [u16; 2], page: &str, example: &Example) -> Result<(), String> {
    let bin = Path::new(env!("CARGO_BIN_EXE_countersign"))
        .parent()
        .expect("a folder");
    let script = format!(
        "set -euo pipefail\nif [ -f \"$STATE\" ]; then . \"$STATE\"; fi\nset -a\n{}\nset +a\nexport -p > \"$STATE\"\n",
        example.script
    );
    let output = Command::new("timeout")
        .args(["--signal=KILL", PATIENCE, "bash", "-c", &script])
        .env_clear()
        .env("PATH", format!("{}:/usr/bin:/bin", bin.display()))
        .env("HOME", folder)
        .env("STATE", folder.join(".variables"))
        .env("COUNTERSIGN__SERVER__LISTEN", address(ports[0]))
        .env("COUNTERSIGN__SERVER__OPERATIONS_LISTEN", address(ports[1]))
        .env("LC_ALL", "C.UTF-8")
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .expect("timeout(1) starts");
    let printed = String::from_utf8_lossy(&output.stdout);
    let complained = String::from_utf8_lossy(&output.stderr);
    let told = format!(
        "{page}:{}\n--- typed\n{}--- printed\n{printed}--- complained\n{complained}",
        example.line, example.script
    );
    if !output.status.success() {
        return Err(format!("{told}--- ended with {}", output.status));
    }
    if !fits(&example.prints, &printed) {
        return Err(format!("{told}--- but the page says\n{}", example.prints));
    }
    Ok(())
}

/// Runs all examples of a page and tells every one that does not do what the page says.
fn run_all(page: &str, folder: &Path) {
    let ports = [free_port(), free_port()];
    // The pages name the usual addresses; here they may be taken.
    let text = read(page)
        .replace("127.0.0.1:8080", &address(ports[0]))
        .replace("127.0.0.1:9090", &address(ports[1]));
    let found = examples(&text);
    assert!(found.len() >= 3, "{page}: its examples were not found");
    let wrong: Vec<String> = found
        .iter()
        .filter_map(|example| run(folder, ports, page, example).err())
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn the_examples_for_operators_do_what_the_page_says() {
    let folder = tempfile::tempdir().expect("a folder");
    run_all(ALONE[0], folder.path());
}

#[test]
fn the_examples_about_policies_do_what_the_page_says() {
    let folder = tempfile::tempdir().expect("a folder");
    run_all(ALONE[1], folder.path());
}

#[test]
fn the_examples_for_programs_do_what_the_page_says() {
    let folder = tempfile::tempdir().expect("a folder");
    let _demo = Demo::start(folder.path());
    run_all(WITH_DEMO[0], folder.path());
}

#[test]
fn d7_the_examples_of_the_phone_pin_api_do_with_curl_what_the_page_says() {
    let folder = tempfile::tempdir().expect("a folder");
    let _demo = Demo::start(folder.path());
    run_all(WITH_DEMO[1], folder.path());
}

#[test]
fn no_example_stands_on_a_page_that_is_not_run() {
    for page in crate::links::pages() {
        if !ALONE.contains(&page.as_str()) && !WITH_DEMO.contains(&page.as_str()) {
            assert!(examples(&read(&page)).is_empty(), "{page} is not run");
        }
    }
}

#[test]
fn an_example_that_fails_or_prints_something_else_is_found() {
    let folder = tempfile::tempdir().expect("a folder");
    let example = |script: &str, prints: &str| Example {
        line: 1,
        script: script.to_owned(),
        prints: prints.to_owned(),
    };
    let outcome = |script, prints| run(folder.path(), [0, 0], "page", &example(script, prints));
    assert_eq!(outcome("A='one two'\n", ""), Ok(()));
    assert_eq!(outcome("echo \"$A\"\n", "one two"), Ok(()), "variables last");
    assert!(outcome("echo a\n", "b").unwrap_err().contains("the page says"));
    assert!(
        outcome("false\necho a\n", "a").is_err(),
        "a step that fails is a failure"
    );
    assert!(outcome("false | cat\n", "").is_err());
    assert!(outcome("echo \"$UNKNOWN\"\n", "").is_err());
}
