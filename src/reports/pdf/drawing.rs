//! The drawings of `charts` on paper: the same SVG as on the page, so that both have one grammar.
//!
//! It reads what those templates write and no more: lines, boxes, discs, polygons, paths of M, H and V, and words;
//! how each looks follows from its class, as in `static/css/charts.css`, in the colours of the light theme.

use roxmltree::{Document, Node};

use super::{
    fonts::{self, Weight},
    marks::{INK, INK2, INK3, Ink, Mark, Shape, Style, disc},
};

const USUAL: Ink = (0x2f, 0x6d, 0xb3);
const SLOW: Ink = (0xab, 0x4e, 0x0b);
const THIRD: Ink = (0x7a, 0x4f, 0xa3);
const FOURTH: Ink = (0x3f, 0x7a, 0x52);
const GOOD: Ink = (0x0c, 0x6a, 0x4c);
const CARE: Ink = (0x7a, 0x52, 0x00);
const BAD: Ink = (0xa8, 0x2a, 0x1f);
const RUN: Ink = (0x1d, 0x4f, 0x91);
const NEUTRAL: Ink = (0x6d, 0x75, 0x86);
const GRID: Ink = (0xe3, 0xdf, 0xd5);
const PAPER: Ink = (0xff, 0xff, 0xff);
const HATCH: Ink = (0xe7, 0xc9, 0xc2);

/// What a chart says in a sentence, for those who do not see it.
pub(super) fn description(svg: &str) -> String {
    let said = |name: &str| {
        let document = Document::parse(svg).ok()?;
        let found = document.descendants().find(|node| node.has_tag_name(name))?;
        found.text().map(str::to_owned)
    };
    said("desc").or_else(|| said("title")).unwrap_or_default()
}

/// Where a drawing stands, and how its units become points.
struct Canvas {
    x: f32,
    y: f32,
    scale: f32,
    /// What 100% is.
    width: f32,
}

/// The marks of a drawing that stands at a place and is so wide; and how high it is. Nothing where it cannot be read.
pub(super) fn marks(svg: &str, x: f32, y: f32, width: f32) -> (Vec<Mark>, f32) {
    let Ok(document) = Document::parse(svg) else { return (Vec::new(), 0.0) };
    let root = document.root_element();
    let view: Vec<f32> = root.attribute("viewBox").map(numbers).unwrap_or_default();
    let (canvas, height) = match view.as_slice() {
        [_, top, w, h] if *w > 0.0 => {
            let scale = width / w;
            (Canvas { x, y: y - top * scale, scale, width: *w }, h * scale)
        }
        // A range bar is as wide as its cell; its height is in pixels of the screen.
        _ => {
            let scale =
                14.0 / root.attribute("height").and_then(|h| h.parse().ok()).unwrap_or(14.0_f32).max(1.0);
            (Canvas { x, y, scale, width: width / scale }, 14.0)
        }
    };
    let tone = root.attribute("class").unwrap_or_default();
    (root.children().filter(Node::is_element).flat_map(|node| canvas.draw(node, tone)).collect(), height)
}

fn numbers(text: &str) -> Vec<f32> {
    text.split([' ', ',']).filter_map(|number| number.parse().ok()).collect()
}

