//! Style and script, named by their content so that browsers may keep them for ever, and a realm's colours as a stylesheet.

use rust_embed::RustEmbed;
use serde::Serialize;
use std::borrow::Cow;
use std::sync::LazyLock;

#[derive(RustEmbed)]
#[folder = "templates/assets"]
struct Files;

/// The one stylesheet.
const STYLE: &str = "poterne.css";
/// The one script.
const SCRIPT: &str = "poterne.js";

/// The script of the page that watches the session.
const WATCH: &str = "check-session.js";

/// A file to answer with. It never changes under its name: `Cache-Control: public, max-age=31536000, immutable`.
#[derive(Debug, Clone)]
pub struct Asset {
    /// The content.
    pub bytes: Cow<'static, [u8]>,
    /// The media type with its charset.
    pub content_type: &'static str,
}

/// Where a page finds its style and script.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AssetUrls {
    /// The stylesheet.
    pub css: String,
    /// The script.
    pub js: String,
}

/// A file with its hashed name.
struct Kept {
    name: &'static str,
    hashed_name: String,
    asset: Asset,
}

/// All files, prepared once. (Without the `LazyLock` a debug build would read them from the disk for every page.)
static KEPT: LazyLock<Vec<Kept>> = LazyLock::new(|| [STYLE, SCRIPT, WATCH].into_iter().filter_map(keep).collect());

fn keep(name: &'static str) -> Option<Kept> {
    let data = Files::get(name)?.data;
    let asset = if name == STYLE {
        let style = squeezed(std::str::from_utf8(&data).ok()?);
        Asset { bytes: Cow::Owned(style.into_bytes()), content_type: "text/css; charset=utf-8" }
    } else {
        Asset { bytes: data, content_type: "text/javascript; charset=utf-8" }
    };
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &asset.bytes);
    let (stem, extension) = name.rsplit_once('.')?;
    Some(Kept { name, hashed_name: format!("{stem}.{}.{extension}", hex(digest.as_ref().get(..6)?)), asset })
}

/// A stylesheet without comments and without space around braces, semicolons and commas and after colons, where it means nothing.
/// (Our own stylesheet has none of these inside strings.)
fn squeezed(css: &str) -> String {
    let mut parts = css.split("/*");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.push_str(part.split_once("*/").map_or("", |(_, after)| after));
    }
    let mut out = out.split_whitespace().collect::<Vec<_>>().join(" ");
    for sign in ["{", "}", ";", ","] {
        out = out.replace(&format!("{sign} "), sign).replace(&format!(" {sign}"), sign);
    }
    out.replace(": ", ":").replace(";}", "}")
}

/// The URLs of style and script below a folder such as `/lindenhof/assets`.
#[must_use]
pub fn urls(folder: &str) -> AssetUrls {
    AssetUrls { css: url(folder, STYLE), js: url(folder, SCRIPT) }
}

/// The URL of the script of the page that watches the session.
#[must_use]
pub fn check_session(folder: &str) -> String {
    url(folder, WATCH)
}

fn url(folder: &str, name: &str) -> String {
    let hashed = KEPT.iter().find(|kept| kept.name == name).map_or(name, |kept| &kept.hashed_name);
    format!("{folder}/{hashed}")
}

/// The file of a hashed name such as `poterne.0a1b2c3d4e5f.css`; `None` for any other name, also an outdated one.
#[must_use]
pub fn find(hashed_name: &str) -> Option<&'static Asset> {
    KEPT.iter().find(|kept| kept.hashed_name == hashed_name).map(|kept| &kept.asset)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}

/// How far brand-coloured words stand out from the ground: WCAG 2.2 asks for 4.5; in the dark a little more is easier on old eyes.
const LIGHT_RATIO: f64 = 4.5;
const DARK_RATIO: f64 = 5.5;

/// A colour, 8 bits for each of red, green and blue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Colour(pub u8, pub u8, pub u8);

impl Colour {
    const WHITE: Self = Self(255, 255, 255);
    /// Ink of the dark scheme's buttons.
    const INK: Self = Self(16, 20, 24);
    /// What brand-coloured words stand on at worst: the page's ground in each scheme, as in the stylesheet.
    const LIGHT_GROUND: Self = Self(0xf4, 0xf3, 0xef);
    const DARK_GROUND: Self = Self(0x22, 0x27, 0x2d);

