//! What a test writes goes over what is usual.

use serde_json::Value;

/// Puts the members of `changes` into `usual`; one that is null takes the member away.
pub(crate) fn merge(usual: &mut Value, changes: &Value) {
    let usual = usual.as_object_mut().expect("what is usual is an object");
    let Some(changes) = changes.as_object() else { return };
    for (name, value) in changes {
        if value.is_null() {
            usual.remove(name);
        } else {
            usual.insert(name.clone(), value.clone());
        }
    }
}
