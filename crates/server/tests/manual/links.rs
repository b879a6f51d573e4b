//! The pages of the manual lead to each other, and nowhere else than to what is there.

use crate::{read, root};

/// The pages of the manual and the pages at the top that lead to them.
pub(crate) fn pages() -> Vec<String> {
    let mut pages: Vec<String> = std::fs::read_dir(root().join("docs"))
        .unwrap()
        .filter_map(|entry| entry.unwrap().file_name().into_string().ok())
        .filter(|name| name.ends_with(".md"))
        .map(|name| format!("docs/{name}"))
        .collect();
    pages.extend(["README.md".to_owned(), "SECURITY.md".to_owned()]);
    pages.sort();
    pages
}

/// The targets of a page's links.
fn links(page: &str) -> Vec<String> {
    page.split("](")
        .skip(1)
        .filter_map(|rest| rest.split_once(')'))
        .map(|(target, _)| target.to_owned())
        .collect()
}

/// The name of a heading in an address, as forges make it.
fn anchor(heading: &str) -> String {
    heading
        .trim_start_matches('#')
        .trim()
        .to_lowercase()
        .chars()
        .filter_map(|letter| match letter {
            ' ' => Some('-'),
            letter if letter.is_alphanumeric() || letter == '-' || letter == '_' => Some(letter),
            _ => None,
        })
        .collect()
}

#[test]
fn no_link_leads_nowhere() {
    let mut followed = 0;
    for page in pages() {
        let folder = root().join(&page).parent().unwrap().to_owned();
        for target in links(&read(&page)) {
            if target.starts_with("https://") {
                continue;
            }
            let (file, heading) = target.split_once('#').unwrap_or((&target, ""));
            let file = if file.is_empty() {
                root().join(&page)
            } else {
                folder.join(file)
            };
            assert!(file.exists(), "{page} leads to {target}, which is not there");
            if !heading.is_empty() {
                let text = std::fs::read_to_string(&file).unwrap();
                assert!(
                    text.lines()
                        .any(|line| line.starts_with('#') && anchor(line) == heading),
                    "{page} leads to {target}, and there is no such heading"
                );
            }
            followed += 1;
        }
    }
    assert!(followed > 30, "only {followed} links were found");
}

#[test]
fn the_index_leads_to_every_page() {
    let index = read("docs/README.md");
    for page in pages() {
        let Some(name) = page.strip_prefix("docs/").filter(|name| *name != "README.md") else {
            continue;
        };
        assert!(
            index.contains(&format!("({name}")),
            "docs/README.md does not lead to {name}"
        );
    }
    assert!(read("README.md").contains("(docs/README.md)"));
}
