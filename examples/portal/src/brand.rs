//! How a portal looks and what it says of itself, all of it data.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::language::Language;

/// The examples' looks, for demonstrations.
const EXAMPLES: &str = include_str!("../brands.toml");

/// A portal's look: colours as pairs for the light and the dark scheme, a mark, and words.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Brand {
    /// Buttons, links and the mark.
    pub accent: [Colour; 2],
    /// Text on the accent; at least 4.5:1 against it.
    pub on_accent: [Colour; 2],
    /// A quiet ground in the accent's hue.
    pub tint: [Colour; 2],
    /// The mark: an SVG path in a square of 32 units.
    pub mark: MarkPath,
    /// What the portal says of itself, by language.
    pub words: BTreeMap<Language, BrandWords>,
}

/// What a portal says of itself in one language.
#[derive(Clone, Debug, Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields)]
pub struct BrandWords {
    /// The start page's heading.
    pub headline: String,
    /// One or two sentences below it.
    pub lead: String,
    /// What can be done here.
    pub points: Vec<String>,
}

/// A colour as `#rrggbb`, checked, because it is written into a style sheet.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
pub struct Colour(String);

/// SVG path data, checked, because it is written into a picture.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
pub struct MarkPath(String);

/// What was wrong with a brand's colour, mark or name.
#[derive(Debug, thiserror::Error)]
pub enum UnfitBrand {
    /// Not six hexadecimal digits after `#`.
    #[error("«{0}» is not a colour like #0b6b66")]
    Colour(String),
    /// A character that path data does not have.
    #[error("the mark is not SVG path data")]
    Mark,
    /// No such example.
    #[error("there is no example brand «{0}»")]
    Unknown(String),
    /// The examples' file does not read.
    #[error("the example brands do not read: {0}")]
    Examples(#[from] toml::de::Error),
}

impl TryFrom<String> for Colour {
    type Error = UnfitBrand;

    fn try_from(text: String) -> Result<Self, UnfitBrand> {
        match text.strip_prefix('#') {
            Some(digits) if digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_hexdigit()) => Ok(Self(text)),
            _ => Err(UnfitBrand::Colour(text)),
        }
    }
}

impl TryFrom<String> for MarkPath {
    type Error = UnfitBrand;

    fn try_from(text: String) -> Result<Self, UnfitBrand> {
        let fits = |c: char| c.is_ascii_digit() || "MmLlHhVvCcSsQqTtAaZz.,- ".contains(c);
        if text.chars().all(fits) { Ok(Self(text)) } else { Err(UnfitBrand::Mark) }
    }
}

impl MarkPath {
    /// The path data.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl Brand {
    /// One of the looks in `brands.toml`.
    pub fn example(name: &str) -> Result<Self, UnfitBrand> {
        let mut examples: BTreeMap<String, Self> = toml::from_str(EXAMPLES)?;
        examples.remove(name).ok_or_else(|| UnfitBrand::Unknown(name.to_owned()))
    }

    /// The style sheet that sets this brand's colours.
    pub(crate) fn style_sheet(&self) -> String {
        let pair = |[light, dark]: &[Colour; 2]| format!("light-dark({},{})", light.0, dark.0);
        format!(":root{{--accent:{};--on-accent:{};--tint:{}}}\n", pair(&self.accent), pair(&self.on_accent), pair(&self.tint))
    }

    /// The mark as a picture, for the browser's tab.
    pub(crate) fn icon(&self) -> String {
        let ([ground, _], [ink, _]) = (&self.accent, &self.on_accent);
        format!(
            r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="{}"/><path fill="{}" fill-rule="evenodd" d="{}"/></svg>"#,
            ground.0,
            ink.0,
            self.mark.as_str()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance and contrast of WCAG 2.2.
    fn contrast(a: &Colour, b: &Colour) -> f64 {
        let luminance = |colour: &Colour| {
            let channel = |at: usize| {
                let value = f64::from(u8::from_str_radix(&colour.0[at..at + 2], 16).unwrap()) / 255.0;
                if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
            };
            0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
        };
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    fn colour(text: &str) -> Colour {
        Colour::try_from(text.to_owned()).unwrap()
    }

    #[test]
    fn every_example_can_be_read_in_both_schemes_and_four_languages() {
        // The grounds and inks of assets/portal.css, light and dark.
        let (grounds, papers) = (["#f6f7f7", "#111516"].map(colour), ["#ffffff", "#1a2021"].map(colour));
        let inks = ["#1b2324", "#e9edee"].map(colour);
        for name in ["flex", "1e", "employer", "saentima"] {
            let brand = Brand::example(name).unwrap();
            for scheme in 0..2 {
                for (ink, ground) in [
                    (&brand.on_accent, &brand.accent),
                    (&brand.accent, &grounds),
                    (&brand.accent, &papers),
                    (&brand.accent, &brand.tint),
                    (&inks, &brand.tint),
                ] {
                    let ratio = contrast(&ink[scheme], &ground[scheme]);
                    assert!(ratio >= 4.5, "{name}: {:?} on {:?} is {ratio:.2}", ink[scheme], ground[scheme]);
                }
            }
            assert!(Language::ALL.iter().all(|language| brand.words.contains_key(language)), "{name}");
        }
    }

    #[test]
    fn a_brand_cannot_carry_code_into_a_style_sheet_or_picture() {
        assert!(Colour::try_from("red;}body{display:none".to_owned()).is_err());
        assert!(Colour::try_from("#12345".to_owned()).is_err());
        assert!(MarkPath::try_from("M0 0\"/><script>".to_owned()).is_err());
        assert!(matches!(Brand::example("nobody"), Err(UnfitBrand::Unknown(_))));
    }
}
