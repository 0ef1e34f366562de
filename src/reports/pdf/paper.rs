//! Pages of A4: text flows down them, each piece in its place in the tree that readers of a tagged PDF follow.
//!
//! Everything is laid out first, as marks on pages and a tree of elements; then [`Paper::finish`] hands both to the
//! writer of PDF.

use std::num::NonZeroU16;

use krilla::{
    Document, SerializeSettings,
    color::rgb,
    configure::{Accessibility, ConfigurationBuilder},
    destination::XyzDestination,
    geom::{Path, PathBuilder, Point, Rect},
    metadata::Metadata,
    num::NormalizedF32,
    outline::{Outline, OutlineNode},
    page::PageSettings,
    paint::{Fill, Stroke, StrokeDash},
    surface::Surface,
    tagging::{
        Artifact, ArtifactType, ContentTag, Identifier, ListNumbering, SpanTag, TableHeaderScope, Tag,
        TagGroup, TagKind, TagTree,
    },
};

use super::fonts::{self, Weight};

/// A4 in points.
const PAGE: (f32, f32) = (595.28, 841.89);
/// Left and right, then above and below.
const MARGIN: (f32, f32) = (42.0, 40.0);
/// What text has from margin to margin.
pub(super) const WIDTH: f32 = PAGE.0 - 2.0 * MARGIN.0;

/// A colour: red, green, blue.
pub(super) type Ink = (u8, u8, u8);

/// How text looks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Style {
    pub size: f32,
    pub weight: Weight,
    pub ink: Ink,
}

/// Something drawn; places are in points from the upper left corner of the page.
#[derive(Debug, Clone)]
pub(super) enum Mark {
    Text { x: f32, y: f32, style: Style, text: String },
    Area { shape: Shape, ink: Ink, opacity: f32 },
    Line { shape: Shape, ink: Ink, width: f32, dashes: Option<f32> },
}

/// What a mark has the form of.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Shape {
    /// A box with round corners.
    Box { x: f32, y: f32, width: f32, height: f32, radius: f32 },
    /// From place to place, and back to the first where it is closed.
    Places(Vec<(f32, f32)>, bool),
}

/// What an element is to a reader.
#[derive(Debug, Clone)]
pub(super) enum Role {
    Heading(u16, String),
    Paragraph,
    Table,
    Row,
    /// A cell that names its column, or its row.
    ColumnHead,
    RowHead,
    Cell,
    List,
    Item,
    ItemText,
    Figure(String),
}

impl From<Role> for TagKind {
    fn from(role: Role) -> Self {
        match role {
            Role::Heading(level, title) => {
                Tag::Hn(NonZeroU16::new(level).unwrap_or(NonZeroU16::MIN), Some(title)).into()
            }
            Role::Paragraph => Tag::P.into(),
            Role::Table => Tag::Table.into(),
            Role::Row => Tag::TR.into(),
            Role::ColumnHead => Tag::TH(TableHeaderScope::Column).into(),
            Role::RowHead => Tag::TH(TableHeaderScope::Row).into(),
            Role::Cell => Tag::TD.into(),
            Role::List => Tag::L(ListNumbering::None).into(),
            Role::Item => Tag::LI.into(),
            Role::ItemText => Tag::LBody.into(),
            Role::Figure(alt) => Tag::Figure(Some(alt)).into(),
        }
    }
}

/// An element of the tree.
#[derive(Debug)]
pub(super) struct Element {
    role: Role,
    children: Vec<Child>,
}

#[derive(Debug)]
enum Child {
    Element(Element),
    /// Marks on a page.
    Marks(usize),
}

impl Element {
    pub fn new(role: Role) -> Self {
        Self { role, children: Vec::new() }
    }

    pub fn with(mut self, child: Self) -> Self {
        self.children.push(Child::Element(child));
        self
    }
}

#[derive(Debug)]
struct Marks {
    page: usize,
    drawn: Vec<Mark>,
    /// Decoration, that no reader need be told of.
    artifact: bool,
}

