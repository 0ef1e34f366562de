//! The tree of elements that readers of a tagged PDF follow.

use std::num::NonZeroU16;

use krilla::tagging::{Identifier, ListNumbering, TableHeaderScope, Tag, TagGroup, TagKind};

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
    pub children: Vec<Child>,
}

#[derive(Debug)]
pub(super) enum Child {
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

/// An element as krilla has it, with the marks on pages that it is made of.
pub(super) fn group(element: Element, identifiers: &mut [Option<Identifier>]) -> TagGroup {
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
