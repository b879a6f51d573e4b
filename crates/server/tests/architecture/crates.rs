//! `server -> {web, oidc} -> app -> {domain, vault, store, delivery}`; vault, store and delivery know domain; domain knows nobody.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

/// Which crates of the workspace a crate may name, besides in its tests. What is not listed here may name anything.
const ARROWS: &[(&str, &[&str])] = &[
    ("countersign-domain", &[]),
    ("countersign-vault", &["countersign-domain"]),
    ("countersign-store", &["countersign-domain"]),
    ("countersign-delivery", &["countersign-domain"]),
    (
        "countersign-app",
        &[
            "countersign-domain",
            "countersign-vault",
            "countersign-store",
            "countersign-delivery",
        ],
    ),
    ("countersign-oidc", &["countersign-app", "countersign-domain"]),
    ("countersign-web", &["countersign-app", "countersign-domain"]),
    (
        "countersign-server",
        &[
            "countersign-web",
            "countersign-oidc",
            "countersign-app",
            "countersign-domain",
            "countersign-vault",
            "countersign-store",
            "countersign-delivery",
        ],
    ),
];

/// What must not be reachable from a crate, through whatever chain of dependencies.
const FORBIDDEN: &[(&str, &[&str])] = &[
    (
        "countersign-domain",
        &["tokio", "rusqlite", "tokio-postgres", "axum", "reqwest", "hyper"],
    ),
    (
        "countersign-vault",
        &["tokio", "rusqlite", "tokio-postgres", "axum", "reqwest", "hyper"],
    ),
    ("countersign-store", &["axum", "reqwest", "hyper", "argon2"]),
    (
        "countersign-delivery",
        &["axum", "rusqlite", "tokio-postgres", "argon2"],
    ),
    ("countersign-app", &["axum", "reqwest", "hyper"]),
    ("countersign-web", &["reqwest"]),
];

/// The one crate that speaks with servers of others: what it needs for that is not smuggled into those who call it.
const OUTWARD: &str = "countersign-delivery";

/// Each crate's normal and build dependencies, by name.
type Graph = BTreeMap<String, BTreeSet<String>>;

fn workspace_root() -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn graph() -> Graph {
    let versions = Command::new("rustc").arg("-vV").output().unwrap();
    let versions = String::from_utf8(versions.stdout).unwrap();
    let host = versions
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .unwrap();
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--offline",
            "--locked",
            "--format-version",
            "1",
            "--filter-platform",
            host,
        ])
        .current_dir(workspace_root())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let names: BTreeMap<&str, &str> = metadata["packages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|package| (package["id"].as_str().unwrap(), package["name"].as_str().unwrap()))
        .collect();
    let mut graph = Graph::new();
    for node in metadata["resolve"]["nodes"].as_array().unwrap() {
        let named = graph
            .entry(names[node["id"].as_str().unwrap()].to_owned())
            .or_default();
        for dependency in node["deps"].as_array().unwrap() {
            let only_for_tests = dependency["dep_kinds"]
                .as_array()
                .unwrap()
                .iter()
                .all(|kind| kind["kind"] == "dev");
            if !only_for_tests {
                named.insert(names[dependency["pkg"].as_str().unwrap()].to_owned());
            }
        }
    }
    graph
}

fn turned_arrows(graph: &Graph) -> Vec<String> {
    let mut found = Vec::new();
    for (name, allowed) in ARROWS {
        for dependency in &graph[*name] {
            if dependency.starts_with("countersign-") && !allowed.contains(&dependency.as_str()) {
                found.push(format!("{name} must not know {dependency}"));
            }
        }
    }
    found
}

fn smuggled(graph: &Graph) -> Vec<String> {
    let mut found = Vec::new();
    for (name, forbidden) in FORBIDDEN {
        let mut reached = BTreeSet::new();
        let mut next = vec![(*name).to_owned()];
        while let Some(current) = next.pop() {
            for dependency in graph.get(&current).into_iter().flatten() {
                if dependency != OUTWARD && reached.insert(dependency.clone()) {
                    next.push(dependency.clone());
                }
            }
        }
        for dependency in *forbidden {
            if reached.contains(*dependency) {
                found.push(format!("{name} reaches {dependency}"));
            }
        }
    }
    found
}

#[test]
fn every_crate_of_the_product_has_its_place_in_the_order() {
    let places: BTreeSet<&str> = ARROWS.iter().map(|(name, _)| *name).collect();
    let crates = std::fs::read_dir(workspace_root().join("crates")).unwrap();
    for entry in crates {
        let name = format!(
            "countersign-{}",
            entry.unwrap().file_name().into_string().unwrap()
        );
        assert!(
            name == "countersign-testkit" || places.contains(name.as_str()),
            "{name} has no place in ARROWS"
        );
    }
}

#[test]
fn dependencies_run_one_way() {
    assert_eq!(turned_arrows(&graph()), Vec::<String>::new());
}

#[test]
fn domain_is_pure_and_no_layer_smuggles_in_another_ones_tools() {
    assert_eq!(smuggled(&graph()), Vec::<String>::new());
}

#[test]
fn domain_names_no_source_of_randomness() {
    for source in ["getrandom", "rand", "fastrand"] {
        assert!(!graph()["countersign-domain"].contains(source), "{source}");
    }
}

#[test]
fn nothing_that_ships_knows_the_testkit() {
    for (name, dependencies) in graph() {
        assert!(
            !dependencies.contains("countersign-testkit"),
            "{name} names countersign-testkit outside its tests"
        );
    }
}

#[test]
fn a_turned_arrow_and_a_smuggled_crate_would_be_found() {
    let mut wrong = graph();
    let web = wrong.get_mut("countersign-web").unwrap();
    web.insert("countersign-store".to_owned());
    assert_eq!(
        turned_arrows(&wrong),
        ["countersign-web must not know countersign-store"]
    );
    wrong
        .get_mut("countersign-domain")
        .unwrap()
        .insert("a-harmless-name".to_owned());
    wrong.insert("a-harmless-name".to_owned(), BTreeSet::from(["tokio".to_owned()]));
    let found = smuggled(&wrong);
    assert!(
        found.contains(&"countersign-domain reaches tokio".to_owned()),
        "{found:?}"
    );
}
