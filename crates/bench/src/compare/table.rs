//! Markdown tables.

/// The first two lines.
pub fn head(title: &str, columns: &[&str]) {
    println!("\n### {title}\n\n| {} |\n|{}", columns.join(" | "), "---|".repeat(columns.len()));
}

pub fn row<const N: usize>(cells: [String; N]) {
    println!("| {} |", cells.join(" | "));
}

/// A dash for what is not known.
pub fn dash<T>(value: Option<T>, form: impl FnOnce(T) -> String) -> String {
    value.map_or_else(|| "-".to_owned(), form)
}
