//! What only a SQLite database has: files, a log, checkpoints.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::place::{MANY, Place};
use crate::store::OpenError;

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test]
async fn the_files_are_for_their_owner_alone() {
    let place = Place::sqlite();
    let store = place.open().await;
    store.create_room(place.room(), MANY).await.unwrap();
    let file = place.file();
    assert_eq!(mode(file.parent().unwrap()), 0o700);
    for file in ["gifchat.db", "gifchat.db-wal", "gifchat.db-shm"].map(|name| file.with_file_name(name)) {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
}

#[tokio::test]
async fn a_file_that_was_readable_is_closed_to_others() {
    let place = Place::sqlite();
    place.open().await.close().await;
    std::fs::set_permissions(place.file(), PermissionsExt::from_mode(0o644)).unwrap();
    let store = place.open().await;
    store.create_room(place.room(), MANY).await.unwrap();
    assert_eq!(mode(&place.file()), 0o600);
    assert_eq!(mode(&place.file().with_extension("db-wal")), 0o600);
}

#[tokio::test]
async fn closing_leaves_one_file_with_everything() {
    let place = Place::sqlite();
    let store = place.open().await;
    let room = store.create_room(place.room(), MANY).await.unwrap();
    store.close().await;
    let folder = place.file().parent().unwrap().to_owned();
    let names: Vec<_> = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert_eq!(names, ["gifchat.db"]);
    assert_eq!(place.open().await.rooms().await.unwrap(), [room]);
}

#[tokio::test]
async fn what_is_not_a_database_is_refused_in_one_sentence() {
    let place = Place::sqlite();
    let file = place.file();
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(&file, "once upon a time there was a text file that was no database at all").unwrap();
    let refused = place.try_open().await.unwrap_err();
    assert!(matches!(refused, OpenError::Sqlite { .. }), "{refused:?}");
    assert!(refused.to_string().contains(file.to_str().unwrap()) && !refused.to_string().contains('\n'), "{refused}");
    assert!(std::fs::read_to_string(file).unwrap().starts_with("once upon a time"));
}

#[tokio::test]
async fn a_folder_that_cannot_be_made_is_refused_in_one_sentence() {
    let place = Place::sqlite();
    let folder = place.file().parent().unwrap().to_owned();
    std::fs::write(&folder, "a file where the folder should be").unwrap();
    let refused = place.try_open().await.unwrap_err();
    assert!(matches!(refused, OpenError::Folder { .. }), "{refused:?}");
    assert!(refused.to_string().contains("--data"), "{refused}");
}
