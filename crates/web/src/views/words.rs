//! The words of every page, from the Fluent files in `locales/`.

use std::borrow::Cow;
use std::collections::HashMap;

use fluent_templates::fluent_bundle::FluentValue;
use fluent_templates::{LanguageIdentifier, Loader, static_loader};

static_loader! {
    static LOCALES = {
        locales: "./locales",
        fallback_language: "en",
        // Digits stand in <bdi> elements that the templates write; marks inside the text would be copied with a number.
        customise: |bundle| bundle.set_use_isolating(false),
    };
}

/// Which way a language is written; the value of `dir` on the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Left to right.
    LeftToRight,
    /// Right to left.
    RightToLeft,
}

/// The sentences of one language.
#[derive(Clone, Debug)]
pub struct Words {
    language: LanguageIdentifier,
    direction: Direction,
}

impl Words {
    /// The words for a language tag such as `en`; an unreadable tag means English. A sentence that a language lacks is
    /// said in English.
    #[must_use]
    pub fn new(tag: &str) -> Self {
        let language: LanguageIdentifier = tag.parse().unwrap_or_else(|_| LOCALES.fallback().clone());
        let direction = match language.language.as_str() {
            "ar" | "fa" | "he" | "ur" | "ps" | "yi" | "ckb" | "dv" => Direction::RightToLeft,
            _ => Direction::LeftToRight,
        };
        Self { language, direction }
    }

    /// The words for a reader's `Accept-Language` header (RFC 9110, 12.5.4): the most wanted language that there are
    /// files for, else English. An unreadable header means English.
    #[must_use]
    pub fn negotiate(accept_language: Option<&str>) -> Self {
        let mut wanted: Vec<(f32, &str)> = accept_language
            .unwrap_or_default()
            .split(',')
            .filter_map(|entry| {
                let (tag, weight) = entry.split_once(";q=").unwrap_or((entry, "1"));
                let weight: f32 = weight.trim().parse().ok()?;
                (weight > 0.0).then_some((weight, tag.trim()))
            })
            .collect();
        // A stable sort: of equal weights the first named wins.
        wanted.sort_by(|one, other| other.0.total_cmp(&one.0));
        wanted
            .into_iter()
            .filter_map(|(_, tag)| tag.parse::<LanguageIdentifier>().ok())
            .find_map(|wanted| {
                LOCALES
                    .locales()
                    .find(|known| known.language == wanted.language)
                    .map(|known| Self::new(&known.to_string()))
            })
            .unwrap_or_else(|| Self::new(&LOCALES.fallback().to_string()))
    }

    /// The value of the page's `lang` attribute.
    #[must_use]
    pub fn language(&self) -> String {
        self.language.to_string()
    }

    /// The value of the page's `dir` attribute: `ltr` or `rtl`.
    #[must_use]
    pub fn direction(&self) -> &'static str {
        match self.direction {
            Direction::LeftToRight => "ltr",
            Direction::RightToLeft => "rtl",
        }
    }

    /// The sentence behind `key`. A key that no file has is shown as `⟦key⟧`, which every page test refuses.
    #[must_use]
    pub fn say(&self, key: &str) -> String {
        LOCALES
            .try_lookup(&self.language, key)
            .unwrap_or_else(|| missing(key))
    }

    /// The sentence behind `key` with its named places filled.
    #[must_use]
    pub fn with(&self, key: &str, values: &[(&str, &str)]) -> String {
        let values = values
            .iter()
            .map(|(name, value)| {
                (
                    Cow::from((*name).to_owned()),
                    FluentValue::from((*value).to_owned()),
                )
            })
            .collect();
        self.look_up(key, &values)
    }

    /// The sentence behind `key` whose form depends on a number, named `count` in the Fluent file.
    #[must_use]
    pub fn count(&self, key: &str, count: u32) -> String {
        let values = HashMap::from([(Cow::from("count"), FluentValue::from(count))]);
        self.look_up(key, &values)
    }

    /// A length of time as people say it, such as `15 minutes`: never shorter than it is, so that whoever waits so long is
    /// not told to wait again.
    #[must_use]
    pub fn time(&self, seconds: u64) -> String {
        let (key, unit) = match seconds {
            0..60 => ("time-seconds", 1),
            60..=7_200 => ("time-minutes", 60),
            _ => ("time-hours", 3_600),
        };
        let count = seconds.max(1).div_ceil(unit);
        self.count(key, u32::try_from(count).unwrap_or(u32::MAX))
    }

    fn look_up(&self, key: &str, values: &HashMap<Cow<'static, str>, FluentValue<'_>>) -> String {
        LOCALES
            .try_lookup_with_args(&self.language, key, values)
            .unwrap_or_else(|| missing(key))
    }
}

fn missing(key: &str) -> String {
    format!("⟦{key}⟧")
}