impl Canvas {
    fn draw(&self, node: Node, tone: &str) -> Vec<Mark> {
        let class = node.attribute("class").unwrap_or_default();
        let has = |name: &str| class.split(' ').any(|word| word == name);
        let ink = ink(class, tone);
        let area = |shape, opacity| vec![Mark::Area { shape, ink, opacity }];
        let line =
            |shape, width: f32, dashes| vec![Mark::Line { shape, ink, width: width * self.scale, dashes }];
        match node.tag_name().name() {
            "rect" if node.attribute("fill") == Some("url(#hatch)") => self.hatch(node),
            "rect" => {
                let opacity = if has("bar") { 0.2 } else { 0.42 };
                let (x, y) = (self.across(node, "x"), self.down(node, "y"));
                let (width, height) = (self.length(node, "width"), self.length(node, "height"));
                area(Shape::Box { x, y, width, height, radius: self.length(node, "rx") }, opacity)
            }
            "circle" => {
                area(disc(self.across(node, "cx"), self.down(node, "cy"), self.length(node, "r")), 1.0)
            }
            "line" => {
                let ends = [
                    (self.across(node, "x1"), self.down(node, "y1")),
                    (self.across(node, "x2"), self.down(node, "y2")),
                ];
                let dashes = (has("zero") || has("note") || has("prom")).then_some(2.0);
                let width = if has("limit") || has("limitline") { 1.8 } else { 1.1 };
                line(Shape::Places(ends.into(), false), width, dashes)
            }
            "polygon" | "polyline" => {
                let places = numbers(node.attribute("points").unwrap_or_default());
                let places: Vec<(f32, f32)> = places
                    .chunks_exact(2)
                    .map(|xy| (self.x + xy[0] * self.scale, self.y + xy[1] * self.scale))
                    .collect();
                let closed = node.has_tag_name("polygon");
                let drawn = Shape::Places(places, closed);
                if closed { area(drawn, 0.17) } else { line(drawn, 2.4, None) }
            }
            "path" => {
                let places = self.steps(node.attribute("d").unwrap_or_default());
                line(Shape::Places(places.unwrap_or_default(), false), 2.8, None)
            }
            "text" => self.words(node, class, ink),
            _ => Vec::new(),
        }
    }

    /// A horizontal place, which may be a part of the width.
    fn across(&self, node: Node, name: &str) -> f32 {
        self.x + self.length(node, name)
    }

    fn down(&self, node: Node, name: &str) -> f32 {
        self.y + self.length(node, name)
    }

    fn length(&self, node: Node, name: &str) -> f32 {
        let text = node.attribute(name).unwrap_or("0");
        let units = match text.strip_suffix('%') {
            Some(part) => part.parse::<f32>().unwrap_or_default() / 100.0 * self.width,
            None => text.parse().unwrap_or_default(),
        };
        units * self.scale
    }

    /// What is not allowed: slanting stripes.
    fn hatch(&self, node: Node) -> Vec<Mark> {
        let (left, top) = (self.across(node, "x"), self.down(node, "y"));
        let (width, height) = (self.length(node, "width"), self.length(node, "height"));
        let (right, bottom) = (left + width, top + height);
        let mut marks = Vec::new();
        // Each runs down to the left, from where it enters the box above or on the right to where it leaves it.
        let mut at = left;
        while at < right + height {
            let (x1, y1) = if at <= right { (at, top) } else { (right, top + at - right) };
            let (x2, y2) = if at - height >= left { (at - height, bottom) } else { (left, top + at - left) };
            let shape = Shape::Places(vec![(x1, y1), (x2, y2)], false);
            marks.push(Mark::Line { shape, ink: HATCH, width: 0.7, dashes: None });
            at += 4.0;
        }
        marks
    }

    /// A path of absolute M, H and V.
    fn steps(&self, d: &str) -> Option<Vec<(f32, f32)>> {
        let mut places: Vec<(f32, f32)> = Vec::new();
        let mut rest = d;
        while let Some(command) = rest.chars().next() {
            let tail = &rest[command.len_utf8()..];
            let end = tail.find(['M', 'H', 'V']).unwrap_or(tail.len());
            let given = numbers(&tail[..end]);
            let (x, y) = places.last().copied().unwrap_or_default();
            match (command, given.as_slice()) {
                ('M', [to_x, to_y]) => places.push((*to_x, *to_y)),
                ('H', [to_x]) => places.push((*to_x, y)),
                ('V', [to_y]) => places.push((x, *to_y)),
                _ => return None,
            }
            rest = &tail[end..];
        }
        Some(places.iter().map(|(x, y)| (self.x + x * self.scale, self.y + y * self.scale)).collect())
    }

