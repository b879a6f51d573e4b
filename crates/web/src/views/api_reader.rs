//! The reader of the API description: server-rendered, no script.

use askama::Template;

use super::layout::Layout;

/// The whole description on one page.
#[derive(Template)]
#[template(path = "docs/api_reader.html")]
pub struct ApiReader {
    /// The frame.
    pub layout: Layout,
    /// The document's title.
    pub title: String,
    /// The document's version.
    pub version: String,
    /// The document's introduction, one paragraph an entry.
    pub introduction: Vec<String>,
    /// The address that the paths are added to.
    pub base_url: String,
    /// The operations by tag.
    pub groups: Vec<OperationGroup>,
}

/// The operations under one tag.
#[derive(Clone, Debug)]
pub struct OperationGroup {
    /// The anchor, unique on the page.
    pub anchor: String,
    /// The tag's name.
    pub name: String,
    /// What the tag is about; may be empty.
    pub about: String,
    /// Its operations.
    pub operations: Vec<Operation>,
}

/// One operation.
#[derive(Clone, Debug)]
pub struct Operation {
    /// The anchor, unique on the page.
    pub anchor: String,
    /// Upper case.
    pub method: String,
    /// With its `{places}`.
    pub path: String,
    /// One line.
    pub summary: String,
    /// Paragraphs.
    pub description: Vec<String>,
    /// The scope that a key needs; none for open ones.
    pub scope: Option<String>,
    /// Path, query and header parameters.
    pub parameters: Vec<Parameter>,
    /// What to send.
    pub request: Option<BodyText>,
    /// What comes back.
    pub responses: Vec<ResponseText>,
    /// A `curl` line, where there is one.
    pub example: Option<String>,
}

impl Operation {
    /// The tone of the method's badge.
    #[must_use]
    pub fn tone(&self) -> &'static str {
        match self.method.as_str() {
            "GET" => "plain",
            "DELETE" => "bad",
            "PUT" | "PATCH" => "warn",
            _ => "good",
        }
    }
}

/// One parameter.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// `path`, `query` or `header`.
    pub place: String,
    /// Its type in words.
    pub kind: String,
    /// True where it must be given.
    pub required: bool,
    /// What it is for.
    pub about: String,
}

/// A body, as text.
#[derive(Clone, Debug)]
pub struct BodyText {
    /// The media type.
    pub media: String,
    /// The shape, written for people.
    pub schema: String,
    /// An example; may be empty.
    pub example: String,
}

/// One answer.
#[derive(Clone, Debug)]
pub struct ResponseText {
    /// The status, `200`.
    pub status: String,
    /// What it means.
    pub about: String,
    /// The body, where it has one.
    pub body: Option<BodyText>,
}

impl ResponseText {
    /// The tone of the status badge.
    #[must_use]
    pub fn tone(&self) -> &'static str {
        if self.status.starts_with('2') {
            "good"
        } else {
            "warn"
        }
    }
}
