//! How many times ours the others' figures are: a line for each row, a dot for each rival.

use plotters::backend::SVGBackend;
use plotters::chart::ChartBuilder;
use plotters::coord::combinators::IntoLogRange;
use plotters::drawing::IntoDrawingArea;
use plotters::element::{Circle, PathElement};
use plotters::style::Color;
use plotters::style::text_anchor::HPos;

use super::pen::{GREY, Problem, colour, legend, style, write};
use crate::data::{Other, Results, Row};

const WIDTH: u32 = 960;
const ROW: u32 = 20;
const TOP: u32 = 60;
const BOTTOM: u32 = 40;
const NAMES: u32 = 360;

/// Draws what has rivals: speed, scripts and memory.
pub fn ratios(results: &Results) -> Result<String, Problem> {
    let rows = [&results.speed, &results.scripts, &results.memory].into_iter().flatten();
    let rows: Vec<&Row> = rows.filter(|row| !row.others.is_empty()).collect();
    let mut rivals: Vec<String> = Vec::new();
    for rival in rows.iter().flat_map(|row| &row.others).map(rival) {
        if !rivals.iter().any(|known| known == rival) {
            rivals.push(rival.to_owned());
        }
    }
    let mut svg = String::new();
    draw(&mut svg, &rows, &rivals)?;
    Ok(svg)
}

/// Who it is, without what it was used by.
fn rival(other: &Other) -> &str {
    other.peer.split(',').next().unwrap_or_default()
}

fn draw(svg: &mut String, rows: &[&Row], rivals: &[String]) -> Result<(), Problem> {
    let height = TOP + ROW * rows.len() as u32 + BOTTOM;
    let canvas = SVGBackend::with_string(svg, (WIDTH, height)).into_drawing_area();
    let all = rows.iter().flat_map(|row| row.others.iter().map(|other| row.ratio(other)));
    let (least, most) = all
        .filter(|ratio| ratio.is_finite())
        .fold((0.5, 4.0_f64), |(least, most), ratio| (ratio.min(least), ratio.max(most)));
    let mut builder = ChartBuilder::on(&canvas);
    builder.margin_top(TOP).margin_left(NAMES).margin_right(30).x_label_area_size(BOTTOM);
    let mut chart = builder.build_cartesian_2d((least * 0.9..most * 1.1).log_scale(), rows.len() as f64..0.0)?;
    let label = |ratio: &f64| format!("{ratio}x");
    let mut mesh = chart.configure_mesh();
    mesh.disable_y_mesh().disable_y_axis().x_labels(12).x_label_formatter(&label).x_label_style(style(
        14,
        GREY,
        HPos::Center,
    ));
    mesh.axis_style(GREY).bold_line_style(GREY.mix(0.35)).light_line_style(GREY.mix(0.0)).draw()?;
    let height = rows.len() as f64;
    chart.draw_series([PathElement::new(vec![(1.0, 0.0), (1.0, height)], GREY.stroke_width(2))])?;
    for (at, row) in rows.iter().enumerate() {
        let middle = at as f64 + 0.5;
        let (_, y) = chart.backend_coord(&(1.0, middle));
        write(&canvas, &row.name, (NAMES as i32 - 10, y), style(14, GREY, HPos::Right))?;
        for (number, name) in rivals.iter().enumerate() {
            // Where a rival can do it in two ways, the first counts.
            let Some(other) = row.others.iter().find(|other| rival(other) == name) else { continue };
            chart.draw_series([Circle::new((row.ratio(other), middle), 5, colour(number).filled())])?;
        }
    }
    let title = "How many times redipy's time or memory the others take: right of 1x, redipy is faster or smaller";
    write(&canvas, title, (20, 16), style(15, GREY, HPos::Left))?;
    legend(&canvas, rivals, (30, 42))?;
    drop(chart);
    Ok(canvas.present()?)
}
