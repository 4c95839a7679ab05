//! One request to an API server.

use http::{Method, Request};
use serde_json::Value;

use super::ClusterError;

/// Who a request is made as, instead of the user of the kubeconfig.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct As {
    /// The user.
    pub user: String,
    /// The groups.
    pub groups: Vec<String>,
}

/// One request; see the constructors.
#[derive(Debug, Clone)]
pub struct Call {
    method: Method,
    path: String,
    query: Vec<(&'static str, String)>,
    content_type: &'static str,
    body: Option<Value>,
    identity: Option<As>,
}

impl Call {
    fn new(method: Method, path: impl Into<String>, content_type: &'static str, body: Option<Value>) -> Self {
        Self {
            method,
            path: path.into(),
            query: Vec::new(),
            content_type,
            body,
            identity: None,
        }
    }

    /// Reads an object or a list.
    pub fn get(path: impl Into<String>) -> Self {
        Self::new(Method::GET, path, "", None)
    }

    /// Creates an object.
    pub fn post(path: impl Into<String>, body: Value) -> Self {
        Self::new(Method::POST, path, "application/json", Some(body))
    }

    /// Replaces an object; its `resourceVersion` is the precondition.
    pub fn put(path: impl Into<String>, body: Value) -> Self {
        Self::new(Method::PUT, path, "application/json", Some(body))
    }

    /// Server-side apply; JSON is YAML, so the body is sent as it is.
    pub fn apply(path: impl Into<String>, body: Value, manager: &str, force: bool) -> Self {
        Self::new(Method::PATCH, path, "application/apply-patch+yaml", Some(body))
            .with("fieldManager", manager)
            .with("force", if force { "true" } else { "false" })
            // An unknown field is a mistake of ours or a version that does not fit: say so.
            .with("fieldValidation", "Strict")
    }

    /// A JSON patch (RFC 6902).
    pub fn json_patch(path: impl Into<String>, body: Value, manager: &str) -> Self {
        Self::new(Method::PATCH, path, "application/json-patch+json", Some(body))
            .with("fieldManager", manager)
    }

    /// Adds a query parameter.
    #[must_use]
    pub fn with(mut self, key: &'static str, value: impl Into<String>) -> Self {
        self.query.push((key, value.into()));
        self
    }

    /// Makes the server go through everything but the write.
    #[must_use]
    pub fn dry_run(self) -> Self {
        self.with("dryRun", "All")
    }

    /// Makes the request as somebody else; needs the right to impersonate.
    #[must_use]
    pub fn impersonating(mut self, identity: As) -> Self {
        self.identity = Some(identity);
        self
    }

    /// What the request does, for messages: `PATCH /api/v1/nodes/a`.
    pub(super) fn doing(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    pub(super) fn request(&self) -> Result<Request<Vec<u8>>, ClusterError> {
        let query: Vec<String> = self
            .query
            .iter()
            .map(|(key, value)| format!("{key}={}", escape(value)))
            .collect();
        let separator = if query.is_empty() { "" } else { "?" };
        let mut builder = Request::builder()
            .method(self.method.clone())
            .uri(format!("{}{separator}{}", self.path, query.join("&")))
            .header("accept", "application/json");
        if self.body.is_some() {
            builder = builder.header("content-type", self.content_type);
        }
        if let Some(identity) = &self.identity {
            builder = builder.header("impersonate-user", &identity.user);
            for group in &identity.groups {
                builder = builder.header("impersonate-group", group);
            }
        }
        let body = self.body.as_ref().map(|body| body.to_string().into_bytes());
        builder
            .body(body.unwrap_or_default())
            .map_err(|cause| ClusterError::NotUnderstood {
                doing: self.doing(),
                cause: cause.to_string(),
            })
    }
}

/// Percent-encodes everything but RFC 3986's unreserved characters.
pub(super) fn escape(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if plain(byte) {
            escaped.push(char::from(byte));
        } else {
            escaped.push_str(&format!("%{byte:02X}"));
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn query_and_identity_reach_the_request() {
        let identity = As {
            user: "platform:probe".into(),
            groups: vec!["oidc:a".into(), "system:authenticated".into()],
        };
        let call = Call::get("/api/v1/nodes").with("labelSelector", "gpu-type=h100,a in (b)");
        let request = call
            .dry_run()
            .impersonating(identity)
            .request()
            .expect("a request");
        assert_eq!(
            request.uri().to_string(),
            "/api/v1/nodes?labelSelector=gpu-type%3Dh100%2Ca%20in%20%28b%29&dryRun=All"
        );
        let groups: Vec<_> = request.headers().get_all("impersonate-group").iter().collect();
        assert_eq!(groups, ["oidc:a", "system:authenticated"], "one header per group");
    }

    #[test]
    fn a_group_that_is_no_header_is_an_error_not_a_panic() {
        let identity = As {
            user: "u".into(),
            groups: vec!["a\nb".into()],
        };
        let error = Call::get("/").impersonating(identity).request().err();
        assert!(
            matches!(error, Some(ClusterError::NotUnderstood { .. })),
            "{error:?}"
        );
    }
}
