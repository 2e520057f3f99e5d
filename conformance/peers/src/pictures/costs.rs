//! The instructions of a request in each framework.

use std::io;
use std::path::Path;

use plotters::prelude::*;

use super::{
    LINES, Svg, failure, floor_mark, our_mark, peer_mark, write, write_around, write_before,
    write_title,
};
use crate::callgrind;
use crate::contender::Contender;
use crate::place::Place;
use crate::scenario::Scenario;
use crate::table::grouped;

const PLACES: [(Place, &str); 5] = [
    (Place::Tower, "a tower service, and tower-http"),
    (Place::Axum, "axum, Router::layer, and tower-http"),
    (Place::Actix, "actix-web, and actix-cors"),
    (Place::Rocket, "Rocket, and rocket_cors"),
    (Place::WarpService, "warp, CorsLayer, and warp::cors"),
];

/// The scenarios, and whether nothing is subtracted, since the app is not called.
const REQUESTS: [(&str, &str, bool); 7] = [
    ("A", "no Origin", false),
    ("B", "allowed", false),
    ("C10k", "last of 10,000 origins", false),
    ("D", "refused", false),
    ("K", "a subdomain", false),
    ("E", "preflight", true),
    ("G", "hostile preflight", true),
];

const WIDTH: i32 = 1_000;
const HEIGHT: i32 = TOP + PANEL * 5 + 50;
/// What is above the first panel.
const TOP: i32 = 130;
const PANEL: i32 = TITLE + ROW * 7 + 14;
const TITLE: i32 = 36;
const ROW: i32 = 26;
/// Where the scale begins and ends.
const SCALE: (i32, i32) = (250, 940);
/// The powers of ten that the scale begins and ends with.
const POWERS: (i32, i32) = (2, 7);

/// The instructions of one request of one place.
struct Row {
    label: &'static str,
    ours: Option<f64>,
    floor: Option<f64>,
    peer: Option<f64>,
}

/// Counts instructions, and draws them.
///
/// # Errors
///
/// As [`callgrind::instructions`]; and if the picture can't be written.
pub fn draw(path: &Path, profiles: &Path) -> io::Result<()> {
    let size = (WIDTH.unsigned_abs(), HEIGHT.unsigned_abs());
    let area = SVGBackend::new(path, size).into_drawing_area();
    area.fill(&WHITE).map_err(failure)?;
    draw_legend(&area)?;
    for (index, (place, title)) in (0..).zip(PLACES) {
        let top = TOP + index * PANEL;
        write_title(&area, title, (20, top + 16))?;
        draw_lines(&area, (top + TITLE, top + TITLE + 7 * ROW))?;
        for (number, row) in (0..).zip(rows(place, profiles)?) {
            row.draw(&area, top + TITLE + ROW / 2 + number * ROW)?;
        }
    }
    for (x, count) in scale() {
        write_around(&area, &grouped(count), (x, HEIGHT - 42))?;
    }
    area.present().map_err(failure)
}

fn rows(place: Place, profiles: &Path) -> io::Result<Vec<Row>> {
    let instructions = callgrind::instructions(place, profiles)?;
    let rows = REQUESTS.map(|(name, label, in_full)| {
        let count = |contender| {
            let is_it =
                |found: &&(Contender, Scenario, f64)| found.0 == contender && found.1.name == name;
            let found = instructions.iter().find(is_it)?;
            (found.2 > 0.0).then_some(found.2)
        };
        let bare = count(Contender::Bare).filter(|_| !in_full).unwrap_or(0.0);
        let beyond = |contender| count(contender).map(|count| count - bare);
        Row {
            label,
            ours: beyond(Contender::Ours),
            floor: beyond(Contender::Contract),
            peer: beyond(Contender::Peer),
        }
    });
    Ok(rows.into())
}

impl Row {
    fn draw(&self, area: &Svg<'_>, y: i32) -> io::Result<()> {
        write_before(area, self.label, (SCALE.0 - 14, y))?;
        let counts = [self.ours, self.floor, self.peer].into_iter().flatten();
        let places: Vec<_> = counts.map(x_of).collect();
        let ends = places.iter().min().zip(places.iter().max());
        if let Some((&first, &last)) = ends {
            let line = PathElement::new([(first, y), (last, y)], LINES.stroke_width(3));
            area.draw(&line).map_err(failure)?;
        }
        let at = |count: Option<f64>| count.map(|count| (x_of(count), y));
        if let Some(at) = at(self.peer) {
            area.draw(&peer_mark(at)).map_err(failure)?;
        }
        if let Some(at) = at(self.ours) {
            area.draw(&our_mark(at)).map_err(failure)?;
        }
        if let Some(at) = at(self.floor) {
            area.draw(&floor_mark(at)).map_err(failure)?;
        }
        Ok(())
    }
}

/// Returns where a number of instructions is.
fn x_of(count: f64) -> i32 {
    let (first, last) = POWERS;
    let part = (count.max(1.0).log10() - f64::from(first)) / f64::from(last - first);
    SCALE.0 + (part.clamp(0.0, 1.0) * f64::from(SCALE.1 - SCALE.0)).round() as i32
}

/// Returns the powers of ten, and where they are.
fn scale() -> impl Iterator<Item = (i32, f64)> {
    (POWERS.0..=POWERS.1).map(|power| {
        let count = 10_f64.powi(power);
        (x_of(count), count)
    })
}

fn draw_lines(area: &Svg<'_>, (top, bottom): (i32, i32)) -> io::Result<()> {
    for (x, _) in scale() {
        let line = PathElement::new([(x, top), (x, bottom)], LINES);
        area.draw(&line).map_err(failure)?;
    }
    Ok(())
}

fn draw_legend(area: &Svg<'_>) -> io::Result<()> {
    write_title(
        area,
        "Instructions of a request beyond those of the app without CORS; of a preflight, all",
        (20, 28),
    )?;
    let entries = [
        (30, "this library"),
        (190, "the same contract by hand (tower, axum, warp)"),
        (620, "the framework's usual crate"),
    ];
    for (x, text) in entries {
        write(area, text, (x + 18, 64))?;
    }
    area.draw(&our_mark((30, 64))).map_err(failure)?;
    area.draw(&floor_mark((190, 64))).map_err(failure)?;
    area.draw(&peer_mark((620, 64))).map_err(failure)?;
    write(
        area,
        "Each line of the scale is ten times the one to the left of it. Left is cheaper.",
        (20, 98),
    )
}
