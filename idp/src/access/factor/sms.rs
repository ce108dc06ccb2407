//! Phone numbers that receive codes: read as people write them, kept in E.164 form, shown masked.

use crate::web::form::Fault;
use phonenumber::{Mode, Type, metadata::DATABASE};

/// Characters of the longest number anybody types.
const LONGEST: usize = 40;

/// A mobile number in E.164 form (ITU-T E.164 section 6.2), such as `+41791234501`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PhoneNumber(String);

/// Why a typed number cannot receive codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mistake {
    /// Nothing was typed.
    Missing,
    /// Not a telephone number of any country.
    Format,
    /// A number that no network has given out.
    Unknown,
    /// A number in a house or an office.
    Landline,
    /// A number that costs its caller, or that belongs to a service.
    Premium,
    /// A country to which this population sends no codes.
    Country,
}

impl Mistake {
    /// What the person is told.
    #[must_use]
    pub const fn fault(self) -> Fault {
        match self {
            Self::Missing => Fault::Required,
            Self::Format | Self::Unknown => Fault::PhoneFormat,
            Self::Landline | Self::Premium | Self::Country => Fault::PhoneNoSms,
        }
    }
}

impl PhoneNumber {
    /// Reads a number in national (Swiss) or international form. It must be a mobile of one of these countries (ISO 3166, two
    /// letters): codes to other numbers cost money and prove little.
    ///
    /// # Errors
    /// The [`Mistake`] to tell.
    pub fn parse(typed: &str, countries: &[String]) -> Result<Self, Mistake> {
        let typed = typed.trim();
        if typed.is_empty() {
            return Err(Mistake::Missing);
        }
        let number = phonenumber::parse(Some(phonenumber::country::CH), plain(typed)?).map_err(|_| Mistake::Format)?;
        match number.number_type(&DATABASE) {
            Type::Mobile | Type::FixedLineOrMobile => {}
            Type::FixedLine | Type::Voip => return Err(Mistake::Landline),
            Type::Unknown => return Err(Mistake::Unknown),
            _ => return Err(Mistake::Premium),
        }
        if !phonenumber::is_valid(&number) {
            return Err(Mistake::Unknown);
        }
        let country = number.country().id().map(|id| format!("{id:?}")).ok_or(Mistake::Country)?;
        if !countries.contains(&country) {
            return Err(Mistake::Country);
        }
        Ok(Self(number.format().mode(Mode::E164).to_string()))
    }

    /// A number as it was kept.
    #[must_use]
    pub const fn from_kept(e164: String) -> Self {
        Self(e164)
    }

    /// The number in E.164 form.
    #[must_use]
    pub fn e164(&self) -> &str {
        &self.0
    }

    /// The whole number as people read it, such as `+41 79 123 45 01`.
    #[must_use]
    pub fn display(&self) -> String {
        phonenumber::parse(None, &self.0)
            .map_or_else(|_| self.0.clone(), |number| number.format().mode(Mode::International).to_string())
    }

    /// The number with most of it hidden, such as `+41 79 ••• •• 01`: its owner knows it again, nobody learns it.
    #[must_use]
    pub fn masked(&self) -> String {
        let shown = self.display();
        // Country code and network stay, and the last two digits.
        let open = shown.match_indices(' ').nth(1).map_or(3, |(at, _)| at);
        let length = shown.chars().count();
        let hide = |(at, c): (usize, char)| if c.is_ascii_digit() && at >= open && at + 2 < length { '•' } else { c };
        shown.chars().enumerate().map(hide).collect()
    }
}

/// The digits with a leading `+` where it was typed; `(0)` after a country code, as printed on many cards, is dropped.
fn plain(typed: &str) -> Result<String, Mistake> {
    let separator = |c: char| c.is_whitespace() || matches!(c, '.' | '-' | '‑' | '–' | '/' | '(' | ')' | '\'');
    let international = typed.starts_with('+') || typed.starts_with("00");
    let text = if international { typed.replacen("(0)", "", 1) } else { typed.to_owned() };
    let text: String = text.chars().filter(|c| !separator(*c)).take(LONGEST).collect();
    let digits = text.strip_prefix('+').unwrap_or(&text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Mistake::Format);
    }
    Ok(match text.strip_prefix("00") {
        Some(rest) => format!("+{rest}"),
        None => text,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(typed: &str) -> Result<String, Mistake> {
        let countries = ["CH", "LI", "FR", "DE", "IT", "AT", "ES", "PT"].map(str::to_owned);
        PhoneNumber::parse(typed, &countries).map(|number| number.0)
    }

    #[test]
    fn v_27_a_mobile_number_is_read_as_people_write_it() {
        for typed in [
            "079 123 45 01",
            "0791234501",
            "079/123.45.01",
            "+41 79 123 45 01",
            "+41 (0)79 123 45 01",
            "0041 79 123 45 01",
            "0041791234501",
            "0041 (0) 79 123-45-01",
            "+41\u{a0}79\u{a0}123\u{a0}45\u{a0}01",
        ] {
            assert_eq!(read(typed).as_deref(), Ok("+41791234501"), "{typed}");
        }
        assert_eq!(read("+41 79 000 00 01").as_deref(), Ok("+41790000001"));
        assert_eq!(read("+33 6 12 34 56 57").as_deref(), Ok("+33612345657"));
        assert_eq!(read("+49 1512 3456789").as_deref(), Ok("+4915123456789"));
        assert_eq!(read("+39 312 345 6789").as_deref(), Ok("+393123456789"));
    }

    #[test]
    fn s_12_a_number_that_cannot_receive_codes_is_refused_with_its_reason() {
        for (typed, mistake) in [
            ("", Mistake::Missing),
            ("demain", Mistake::Format),
            ("079 123 45 01 poste 3", Mistake::Format),
            ("079;ext=3", Mistake::Format),
            ("+", Mistake::Format),
            ("1", Mistake::Format),
            ("079 123 45", Mistake::Unknown),
            ("+41 79 123 45 010", Mistake::Unknown),
            ("021 555 01 10", Mistake::Landline),
            ("0900 123 456", Mistake::Premium),
            ("0800 123 456", Mistake::Premium),
            ("+44 7400 123456", Mistake::Country),
            ("+44 7700 900123", Mistake::Unknown),
            ("+7 912 345 67 89", Mistake::Country),
        ] {
            assert_eq!(read(typed), Err(mistake), "{typed}");
        }
    }

    #[test]
    fn a_number_is_shown_masked() {
        for (number, masked) in
            [("+41791234501", "+41 79 ••• •• 01"), ("+33612345657", "+33 6 •• •• •• 57"), ("+4915123456789", "+49 1512 •••••89")]
        {
            assert_eq!(PhoneNumber::from_kept(number.into()).masked(), masked);
        }
    }
}
