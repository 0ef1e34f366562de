//! Tables.

use super::{
    fonts::{self, Weight},
    marks::{BODY, Mark, SMALL, Style},
    paper::{LEADING, MARGIN, Paper, WIDTH},
    tags::{Element, Role},
};

/// A column of a table.
#[derive(Debug, Clone)]
pub(super) struct Column {
    pub heading: String,
    /// Its part of the width, relative to the others.
    pub share: f32,
    pub right: bool,
}

/// A cell of a table.
#[derive(Debug, Clone)]
pub(super) enum Cell {
    /// Words, and smaller ones under them.
    Words(String, String),
    /// A drawing that says nothing which the row does not say in figures.
    Drawing(String),
}

/// Between columns of a table.
const GAP: f32 = 7.0;

impl Paper {
    /// A table from margin to margin; its first column names the rows. `draw` makes a drawing of a given width.
    pub fn table(
        &mut self,
        columns: &[Column],
        rows: &[Vec<Cell>],
        draw: impl Fn(&str, f32, f32, f32) -> (Vec<Mark>, f32),
    ) {
        let total: f32 = columns.iter().map(|column| column.share).sum();
        let room = WIDTH - GAP * (columns.len().saturating_sub(1)) as f32;
        let widths: Vec<f32> = columns.iter().map(|column| room * column.share / total).collect();
        let mut table = Element::new(Role::Table);
        let heads: Vec<Cell> =
            columns.iter().map(|column| Cell::Words(String::new(), column.heading.clone())).collect();
        for (number, cells) in std::iter::once(&heads).chain(rows).enumerate() {
            let height =
                cells.iter().zip(&widths).map(|(cell, width)| height(cell, *width)).fold(0.0, f32::max);
            self.need(height + 5.0);
            let mut row = Element::new(Role::Row);
            let mut x = MARGIN.0;
            for (place, ((cell, width), column)) in cells.iter().zip(&widths).zip(columns).enumerate() {
                let role = match (number, place) {
                    (0, _) => Role::ColumnHead,
                    (_, 0) => Role::RowHead,
                    _ => Role::Cell,
                };
                let mut element = Element::new(role);
                match cell {
                    Cell::Words(words, note) => {
                        let weight = if place == 0 { Weight::Bold } else { Weight::Regular };
                        let mut marks = Vec::new();
                        let mut y = self.y;
                        for (text, style) in [
                            (words, Style { weight, size: 8.0, ..BODY }),
                            (note, Style { size: 7.0, ..SMALL }),
                        ] {
                            for line in cell_lines(text, style, *width) {
                                let used = fonts::width(line.trim_end(), style.weight) * style.size;
                                let x = if column.right { x + width - used } else { x };
                                marks.push(Mark::Text { x, y: y + style.size, style, text: line });
                                y += style.size * LEADING;
                            }
                        }
                        if !marks.is_empty() {
                            let child = self.put(marks);
                            element.children.push(child);
                        }
                    }
                    Cell::Drawing(svg) => {
                        for mark in draw(svg, x, self.y, *width).0 {
                            self.decorate(mark);
                        }
                    }
                }
                row = row.with(element);
                x += width + GAP;
            }
            table = table.with(row);
            self.y += height + 1.5;
            self.rule();
            self.y += 2.5;
        }
        self.tree.push(table);
        self.space(4.0);
    }
}

fn cell_lines(text: &str, style: Style, width: f32) -> Vec<String> {
    if text.is_empty() { Vec::new() } else { fonts::lines(text, style.weight, width / style.size) }
}

/// How high a cell is.
fn height(cell: &Cell, width: f32) -> f32 {
    match cell {
        Cell::Words(words, note) => {
            let bold = Style { weight: Weight::Bold, size: 8.0, ..BODY };
            let small = Style { size: 7.0, ..SMALL };
            cell_lines(words, bold, width).len() as f32 * 8.0 * LEADING
                + cell_lines(note, small, width).len() as f32 * 7.0 * LEADING
        }
        Cell::Drawing(_) => 14.0,
    }
}
