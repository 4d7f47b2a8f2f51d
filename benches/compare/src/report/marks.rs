//! The part of a document that is written by `make bench`.

use std::io;

const BEGIN: &str = "<!-- benchmark -->\n";
const END: &str = "<!-- /benchmark -->";

/// The document `name` with another section between its marks.
pub fn replaced(name: &str, document: &str, section: &str) -> io::Result<String> {
    let begin = document.find(BEGIN).map(|at| at + BEGIN.len());
    let marks = begin.and_then(|begin| Some((begin, begin + document[begin..].find(END)?)));
    let Some((begin, end)) = marks else {
        return Err(io::Error::other(format!("{name} has no section between {} and {END}", BEGIN.trim_end())));
    };
    Ok(format!("{}{section}{}", &document[..begin], &document[end..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_between_the_marks_changes() {
        let document = "a\n<!-- benchmark -->\nold\n<!-- /benchmark -->\nb\n";
        let new = replaced("x.md", document, "new\n").expect("both marks");
        assert_eq!(new, "a\n<!-- benchmark -->\nnew\n<!-- /benchmark -->\nb\n");
        let error = replaced("x.md", "no marks", "new").expect_err("no marks").to_string();
        assert_eq!(error, "x.md has no section between <!-- benchmark --> and <!-- /benchmark -->");
    }
}
