//! What happens to every request, around its handler.

mod authorise;
mod observe;

pub use authorise::authorise;
pub use observe::observe;
