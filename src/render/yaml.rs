//! The one place where YAML is written, and the check that every written file must pass.

use serde::Serialize;
use serde_json::Value;

/// Why a file must not leave the renderer; always a bug of a blueprint or of the renderer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// The serialiser refused.
    #[error("`{path}` cannot be written as YAML: {cause}")]
    Serialise {
        /// The file.
        path: String,
        /// What the library says.
        cause: String,
    },
    /// What was written does not read back.
    #[error("`{path}` does not hold what was meant: {cause}")]
    PostCondition {
        /// The file.
        path: String,
        /// What is wrong.
        cause: String,
    },
}

/// Writes values as one YAML stream with a comment line first; strings that another reader could take for
/// something else are quoted.
///
/// Order of keys: as in the values. Source of the quoting rules: `serde-saphyr`, checked against YAML 1.1 readers.
pub(super) fn write<T: Serialize>(path: &str, comment: &str, documents: &[T]) -> Result<Vec<u8>, WriteError> {
    let options = serde_saphyr::ser_options! {
        compact_list_indent: true,
        folded_wrap_chars: 1_000_000,
    };
    let mut text = format!("# {comment}\n");
    for (index, document) in documents.iter().enumerate() {
        if index > 0 {
            text.push_str("---\n");
        }
        serde_saphyr::to_fmt_writer_with_options(&mut text, document, options.clone()).map_err(|error| {
            WriteError::Serialise {
                path: path.to_owned(),
                cause: error.to_string(),
            }
        })?;
    }
    Ok(text.into_bytes())
}

/// The cheap part of the post-condition, for values that are about to be written: they are objects of Kubernetes.
pub(super) fn check_objects(path: &str, documents: &[Value]) -> Result<(), WriteError> {
    documents
        .iter()
        .try_for_each(|document| match object_defect(document) {
            None => Ok(()),
            Some(cause) => Err(WriteError::PostCondition {
                path: path.to_owned(),
                cause,
            }),
        })
}

/// What an object of Kubernetes lacks, if anything.
fn object_defect(document: &Value) -> Option<String> {
    let text = |value: Option<&Value>| value.and_then(Value::as_str).is_some_and(|s| !s.is_empty());
    let named = text(document.get("metadata").and_then(|m| m.get("name")));
    let kustomization = document.get("kind").and_then(Value::as_str) == Some("Kustomization")
        && document.get("apiVersion").and_then(Value::as_str) == Some("kustomize.config.k8s.io/v1beta1");
    [
        ("apiVersion", text(document.get("apiVersion"))),
        ("kind", text(document.get("kind"))),
        ("metadata.name", named || kustomization),
    ]
    .into_iter()
    .find_map(|(field, there)| (!there).then(|| format!("a document has no `{field}`")))
}

/// Reads a file back with the independent reader, as JSON values, one per document.
pub fn read_back(path: &str, bytes: &[u8]) -> Result<Vec<Value>, WriteError> {
    use serde::Deserialize;
    let broken = |cause: String| WriteError::PostCondition {
        path: path.to_owned(),
        cause,
    };
    let text = std::str::from_utf8(bytes).map_err(|error| broken(error.to_string()))?;
    serde_yaml::Deserializer::from_str(text)
        .map(|document| Value::deserialize(document).map_err(|error| broken(error.to_string())))
        .filter(|document| !matches!(document, Ok(Value::Null)))
        .collect()
}