    /// From `#rrggbb`; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits =
            text.strip_prefix('#').filter(|digits| digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_hexdigit()))?;
        let part = |from: usize| digits.get(from..from + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok());
        Some(Self(part(0)?, part(2)?, part(4)?))
    }

    /// `#rrggbb`.
    #[must_use]
    pub fn css(self) -> String {
        format!("#{}", hex(&[self.0, self.1, self.2]))
    }

    /// The contrast ratio between two colours, 1 to 21 (WCAG 2.2, "contrast ratio").
    #[must_use]
    pub fn contrast(self, other: Self) -> f64 {
        let (one, two) = (self.luminance(), other.luminance());
        (one.max(two) + 0.05) / (one.min(two) + 0.05)
    }

    /// Relative luminance, 0 to 1 (WCAG 2.2).
    fn luminance(self) -> f64 {
        let part = |value: u8| {
            let share = f64::from(value) / 255.0;
            if share <= 0.04045 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * part(self.0) + 0.7152 * part(self.1) + 0.0722 * part(self.2)
    }

    /// This colour moved towards another in steps of a twentieth until it stands out from the ground by the ratio.
    fn readable_on(self, ground: Self, towards: Self, ratio: f64) -> Self {
        (0..=20_u16).map(|step| self.mixed(towards, step)).find(|mixed| mixed.contrast(ground) >= ratio).unwrap_or(towards)
    }

    fn mixed(self, other: Self, twentieths: u16) -> Self {
        let part = |one: u8, two: u8| {
            u8::try_from((u16::from(one) * (20 - twentieths) + u16::from(two) * twentieths) / 20).unwrap_or(u8::MAX)
        };
        Self(part(self.0, other.0), part(self.1, other.1), part(self.2, other.2))
    }

    /// White or ink, whichever is read more easily on this colour.
    fn words_on(self) -> Self {
        if self.contrast(Self::WHITE) >= self.contrast(Self::INK) { Self::WHITE } else { Self::INK }
    }
}

/// A realm's colours as a stylesheet: the brand colour, made readable on both grounds, and the words on it.
#[must_use]
pub fn brand_stylesheet(brand: Colour) -> Asset {
    let light = brand.readable_on(Colour::LIGHT_GROUND, Colour(0, 0, 0), LIGHT_RATIO);
    let dark = brand.readable_on(Colour::DARK_GROUND, Colour::WHITE, DARK_RATIO);
    let (on_light, on_dark) = (light.words_on().css(), dark.words_on().css());
    let (light, dark) = (light.css(), dark.css());
    // A browser without light-dark() stays light, as it does with the house's own colours.
    let css = format!(
        "@layer brand{{:root{{--brand:{light};--on-brand:{on_light}}}\n\
         @supports (color:light-dark(red,red)){{:root{{--brand:light-dark({light},{dark});\
         --on-brand:light-dark({on_light},{on_dark})}}}}}}\n"
    );
    Asset { bytes: Cow::Owned(css.into_bytes()), content_type: "text/css; charset=utf-8" }
}

/// The file name under which a colour's stylesheet may be kept for ever: the colour and the version of the rules above.
#[must_use]
pub fn brand_file_name(brand: Colour) -> String {
    format!("brand.{}.v1.css", hex(&[brand.0, brand.1, brand.2]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_found_by_their_hashed_name_only() {
        let urls = urls("/lindenhof/assets");
        let name = urls.css.strip_prefix("/lindenhof/assets/").unwrap();
        assert_eq!(find(name).unwrap().content_type, "text/css; charset=utf-8");
        assert!(find("poterne.css").is_none());
        assert!(find("poterne.000000000000.css").is_none());
        assert!(find("../Cargo.toml").is_none());
    }

    #[test]
    fn style_and_script_stay_small() {
        let AssetUrls { css, js } = urls("");
        assert!(find(&css[1..]).unwrap().bytes.len() <= 14 * 1024);
        assert!(find(&js[1..]).unwrap().bytes.len() <= 4 * 1024);
    }

    #[test]
    fn squeezing_a_stylesheet_takes_only_what_means_nothing() {
        let css = "/* one */\n@media (min-width: 2rem) {\n  a:hover, .b > c { margin: 0 calc(1px + 2px); }\n}\n";
        assert_eq!(squeezed(css), "@media (min-width:2rem){a:hover,.b > c{margin:0 calc(1px + 2px)}}");
    }

    #[test]
    fn any_brand_colour_becomes_readable_in_both_schemes() {
        for red in (0..=255).step_by(51) {
            for green in (0..=255).step_by(51) {
                for blue in (0..=255).step_by(51) {
                    let brand = Colour(red, green, blue);
                    let light = brand.readable_on(Colour::LIGHT_GROUND, Colour(0, 0, 0), LIGHT_RATIO);
                    let dark = brand.readable_on(Colour::DARK_GROUND, Colour::WHITE, DARK_RATIO);
                    assert!(light.contrast(Colour::LIGHT_GROUND) >= 4.5, "{brand:?}");
                    assert!(dark.contrast(Colour::DARK_GROUND) >= 4.5, "{brand:?}");
                    assert!(light.contrast(light.words_on()) >= 4.5, "{brand:?}");
                    assert!(dark.contrast(dark.words_on()) >= 4.5, "{brand:?}");
                }
            }
        }
    }

    #[test]
    fn a_colour_is_read_strictly_and_stands_in_its_stylesheet() {
        let brand = Colour::parse("#0b5c4a").unwrap();
        assert_eq!(Colour::parse("#0b5c4"), None);
        assert_eq!(Colour::parse("#+12345"), None);
        assert!(String::from_utf8(brand_stylesheet(brand).bytes.into_owned()).unwrap().contains("--brand:#0b5c4a"));
    }
}