    fn words(&self, node: Node, class: &str, ink: Ink) -> Vec<Mark> {
        let text = node.text().unwrap_or_default().to_owned();
        let has = |name: &str| class.split(' ').any(|word| word == name);
        let bold = ["lab", "val", "strong", "keptt", "series", "halft", "eventn"].into_iter().any(has);
        let weight = if bold { Weight::Bold } else { Weight::Regular };
        let units = match () {
            () if has("val") || has("lab") => 14.5,
            () if has("eventn") => 11.5,
            () => 13.0,
        };
        let size = units * self.scale;
        let wide = fonts::width(&text, weight) * size;
        let x = self.across(node, "x") + self.length(node, "dx");
        let x = match node.attribute("text-anchor") {
            Some("middle") => x - wide / 2.0,
            Some("end") => x - wide,
            _ => x,
        };
        let y = self.down(node, "y") + self.length(node, "dy");
        vec![Mark::Text { x, y, style: Style { size, weight, ink }, text }]
    }
}

/// The colour of a class, within a drawing of some tone.
fn ink(class: &str, tone: &str) -> Ink {
    for word in class.split(' ') {
        match word {
            "u" => return USUAL,
            "s" | "band" | "line" | "dot" => return SLOW,
            "x" => return THIRD,
            "y" => return FOURTH,
            "gain" => return GOOD,
            "loss" => return BAD,
            "grid" | "rule" => return GRID,
            "eventn" => return PAPER,
            "zero" | "base" | "note" | "tick" | "sub" => return INK3,
            "rng" | "pt" => return of_tone(tone),
            "limit" | "limitline" | "k" | "lab" | "val" | "net" | "half" | "halft" => return INK,
            _ => {}
        }
    }
    INK2
}

fn of_tone(tone: &str) -> Ink {
    for word in tone.split(' ') {
        match word {
            "good" => return GOOD,
            "care" => return CARE,
            "bad" => return BAD,
            "run" => return RUN,
            _ => {}
        }
    }
    NEUTRAL
}

#[cfg(test)]
mod tests {
    use askama::Template;

    use super::*;
    use crate::charts::{Frame, RangeBar, Span, Tone};

    #[test]
    fn a_range_bar_is_drawn_where_its_figures_stand() {
        let span = Span { estimate: Some(-0.8), lower: Some(-2.4), upper: Some(0.8) };
        let svg = RangeBar::new(Frame::by_limit(3.0), span, Tone::Good, 34).render().unwrap();
        let (marks, height) = marks(&svg, 100.0, 50.0, 200.0);
        assert!((height - 14.0).abs() < 1e-6);
        let areas: Vec<&Shape> = marks
            .iter()
            .filter_map(|mark| match mark {
                Mark::Area { shape, ink, .. } => Some((shape, *ink)),
                _ => None,
            })
            .map(|(shape, ink)| {
                assert_eq!(ink, GOOD);
                shape
            })
            .collect();
        let [Shape::Box { x, width, .. }, Shape::Box { x: dot, width: wide, .. }] = areas.as_slice() else {
            panic!("the range and the dot: {areas:?}")
        };
        // The mock-up's row: from 26% to 68.67% of the cell, the dot at 47.33%.
        let near = |a: f32, b: f32| assert!((a - b).abs() < 0.1, "{a} {b}");
        near(*x, 100.0 + 0.26 * 200.0);
        near(*width, 0.4267 * 200.0);
        near(dot + wide / 2.0, 100.0 + 0.4733 * 200.0);
    }

    #[test]
    fn what_is_no_drawing_draws_nothing() {
        assert!(marks("<svg", 0.0, 0.0, 100.0).0.is_empty());
        assert_eq!(description("<svg><desc>so</desc></svg>"), "so");
    }
}
