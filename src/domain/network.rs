//! Where somebody came from, kept so that it cannot be read back.

use super::{HashKey, NetworkHash, RoomId};

impl NetworkHash {
    /// The hash of an address prefix within one room: the 4 bytes of an IPv4 address, or the first 8 of an IPv6
    /// address (its /64). Hashes of one network in two rooms have nothing in common; without the key, addresses
    /// cannot be tried out against a copy of the database.
    pub fn of(key: &HashKey, room: RoomId, prefix: &[u8]) -> Self {
        Self::from_bytes(key.hash("network", &[room.as_bytes(), prefix]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_is_known_again_in_its_room_only() {
        let (key, room) = (HashKey::new(&[7; 32]), RoomId::from_bytes([1; 12]));
        let hash = NetworkHash::of(&key, room, &[192, 0, 2, 1]);
        assert_eq!(hash, NetworkHash::of(&key, room, &[192, 0, 2, 1]));
        assert_ne!(hash, NetworkHash::of(&key, room, &[192, 0, 2, 2]));
        assert_ne!(hash, NetworkHash::of(&key, room, &[192, 0, 2, 1, 0, 0, 0, 0]));
        assert_ne!(hash, NetworkHash::of(&key, RoomId::from_bytes([2; 12]), &[192, 0, 2, 1]));
        assert_ne!(hash, NetworkHash::of(&HashKey::new(&[8; 32]), room, &[192, 0, 2, 1]));
        assert_eq!(hash.to_string().parse(), Ok(hash));
        assert_eq!(hash.to_string().len(), 32);
    }
}
