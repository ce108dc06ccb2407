//! What was measured, beside its limit: for programs in `target/bench/report.json`, for people as a table.

use serde::Serialize;
use std::path::Path;

/// A figure.
#[derive(Debug, Serialize)]
pub struct Figure {
    /// Its name, which stays.
    pub name: &'static str,
    /// What was measured.
    pub value: f64,
    /// In what.
    pub unit: &'static str,
    /// The limit, measured in the same run; where there is none to measure, the goal.
    pub limit: f64,
    /// The value in parts of the limit.
    pub ratio: f64,
    /// The goal, in parts of the limit.
    #[serde(skip)]
    goal: Goal,
    /// What the limit is.
    #[serde(skip)]
    of: &'static str,
}

/// What is to be reached.
#[derive(Debug, Clone, Copy)]
pub enum Goal {
    /// At least this part of the limit.
    AtLeast(f64),
    /// At most the limit.
    Within,
    /// None is set: it is watched, so that it does not fall unnoticed.
    Watched,
}

impl Figure {
    /// A figure with its limit.
    pub fn new(name: &'static str, unit: &'static str, value: f64, (limit, of): (f64, &'static str), goal: Goal) -> Self {
        let rounded = |number: f64| (number * 100.0).round() / 100.0;
        Self {
            name,
            unit,
            goal,
            of,
            value: rounded(value),
            limit: rounded(limit),
            ratio: (value / limit * 1000.0).round() / 1000.0,
        }
    }

    fn row(&self) -> String {
        let word = |reached| if reached { "yes" } else { "no" };
        let (goal, reached) = match self.goal {
            Goal::AtLeast(part) => (format!("≥ {part:.2}"), word(self.ratio >= part)),
            Goal::Within => ("≤ 1.00".to_owned(), word(self.ratio <= 1.0)),
            Goal::Watched => ("-".to_owned(), "-"),
        };
        let number = |value: f64| if value < 1000.0 { format!("{value:.1}") } else { format!("{value:.0}") };
        let (value, limit) = (number(self.value), number(self.limit));
        format!("| `{}` | {value} {} | {limit} ({}) | {:.2} | {goal} | {reached} |", self.name, self.unit, self.of, self.ratio)
    }
}

/// Prints the table as it stands in `docs/BENCHMARKS.md`.
pub fn print(figures: &[Figure]) {
    println!("| figure | measured | limit | ratio | goal | reached |\n|---|---|---|---|---|---|");
    for figure in figures {
        println!("{}", figure.row());
    }
}

/// Writes the report.
pub fn write(figures: &[Figure], path: &Path) {
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("the target folder can be written");
    std::fs::write(path, serde_json::to_vec_pretty(figures).expect("JSON")).expect("the report is written");
}

/// The middle one.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
