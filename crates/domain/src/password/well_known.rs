//! The list of passwords that many people chose or that stood in breaches, as a compact table in the program.
//!
//! `data/common-passwords.bin` holds the first four bytes of the SHA-256 of each, sorted; `ci/common-passwords.py` makes
//! it, `data/NOTICE.md` names its sources. A password that is not in the list meets one of the 76,404 heads with a chance
//! of 76,404 / 2^32, about 1 in 56,000: someone is then asked for another password without need, and nothing else.

use sha2::{Digest as _, Sha256};

static HEADS: &[u8] = include_bytes!("../../data/common-passwords.bin");
const HEAD: usize = 4;

/// True when this text, folded to lower case, stands in the list as it is.
pub(super) fn contains(folded: &str) -> bool {
    let digest = Sha256::digest(folded.as_bytes());
    let Some(wanted) = digest.first_chunk::<HEAD>() else {
        return false;
    };
    let (heads, _) = HEADS.as_chunks::<HEAD>();
    heads.binary_search(wanted).is_ok()
}

#[cfg(test)]
mod tests {
    use super::{HEADS, contains};
    use sha2::{Digest as _, Sha256};
    use std::collections::BTreeSet;

    const LIST: &str = include_str!("../../data/common-passwords.txt");

    #[test]
    fn c8_the_table_is_what_the_script_makes_of_the_list() {
        let heads: BTreeSet<[u8; 4]> = LIST
            .lines()
            .map(|line| Sha256::digest(line.as_bytes())[..4].try_into().unwrap())
            .collect();
        let made: Vec<u8> = heads.into_iter().flatten().collect();
        assert!(made == HEADS, "run ci/common-passwords.py");
    }

    #[test]
    fn the_list_is_sorted_in_lower_case_and_has_nothing_short() {
        let lines: Vec<_> = LIST.lines().collect();
        assert!(lines.len() > 70_000);
        assert!(lines.is_sorted_by(|one, next| one < next));
        for line in lines {
            assert!(line.chars().count() >= 6, "{line}");
            assert_eq!(line, line.to_lowercase());
        }
    }

    #[test]
    fn every_listed_password_is_found_and_few_others_are() {
        assert!(LIST.lines().all(contains));
        let false_alarms = (0..200_000)
            .filter(|number| contains(&format!("{number} is not in any list")))
            .count();
        // Expected 3.6; 20 or more would come up once in 10^9 tables.
        assert!(false_alarms < 20, "{false_alarms}");
    }
}
