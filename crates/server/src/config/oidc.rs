//! `[oidc]`: the identity provider by which staff may sign in, beside the password.

use std::os::unix::fs::PermissionsExt as _;

use countersign_domain::brand::Slug;
use countersign_domain::federation::{RoleMap, RoleRule, SecondFactorTrust};
use countersign_oidc::is_protected;
use serde::Deserialize;
use zeroize::Zeroizing;

use super::Checking;

const SCOPES: &str = "profile email";
const ROLE_CLAIM: &str = "groups";
/// The longest name that fits on the button.
const LONGEST_NAME: usize = 40;
/// Claims that say who somebody is or what they are called: people change some of these themselves, so none gives a role.
const NO_ROLE_CLAIMS: [&str; 17] = [
    "iss",
    "sub",
    "aud",
    "azp",
    "exp",
    "iat",
    "nonce",
    "acr",
    "amr",
    "name",
    "nickname",
    "preferred_username",
    "email",
    "email_verified",
    "phone_number",
    "website",
    "profile",
];

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Written {
    name: Option<String>,
    issuer: Option<String>,
    client_id: Option<String>,
    client_secret_file: Option<String>,
    scopes: Option<String>,
    role_claim: Option<String>,
    roles: Option<Vec<WrittenRole>>,
    second_factor: Option<String>,
    acr_values: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenRole {
    value: String,
    brand: String,
    role: String,
}

/// The identity provider. Not to be printed: it holds a secret.
pub(crate) struct Oidc {
    /// What staff call it.
    pub(crate) name: String,
    /// Its address.
    pub(crate) issuer: String,
    /// What it knows us by.
    pub(crate) client_id: String,
    /// What proves that it is us.
    pub(crate) client_secret: Zeroizing<String>,
    /// What is asked for.
    pub(crate) scopes: Vec<String>,
    /// The claim that gives roles.
    pub(crate) role_claim: String,
    /// What its values give.
    pub(crate) roles: RoleMap,
    /// When its word counts as a second factor.
    pub(crate) second_factor: SecondFactorTrust,
    /// The values of `acr` that do.
    pub(crate) classes: Vec<String>,
}

impl Written {
    pub(super) fn check(self, checking: &mut Checking) -> Option<Oidc> {
        let name = self.name(checking);
        let issuer = self.issuer(checking);
        let client_id = self.client_id.clone().filter(|id| !id.is_empty());
        if client_id.is_none() {
            checking.wrong(
                "oidc.client_id",
                "is missing: what the identity provider knows this server by",
            );
        }
        let client_secret = self.client_secret(checking);
        let role_claim = self.role_claim.unwrap_or_else(|| ROLE_CLAIM.to_owned());
        if role_claim.is_empty() || NO_ROLE_CLAIMS.contains(&role_claim.as_str()) {
            checking.wrong(
                "oidc.role_claim",
                format!("{role_claim:?} gives nobody a role: name a claim that only the provider's administrators change"),
            );
        }
        let roles = roles(self.roles.unwrap_or_default(), checking);
        let second_factor = self
            .second_factor
            .map_or(Some(SecondFactorTrust::IfSaid), |word| {
                word.parse()
                    .map_err(|wrong| checking.wrong("oidc.second_factor", format!("{word:?} is {wrong}")))
                    .ok()
            });
        let classes = words(self.acr_values.as_deref().unwrap_or_default());
        if !classes.is_empty() && second_factor.is_some_and(|trust| trust != SecondFactorTrust::IfSaid) {
            checking.wrong(
                "oidc.acr_values",
                "mean something only where second_factor is \"if_said\"",
            );
        }
        Some(Oidc {
            name: name?,
            issuer: issuer?,
            client_id: client_id?,
            client_secret: client_secret?,
            scopes: words(self.scopes.as_deref().unwrap_or(SCOPES))
                .into_iter()
                .filter(|scope| scope != "openid")
                .collect(),
            role_claim,
            roles,
            second_factor: second_factor?,
            classes,
        })
    }

    fn name(&self, checking: &mut Checking) -> Option<String> {
        let name = self.name.as_deref().map(str::trim).unwrap_or_default();
        let lawful =
            (1..=LONGEST_NAME).contains(&name.chars().count()) && !name.chars().any(char::is_control);
        if !lawful {
            checking.wrong(
                "oidc.name",
                "is missing or longer than 40 characters: what staff call the identity provider, for the button \"Sign in \
                 with …\"",
            );
        }
        lawful.then(|| name.to_owned())
    }

    fn issuer(&self, checking: &mut Checking) -> Option<String> {
        let issuer = self.issuer.clone().unwrap_or_default();
        if issuer.is_empty() {
            checking.wrong(
                "oidc.issuer",
                "is missing: the provider's address as its own description writes it, such as \"https://id.example.com\"",
            );
            return None;
        }
        if !is_protected(&issuer) || issuer.contains(['?', '#', ' ', '@']) {
            checking.wrong(
                "oidc.issuer",
                format!("{issuer:?} has to begin with https:// and have neither ? nor # (http:// only on this machine)"),
            );
            return None;
        }
        Some(issuer)
    }

    fn client_secret(&self, checking: &mut Checking) -> Option<Zeroizing<String>> {
        const FIELD: &str = "oidc.client_secret_file";
        let Some(written) = self.client_secret_file.as_deref().filter(|file| !file.is_empty()) else {
            checking.wrong(
                FIELD,
                "is missing: a file that holds the secret and that only this server can read",
            );
            return None;
        };
        let file = checking.path(written);
        let opened =
            std::fs::read_to_string(&file).and_then(|text| Ok((Zeroizing::new(text), file.metadata()?)));
        let (text, about) = match opened {
            Ok(opened) => opened,
            Err(error) => {
                checking.wrong(FIELD, format!("{}: {error}", file.display()));
                return None;
            }
        };
        if about.permissions().mode() & 0o007 != 0 {
            checking.wrong(
                FIELD,
                format!(
                    "everybody on this machine can read {}: `chmod 0400` it, and have a new secret made",
                    file.display()
                ),
            );
        }
        let secret = text.trim();
        if secret.is_empty() {
            checking.wrong(FIELD, format!("{} is empty", file.display()));
            return None;
        }
        Some(Zeroizing::new(secret.to_owned()))
    }
}

fn roles(written: Vec<WrittenRole>, checking: &mut Checking) -> RoleMap {
    if written.is_empty() {
        checking.wrong(
            "oidc.roles",
            "is missing: at least one of { value = \"support\", brand = \"acme\", role = \"agent\" }, or nobody gets in",
        );
    }
    let mut rules: Vec<RoleRule> = Vec::new();
    for (number, line) in written.into_iter().enumerate() {
        let field = format!("oidc.roles[{number}]");
        if line.value.is_empty() {
            checking.wrong(&field, "value is empty: write a value of the claim, exactly");
        }
        let brand = Slug::parse(&line.brand)
            .map_err(|wrong| checking.wrong(&field, format!("brand {:?}: {wrong}", line.brand)));
        let role = line
            .role
            .parse()
            .map_err(|wrong| checking.wrong(&field, format!("role {:?} is {wrong}", line.role)));
        if let (Ok(brand), Ok(role)) = (brand, role) {
            if rules
                .iter()
                .any(|rule| rule.value == line.value && rule.brand == brand)
            {
                checking.wrong(
                    &field,
                    "says something else about this value and brand than a line above",
                );
            }
            rules.push(RoleRule {
                value: line.value,
                brand,
                role,
            });
        }
    }
    RoleMap::new(rules)
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}
