//! What a request and the set-up take, as the list of origins grows.

mod measured;

use std::io;
use std::path::Path;

use plotters::prelude::*;

use self::measured::{Curve, Curves};
use super::{LETTERS, LINES, OURS, PEER, Svg, failure, our_mark, peer_mark, write, write_title};
use crate::place::Place;

const PLACES: [(Place, &str, &str); 4] = [
    (Place::Tower, "tower", "tower-http"),
    (Place::Actix, "actix-web", "actix-cors"),
    (Place::Rocket, "Rocket", "rocket_cors"),
    (Place::WarpService, "warp", "warp::cors"),
];

/// Nanoseconds.
const REQUEST: (f64, f64) = (10.0, 1e8);
const SET_UP: (f64, f64) = (1e3, 1e11);

const SIZE: (u32, u32) = (1_100, 1_320);
/// What is above the first panel.
const TOP: u32 = 110;

/// Measures, and draws what was measured.
///
/// # Errors
///
/// Fails if the picture can't be written.
pub fn draw(path: &Path) -> io::Result<()> {
    let area = SVGBackend::new(path, SIZE).into_drawing_area();
    area.fill(&WHITE).map_err(failure)?;
    let (legend, panels) = area.split_vertically(TOP);
    draw_legend(&legend)?;
    let rows = panels.split_evenly((PLACES.len(), 1));
    for ((place, framework, peer), row) in PLACES.into_iter().zip(&rows) {
        let Curves { request, set_up } = Curves::of(place);
        let (left, right) = row.split_horizontally(SIZE.0 / 2);
        let title = format!("{framework} ({peer}): a request");
        draw_panel(&left, &title, REQUEST, &request)?;
        draw_panel(&right, &format!("{framework}: the set-up"), SET_UP, &set_up)?;
    }
    area.present().map_err(failure)
}

fn draw_panel(
    area: &Svg<'_>,
    title: &str,
    (least, most): (f64, f64),
    curves: &[Curve; 2],
) -> io::Result<()> {
    let mut chart = ChartBuilder::on(area)
        .margin_top(40)
        .margin_right(45)
        .margin_left(10)
        .x_label_area_size(40)
        .y_label_area_size(75)
        .build_cartesian_2d((1_f64..1e6).log_scale(), (least..most).log_scale())
        .map_err(failure)?;
    chart
        .configure_mesh()
        .bold_line_style(LINES)
        .light_line_style(TRANSPARENT)
        .x_labels(7)
        .y_labels(9)
        .x_label_formatter(&|count| short(*count))
        .y_label_formatter(&|time| duration(*time))
        .label_style(("sans-serif", LETTERS))
        .draw()
        .map_err(failure)?;
    write_title(area, title, (85, 22))?;
    for (curve, color) in curves.iter().zip([OURS, PEER]) {
        let line = LineSeries::new(curve.iter().copied(), color.stroke_width(3));
        chart.draw_series(line).map_err(failure)?;
    }
    let [ours, theirs] = curves;
    let marks = theirs.iter().copied().map(peer_mark);
    chart.draw_series(marks).map_err(failure)?;
    let marks = ours.iter().copied().map(our_mark);
    chart.draw_series(marks).map_err(failure)?;
    Ok(())
}

/// Writes a number with as few digits as fit below a line of the scale.
fn short(count: f64) -> String {
    match count {
        ..1e3 => format!("{count:.0}"),
        ..1e6 => format!("{:.0}k", count / 1e3),
        _ => format!("{:.0}M", count / 1e6),
    }
}

/// Writes nanoseconds in the unit that suits them.
fn duration(nanoseconds: f64) -> String {
    let (unit, size) = match nanoseconds {
        ..1e3 => ("ns", 1.0),
        ..1e6 => ("µs", 1e3),
        ..1e9 => ("ms", 1e6),
        _ => ("s", 1e9),
    };
    format!("{:.0} {unit}", nanoseconds / size)
}

fn draw_legend(area: &Svg<'_>) -> io::Result<()> {
    write_title(
        area,
        "The time of a request beyond the app without CORS, and of the set-up, by origins",
        (20, 28),
    )?;
    for (x, text) in [(30, "this library"), (190, "the framework's usual crate")] {
        write(area, text, (x + 18, 64))?;
    }
    area.draw(&our_mark((30, 64))).map_err(failure)?;
    area.draw(&peer_mark((190, 64))).map_err(failure)?;
    write(
        area,
        "Exact origins, from one to 1,000,000; the request comes from the last of the list.",
        (20, 96),
    )
}
