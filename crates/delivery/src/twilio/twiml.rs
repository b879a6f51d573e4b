//! What a call says: TwiML that speaks the text twice, and its digits one by one with pauses.

/// The most characters that a call's TwiML may have.
const LONGEST: usize = 4_000;
/// Numbers of so many digits are spoken digit by digit.
const A_CODE: usize = 4;
/// Nothing is said before it is known who answered: a code must not be left in a voice mail.
const DETECTION: &str = "<Pause length=\"5\"/>";

/// The TwiML of a text; none where it would be too long.
pub(super) fn spoken(text: &str) -> Option<String> {
    let mut once = String::new();
    for piece in pieces(text) {
        match piece {
            Piece::Words(words) if words.trim().is_empty() => {}
            Piece::Words(words) => once.push_str(&format!("<Say>{}</Say>", escaped(words.trim()))),
            Piece::Digits(digits) => {
                once.push_str("<Pause length=\"1\"/>");
                for digit in digits.chars() {
                    once.push_str(&format!("<Say>{digit}</Say>"));
                }
                once.push_str("<Pause length=\"1\"/>");
            }
        }
    }
    let all = format!("<Response>{DETECTION}{once}<Pause length=\"2\"/>{once}</Response>");
    (all.chars().count() <= LONGEST).then_some(all)
}

enum Piece<'a> {
    Words(&'a str),
    Digits(&'a str),
}

/// Cuts a text into runs of digits that are a code, and what stands between them.
fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut found = Vec::new();
    let mut rest = text;
    let mut words_end = 0;
    while let Some(tail) = rest.get(words_end..) {
        let Some(at) = tail.find(|letter: char| letter.is_ascii_digit()) else {
            break;
        };
        let begin = words_end + at;
        let from = rest.get(begin..).unwrap_or_default();
        let length = from
            .find(|letter: char| !letter.is_ascii_digit())
            .unwrap_or(from.len());
        if length < A_CODE {
            words_end = begin + length;
            continue;
        }
        let (before, after) = rest.split_at(begin);
        let (digits, after) = after.split_at(length);
        found.extend([Piece::Words(before), Piece::Digits(digits)]);
        rest = after;
        words_end = 0;
    }
    found.push(Piece::Words(rest));
    found
}

fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&apos;"),
            // No other control character may stand in XML.
            letter if letter.is_control() => safe.push(' '),
            letter => safe.push(letter),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn e2_a_code_is_spoken_digit_by_digit_twice_after_a_silence() {
        let code =
            "<Pause length=\"1\"/><Say>0</Say><Say>4</Say><Say>1</Say><Say>7</Say><Pause length=\"1\"/>";
        let once = format!("<Say>Your code is</Say>{code}<Say>. It is good for 15 minutes.</Say>");
        assert_eq!(
            spoken("Your code is 0417. It is good for 15 minutes.").unwrap(),
            format!("<Response>{DETECTION}{once}<Pause length=\"2\"/>{once}</Response>")
        );
    }

    #[test]
    fn e55_no_text_is_taken_for_a_verb() {
        let said = spoken("</Say><Dial>+49</Dial> & \"x\"\u{0}").unwrap();
        assert!(
            !said.contains("<Dial>") && said.contains("&lt;Dial&gt;"),
            "{said}"
        );
        assert!(said.contains("&amp; &quot;x&quot;"), "{said}");
        assert!(spoken(&"words ".repeat(400)).is_none(), "too long for a call");
        assert!(spoken("żółw 1234").unwrap().contains("<Say>żółw</Say>"));
    }
}