/// The cheap part of the post-condition for text that a blueprint made: each document is an object of Kubernetes.
///
/// Every hole of a blueprint is one JSON string on one line, so lines that begin with a key are the blueprint's own.
/// `platform test` and the tests read the whole file back with two readers.
pub(super) fn check_text(path: &str, text: &str) -> Result<(), WriteError> {
    let broken = |cause: String| WriteError::PostCondition {
        path: path.to_owned(),
        cause,
    };
    let mut documents = 0;
    for document in text.split("\n---\n") {
        documents += 1;
        let mut in_metadata = false;
        let (mut api_version, mut kind, mut name) = (false, false, false);
        for line in document.lines() {
            if line.contains('\t') {
                return Err(broken("a line holds a tab".to_owned()));
            }
            if !line.starts_with([' ', '#']) {
                in_metadata = line == "metadata:";
                api_version |= line.len() > 12 && line.starts_with("apiVersion: ");
                kind |= line.len() > 6 && line.starts_with("kind: ");
            }
            name |= in_metadata && line.len() > 8 && line.starts_with("  name: ");
        }
        let missing = [
            ("apiVersion", api_version),
            ("kind", kind),
            ("metadata.name", name),
        ];
        if let Some((field, _)) = missing.into_iter().find(|(_, there)| !there) {
            return Err(broken(format!("document {documents} has no `{field}`")));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn awkward_strings_come_back_as_they_went() {
        let awkward = [
            "no",
            "on",
            "y",
            "yes",
            "off",
            "n",
            "~",
            "null",
            "1_000",
            "1e3",
            "0777",
            "0o17",
            "12:30:45",
            "2026-11-23",
            "=",
            "<<",
            "*a",
            "&a",
            "!x",
            "- x",
            "# x",
            "a: b",
            "a #b",
            "{{ x }}",
            "[[ x ]]",
            "${VAR}",
            "'",
            "\"",
            "\\",
            "%",
            "@",
            "`",
            "",
            " ",
            " a",
            "a ",
            "---",
            "...",
            ":",
            "?",
            "|",
            ">",
            "é",
            "💥",
            "مرحبا",
            "a\u{200b}b",
            "0x1F",
            "+1",
            "1.",
            ".5",
            "NaN",
            ".inf",
            "line\nline",
            "line\n",
            "\n",
            "a\n\n",
            "\ta",
        ];
        for text in awkward {
            let document = serde_json::json!({"apiVersion": "v1", "kind": "K", "metadata": {"name": "n"}, text: text, "list": [text]});
            let bytes = write("x.yaml", "test", std::slice::from_ref(&document)).unwrap();
            assert_eq!(
                read_back("x.yaml", &bytes).unwrap(),
                vec![document.clone()],
                "serde_yaml, {text:?}"
            );
            let ours: Value = serde_saphyr::from_slice(&bytes).unwrap();
            assert_eq!(ours, document, "serde-saphyr, {text:?}");
        }
        let long = "x ".repeat(5_000);
        let bytes = write("x.yaml", "test", &[serde_json::json!({"a": long})]).unwrap();
        assert_eq!(read_back("x.yaml", &bytes).unwrap()[0]["a"], long);
    }

    #[test]
    fn text_of_a_blueprint_is_checked_document_by_document() {
        let good = "# made\napiVersion: v1\nkind: Namespace\nmetadata:\n  name: \"x\"\n";
        check_text("a.yaml", good).unwrap();
        check_text("a.yaml", &format!("{good}---\n{good}")).unwrap();
        for (text, cause) in [
            (good.replace("kind", "find"), "document 1 has no `kind`"),
            (
                format!("{good}---\n{}", good.replace("  name", "  game")),
                "document 2 has no `metadata.name`",
            ),
            (
                good.replace("metadata:", "spec:"),
                "document 1 has no `metadata.name`",
            ),
            (format!("{good}\tx: y\n"), "a line holds a tab"),
        ] {
            let error = check_text("a.yaml", &text).unwrap_err().to_string();
            assert_eq!(error, format!("`a.yaml` does not hold what was meant: {cause}"));
        }
    }

    #[test]
    fn a_document_without_a_name_is_refused() {
        let error = check_objects(
            "a.yaml",
            &[serde_json::json!({"apiVersion": "v1", "kind": "Pod"})],
        )
        .unwrap_err();
        assert_eq!(
            error.to_string(),
            "`a.yaml` does not hold what was meant: a document has no `metadata.name`"
        );
    }
}
