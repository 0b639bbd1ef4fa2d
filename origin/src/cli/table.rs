//! Tables for people: columns as wide as they must be, two blanks between, no lines.

use std::io::{self, Write};

/// A table: a row of names, and rows of cells.
#[derive(Debug)]
pub(super) struct Table<const COLUMNS: usize> {
    rows: Vec<[String; COLUMNS]>,
}

impl<const COLUMNS: usize> Table<COLUMNS> {
    pub(super) fn new(names: [&str; COLUMNS]) -> Self {
        Self { rows: vec![names.map(str::to_ascii_uppercase)] }
    }

    pub(super) fn add(&mut self, cells: [String; COLUMNS]) {
        self.rows.push(cells.map(|cell| make_printable(&cell)));
    }

    pub(super) fn print(&self, out: &mut (dyn Write + Send)) -> io::Result<()> {
        let width = |column: usize| self.rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
        let widths: [usize; COLUMNS] = std::array::from_fn(width);
        for row in &self.rows {
            let cells: Vec<String> = row.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
            writeln!(out, "{}", cells.join("  ").trim_end())?;
        }
        Ok(())
    }
}

/// Labels are other people's words: none of them moves the cursor or rings the bell.
pub(super) fn make_printable(text: &str) -> String {
    text.chars().map(|char| if char.is_control() { char::REPLACEMENT_CHARACTER } else { char }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_by_characters_and_controls_are_shown() {
        let mut table = Table::new(["id", "label", "state"]);
        table.add(["a".into(), "Zoë's \u{1b}[31m".into(), "live".into()]);
        table.add(["bcd".into(), String::new(), String::new()]);
        let mut out = Vec::new();
        table.print(&mut out).unwrap();
        let expected = "ID   LABEL        STATE\na    Zoë's \u{fffd}[31m  live\nbcd\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}
