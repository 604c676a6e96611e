//! The built browser files, embedded in the program: scripts, styles, pictures.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

use rust_embed::RustEmbed;
use serde::Deserialize;

/// What Vite wrote (`build.rs` runs it). In a debug build these are read from the folder as well.
#[derive(RustEmbed)]
#[folder = "$OUT_DIR/web"]
#[allow(clippy::disallowed_methods, reason = "code of the derive macro")]
struct Built;

/// One file, ready to be served.
#[derive(Clone, Debug)]
pub struct Asset {
    pub bytes: Cow<'static, [u8]>,
    pub content_type: &'static str,
    /// A strong validator, quotes included.
    pub etag: String,
    /// Its name holds a hash of its content: it may be kept for a year.
    pub immutable: bool,
}

/// A file by its path below the build folder: `assets/main-1a2b3c4d.js`, `favicon.svg`, `manifest.webmanifest`.
/// Nothing else is reachable: names are looked up in a list, never in a file system of a release build.
pub fn asset(path: &str) -> Option<Asset> {
    if path.starts_with('.') || path.contains("..") {
        return None;
    }
    let file = Built::get(path)?;
    let hash = file.metadata.sha256_hash();
    let etag = hash[..12].iter().fold(String::from("\""), |text, byte| format!("{text}{byte:02x}")) + "\"";
    Some(Asset { bytes: file.data, content_type: content_type(path), etag, immutable: path.starts_with("assets/") })
}

/// The address of a built file by the name of its source below `web/`: `entry("src/main.ts")`. Empty when there is
/// no such source: a test names all that the pages use.
pub fn entry(source: &str) -> &'static str {
    MANIFEST.get(source).map_or("", |entry| entry.url.as_str())
}

/// The address of the styles of a script.
pub fn style(source: &str) -> &'static str {
    MANIFEST.get(source).and_then(|entry| entry.css.first()).map_or("", String::as_str)
}

#[derive(Debug)]
struct Entry {
    url: String,
    css: Vec<String>,
}

static MANIFEST: LazyLock<HashMap<String, Entry>> = LazyLock::new(|| {
    #[derive(Deserialize)]
    struct Chunk {
        file: String,
        #[serde(default)]
        css: Vec<String>,
    }
    let manifest = Built::get(".vite/manifest.json").expect("build.rs fails when Vite has not written this file");
    let chunks: HashMap<String, Chunk> =
        serde_json::from_slice(&manifest.data).expect("Vite writes its manifest in this form since version 2");
    let url = |file: String| format!("/{file}");
    chunks
        .into_iter()
        .map(|(source, chunk)| (source, Entry { url: url(chunk.file), css: chunk.css.into_iter().map(url).collect() }))
        .collect()
});

fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, extension)| extension) {
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("webmanifest") => "application/manifest+json",
        Some("json" | "map") => "application/json",
        Some("png") => "image/png",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pages_find_their_files() {
        for url in [entry("src/main.ts"), style("src/main.ts"), entry("src/art/icons.svg")] {
            let file = asset(url.trim_start_matches('/')).unwrap_or_else(|| panic!("{url:?} is not there"));
            assert!(file.immutable && !file.bytes.is_empty());
        }
        for fixed in ["favicon.svg", "manifest.webmanifest"] {
            assert!(!asset(fixed).expect(fixed).immutable);
        }
    }

    #[test]
    fn only_built_files_are_reachable() {
        for path in ["", ".vite/manifest.json", "../Cargo.toml", "assets/../../Cargo.toml", "/etc/passwd", "assets"] {
            assert!(asset(path).is_none(), "{path}");
        }
    }
}
