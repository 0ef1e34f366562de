//! What happens to every request, around its handler.

mod authorise;
mod observe;
mod shrink;

pub use authorise::authorise;
pub use observe::observe;
pub use shrink::shrink;
