//! The countries of phone numbers, for the list beside the field (C5).

use rlibphonenumber::PHONE_NUMBER_UTIL;

/// A country as far as phone numbers go.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Country {
    /// Two letters (ISO 3166).
    pub region: String,
    /// What stands behind the `+` (ITU-T E.164); several countries may share one.
    pub calling_code: u32,
}

/// Every country that has phone numbers, by its two letters.
#[must_use]
pub fn countries() -> Vec<Country> {
    let mut found: Vec<Country> = PHONE_NUMBER_UTIL
        .get_supported_regions()
        .filter_map(|region| {
            Some(Country {
                region: region.to_string(),
                calling_code: PHONE_NUMBER_UTIL
                    .get_country_code_for_region(region)?
                    .try_into()
                    .ok()?,
            })
        })
        .collect();
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use super::countries;
    use crate::contact::Phone;

    #[test]
    fn c5_every_country_has_two_letters_and_a_code_and_a_number_knows_its_own() {
        let all = countries();
        assert!(all.len() > 200, "{}", all.len());
        for country in &all {
            assert!(
                country.region.len() == 2 && (1..1000).contains(&country.calling_code),
                "{country:?}"
            );
        }
        let code = |region: &str| {
            all.iter()
                .find(|one| one.region == region)
                .map(|one| one.calling_code)
        };
        assert_eq!(
            (code("DE"), code("US"), code("GB")),
            (Some(49), Some(1), Some(44))
        );
        let phone = Phone::parse("030 123456", Some("DE")).unwrap();
        assert_eq!(phone.region().as_deref(), Some("DE"));
    }
}