/// Paper that is being written on.
#[derive(Debug)]
pub(super) struct Paper {
    pages: usize,
    y: f32,
    marks: Vec<Marks>,
    tree: Vec<Element>,
    outline: Vec<(String, usize, f32)>,
    footer: String,
}

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

pub(super) const INK: Ink = (0x18, 0x20, 0x30);
pub(super) const INK2: Ink = (0x45, 0x4e, 0x5f);
pub(super) const INK3: Ink = (0x5f, 0x68, 0x79);
const RULE: Ink = (0xcf, 0xc9, 0xbb);

/// Text of the body.
pub(super) const BODY: Style = Style { size: 9.0, weight: Weight::Regular, ink: INK };
/// Text under it.
pub(super) const SMALL: Style = Style { size: 7.5, weight: Weight::Regular, ink: INK3 };
/// From line to line, in parts of the size.
const LEADING: f32 = 1.35;
/// Between columns of a table.
const GAP: f32 = 7.0;

impl Paper {
    /// A first page; `footer` stands at the foot of each.
    pub fn new(footer: String) -> Self {
        Self { pages: 1, y: MARGIN.1, marks: Vec::new(), tree: Vec::new(), outline: Vec::new(), footer }
    }

    /// Another page, unless this one is still empty.
    pub fn turn(&mut self) {
        if self.y > MARGIN.1 {
            self.pages += 1;
            self.y = MARGIN.1;
        }
    }

    /// Turns to this page, unless it is begun already.
    pub fn turn_to(&mut self, page: usize) {
        if self.pages < page {
            self.turn();
        }
    }

    /// Turns the page where so much does not fit on it any more.
    pub fn need(&mut self, height: f32) {
        if self.y + height > PAGE.1 - MARGIN.1 - 14.0 {
            self.turn();
        }
    }

    pub fn space(&mut self, height: f32) {
        if self.y > MARGIN.1 {
            self.y += height;
        }
    }

    fn put(&mut self, marks: Vec<Mark>) -> Child {
        self.marks.push(Marks { page: self.pages - 1, drawn: marks, artifact: false });
        Child::Marks(self.marks.len() - 1)
    }

    fn decorate(&mut self, mark: Mark) {
        self.marks.push(Marks { page: self.pages - 1, drawn: vec![mark], artifact: true });
    }

    /// A heading; what follows it stays on its page.
    pub fn heading(&mut self, level: u16, text: &str) {
        let size = match level {
            1 => 19.0,
            2 => 12.5,
            _ => 10.0,
        };
        self.need(size * 5.0);
        self.space(if level == 1 { 0.0 } else { 9.0 });
        if level < 3 {
            self.outline.push((text.to_owned(), self.pages - 1, self.y));
        }
        let style = Style { size, weight: Weight::Bold, ink: INK };
        let element = self.flow(Element::new(Role::Heading(level, text.to_owned())), text, style, 0.0);
        self.tree.push(element);
        self.space(2.0);
    }

    pub fn paragraph(&mut self, text: &str, style: Style) {
        if !text.is_empty() {
            let element = self.flow(Element::new(Role::Paragraph), text, style, 0.0);
            self.tree.push(element);
            self.space(3.0);
        }
    }

    pub fn list(&mut self, items: &[String], style: Style) {
        let mut list = Element::new(Role::List);
        for item in items {
            self.need(style.size * LEADING);
            let dot = self.y + style.size * 0.72;
            self.decorate(Mark::Area { shape: disc(MARGIN.0 + 3.0, dot, 1.3), ink: style.ink, opacity: 1.0 });
            let text = self.flow(Element::new(Role::ItemText), item, style, 10.0);
            list = list.with(Element::new(Role::Item).with(text));
            self.space(1.5);
        }
        if !items.is_empty() {
            self.tree.push(list);
            self.space(2.0);
        }
    }

