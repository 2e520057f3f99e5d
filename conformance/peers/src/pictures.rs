//! The costs and the growth curves as pictures.
//!
//! Who is compared differs in form as well as in colour. The colours are those of Okabe and Ito,
//! which colour-blind readers tell apart.

mod costs;
mod growth;

use std::fmt::Display;
use std::io;
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Picture {
    /// The instructions of a request; needs valgrind.
    Costs,
    /// What a request and the set-up take, as the list of origins grows.
    Growth,
}

/// Draws these pictures, or both.
///
/// # Errors
///
/// Fails if there is no valgrind, or a picture can't be written.
pub fn draw(pictures: &[Picture], profiles: &Path) -> io::Result<()> {
    let pictures = if pictures.is_empty() {
        Picture::value_variants()
    } else {
        pictures
    };
    for picture in pictures {
        match picture {
            Picture::Costs => costs::draw(&path_of("costs.svg"), profiles)?,
            Picture::Growth => growth::draw(&path_of("growth.svg"))?,
        }
    }
    Ok(())
}

fn path_of(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("pictures")
        .join(name)
}

type Svg<'a> = DrawingArea<SVGBackend<'a>, Shift>;

const OURS: RGBColor = RGBColor(0, 114, 178);
const PEER: RGBColor = RGBColor(213, 94, 0);
const FLOOR: RGBColor = BLACK;
const LINES: RGBColor = RGBColor(205, 205, 205);

/// The pixels of a letter of ordinary text.
const LETTERS: u32 = 17;

/// Writes an explanation.
fn write(area: &Svg<'_>, text: &str, at: (i32, i32)) -> io::Result<()> {
    place(area, text, at, &style(LETTERS, HPos::Left))
}

/// Writes a title.
fn write_title(area: &Svg<'_>, text: &str, at: (i32, i32)) -> io::Result<()> {
    place(area, text, at, &style(LETTERS + 4, HPos::Left))
}

/// Writes a text that ends at a place.
fn write_before(area: &Svg<'_>, text: &str, at: (i32, i32)) -> io::Result<()> {
    place(area, text, at, &style(LETTERS, HPos::Right))
}

/// Writes a text around a place.
fn write_around(area: &Svg<'_>, text: &str, at: (i32, i32)) -> io::Result<()> {
    place(area, text, at, &style(LETTERS, HPos::Center))
}

fn place(area: &Svg<'_>, text: &str, at: (i32, i32), style: &TextStyle<'_>) -> io::Result<()> {
    area.draw_text(text, style, at).map_err(failure)
}

/// Returns the style of a text whose height is centred.
fn style(letters: u32, horizontal: HPos) -> TextStyle<'static> {
    let style = TextStyle::from(("sans-serif", letters).into_font()).color(&BLACK);
    style.pos(Pos::new(horizontal, VPos::Center))
}

/// The mark of this library.
fn our_mark<At>(at: At) -> Circle<At, i32> {
    Circle::new(at, 7, OURS.filled())
}

/// The mark of the framework's usual crate.
fn peer_mark<At>(at: At) -> TriangleMarker<At, i32> {
    TriangleMarker::new(at, 9, PEER.filled())
}

/// The mark of the contract floor.
fn floor_mark((x, y): (i32, i32)) -> Rectangle<(i32, i32)> {
    Rectangle::new([(x - 2, y - 10), (x + 2, y + 10)], FLOOR.filled())
}

fn failure(error: impl Display) -> io::Error {
    io::Error::other(error.to_string())
}
