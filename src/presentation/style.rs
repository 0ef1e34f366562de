//! The one style sheet, embedded in the binary: pages link to it, the HTML report carries it.

/// The parts of `static/css` in their order.
pub const STYLE: &str = concat!(
    include_str!("../../static/css/base.css"),
    include_str!("../../static/css/forms.css"),
    include_str!("../../static/css/result.css"),
    include_str!("../../static/css/charts.css"),
    include_str!("../../static/css/media.css"),
);
