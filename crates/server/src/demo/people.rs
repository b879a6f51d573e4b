//! Who is in the demo. Made up, and the same each time; numbers are from ranges that no one is ever given.

use countersign_domain::factor::TotpSecret;
use countersign_domain::person::Role;
use countersign_domain::policy::Preset;
use countersign_domain::staff::StaffRole;

/// A company.
pub(super) struct Brand {
    pub(super) preset: Preset,
    pub(super) slug: &'static str,
    pub(super) name: &'static str,
    pub(super) region: &'static str,
    pub(super) accounts: [Account; 2],
}

/// A customer.
pub(super) struct Account {
    pub(super) number: &'static str,
    pub(super) name: &'static str,
    pub(super) people: [Person; 4],
}

/// A human on an account.
pub(super) struct Person {
    pub(super) role: Role,
    pub(super) name: &'static str,
    /// What they sign in with, unless they only call; also the first half of their address.
    pub(super) username: &'static str,
    pub(super) phone: &'static str,
}

impl Person {
    /// Their address, at a name that no one owns (RFC 2606).
    pub(super) fn email(&self) -> String {
        format!("{}@example.com", self.username)
    }
}

/// What customers of a role sign in with: easy to type, and long enough for the rules.
pub(super) fn password_of(role: Role) -> String {
    format!("tall lantern {} walks", role.name())
}

/// What staff of a role sign in with.
pub(super) fn staff_password_of(role: StaffRole) -> String {
    format!("tall lantern {} walks", role.name())
}

/// The secret of a member of staff's authenticator: as made up as everything here, and the same each time.
pub(super) fn staff_totp_of(username: &str) -> Option<TotpSecret> {
    let text = format!("{:.<20}", format!("demo secret {username}"));
    TotpSecret::from_slice(text.as_bytes().get(..20)?)
}

/// Who works at the desk, at every company.
pub(super) const STAFF: [(&str, &str, StaffRole); 4] = [
    ("dana", "Dana Whitfield", StaffRole::Agent),
    ("sefa", "Sefa Tuilagi", StaffRole::Supervisor),
    ("ines", "Inês Carvalho", StaffRole::Admin),
    ("akira", "Akira Mori", StaffRole::Auditor),
];

const fn owner(name: &'static str, username: &'static str, phone: &'static str) -> Person {
    Person {
        role: Role::Owner,
        name,
        username,
        phone,
    }
}

const fn admin(name: &'static str, username: &'static str, phone: &'static str) -> Person {
    Person {
        role: Role::Admin,
        name,
        username,
        phone,
    }
}

const fn member(name: &'static str, username: &'static str, phone: &'static str) -> Person {
    Person {
        role: Role::Member,
        name,
        username,
        phone,
    }
}

const fn contact(name: &'static str, username: &'static str, phone: &'static str) -> Person {
    Person {
        role: Role::Contact,
        name,
        username,
        phone,
    }
}

