//! Signing in by an identity provider: what its claims give, and whether its word counts as a second factor.
//!
//! Who somebody is, is the pair of issuer and subject and nothing else: names and addresses are theirs to change (T32).

use std::time::Duration;

use crate::brand::Slug;
use crate::staff::StaffRole;
use crate::words::words;

/// How long a sign-in at the provider may take.
pub const PROVIDER_SIGN_IN_FOR: Duration = Duration::from_secs(10 * 60);
/// The longest subject that OpenID Connect Core allows (section 2, `sub`).
const LONGEST_SUBJECT: usize = 255;

/// Who somebody is at an identity provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    issuer: String,
    subject: String,
}

/// The subject is none that OpenID Connect allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the subject is empty, longer than 255 characters or not plain ASCII")]
pub struct SubjectError;

impl Identity {
    /// The identity of a subject at an issuer, both exactly as they were given: no case is folded, nothing trimmed.
    ///
    /// # Errors
    /// [`SubjectError`].
    pub fn new(issuer: &str, subject: &str) -> Result<Self, SubjectError> {
        let plain = subject.bytes().all(|letter| (0x20..0x7f).contains(&letter));
        if subject.is_empty() || subject.len() > LONGEST_SUBJECT || !plain {
            return Err(SubjectError);
        }
        Ok(Self {
            issuer: issuer.to_owned(),
            subject: subject.to_owned(),
        })
    }

    /// Who vouches.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The name that the issuer never gives to anybody else.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }
}

/// One line of the map from claims to rights.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleRule {
    /// The value of the claim, exactly.
    pub value: String,
    /// At which brand it gives something.
    pub brand: Slug,
    /// What it gives.
    pub role: StaffRole,
}

/// What the values of a claim give, brand by brand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoleMap(Vec<RoleRule>);

impl RoleMap {
    /// A map of these lines, the most important first.
    #[must_use]
    pub const fn new(rules: Vec<RoleRule>) -> Self {
        Self(rules)
    }

    /// Its lines.
    #[must_use]
    pub fn rules(&self) -> &[RoleRule] {
        &self.0
    }

    /// What these values give: for each brand the first line that fits. Nothing where no line does.
    #[must_use]
    pub fn grants(&self, values: &[String]) -> Vec<(Slug, StaffRole)> {
        let mut grants: Vec<(Slug, StaffRole)> = Vec::new();
        for rule in &self.0 {
            let fits = values.contains(&rule.value);
            if fits && !grants.iter().any(|(brand, _)| *brand == rule.brand) {
                grants.push((rule.brand.clone(), rule.role));
            }
        }
        grants
    }
}

words! {
    /// When the provider's word counts as a second factor.
    SecondFactorTrust, SecondFactorTrustError, "a trust in the provider's second factor" {
        /// Where its token says that there was one: `amr` has `mfa`, or `acr` is one of the configured ones.
        IfSaid = "if_said",
        /// Always: the provider lets nobody in without one.
        Always = "always",
        /// Never: our own is asked for each time.
        Never = "never",
    }
}

/// How somebody proved themselves to the provider, as its token tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Authentication {
    /// The methods (`amr`, RFC 8176).
    pub methods: Vec<String>,
    /// The class (`acr`).
    pub class: Option<String>,
}

impl SecondFactorTrust {
    /// Whether this authentication counts as a second factor. `classes` are the values of `acr` that do.
    #[must_use]
    pub fn believes(self, told: &Authentication, classes: &[String]) -> bool {
        match self {
            Self::Always => true,
            Self::Never => false,
            Self::IfSaid => {
                // RFC 8176: `mfa` stands there where several factors were used; one method alone is one factor.
                told.methods.iter().any(|method| method == "mfa")
                    || told.class.as_ref().is_some_and(|class| classes.contains(class))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(value: &str, brand: &str, role: StaffRole) -> RoleRule {
        RoleRule {
            value: value.to_owned(),
            brand: Slug::parse(brand).unwrap(),
            role,
        }
    }

    fn given(map: &RoleMap, values: &[&str]) -> Vec<(String, StaffRole)> {
        let values: Vec<String> = values.iter().map(|value| (*value).to_owned()).collect();
        map.grants(&values)
            .into_iter()
            .map(|(brand, role)| (brand.as_str().to_owned(), role))
            .collect()
    }

    #[test]
    fn the_first_line_that_fits_decides_for_each_brand_and_no_line_gives_nothing() {
        let map = RoleMap::new(vec![
            rule("leads", "harbor", StaffRole::Supervisor),
            rule("support", "harbor", StaffRole::Agent),
            rule("support", "meadow", StaffRole::Agent),
        ]);
        assert_eq!(
            given(&map, &["support", "leads"]),
            [
                ("harbor".to_owned(), StaffRole::Supervisor),
                ("meadow".to_owned(), StaffRole::Agent)
            ]
        );
        assert_eq!(
            given(&map, &["leads"]),
            [("harbor".to_owned(), StaffRole::Supervisor)]
        );
        for nothing in [&[][..], &["Leads"], &["support "], &["leads,support"], &[""]] {
            assert_eq!(given(&map, nothing), [], "{nothing:?}");
        }
    }

    #[test]
    fn a_second_factor_is_believed_only_where_it_is_said() {
        let told = |methods: &[&str], class: Option<&str>| Authentication {
            methods: methods.iter().map(|method| (*method).to_owned()).collect(),
            class: class.map(str::to_owned),
        };
        let classes = ["urn:example:two".to_owned()];
        let said = SecondFactorTrust::IfSaid;
        assert!(said.believes(&told(&["pwd", "mfa"], None), &classes));
        assert!(said.believes(&told(&[], Some("urn:example:two")), &classes));
        for one in [
            told(&[], None),
            told(&["pwd"], None),
            told(&["otp"], Some("1")),
            told(&["MFA"], Some("urn:example:one")),
        ] {
            assert!(!said.believes(&one, &classes), "{one:?}");
            assert!(!said.believes(&one, &[]), "{one:?}");
            assert!(SecondFactorTrust::Always.believes(&one, &[]));
        }
        assert!(!SecondFactorTrust::Never.believes(&told(&["mfa"], None), &classes));
    }

    #[test]
    fn t32_an_identity_is_issuer_and_subject_exactly() {
        let identity = |subject: &str| Identity::new("https://id.example", subject);
        assert_ne!(identity("a"), identity("A"));
        assert_ne!(identity("a"), identity("a "));
        assert_ne!(identity("a"), Identity::new("https://id.example/", "a"));
        for wrong in ["", &"a".repeat(256), "a\n", "\u{e4}", "a\0"] {
            assert_eq!(identity(wrong), Err(SubjectError), "{wrong:?}");
        }
        assert!(identity(&"a".repeat(255)).is_ok());
    }
}
