//! Finds the examples of a page, and compares what they print with what the page says.

/// An example: what is typed, and what it prints.
#[derive(Debug)]
pub(crate) struct Example {
    /// The line of the page where it stands.
    pub(crate) line: usize,
    /// What is typed.
    pub(crate) script: String,
    /// What it prints; `…` stands for anything. Nothing where the page shows nothing.
    pub(crate) prints: String,
}

/// The examples of a page in their order.
pub(crate) fn examples(page: &str) -> Vec<Example> {
    let mut found: Vec<Example> = Vec::new();
    let mut lines = page.lines().enumerate();
    while let Some((index, line)) = lines.next() {
        let place = index + 1;
        match line.trim() {
            "<!-- run -->" => {
                let script = fenced(&mut lines, "```sh", place);
                found.push(Example {
                    line: place,
                    script,
                    prints: String::new(),
                });
            }
            "<!-- prints -->" => {
                let text = fenced(&mut lines, "```", place);
                let last = found
                    .last_mut()
                    .expect("something that runs comes before what it prints");
                assert!(
                    last.prints.is_empty(),
                    "line {place}: the example prints two blocks"
                );
                last.prints = text;
            }
            other => assert!(
                !other.starts_with("<!--"),
                "line {place}: {other} is none of the marks that are known"
            ),
        }
    }
    found
}

/// The fenced block that begins on the next line.
fn fenced<'a>(lines: &mut impl Iterator<Item = (usize, &'a str)>, opening: &str, place: usize) -> String {
    let (_, first) = lines.next().expect("a block after the mark");
    assert!(
        first.starts_with(opening),
        "line {place}: a block {opening} has to follow the mark at once"
    );
    let mut text = String::new();
    for (_, line) in lines {
        if line == "```" {
            return text;
        }
        text.push_str(line);
        text.push('\n');
    }
    panic!("line {place}: the block does not end");
}

/// Whether what was printed is what the page says. White space has no say; `…` stands for anything.
pub(crate) fn fits(said: &str, printed: &str) -> bool {
    let squeezed = |text: &str| text.split_whitespace().collect::<String>();
    let (said, printed) = (squeezed(said), squeezed(printed));
    let mut pieces = said.split('…');
    let Some(mut rest) = printed.strip_prefix(pieces.next().unwrap_or_default()) else {
        return false;
    };
    let mut pieces: Vec<&str> = pieces.collect();
    let Some(last) = pieces.pop() else {
        return rest.is_empty();
    };
    for piece in pieces {
        match rest.split_once(piece) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[test]
fn what_is_printed_is_compared_to_its_end() {
    assert!(fits("{ \"a\": 1 }", "{\"a\":1}\n"));
    assert!(fits("a … c …", "a b b c\nd"));
    assert!(fits("…c", "abc"));
    assert!(!fits("", "something"));
    assert!(!fits("a", "ab"));
    assert!(!fits("a…c", "a b"));
    assert!(!fits("a…b…b", "a b"));
    assert!(!fits("b…", "ab"));
}

#[test]
fn an_example_has_its_block_and_what_it_prints() {
    let found = examples(
        "text\n<!-- run -->\n```sh\necho a\n```\n\n<!-- prints -->\n```text\na\n```\n<!-- run -->\n```sh\ntrue\n```\n",
    );
    assert_eq!(found.len(), 2);
    assert_eq!(
        (found[0].line, found[0].script.as_str(), found[0].prints.as_str()),
        (2, "echo a\n", "a\n")
    );
    assert!(found[1].prints.is_empty());
}