    /// Text in lines, from page to page.
    fn flow(&mut self, mut element: Element, text: &str, style: Style, indent: f32) -> Element {
        let mut marks = Vec::new();
        let mut page = self.pages;
        for line in fonts::lines(text, style.weight, (WIDTH - indent) / style.size) {
            self.need(style.size * LEADING);
            if self.pages != page {
                // What stood on the page before is a piece of its own.
                let begun = std::mem::take(&mut marks);
                self.marks.push(Marks { page: page - 1, drawn: begun, artifact: false });
                element.children.push(Child::Marks(self.marks.len() - 1));
                page = self.pages;
            }
            let (x, y) = (MARGIN.0 + indent, self.y + style.size);
            marks.push(Mark::Text { x, y, style, text: line });
            self.y += style.size * LEADING;
        }
        let rest = self.put(marks);
        element.children.push(rest);
        element
    }

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

    /// A thin line from margin to margin.
    fn rule(&mut self) {
        let shape = Shape::Places(vec![(MARGIN.0, self.y), (MARGIN.0 + WIDTH, self.y)], false);
        self.decorate(Mark::Line { shape, ink: RULE, width: 0.5, dashes: None });
    }

    /// A drawing from a place on, with what it says in words for those who do not see it.
    pub fn figure(&mut self, alt: &str, draw: impl Fn(f32, f32) -> (Vec<Mark>, f32)) {
        let (_, height) = draw(MARGIN.0, self.y);
        self.need(height);
        let (marks, height) = draw(MARGIN.0, self.y);
        let child = self.put(marks);
        let mut element = Element::new(Role::Figure(alt.to_owned()));
        element.children.push(child);
        self.tree.push(element);
        self.y += height + 4.0;
    }

    /// The file. Tagged, and refused by its writer where it is not as PDF/UA-1 wants it.
    pub fn finish(mut self, metadata: Metadata, language: &str) -> Result<Vec<u8>, String> {
        self.feet();
        let configuration =
            ConfigurationBuilder::new().with_accessibility_validator(Accessibility::UA1).finish();
        let configuration = configuration.map_err(|error| format!("{error:?}"))?;
        let mut document =
            Document::new_with(SerializeSettings { configuration, ..SerializeSettings::default() });
        let mut identifiers: Vec<Option<Identifier>> = self.marks.iter().map(|_| None).collect();
        for page in 0..self.pages {
            let size = PageSettings::from_wh(PAGE.0, PAGE.1).ok_or("a page has a size")?;
            let mut sheet = document.start_page_with(size);
            let mut surface = sheet.surface();
            for (place, marks) in self.marks.iter().enumerate().filter(|(_, marks)| marks.page == page) {
                let tag = if marks.artifact {
                    ContentTag::Artifact(Artifact::with_kind(ArtifactType::Other))
                } else {
                    ContentTag::Span(SpanTag::empty())
                };
                let identifier = surface.start_tagged(tag);
                marks.drawn.iter().for_each(|mark| draw(&mut surface, mark));
                surface.end_tagged();
                identifiers[place] = (!marks.artifact).then_some(identifier);
            }
            surface.finish();
            sheet.finish();
        }
        let mut tree = TagTree::new().with_lang(Some(language.to_owned()));
        for element in self.tree {
            tree.push(group(element, &mut identifiers));
        }
        document.set_tag_tree(tree);
        let mut outline = Outline::new();
        for (text, page, y) in self.outline {
            outline
                .push_child(OutlineNode::new(text, XyzDestination::new(page, Point::from_xy(MARGIN.0, y))));
        }
        document.set_outline(outline);
        document.set_metadata(metadata);
        document.finish().map_err(|error| format!("{error:?}"))
    }

