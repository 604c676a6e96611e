//! The folder of the GIFs at a start.

use std::fs::{DirBuilder, File, set_permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::Path as Folder;

use super::GifFile;
use super::hold::Hold;

/// Makes the folder, safe on the disk like what will be in it. What was left half written when the process ended is
/// removed.
pub(super) fn prepare(folder: &Folder) -> io::Result<()> {
    if !folder.exists() {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        if let Some(parent) = folder.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            File::open(parent)?.sync_all()?;
        }
    }
    set_permissions(folder, PermissionsExt::from_mode(0o700))?;
    for shelf in std::fs::read_dir(folder)? {
        let shelf = shelf?;
        if !shelf.file_type()?.is_dir() {
            continue;
        }
        // An operator's command may be writing there right now.
        let Some(_alone) = Hold::alone(&shelf.path())? else { continue };
        for file in std::fs::read_dir(shelf.path())? {
            let file = file?;
            if file.file_name().to_str().is_some_and(GifFile::is_half_written) {
                std::fs::remove_file(file.path())?;
            }
        }
    }
    Ok(())
}
