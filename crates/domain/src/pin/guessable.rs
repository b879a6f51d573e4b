//! PINs that many people choose: what a guesser tries first.
//!
//! For six digits this list and the dates together hold 93,631 of the 1,000,000 PINs, 9.4 %: about the tenth that
//! published measurements found to be the size at which a blocklist begins to help (security bar 1.3).

/// True when `digits` (ASCII) is a PIN that people choose often: it runs up or down or stands still for more
/// than three digits, reads the same backwards, repeats one block, uses at most two different digits, or is well known.
pub(super) fn is_guessable(digits: &[u8]) -> bool {
    longest_run(digits, 0) > 3
        || longest_run(digits, 1) > 3
        || longest_run(digits, -1) > 3
        || is_palindrome(digits)
        || repeats_a_block(digits)
        || different_digits(digits) <= 2
        || is_well_known(digits)
}

/// True when `digits` (ASCII) reads as a calendar date or, with four digits, as a year from 1900 to 2099.
///
/// Forms: four digits DDMM, MMDD, years; six DDMMYY, MMDDYY, YYMMDD; eight DDMMYYYY, MMDDYYYY, YYYYMMDD. The 29th of
/// February counts in every year, because people who were born on it choose it.
pub(super) fn is_date(digits: &[u8]) -> bool {
    match *digits {
        [a, b, c, d] => is_day(a, b, c, d) || is_day(c, d, a, b) || is_year(a, b),
        [a, b, c, d, e, f] => is_day(a, b, c, d) || is_day(c, d, a, b) || is_day(e, f, c, d),
        [a, b, c, d, e, f, g, h] => {
            (is_year(e, f) && (is_day(a, b, c, d) || is_day(c, d, a, b)))
                || (is_year(a, b) && is_day(g, h, e, f))
        }
        _ => false,
    }
}

/// The length of the longest stretch in which every digit is its neighbour plus `step`; `9` is not followed by `0`.
pub(super) fn longest_run(digits: &[u8], step: i16) -> usize {
    let mut longest = 0;
    let mut current = 0;
    let mut before: Option<u8> = None;
    for digit in digits {
        let goes_on = before.is_some_and(|before| i16::from(*digit) == i16::from(before) + step);
        current = if goes_on { current + 1 } else { 1 };
        longest = longest.max(current);
        before = Some(*digit);
    }
    longest
}

fn is_palindrome(digits: &[u8]) -> bool {
    digits.iter().eq(digits.iter().rev())
}

fn repeats_a_block(digits: &[u8]) -> bool {
    (1..=digits.len() / 2).any(|block| {
        digits.len().is_multiple_of(block)
            && digits
                .iter()
                .zip(digits.iter().skip(block))
                .all(|(one, next)| one == next)
    })
}

fn different_digits(digits: &[u8]) -> usize {
    (b'0'..=b'9').filter(|digit| digits.contains(digit)).count()
}

fn is_day(day_tens: u8, day_ones: u8, month_tens: u8, month_ones: u8) -> bool {
    let last = match number(month_tens, month_ones) {
        2 => 29,
        4 | 6 | 9 | 11 => 30,
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        _ => 0,
    };
    (1..=last).contains(&number(day_tens, day_ones))
}

fn is_year(tens: u8, ones: u8) -> bool {
    matches!(number(tens, ones), 19 | 20)
}

/// The number that two ASCII digits write.
fn number(tens: u8, ones: u8) -> u8 {
    (tens & 0x0f) * 10 + (ones & 0x0f)
}

/// Favourites that no pattern above covers: lines on the keypad, doubled pairs, numbers from films and songs.
const WELL_KNOWN: [&str; 30] = [
    "1004", "1122", "2580", "0852", "1470", "0741", "3690", "0963", "1379", "1397", "1590", "3570", "0070",
    "1236", "4268", "112233", "332211", "147258", "258369", "147852", "369258", "789456", "456123", "123654",
    "159357", "159753", "753951", "520131", "867530", "314159",
];

fn is_well_known(digits: &[u8]) -> bool {
    WELL_KNOWN.iter().any(|known| known.as_bytes() == digits)
}
