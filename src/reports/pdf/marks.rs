//! What is drawn on a page, and how it looks.

use krilla::{
    color::rgb,
    geom::{Path, PathBuilder, Point, Rect},
    num::NormalizedF32,
    paint::{Fill, Stroke, StrokeDash},
    surface::Surface,
};

use super::fonts::{self, Weight};

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

pub(super) const INK: Ink = (0x18, 0x20, 0x30);
pub(super) const INK2: Ink = (0x45, 0x4e, 0x5f);
pub(super) const INK3: Ink = (0x5f, 0x68, 0x79);

/// Text of the body.
pub(super) const BODY: Style = Style { size: 9.0, weight: Weight::Regular, ink: INK };
/// Text under it.
pub(super) const SMALL: Style = Style { size: 7.5, weight: Weight::Regular, ink: INK3 };

/// Draws a mark.
pub(super) fn draw(surface: &mut Surface<'_>, mark: &Mark) {
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
