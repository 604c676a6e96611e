//! The QR code of a room's link, as an inline picture.

use std::fmt::Write;

use qrcode::{Color, EcLevel, QrCode};

/// White modules around the code. ISO/IEC 18004 asks for four; the page's white margin adds the rest.
const QUIET: usize = 2;
/// The part of the side that Blinky covers. Level H repairs 30 % of the code; this hides about 4 %.
const BLINKY: f64 = 0.2;

/// An SVG of the link with Blinky in its middle. Empty when the link is too long for any code (about 1,200 bytes).
pub fn svg(link: &str, label: &str) -> String {
    let Ok(code) = QrCode::with_error_correction_level(link, EcLevel::H) else {
        return String::new();
    };
    let width = code.width();
    let side = width + 2 * QUIET;
    let path = modules(&code.to_colors(), width);
    let half = width as f64 * BLINKY / 2.0;
    let middle = side as f64 / 2.0;
    format!(
        r##"<svg class="qr" viewBox="0 0 {side} {side}" role="img" aria-label="{label}" shape-rendering="crispEdges"><path d="{path}" fill="#201b16"/><g transform="translate({middle} {middle}) scale({scale:.3})" shape-rendering="auto"><rect x="-.58" y="-.58" width="1.16" height="1.16" rx=".3" fill="#fff"/><rect x="-.5" y="-.5" width="1" height="1" rx=".28" fill="#f7bb35"/><rect x="-.2" y="-.2" width=".1" height=".26" rx=".05" fill="#2a1f12"/><rect x=".13" y="-.2" width=".1" height=".26" rx=".05" fill="#2a1f12"/><path d="M-.12 .17Q.13 .3 .26 .1" fill="none" stroke="#2a1f12" stroke-width=".07" stroke-linecap="round"/></g></svg>"##,
        label = escape(label),
        scale = 2.0 * half,
    )
}

/// One path: each run of dark modules in a row is one rectangle.
fn modules(colors: &[Color], width: usize) -> String {
    let mut path = String::new();
    for (y, row) in colors.chunks(width).enumerate() {
        let mut x = 0;
        while x < width {
            let run = row[x..].iter().take_while(|color| **color == Color::Dark).count();
            if run > 0 {
                // Writing into a String cannot fail.
                let _ = write!(path, "M{} {}h{run}v1h-{run}z", x + QUIET, y + QUIET);
            }
            x += run.max(1);
        }
    }
    path
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_the_whole_code() {
        let link = "https://chat.example/room/0123456789abcdef01234567";
        let code = QrCode::with_error_correction_level(link, EcLevel::H).unwrap();
        let dark = code.to_colors().iter().filter(|color| **color == Color::Dark).count();
        let path = modules(&code.to_colors(), code.width());
        // What stands before the first stroke is none.
        let drawn: usize =
            path.split('h').skip(1).filter_map(|part| part.split('v').next()?.parse::<usize>().ok()).sum();
        assert_eq!(drawn, dark);
        assert!(svg(link, "a \"b\" <c>").contains("aria-label=\"a &quot;b&quot; &lt;c>\""));
    }

    #[test]
    fn a_link_too_long_for_any_code_is_no_picture() {
        assert_eq!(svg(&"x".repeat(5000), ""), "");
    }
}
