//! The lists of root programmes, known by what is in them: never a panic, and of what is read every condition comes back
//! from its lines.

use certpath::{Constraints, read_any_list};

pub(super) fn run(data: &[u8]) -> &'static str {
    let Some(read) = read_any_list(data) else { return "no list" };
    let Ok(constraints) = read else { return "a damaged list" };
    for one in &constraints {
        assert_eq!(Constraints::from_lines(&one.lines()).as_ref(), Some(one));
    }
    if constraints.is_empty() { "a list without anchors" } else { "a list" }
}
