//! What the demo says when it is ready.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::Path;

use countersign_domain::policy::Preset;

use super::document::{DemoBrand, DemoPerson, Document};

/// Addresses, sign-ins, and the one line that verifies a PIN.
pub(crate) fn welcome(document: &Document, folder: &Path, operations: SocketAddr) -> String {
    let mut text = String::new();
    // Writing to a text cannot fail.
    let _ = write_all(&mut text, document, folder, operations);
    text
}

fn write_all(
    text: &mut String,
    document: &Document,
    folder: &Path,
    operations: SocketAddr,
) -> std::fmt::Result {
    let base = &document.base_url;
    writeln!(text, "Countersign demo: made-up people, on this machine only.\n")?;
    if let Some(first) = document.brands.first() {
        writeln!(
            text,
            "  Portal   {}   (a customer's pages; one address a company, see below)",
            first.base_url
        )?;
    }
    writeln!(text, "  Desk     {base}/desk   (support's pages)")?;
    writeln!(text, "  API      {base}/api   (for programs)")?;
    writeln!(
        text,
        "  Start    {base}/demo   Messages \"sent\": {base}/demo/phone   Metrics: http://{operations}/metrics\n"
    )?;
    writeln!(
        text,
        "  {:<34} {:<10} {:<12} {:<21} PIN",
        "SIGN IN AT", "AS", "USERNAME", "PASSWORD"
    )?;
    for brand in &document.brands {
        write_brand(text, brand)?;
    }
    for staff in &document.staff {
        writeln!(
            text,
            "  {:<34} {:<10} {:<12} {:<21} code: see below",
            format!("{base}/desk"),
            staff.role,
            staff.username,
            staff.password
        )?;
    }
    writeln!(
        text,
        "\n  The desk asks for a code of six digits as well. You need no phone for it: the codes of this moment stand at {base}/demo"
    )?;
    writeln!(
        text,
        "\n  Everybody and everything: {}\n",
        folder.join("demo.json").display()
    )?;
    if let Some(line) = curl(document) {
        writeln!(text, "Verify a caller's PIN:\n\n{line}")?;
    }
    Ok(())
}

/// The first customer of a brand, who stands for the others.
fn write_brand(text: &mut String, brand: &DemoBrand) -> std::fmt::Result {
    let Some(account) = brand.accounts.first() else {
        return Ok(());
    };
    let Some(person) = account.people.first() else {
        return Ok(());
    };
    let pin = account.support_pin.as_ref().or(person.support_pin.as_ref());
    writeln!(
        text,
        "  {:<34} {:<10} {:<12} {:<21} {}",
        brand.base_url,
        person.role,
        or_dash(person.username.as_ref()),
        or_dash(person.password.as_ref()),
        match pin {
            Some(pin) => pin,
            None if brand.preset == Preset::BrokerOneTimePin.name() => "sent when needed",
            None => "changed, not shown here",
        }
    )
}

fn or_dash(text: Option<&String>) -> &str {
    text.map_or("-", String::as_str)
}

/// The line that verifies a PIN when it is pasted: the first brand whose PIN can be known.
pub(super) fn curl(document: &Document) -> Option<String> {
    document.brands.iter().find_map(|brand| {
        let account = brand.accounts.first()?;
        let client = brand
            .api_clients
            .iter()
            .find(|client| client.scopes == ["verify"])?;
        let mut body = serde_json::json!({
            "account_number": account.account_number,
            "channel": "phone",
        });
        let holder: Option<&DemoPerson> = account.people.iter().find(|person| person.support_pin.is_some());
        let fields = body.as_object_mut()?;
        match (&account.support_pin, holder) {
            (Some(pin), _) => {
                fields.insert("code".to_owned(), pin.as_str().into());
            }
            (None, Some(person)) => {
                fields.insert("person".to_owned(), person.email.as_str().into());
                fields.insert("code".to_owned(), person.support_pin.as_deref()?.into());
            }
            (None, None) => return None,
        }
        Some(format!(
            "curl -sS {}/api/v1/verify -H 'Authorization: Bearer {}' -H 'Content-Type: application/json' -d '{body}'",
            document.base_url, client.key
        ))
    })
}
