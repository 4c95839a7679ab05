//! The CEL environment of the offline evaluation: what the API server offers, as far as the policies use it.

use std::sync::Arc;

use cel::extractors::This;
use cel::objects::{Key, Map, Opaque};
use cel::{Context, Env, ExecutionError, Value, extensions};
use serde_json::Value as Json;

use crate::units::parse_milli;

/// A Kubernetes quantity inside an expression, in thousandths.
#[derive(Debug, PartialEq, Eq)]
struct Quantity(i128);

impl Opaque for Quantity {
    fn runtime_type_name(&self) -> &str {
        "kubernetes.Quantity"
    }
}

/// The standard environment with the strings extension; optional syntax belongs to the standard one.
pub(super) fn environment() -> Result<Arc<Env>, String> {
    let mut env = Env::stdlib();
    env.add_extension(extensions::strings)
        .map_err(|error| error.to_string())?;
    Ok(Arc::new(env))
}

/// A context with the functions of Kubernetes' quantity library.
pub(super) fn context(env: &Arc<Env>) -> Result<Context<'static, 'static>, String> {
    let mut context = Context::with_env(Arc::clone(env));
    let mut declared = context.add_function("quantity", |text: Arc<String>| {
        parse_milli(&text)
            .map(|milli| Value::Opaque(Arc::new(Quantity(milli))))
            .ok_or_else(|| ExecutionError::function_error("quantity", format!("`{text}` is not a quantity")))
    });
    declared = declared.and(
        context.add_function("isGreaterThan", |This(a): This<Value>, b: Value| {
            Ok::<_, ExecutionError>(milli(&a)? > milli(&b)?)
        }),
    );
    declared = declared.and(
        context.add_function("isLessThan", |This(a): This<Value>, b: Value| {
            Ok::<_, ExecutionError>(milli(&a)? < milli(&b)?)
        }),
    );
    declared = declared.and(
        context.add_function("compareTo", |This(a): This<Value>, b: Value| {
            Ok::<_, ExecutionError>(milli(&a)?.cmp(&milli(&b)?) as i64)
        }),
    );
    declared.map_err(|error| error.to_string())?;
    Ok(context)
}

fn milli(value: &Value) -> Result<i128, ExecutionError> {
    match value {
        Value::Opaque(opaque) => opaque.downcast_ref::<Quantity>().map(|q| q.0),
        _ => None,
    }
    .ok_or_else(|| ExecutionError::function_error("quantity", "the value is not a quantity"))
}

/// A JSON value as CEL sees it; whole numbers are `int`, as in the API server.
pub(super) fn value(json: &Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(b) => Value::Bool(*b),
        Json::Number(n) => n
            .as_i64()
            .map_or_else(|| Value::Float(n.as_f64().unwrap_or(f64::NAN)), Value::Int),
        Json::String(s) => Value::String(Arc::new(s.clone())),
        Json::Array(items) => Value::List(Arc::new(items.iter().map(value).collect())),
        Json::Object(fields) => Value::Map(Map {
            map: Arc::new(
                fields
                    .iter()
                    .map(|(k, v)| (Key::String(Arc::new(k.clone())), value(v)))
                    .collect(),
            ),
        }),
    }
}
