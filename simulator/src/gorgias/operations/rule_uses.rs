//! What the code of a rule uses, found in its tree.

use serde_json::Value;

/// Calls the function with every node of a tree.
fn walk<'a>(tree: &'a Value, visit: &mut dyn FnMut(&'a Value)) {
    visit(tree);
    match tree {
        Value::Object(members) => members.values().for_each(|inner| walk(inner, visit)),
        Value::Array(items) => items.iter().for_each(|inner| walk(inner, visit)),
        _ => {}
    }
}

/// The value of a literal property of an object in a tree.
fn property<'a>(object: &'a Value, name: &str) -> Option<&'a Value> {
    let mut properties = object["properties"].as_array()?.iter();
    let found = properties.find(|property| property["key"]["name"] == name || property["key"]["value"] == name)?;
    Some(&found["value"])
}

/// The macros that a rule's actions apply.
pub(super) fn macros(tree: &Value) -> Vec<i64> {
    let mut found = Vec::new();
    walk(tree, &mut |node| {
        let arguments = &node["arguments"];
        if node["callee"]["name"] == "Action" && arguments[0]["value"] == "applyMacro" {
            let id = ["macro_id", "id"]
                .into_iter()
                .find_map(|name| property(&arguments[1], name));
            found.extend(id.and_then(|id| id["value"].as_i64()));
        }
    });
    found
}

/// Whether a rule's code tells an integration by its number.
pub(super) fn names_integration(tree: &Value, id: i64) -> bool {
    let mut found = false;
    walk(tree, &mut |node| {
        let by_action = property(node, "integration_id").is_some_and(|value| value["value"] == id);
        let arguments = node["arguments"].as_array().map_or(&[][..], Vec::as_slice);
        let asks = arguments
            .iter()
            .any(|argument| argument["property"]["name"] == "integration_id");
        let by_test = asks
            && arguments.iter().any(|argument| {
                let listed = argument["elements"].as_array().map_or(&[][..], Vec::as_slice);
                argument["value"] == id || listed.iter().any(|element| element["value"] == id)
            });
        found |= by_action || by_test;
    });
    found
}

#[cfg(test)]
mod tests {
    use super::super::rule_code::parse;
    use super::*;

    #[test]
    fn what_rules_use_is_found() {
        let tree = parse(
            "if (containsAny(ticket.messages.integration_id, [4, 5])) { Action('applyMacro', {macro_id: 12}) }
             else { Action('addTags', {tags: '7'}) }",
        )
        .unwrap();
        assert_eq!(macros(&tree), [12]);
        assert!(names_integration(&tree, 5) && !names_integration(&tree, 7) && !names_integration(&tree, 12));
    }
}
