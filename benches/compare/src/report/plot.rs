//! The drawings, as SVG.
//!
//! The background stays transparent, and all text and lines are of a grey or a colour that can be seen on white as on black:
//! an image in a README does not know the theme of the page.

mod growth;
mod pen;
mod ratios;

pub use growth::growth;
pub use pen::Problem;
pub use ratios::ratios;
