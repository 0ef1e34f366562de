//! Ids of what Patience itself tells: UUIDs of version 7, which ascend in time.
//!
//! The ledger finds an entry by a key of 16 bytes that names its source and id. Of what others tell that is a hash,
//! which lies anywhere in the index, so that a commit changes nearly as many of its pages as it has entries. Of what we
//! tell it is the UUID itself, and lies beside the one before. Both stay apart: to make a hash that is a given UUID
//! somebody would have to find it among 2^128, and to guess the UUID before it is made.

use super::{error::Result, random::bytes};
use crate::domain::time::Moment;

/// A new id, and 74 bits of it random: several servers may make one in the same millisecond.
pub(super) fn new(now: Moment) -> Result<String> {
    let mut uuid: [u8; 16] = bytes()?;
    uuid[..6].copy_from_slice(&now.ms().to_be_bytes()[2..]);
    uuid[6] = uuid[6] & 0x0F | 0x70;
    uuid[8] = uuid[8] & 0x3F | 0x80;
    Ok(text(&uuid))
}

/// The UUID that an id is, in the one way in which [`new`] writes it; none where it is another id.
pub(super) fn uuid(id: &str) -> Option<[u8; 16]> {
    let digits: String = id.split('-').collect();
    let mut uuid = [0; 16];
    hex::decode_to_slice(digits, &mut uuid).ok()?;
    (uuid[6] >> 4 == 7 && text(&uuid) == id).then_some(uuid)
}

fn text(uuid: &[u8; 16]) -> String {
    let digits = hex::encode(uuid);
    [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]].join("-")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{domain::event_json::OWN_SOURCE, storage::ledger};

    #[test]
    fn ids_ascend_in_time_and_are_read_as_they_were_written() {
        let at = |ms| new(Moment::from_stored_ms(ms)).unwrap();
        let ids = [at(1), at(1_700_000_000_000), at(1_700_000_000_001)];
        assert!(ids.is_sorted(), "{ids:?}");
        let keys = ids.map(|id| uuid(&id).unwrap());
        assert!(keys.is_sorted(), "{keys:?}");
        assert_eq!(keys[2][..6], [0x01, 0x8b, 0xcf, 0xe5, 0x68, 0x01]);
        assert_ne!(at(1), at(1), "of one millisecond");
    }

    #[test]
    fn only_what_we_tell_is_found_by_its_id_itself() {
        let id = "018bcfe5-6801-7abc-8def-0123456789ab";
        assert_eq!(hex::encode(ledger::key(OWN_SOURCE, id)), id.replace('-', ""));
        assert_ne!(hex::encode(ledger::key("zendesk", id)), id.replace('-', ""));
        // As decisions were told before.
        let before = ledger::key(OWN_SOURCE, "0c1d2e3f405162738495a6b7c8d9eafb");
        assert_eq!(hex::encode(before), "1a43f6e3b40773f794441fa735acd524");
    }

    #[test]
    fn one_uuid_has_one_text() {
        let id = "018bcfe5-6801-7abc-8def-0123456789ab";
        assert!(uuid(id).is_some());
        let others = [
            id.to_uppercase(),
            id.replace('-', ""),
            format!("{id}-"),
            id.replace("-7", "-4"),
            id.replacen("018b", "01-8b", 1),
            "0c1d2e3f405162738495a6b7c8d9eafb".to_owned(),
            String::new(),
        ];
        for other in others {
            assert_eq!(uuid(&other), None, "{other}");
        }
    }
}
