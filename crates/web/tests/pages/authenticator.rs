//! The customer's phone: takes the key from the page that shows it, and gives codes.

use countersign_domain::factor::TotpSecret;
use countersign_domain::time::Timestamp;
use countersign_testkit::TestApp;

use crate::browser::Browser;

/// Where a second factor is set up.
pub(crate) const SET_UP: &str = "/security/two-factor/set-up";

/// What stands in the element that begins so.
pub(crate) fn inside<'a>(html: &'a str, opening: &str) -> &'a str {
    let (_, rest) = html.split_once(opening).unwrap();
    rest.split('<').next().unwrap()
}

/// The secret of the key on the page, as an authenticator takes it (RFC 4648, base 32).
pub(crate) fn typed_in(html: &str) -> TotpSecret {
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let (mut bytes, mut bits, mut count) = (Vec::new(), 0_u32, 0);
    for letter in inside(html, "id=\"key-text\">")
        .chars()
        .filter(|letter| *letter != ' ')
    {
        bits = (bits << 5) | u32::try_from(alphabet.find(letter).unwrap()).unwrap();
        count += 5;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from((bits >> count) & 0xff).unwrap());
        }
    }
    TotpSecret::from_slice(&bytes).unwrap()
}

pub(crate) fn code_at(secret: &TotpSecret, at: Timestamp) -> String {
    secret.code_at(at).unwrap().expose().to_owned()
}

/// Goes from the switch to the first good code; gives the secret and the page with the codes.
pub(crate) async fn switch_on(test: &TestApp, browser: &mut Browser<'_>) -> (TotpSecret, String) {
    browser.get(SET_UP).await;
    let shown = browser.submit("/security/two-factor/start", &[]).await.text();
    let secret = typed_in(&shown);
    let code = code_at(&secret, test.clock.set_at());
    let codes = browser.post(SET_UP, &[("code", &code)]).await;
    assert_eq!(codes.status, 200, "{}", codes.text());
    (secret, codes.text())
}
