//! JSON Schemas within a document (OpenAPI 3.1, AsyncAPI 3.0), and whether JSON fits them.

use serde_json::{Value, json};

/// Why `value` does not fit `schema`, whose references are those of `document`. Fields that the schema does not name are
/// wrong, too: a document that leaves one out is not complete.
pub fn misfit(document: &Value, schema: &Value, value: &Value) -> Option<String> {
    let whole = json!({"components": document["components"], "allOf": [schema], "unevaluatedProperties": false});
    let validator = jsonschema::draft202012::new(&whole).unwrap_or_else(|error| panic!("{error}: {schema}"));
    let wrong: Vec<_> =
        validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect();
    (!wrong.is_empty()).then(|| wrong.join("\n"))
}

pub fn assert_fits(document: &Value, schema: &Value, value: &Value) {
    if let Some(wrong) = misfit(document, schema, value) {
        panic!("{value:#} does not fit {schema}:\n{wrong}");
    }
}

/// What a reference points to; a schema that is none is itself.
pub fn resolved<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str() {
        Some(reference) => {
            let target = document.pointer(reference.strip_prefix('#').unwrap());
            resolved(document, target.unwrap_or_else(|| panic!("{reference} points nowhere")))
        }
        None => schema,
    }
}
