//! What all drawings are drawn with.

use plotters::backend::SVGBackend;
use plotters::coord::Shift;
use plotters::drawing::DrawingArea;
use plotters::element::{Circle, Text};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, IntoFont, RGBColor, TextStyle};

/// Why there is no drawing.
pub type Problem = Box<dyn std::error::Error>;

pub type Canvas<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// What text and axes are drawn in.
pub const GREY: RGBColor = RGBColor(125, 133, 144);

/// The colour of the curve or the rival with this number.
pub fn colour(number: usize) -> RGBColor {
    const COLOURS: [RGBColor; 8] = [
        RGBColor(56, 139, 253),
        RGBColor(219, 130, 20),
        RGBColor(219, 97, 162),
        RGBColor(229, 83, 75),
        RGBColor(163, 113, 247),
        RGBColor(70, 160, 90),
        RGBColor(40, 160, 170),
        RGBColor(150, 120, 90),
    ];
    COLOURS[number % COLOURS.len()]
}

/// Text in a colour, with the place given as its left, middle or right.
pub fn style(size: i32, colour: RGBColor, place: HPos) -> TextStyle<'static> {
    let (font, color) = (("sans-serif", size).into_font(), colour.to_backend_color());
    TextStyle { font, color, pos: Pos::new(place, VPos::Center) }
}

/// Writes something.
pub fn write(canvas: &Canvas, text: &str, at: (i32, i32), style: TextStyle<'static>) -> Result<(), Problem> {
    Ok(canvas.draw(&Text::new(text.to_owned(), at, style)).map_err(|error| error.to_string())?)
}

/// A line that tells which colour is whose.
pub fn legend(canvas: &Canvas, names: &[String], at: (i32, i32)) -> Result<(), Problem> {
    let mut left = at.0;
    for (number, name) in names.iter().enumerate() {
        canvas.draw(&Circle::new((left, at.1), 5, colour(number).filled())).map_err(|error| error.to_string())?;
        write(canvas, name, (left + 10, at.1), style(14, GREY, HPos::Left))?;
        left += 34 + 8 * name.len() as i32;
    }
    Ok(())
}
