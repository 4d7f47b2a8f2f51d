//! Cost against size: a panel for each kind of size, one below the other, both axes logarithmic.

use plotters::backend::SVGBackend;
use plotters::chart::{ChartBuilder, ChartContext};
use plotters::coord::cartesian::Cartesian2d;
use plotters::coord::combinators::{IntoLogRange, LogCoord};
use plotters::drawing::IntoDrawingArea;
use plotters::element::Circle;
use plotters::series::LineSeries;
use plotters::style::Color;
use plotters::style::text_anchor::HPos;

use super::pen::{Canvas, GREY, Problem, colour, style, write};
use crate::data::{Curve, Results};

const WIDTH: u32 = 960;
/// The height of a panel.
const HEIGHT: u32 = 320;
/// What the names of the curves need, beside their ends.
const NAMES: u32 = 220;

type Chart<'a> = ChartContext<'a, SVGBackend<'a>, Cartesian2d<LogCoord<f64>, LogCoord<f64>>>;

/// Draws all curves.
pub fn growth(results: &Results) -> Result<String, Problem> {
    let mut kinds: Vec<&str> = Vec::new();
    for curve in &results.growth {
        kinds.extend((!kinds.contains(&&*curve.size)).then_some(&*curve.size));
    }
    let mut svg = String::new();
    {
        let panels = kinds.len().max(1);
        let canvas = SVGBackend::with_string(&mut svg, (WIDTH, HEIGHT * panels as u32)).into_drawing_area();
        for (panel, kind) in canvas.split_evenly((panels, 1)).iter().zip(kinds) {
            let curves: Vec<&Curve> = results.growth.iter().filter(|curve| curve.size == kind).collect();
            draw(panel, kind, &curves)?;
        }
        canvas.present()?;
    }
    Ok(svg)
}

fn draw(panel: &Canvas, kind: &str, curves: &[&Curve]) -> Result<(), Problem> {
    let points = || curves.iter().flat_map(|curve| &curve.points);
    let range = |values: &mut dyn Iterator<Item = f64>| {
        values.fold((f64::MAX, f64::MIN_POSITIVE), |(least, most), value| (value.min(least), value.max(most)))
    };
    let (smallest, largest) = range(&mut points().map(|point| point.0));
    let (least, most) = range(&mut points().map(|point| point.1));
    let mut builder = ChartBuilder::on(panel);
    builder.margin_top(36).margin_right(NAMES).x_label_area_size(40).y_label_area_size(60);
    let mut chart =
        builder.build_cartesian_2d((smallest..largest).log_scale(), (least * 0.8..most * 1.25).log_scale())?;
    let text = style(13, GREY, HPos::Center);
    let mut mesh = chart.configure_mesh();
    mesh.axis_style(GREY).bold_line_style(GREY.mix(0.25)).light_line_style(GREY.mix(0.0));
    mesh.x_labels(6)
        .y_labels(8)
        .x_label_formatter(&|size| short(*size))
        .y_label_formatter(&|cost| time(*cost))
        .label_style(text)
        .draw()?;
    for (number, curve) in curves.iter().enumerate() {
        let colour = colour(number);
        chart.draw_series(LineSeries::new(curve.points.iter().copied(), colour.stroke_width(2)))?;
        chart.draw_series(curve.points.iter().map(|point| Circle::new(*point, 2, colour.filled())))?;
    }
    names(panel, &chart, curves)?;
    let (left, _) = panel.get_pixel_range();
    let middle = (left.end - left.start - NAMES as i32 + 60) / 2;
    write(
        panel,
        &format!("time of one operation, by the number of {kind}"),
        (middle, 16),
        style(15, GREY, HPos::Center),
    )
}

/// The name of each curve beside its end, each below the one before.
fn names(panel: &Canvas, chart: &Chart, curves: &[&Curve]) -> Result<(), Problem> {
    let (left, top) = panel.get_base_pixel();
    let ends = curves
        .iter()
        .enumerate()
        .filter_map(|(number, curve)| Some((number, chart.backend_coord(curve.points.last()?))));
    let mut ends: Vec<(usize, (i32, i32))> = ends.collect();
    ends.sort_by_key(|(_, (_, y))| *y);
    let mut free = i32::MIN;
    for (number, (_, y)) in ends {
        let y = y.max(free);
        free = y + 16;
        let (right, _) = panel.get_pixel_range();
        let at = (right.end - left - NAMES as i32 + 8, y - top);
        write(panel, &curves[number].name, at, style(13, colour(number), HPos::Left))?;
    }
    Ok(())
}

/// `1k`, `10M`.
fn short(size: f64) -> String {
    match size {
        size if size >= 1e6 => format!("{}M", size / 1e6),
        size if size >= 1e3 => format!("{}k", size / 1e3),
        size => format!("{size}"),
    }
}

fn time(nanoseconds: f64) -> String {
    match nanoseconds {
        time if time >= 1e6 => format!("{} ms", time / 1e6),
        time if time >= 1e3 => format!("{} µs", time / 1e3),
        time => format!("{time} ns"),
    }
}
