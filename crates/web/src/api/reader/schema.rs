//! Writes schemas for people.

use serde_json::{Map, Value};

/// How deep shapes are followed: deeper than any of ours.
const DEEPEST: usize = 6;

/// The type in words, such as `text`, `number or null`.
pub(super) fn kind(schema: &Value) -> String {
    if schema.get("$ref").is_some() || schema.get("allOf").is_some() {
        return "object".to_owned();
    }
    match schema.get("type") {
        Some(Value::String(one)) if one == "array" => {
            let inner = schema.get("items").map_or_else(String::new, kind);
            format!("list of {inner}s")
        }
        Some(Value::String(one)) => word(one).to_owned(),
        Some(Value::Array(several)) => several
            .iter()
            .filter_map(Value::as_str)
            .map(word)
            .collect::<Vec<_>>()
            .join(" or "),
        _ => "anything".to_owned(),
    }
}

fn word(name: &str) -> &str {
    match name {
        "string" => "text",
        "integer" => "number",
        "boolean" => "true or false",
        other => other,
    }
}

/// One line for each field: its name, its type, whether it is required.
pub(super) fn lines(root: &Value, schema: &Value) -> String {
    let fields = fields(root, schema, 0);
    let width = fields.iter().map(|(name, ..)| name.len()).max().unwrap_or(0);
    fields
        .iter()
        .map(|(name, field, required)| {
            let required = if *required { ", required" } else { "" };
            format!("{name:width$}  {}{required}", kind(field))
        })
        .collect::<Vec<_>>()
        .join("\n")
}

/// An example that is put together from the examples of the fields.
pub(super) fn example(root: &Value, schema: &Value) -> Option<Value> {
    example_at(root, schema, 0)
}

fn example_at(root: &Value, schema: &Value, depth: usize) -> Option<Value> {
    if depth > DEEPEST {
        return None;
    }
    if let Some(example) = schema.get("example") {
        return Some(example.clone());
    }
    if schema.get("type").and_then(Value::as_str) == Some("array") {
        let inner = schema
            .get("items")
            .and_then(|items| example_at(root, items, depth + 1));
        return Some(Value::Array(inner.into_iter().collect()));
    }
    let fields = fields(root, schema, depth);
    if fields.is_empty() {
        return match schema.get("type").and_then(Value::as_str) {
            Some("boolean") => Some(Value::Bool(true)),
            Some("integer") => Some(Value::from(1)),
            Some("object") => Some(Value::Object(Map::new())),
            _ => None,
        };
    }
    let mut object = Map::new();
    for (name, field, _) in fields {
        if let Some(value) = example_at(root, &field, depth + 1) {
            object.insert(name, value);
        }
    }
    Some(Value::Object(object))
}

/// The fields of an object, its references followed.
fn fields(root: &Value, schema: &Value, depth: usize) -> Vec<(String, Value, bool)> {
    if depth > DEEPEST {
        return Vec::new();
    }
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        return root
            .pointer(reference.trim_start_matches('#'))
            .map(|target| fields(root, target, depth + 1))
            .unwrap_or_default();
    }
    if let Some(parts) = schema.get("allOf").and_then(Value::as_array) {
        return parts
            .iter()
            .flat_map(|part| fields(root, part, depth + 1))
            .collect();
    }
    let required = |name: &str| {
        schema
            .get("required")
            .and_then(Value::as_array)
            .is_some_and(|names| names.iter().any(|one| one == name))
    };
    schema
        .get("properties")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .map(|(name, field)| (name.clone(), field.clone(), required(name)))
        .collect()
}
