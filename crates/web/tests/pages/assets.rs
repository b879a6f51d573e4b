//! Style sheets, scripts and icons.

use countersign_domain::policy::Preset;
use countersign_testkit::TestApp;

#[tokio::test]
async fn files_have_their_kind_and_a_tag_by_which_a_kept_copy_is_good_or_not() {
    let test = TestApp::sqlite().await;
    for (name, kind) in [
        ("portal.css", "text/css; charset=utf-8"),
        ("reveal.js", "text/javascript; charset=utf-8"),
        ("icons.svg", "image/svg+xml"),
    ] {
        let first = test.get(&format!("/assets/{name}")).send().await;
        assert_eq!(first.status, 200, "{name}");
        assert_eq!(first.kind(), kind);
        assert_eq!(first.header("cache-control"), "no-cache");
        let tag = first.header("etag").to_owned();
        assert!(tag.starts_with('"') && tag.len() > 10, "{tag}");
        let again = test
            .get(&format!("/assets/{name}"))
            .header("if-none-match", &tag)
            .send()
            .await;
        assert_eq!(again.status, 304, "{name}");
        assert!(again.body.is_empty());
        let older = test
            .get(&format!("/assets/{name}"))
            .header("if-none-match", "\"older\"")
            .send()
            .await;
        assert_eq!(older.status, 200, "{name}");
    }
}

#[tokio::test]
async fn what_is_no_file_is_not_found_and_nothing_outside_is_reached() {
    let test = TestApp::sqlite().await;
    test.brand(Preset::CloudUserPin).await;
    for path in [
        "/assets/none.css",
        "/assets/",
        "/assets/..%2fCargo.toml",
        "/assets/%2e%2e%2fsrc%2flib.rs",
        "/assets/..%5cCargo.toml",
    ] {
        assert_eq!(
            test.get(path).header("host", "x.test").send().await.status,
            404,
            "{path}"
        );
    }
}

#[tokio::test]
async fn every_file_that_the_pages_name_exists() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::CloudUserPin).await;
    let html = test
        .get("/sign-in")
        .header("host", &brand.host)
        .send()
        .await
        .text();
    let names: Vec<&str> = html
        .split("/assets/")
        .skip(1)
        .filter_map(|rest| rest.split(['"', '#']).next())
        .collect();
    assert!(names.len() > 4);
    for name in names {
        assert_eq!(
            test.get(&format!("/assets/{name}")).send().await.status,
            200,
            "{name}"
        );
    }
}