/// One company for each preset.
pub(super) const BRANDS: [Brand; 5] = [
    Brand {
        preset: Preset::HostingAccountPin,
        slug: "harbor",
        name: "Harbor Hosting",
        region: "US",
        accounts: [
            Account {
                number: "70012345",
                name: "Okafor & Lindqvist Design",
                people: [
                    owner("Amara Okafor", "amara", "+1 202 555 0143"),
                    admin("Elsa Lindqvist", "elsa", "+46 70 174 06 05"),
                    member("Tomás Herrera", "tomas", "+1 202 555 0144"),
                    contact("Mai Nguyễn", "mai", "+1 202 555 0145"),
                ],
            },
            Account {
                number: "70018806",
                name: "Blue Kettle Coffee Roasters",
                people: [
                    owner("Graham Bell-Osei", "graham", "+1 206 555 0101"),
                    admin("Noor Haddad", "noor", "+1 206 555 0102"),
                    member("Li Wei", "liwei", "+1 206 555 0103"),
                    contact("Rosa Pereira", "rosa", "+1 206 555 0104"),
                ],
            },
        ],
    },
    Brand {
        preset: Preset::TelecomAdminPin,
        slug: "meridian",
        name: "Meridian Telecom",
        region: "FR",
        accounts: [
            Account {
                number: "330045120",
                name: "Transports Delacroix SARL",
                people: [
                    owner("Hélène Delacroix", "helene", "+33 6 39 98 00 01"),
                    admin("Mamadou Diallo", "mamadou", "+33 6 39 98 00 02"),
                    member("Chloé Martin", "chloe", "+33 6 39 98 00 03"),
                    contact("Youssef Benali", "youssef", "+33 6 39 98 00 04"),
                ],
            },
            Account {
                number: "330077381",
                name: "Clinique du Lac",
                people: [
                    owner("Anouk Rousseau", "anouk", "+33 6 39 98 00 11"),
                    admin("Pavel Dvořák", "pavel", "+33 6 39 98 00 12"),
                    member("Fatou Ndiaye", "fatou", "+33 6 39 98 00 13"),
                    contact("Luc Bernard", "luc", "+33 6 39 98 00 14"),
                ],
            },
        ],
    },
    Brand {
        preset: Preset::CloudUserPin,
        slug: "summit",
        name: "Summit Cloud",
        region: "DE",
        accounts: [
            Account {
                number: "9081726",
                name: "Nordwind Logistik GmbH",
                people: [
                    owner("Jürgen Weiß", "juergen", "+49 30 23125 001"),
                    admin("Aylin Yıldız", "aylin", "+49 30 23125 002"),
                    member("Sören Krause", "soeren", "+49 30 23125 003"),
                    contact("Katarzyna Wójcik", "katarzyna", "+49 30 23125 004"),
                ],
            },
            Account {
                number: "9083310",
                name: "Lumen Health Analytics",
                people: [
                    owner("Priya Raghunathan", "priya", "+1 415 555 0111"),
                    admin("Daniel O'Connor", "daniel", "+1 415 555 0112"),
                    member("Yuki Tanaka", "yuki", "+1 415 555 0113"),
                    contact("Omar Farouk", "omar", "+1 415 555 0114"),
                ],
            },
        ],
    },
    Brand {
        preset: Preset::BrokerOneTimePin,
        slug: "northgate",
        name: "Northgate Markets",
        region: "US",
        accounts: [
            Account {
                number: "4100200300",
                name: "Kowalski Family Trust",
                people: [
                    owner("Adam Kowalski", "adam", "+1 312 555 0121"),
                    admin("Zofia Kowalska", "zofia", "+1 312 555 0122"),
                    member("Marcus Adeyemi", "marcus", "+1 312 555 0123"),
                    contact("Helen Strand", "helen", "+1 312 555 0124"),
                ],
            },
            Account {
                number: "4100200417",
                name: "Silva Investments",
                people: [
                    owner("Beatriz Silva", "beatriz", "+1 305 555 0131"),
                    admin("João Silva", "joao", "+1 305 555 0132"),
                    member("Grace Kim", "grace", "+1 305 555 0133"),
                    contact("Peter van Dijk", "peter", "+1 305 555 0134"),
                ],
            },
        ],
    },
    Brand {
        preset: Preset::Strict,
        slug: "aegis",
        name: "Aegis Private Bank",
        region: "SE",
        accounts: [
            Account {
                number: "550010020030",
                name: "Stiftelsen Havsljus",
                people: [
                    owner("Astrid Bergström", "astrid", "+46 70 174 06 11"),
                    admin("Nils Öberg", "nils", "+46 70 174 06 12"),
                    member("Leila Karimi", "leila", "+46 70 174 06 13"),
                    contact("Einar Dahl", "einar", "+46 70 174 06 14"),
                ],
            },
            Account {
                number: "550010020047",
                name: "Ravenscroft Estates",
                people: [
                    owner("Victoria Ravenscroft", "victoria", "+1 212 555 0151"),
                    admin("Samuel Mensah", "samuel", "+1 212 555 0152"),
                    member("Isla Fraser", "isla", "+1 212 555 0153"),
                    contact("Giulia Conti", "giulia", "+1 212 555 0154"),
                ],
            },
        ],
    },
];
