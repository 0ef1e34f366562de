//! Pages of A4: text flows down them, each piece in its place in the tree that readers of a tagged PDF follow.
//!
//! Everything is laid out first, as marks on pages and a tree of elements; then [`Paper::finish`] hands both to the
//! writer of PDF.

use krilla::{
    Document, SerializeSettings,
    configure::{Accessibility, ConfigurationBuilder},
    destination::XyzDestination,
    geom::Point,
    metadata::Metadata,
    outline::{Outline, OutlineNode},
    page::PageSettings,
    tagging::{Artifact, ArtifactType, ContentTag, Identifier, SpanTag, TagTree},
};

use super::{
    fonts::{self, Weight},
    marks::{INK, Ink, Mark, SMALL, Shape, Style, disc, draw},
    tags::{Child, Element, Role, group},
};

/// A4 in points.
const PAGE: (f32, f32) = (595.28, 841.89);
/// Left and right, then above and below.
pub(super) const MARGIN: (f32, f32) = (42.0, 40.0);
/// What text has from margin to margin.
pub(super) const WIDTH: f32 = PAGE.0 - 2.0 * MARGIN.0;

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
    /// Where the page is written on next.
    pub(super) y: f32,
    marks: Vec<Marks>,
    pub(super) tree: Vec<Element>,
    outline: Vec<(String, usize, f32)>,
    footer: String,
}

/// From line to line, in parts of the size.
pub(super) const LEADING: f32 = 1.35;
/// A thin line's.
const RULE: Ink = (0xcf, 0xc9, 0xbb);

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

    pub(super) fn put(&mut self, marks: Vec<Mark>) -> Child {
        self.marks.push(Marks { page: self.pages - 1, drawn: marks, artifact: false });
        Child::Marks(self.marks.len() - 1)
    }

    pub(super) fn decorate(&mut self, mark: Mark) {
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

    /// A thin line from margin to margin.
    pub(super) fn rule(&mut self) {
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