    /// The footer and the number of each page.
    fn feet(&mut self) {
        for page in 0..self.pages {
            let y = PAGE.1 - MARGIN.1 + 8.0;
            let number = format!("{} / {}", page + 1, self.pages);
            let right = PAGE.0 - MARGIN.0 - fonts::width(&number, Weight::Regular) * 7.0;
            let style = Style { size: 7.0, ..SMALL };
            let drawn = [(MARGIN.0, self.footer.clone()), (right, number)]
                .map(|(x, text)| Mark::Text { x, y, style, text })
                .into();
            self.marks.push(Marks { page, drawn, artifact: true });
        }
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

fn group(element: Element, identifiers: &mut [Option<Identifier>]) -> TagGroup {
    let mut made = TagGroup::new(TagKind::from(element.role));
    for child in element.children {
        match child {
            Child::Element(element) => made.push(group(element, identifiers)),
            Child::Marks(place) => {
                if let Some(identifier) = identifiers.get_mut(place).and_then(Option::take) {
                    made.push(identifier);
                }
            }
        }
    }
    made
}

fn draw(surface: &mut Surface<'_>, mark: &Mark) {
    let paint = |(r, g, b): Ink| rgb::Color::new(r, g, b).into();
    let opaque = |part: f32| NormalizedF32::new(part).unwrap_or(NormalizedF32::ONE);
    match mark {
        Mark::Text { x, y, style, text } => {
            surface.set_fill(Some(Fill { paint: paint(style.ink), ..Fill::default() }));
            let mut x = *x;
            for run in fonts::runs(text, style.weight) {
                let thick = |part: f32| Stroke {
                    paint: paint(style.ink),
                    width: part * style.size,
                    ..Stroke::default()
                };
                surface.set_stroke(run.outline.map(thick));
                surface.draw_glyphs(
                    Point::from_xy(x, *y),
                    &run.glyphs,
                    run.font,
                    &run.text,
                    style.size,
                    false,
                );
                x += run.width * style.size;
            }
        }
        Mark::Area { shape, ink, opacity } => {
            surface.set_stroke(None);
            surface.set_fill(Some(Fill { paint: paint(*ink), opacity: opaque(*opacity), ..Fill::default() }));
            shape.path().iter().for_each(|path| surface.draw_path(path));
        }
        Mark::Line { shape, ink, width, dashes } => {
            surface.set_fill(None);
            let dash = dashes.map(|dash| StrokeDash { array: vec![dash, dash], offset: 0.0 });
            surface.set_stroke(Some(Stroke { paint: paint(*ink), width: *width, dash, ..Stroke::default() }));
            shape.path().iter().for_each(|path| surface.draw_path(path));
        }
    }
}

/// A disc.
pub(super) fn disc(x: f32, y: f32, r: f32) -> Shape {
    Shape::Box { x: x - r, y: y - r, width: 2.0 * r, height: 2.0 * r, radius: r }
}

impl Shape {
    /// None for what has no extent.
    fn path(&self) -> Option<Path> {
        let mut path = PathBuilder::new();
        match self {
            Self::Box { x, y, width, height, radius } => {
                rounded(&mut path, (*x, *y), (*width, *height), *radius)?;
            }
            Self::Places(places, closed) => {
                let mut places = places.iter();
                let (x, y) = places.next()?;
                path.move_to(*x, *y);
                places.for_each(|(x, y)| path.line_to(*x, *y));
                if *closed {
                    path.close();
                }
            }
        }
        path.finish()
    }
}

/// A rectangle with round corners.
fn rounded(
    path: &mut PathBuilder,
    (x, y): (f32, f32),
    (width, height): (f32, f32),
    radius: f32,
) -> Option<()> {
    let r = radius.min(width / 2.0).min(height / 2.0);
    if r <= 0.0 {
        path.push_rect(Rect::from_xywh(x, y, width, height)?);
        return Some(());
    }
    // A quarter of a circle as a cubic curve.
    let c = r * 0.447_715;
    let (right, bottom) = (x + width, y + height);
    path.move_to(x + r, y);
    path.line_to(right - r, y);
    path.cubic_to(right - c, y, right, y + c, right, y + r);
    path.line_to(right, bottom - r);
    path.cubic_to(right, bottom - c, right - c, bottom, right - r, bottom);
    path.line_to(x + r, bottom);
    path.cubic_to(x + c, bottom, x, bottom - c, x, bottom - r);
    path.line_to(x, y + r);
    path.cubic_to(x, y + c, x + c, y, x + r, y);
    path.close();
    Some(())
}
