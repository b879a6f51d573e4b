//! Reads the description into what the page shows.

use serde_json::Value;

use super::schema;
use crate::views::api_reader::{BodyText, Operation, OperationGroup, Parameter, ResponseText};

/// A text of the description, by its pointer; empty when there is none.
pub(super) fn text(value: &Value, pointer: &str) -> String {
    value
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}

/// The paragraphs of a text: lines that belong together are joined, marks of code are left out.
pub(super) fn paragraphs(text: &str) -> Vec<String> {
    text.split("\n\n")
        .map(|paragraph| {
            paragraph
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" ")
                .replace('`', "")
        })
        .filter(|paragraph| !paragraph.is_empty())
        .collect()
}

fn sentence(text: &str) -> String {
    paragraphs(text).join(" ")
}

/// The operations by tag, in the order of the tags.
pub(super) fn groups(description: &Value) -> Vec<OperationGroup> {
    list(description, "/tags")
        .iter()
        .map(|tag| {
            let name = text(tag, "/name");
            OperationGroup {
                anchor: format!("group-{}", anchor(&name)),
                about: sentence(&text(tag, "/description")),
                operations: operations(description, &name),
                name,
            }
        })
        .collect()
}

fn operations(description: &Value, tag: &str) -> Vec<Operation> {
    let mut found = Vec::new();
    let paths = description.pointer("/paths").and_then(Value::as_object);
    for (path, item) in paths.into_iter().flatten() {
        for (method, operation) in item.as_object().into_iter().flatten() {
            if text(operation, "/tags/0") == tag {
                found.push(read(description, path, method, operation));
            }
        }
    }
    found
}

fn read(description: &Value, path: &str, method: &str, operation: &Value) -> Operation {
    let scope = text(operation, "/security/0/api_key/0");
    Operation {
        anchor: anchor(&text(operation, "/operationId")),
        method: method.to_uppercase(),
        path: path.to_owned(),
        summary: sentence(&text(operation, "/summary")),
        description: paragraphs(&text(operation, "/description")),
        scope: (!scope.is_empty()).then_some(scope),
        parameters: list(operation, "/parameters").iter().map(parameter).collect(),
        request: operation
            .pointer("/requestBody/content")
            .and_then(|content| body(description, content)),
        responses: responses(description, operation),
        example: None,
    }
}

fn parameter(it: &Value) -> Parameter {
    Parameter {
        name: text(it, "/name"),
        place: text(it, "/in"),
        kind: schema::kind(it.pointer("/schema").unwrap_or(&Value::Null)),
        required: it.pointer("/required") == Some(&Value::Bool(true)),
        about: sentence(&text(it, "/description")),
    }
}

fn responses(description: &Value, operation: &Value) -> Vec<ResponseText> {
    let responses = operation.pointer("/responses").and_then(Value::as_object);
    responses
        .into_iter()
        .flatten()
        .map(|(status, response)| ResponseText {
            status: status.clone(),
            about: sentence(&text(response, "/description")),
            // Every failure has the same shape, which the introduction explains.
            body: response
                .pointer("/content")
                .filter(|_| status.starts_with('2'))
                .and_then(|content| body(description, content)),
        })
        .collect()
}

fn body(description: &Value, content: &Value) -> Option<BodyText> {
    let (media, content) = content
        .as_object()?
        .iter()
        .find(|(media, _)| media.contains("json"))?;
    let shape = content.pointer("/schema")?;
    Some(BodyText {
        media: media.clone(),
        schema: schema::lines(description, shape),
        example: schema::example(description, shape)
            .and_then(|example| serde_json::to_string_pretty(&example).ok())
            .unwrap_or_default(),
    })
}

/// Adds to each operation a line that can be pasted into a terminal.
pub(super) fn with_curl(groups: &[OperationGroup], base_url: &str) -> Vec<OperationGroup> {
    let mut groups = groups.to_vec();
    for operation in groups.iter_mut().flat_map(|group| &mut group.operations) {
        let mut line = format!(
            "curl -X {} '{base_url}{}' \\\n  -H \"Authorization: Bearer $COUNTERSIGN_KEY\"",
            operation.method, operation.path
        );
        if let Some(request) = &operation.request {
            line.push_str(" \\\n  -H 'Content-Type: application/json' \\\n  -d '");
            line.push_str(&request.example);
            line.push('\'');
        }
        operation.example = Some(line);
    }
    groups
}

fn list<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    value
        .pointer(pointer)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

fn anchor(text: &str) -> String {
    text.chars()
        .map(|letter| {
            if letter.is_ascii_alphanumeric() {
                letter.to_ascii_lowercase()
            } else {
                '-'
            }
        })
        .collect()
}
