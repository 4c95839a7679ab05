//! The text form of a rule: includes, named expressions and requirements, in CEL with comments.
//!
//! ```text
//! // a comment, also inside an expression
//! include pod                     splices _shared/pod.cel in
//!
//! let pool =                      a variable; its expression is the indented lines below
//!   string(variables.podSpec.?nodeSelector[?'gpu-type'].orValue(''))
//!
//! require "the message of a denial"
//!   variables.pool != ''
//! ```

use std::collections::BTreeSet;

use super::PolicyError;

/// A named expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    /// The name after `variables.`.
    pub name: String,
    /// CEL text, without comments.
    pub expression: String,
}

/// What must hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Validation {
    /// One line that tells the author of the object what is wrong, without the policy's id.
    pub message: String,
    /// CEL text that gives `true` when it holds.
    pub expression: String,
}

/// A rule file with its includes resolved.
#[derive(Debug, Default)]
pub(super) struct Rule {
    pub(super) variables: Vec<Variable>,
    pub(super) validations: Vec<Validation>,
}

type Read<'a> = &'a dyn Fn(&str) -> Result<&'static str, PolicyError>;

/// Reads a rule file and drops the variables that no requirement needs.
pub(super) fn read(path: &str, parameters: &[&str], text_of: Read<'_>) -> Result<Rule, PolicyError> {
    let mut rule = Rule::default();
    splice(path, text_of, 0, &mut rule)?;
    let wrong = |reason: String| PolicyError::Rule {
        path: path.to_owned(),
        line: 1,
        reason,
    };
    let mut known: BTreeSet<&str> = parameters.iter().copied().collect();
    for variable in &rule.variables {
        if let Some(name) = uses(&variable.expression).find(|name| !known.contains(name)) {
            return Err(wrong(format!(
                "`{}` uses `variables.{name}` before it is defined",
                variable.name
            )));
        }
        if !known.insert(&variable.name) {
            return Err(wrong(format!("`{}` is defined twice", variable.name)));
        }
    }
    let mut needed = BTreeSet::new();
    for validation in &rule.validations {
        if let Some(name) = uses(&validation.expression).find(|name| !known.contains(name)) {
            return Err(wrong(format!("`variables.{name}` is not defined")));
        }
        needed.extend(uses(&validation.expression).map(str::to_owned));
    }
    for variable in rule.variables.iter().rev() {
        if needed.contains(&variable.name) {
            needed.extend(uses(&variable.expression).map(str::to_owned));
        }
    }
    rule.variables.retain(|variable| needed.contains(&variable.name));
    Ok(rule)
}

/// The names after `variables.` in an expression.
fn uses(expression: &str) -> impl Iterator<Item = &str> {
    expression.split("variables.").skip(1).map(|rest| {
        let end = rest
            .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
            .unwrap_or(rest.len());
        &rest[..end]
    })
}

fn splice(path: &str, text_of: Read<'_>, depth: usize, rule: &mut Rule) -> Result<(), PolicyError> {
    let lines: Vec<&str> = text_of(path)?.lines().collect();
    let mut at = 0;
    while at < lines.len() {
        let line = lines[at];
        at += 1;
        let number = at;
        let wrong = |reason: &str| PolicyError::Rule {
            path: path.to_owned(),
            line: number,
            reason: reason.to_owned(),
        };
        if line.trim().is_empty() || line.starts_with("//") {
            continue;
        }
        if let Some(name) = line.strip_prefix("include ") {
            if depth > 0 {
                return Err(wrong("a shared file may not include another one"));
            }
            splice(
                &format!("policies/_shared/{}.cel", name.trim()),
                text_of,
                depth + 1,
                rule,
            )?;
            continue;
        }
        let body = block(&lines, &mut at);
        if body.is_empty() {
            return Err(wrong(
                "allowed are `include <name>`, `let <name> =` and `require \"<message>\"`, the last two followed by indented lines",
            ));
        }
        if let Some(name) = line
            .strip_prefix("let ")
            .and_then(|rest| rest.trim().strip_suffix('='))
        {
            let name = name.trim();
            if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric()) {
                return Err(wrong("a variable's name consists of ASCII letters and digits"));
            }
            rule.variables.push(Variable {
                name: name.to_owned(),
                expression: body,
            });
        } else if let Some(message) = line
            .strip_prefix("require \"")
            .and_then(|rest| rest.trim_end().strip_suffix('"'))
        {
            rule.validations.push(Validation {
                message: message.to_owned(),
                expression: body,
            });
        } else {
            return Err(wrong(
                "allowed are `include <name>`, `let <name> =` and `require \"<message>\"`",
            ));
        }
    }
    Ok(())
}

/// The indented lines from `at` on, without comments and without their common two spaces.
fn block(lines: &[&str], at: &mut usize) -> String {
    let mut body = Vec::new();
    while let Some(line) = lines.get(*at).filter(|line| line.starts_with(' ')) {
        if !line.trim_start().starts_with("//") {
            body.push(line.strip_prefix("  ").unwrap_or(line).trim_end());
        }
        *at += 1;
    }
    body.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &'static str) -> Result<Rule, PolicyError> {
        read("r", &["given"], &move |path| {
            if path == "r" {
                Ok(text)
            } else {
                Ok("let pod =\n  object.spec\n")
            }
        })
    }

    #[test]
    fn a_rule_keeps_what_it_needs_in_order() {
        let rule = parse(
            "// why\ninclude pod\n\nlet unused =\n  1\n\nlet a =\n  variables.pod.x\n  // note\n    + 1\n\nrequire \"m: x\"\n  variables.a == variables.given\n",
        )
        .unwrap();
        let names: Vec<&str> = rule.variables.iter().map(|v| v.name.as_str()).collect();
        assert_eq!(names, ["pod", "a"]);
        assert_eq!(rule.variables[1].expression, "variables.pod.x\n  + 1");
        assert_eq!(rule.validations[0].message, "m: x");
    }

    #[test]
    fn mistakes_are_named_with_their_line() {
        for (text, part) in [
            ("let a =\n", "line 1"),
            ("\nmust x\n  1\n", "line 2: allowed are"),
            ("let a-b =\n  1\n", "letters and digits"),
            ("let a =\n  1\nlet a =\n  2\n", "defined twice"),
            ("let a =\n  variables.b\n", "before it is defined"),
            ("require \"m\"\n  variables.zz\n", "`variables.zz` is not defined"),
        ] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.contains(part), "{text:?} gave {error}");
        }
    }
}
