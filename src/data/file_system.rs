//! What kind of file system the data folder is on.

use std::path::Path;

/// File systems behind a network or another program, by the number that statfs(2) gives them. The numbers are from
/// Linux, include/uapi/linux/magic.h, except where another file is named.
const REMOTE: [(u32, &str); 12] = [
    (0x6969, "NFS"),
    (0x517b, "SMB"),
    (0xff53_4d42, "CIFS"),
    (0xfe53_4d42, "SMB2"),
    (0x0102_1997, "9p"),
    (0x6573_5546, "FUSE"),
    (0x5346_414f, "AFS"),
    (0x6b41_4653, "AFS"),
    (0x00c3_6400, "Ceph"),
    (0x7375_7245, "Coda"),
    (0x564c, "NCP"),
    // Lustre's own uapi/linux/lustre/lustre_user.h.
    (0x0bd0_0bd0, "Lustre"),
];

/// The name of a file system that SQLite should not be on; `None` for all others.
fn remote(kind: u32) -> Option<&'static str> {
    REMOTE.iter().find(|(known, _)| *known == kind).map(|(_, name)| *name)
}

/// Warns of a folder on a network: SQLite's write-ahead log needs memory shared between its connections and a sync that
/// reaches the disk, and a file system behind a network promises neither.
pub(super) fn warn_if_remote(folder: &Path) {
    #[cfg(target_os = "linux")]
    if let Ok(found) = rustix::fs::statfs(folder)
        // Where the number is wider than 32 bits, the rest is empty or its sign.
        && let Some(name) = remote(found.f_type as u32)
    {
        tracing::warn!(
            folder = %folder.display(),
            "the data folder is on {name}, where SQLite can lose or damage the database: choose a folder on a local disk with --data or GIFCHAT_DATA"
        );
    }
    #[cfg(not(target_os = "linux"))]
    let _ = (folder, remote);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_are_known_by_their_numbers() {
        for (kind, name) in [(0x6969, "NFS"), (0xff53_4d42, "CIFS"), (0x6573_5546, "FUSE"), (0x0102_1997, "9p")] {
            assert_eq!(remote(kind), Some(name));
        }
        // ext4, XFS, Btrfs, tmpfs, overlayfs, ZFS.
        for local in [0xef53, 0x5846_5342, 0x9123_683e, 0x0102_1994, 0x794c_7630, 0x2fc1_2fc1] {
            assert_eq!(remote(local), None, "{local:x}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_number_is_read_as_it_is_listed() {
        // PROC_SUPER_MAGIC.
        assert_eq!(rustix::fs::statfs("/proc").unwrap().f_type as u32, 0x9fa0);
    }
}
