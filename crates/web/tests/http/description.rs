//! The API's own description.

use countersign_testkit::TestApp;
use serde_json::Value;

#[test]
fn the_description_changes_only_on_purpose() {
    insta::with_settings!({ snapshot_path => "../snapshots", prepend_module_to_snapshot => false }, {
        insta::assert_json_snapshot!("openapi", countersign_web::openapi());
    });
}

#[test]
fn every_operation_says_what_it_is_and_what_comes_back() {
    let description = serde_json::to_value(countersign_web::openapi()).unwrap();
    assert_eq!(description["openapi"], "3.1.0");
    for (path, item) in description["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let name = format!("{method} {path}");
            assert!(operation["summary"].is_string(), "{name}");
            assert!(operation["operationId"].is_string(), "{name}");
            assert_eq!(operation["tags"].as_array().unwrap().len(), 1, "{name}");
            let responses = operation["responses"].as_object().unwrap();
            assert!(responses.keys().any(|status| status.starts_with('2')), "{name}");
            for (status, response) in responses {
                assert!(
                    response["description"]
                        .as_str()
                        .is_some_and(|text| text.len() > 10),
                    "{name} {status}"
                );
                if !status.starts_with('2') {
                    assert!(
                        response["content"]["application/problem+json"].is_object(),
                        "{name} {status}"
                    );
                }
            }
            for parameter in operation["parameters"].as_array().unwrap_or(&Vec::new()) {
                assert!(parameter["description"].is_string(), "{name} {parameter}");
            }
        }
    }
    no_dangling_references(&description, &description);
    for (name, schema) in description["components"]["schemas"].as_object().unwrap() {
        for (field, property) in schema["properties"].as_object().into_iter().flatten() {
            let described = property["description"].is_string() || property["$ref"].is_string();
            assert!(described, "{name}.{field}");
        }
    }
}

#[test]
fn every_call_that_changes_something_takes_an_idempotency_key() {
    let description = serde_json::to_value(countersign_web::openapi()).unwrap();
    for (path, item) in description["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let takes = operation["parameters"].as_array().is_some_and(|all| {
                all.iter()
                    .any(|it| it["name"] == "Idempotency-Key" && it["in"] == "header")
            });
            assert_eq!(takes, method != "get", "{method} {path}");
        }
    }
}

fn no_dangling_references(value: &Value, root: &Value) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::String(reference)) = fields.get("$ref") {
                let pointer = reference.trim_start_matches('#');
                assert!(root.pointer(pointer).is_some(), "{reference} leads nowhere");
            }
            fields
                .values()
                .for_each(|value| no_dangling_references(value, root));
        }
        Value::Array(values) => values
            .iter()
            .for_each(|value| no_dangling_references(value, root)),
        _ => {}
    }
}

#[tokio::test]
async fn the_description_is_served_and_is_the_one_that_is_printed() {
    let app = TestApp::sqlite().await;
    let answer = app.get("/api/v1/openapi.json").send().await;
    assert_eq!((answer.status.as_u16(), answer.kind()), (200, "application/json"));
    assert_eq!(
        answer.json(),
        serde_json::to_value(countersign_web::openapi()).unwrap()
    );
}

#[tokio::test]
async fn the_reader_page_shows_every_operation_and_loads_nothing_from_elsewhere() {
    let app = TestApp::sqlite().await;
    let page = app
        .get("/api")
        .header("host", "pins.example.test:8080")
        .send()
        .await;
    assert_eq!(
        (page.status.as_u16(), page.kind()),
        (200, "text/html; charset=utf-8")
    );
    let html = page.text();
    let description = serde_json::to_value(countersign_web::openapi()).unwrap();
    for (path, item) in description["paths"].as_object().unwrap() {
        for operation in item.as_object().unwrap().values() {
            let summary = operation["summary"].as_str().unwrap().replace('\'', "&#39;");
            assert!(html.contains(&summary), "{summary}");
        }
        assert!(html.contains(path.as_str()), "{path}");
    }
    assert!(
        html.contains("http://pins.example.test:8080/api/v1/verify"),
        "a line to paste"
    );
    for attribute in [
        "src=\"http",
        "href=\"http",
        "src=\"//",
        "href=\"//",
        "<style",
        "onclick",
        "style=\"",
    ] {
        assert!(!html.contains(attribute), "{attribute}");
    }
    assert!(!html.contains("#/components"), "references are followed");
    let strange = app.get("/api").header("host", "\"><script>").send().await;
    assert!(
        !strange.text().contains("<script>\""),
        "a host name is no place for markup"
    );
}
