//! What an activation code looks like, how a typed one is read, and when a code ends.

use crate::entropy::Entropy;
use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone};
use chrono_tz::Tz;
use poterne_protocol::id::{AccountId, CodeId, EnrollmentId, EntryId};
use poterne_protocol::secret::Secret;
use poterne_protocol::time::Timestamp;

/// Digits and capitals without 0, 1, I, L and O, which look alike on paper. There are 31, a prime: that is what lets one check
/// character notice every wrong character and every swap of neighbours.
const ALPHABET: [char; 31] = [
    '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'J', 'K', 'M', 'N', 'P', 'Q', 'R', 'S', 'T',
    'U', 'V', 'W', 'X', 'Y', 'Z',
];
const LETTERS: u32 = 31;
/// Characters of a code.
const LENGTH: usize = 12;
/// More than anybody types into the field, separators and all.
const LONGEST: usize = 200;

/// What is wrong with the form of a typed code. It is named to the person and costs no try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeMistake {
    /// Nothing was typed.
    Missing,
    /// A character that no code contains, such as O or 0.
    Alphabet,
    /// Not twelve characters.
    Length,
    /// The check character does not fit: a character was mistyped or two were swapped.
    CheckCharacter,
}

/// A new code in its normal form: twelve random characters, or eleven and the check character.
#[must_use]
pub fn generate(entropy: &Entropy, check_character: bool) -> Secret {
    let drawn = if check_character { LENGTH - 1 } else { LENGTH };
    let values: Vec<u32> = (0..drawn).map(|_| entropy.below(LETTERS)).collect();
    let check = check_character.then(|| check_of(&values));
    Secret::new(values.into_iter().chain(check).filter_map(character).collect())
}

/// The normal form of a typed code: capitals without separators. What looks like another character is never taken for it.
///
/// # Errors
/// What is wrong with its form.
pub fn read(typed: &str, check_character: bool) -> Result<Secret, CodeMistake> {
    let kept: Vec<char> = typed.chars().take(LONGEST).filter(|c| !is_separator(*c)).collect();
    if kept.is_empty() {
        return Err(CodeMistake::Missing);
    }
    let values = kept.iter().map(|c| value(*c)).collect::<Option<Vec<u32>>>().ok_or(CodeMistake::Alphabet)?;
    if values.len() != LENGTH || typed.chars().count() > LONGEST {
        return Err(CodeMistake::Length);
    }
    let Some((last, head)) = values.split_last() else {
        return Err(CodeMistake::Length);
    };
    if check_character && check_of(head) != *last {
        return Err(CodeMistake::CheckCharacter);
    }
    Ok(Secret::new(values.into_iter().filter_map(character).collect()))
}

/// A code as it is printed: in groups of four, `CZ6E-P34V-K5DM`.
#[must_use]
pub fn grouped(code: &Secret) -> Secret {
    let characters: Vec<char> = code.expose().chars().collect();
    Secret::new(characters.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-"))
}

/// The first moment at which a code is no longer valid: the end of the last valid day in the realm's time zone, so that the last
/// second is 23:59:59 there, whatever the clocks do in between.
#[must_use]
pub fn end_of_validity(issued_at: Timestamp, valid_days: u32, zone: Tz) -> Timestamp {
    let issued = DateTime::from_timestamp_micros(issued_at.micros()).unwrap_or_default().with_timezone(&zone);
    let last = issued.date_naive().checked_add_days(Days::new(valid_days.into())).unwrap_or(NaiveDate::MAX);
    let next = last.succ_opt().unwrap_or(NaiveDate::MAX);
    first_moment(next.and_time(NaiveTime::MIN), zone)
}

/// The last day on which a code can be used that ends at this moment: what is printed beside it.
#[must_use]
pub fn last_day(end: Timestamp, zone: Tz) -> NaiveDate {
    DateTime::from_timestamp_micros(end.micros() - 1).unwrap_or_default().with_timezone(&zone).date_naive()
}

/// The first moment of a local day. Where midnight is skipped by a change of clocks the day begins later, where it comes twice the
/// first counts.
fn first_moment(midnight: NaiveDateTime, zone: Tz) -> Timestamp {
    let mut quarters = (0..=96).map(|quarter| midnight.checked_add_signed(TimeDelta::minutes(15 * quarter)).unwrap_or(midnight));
    let found = quarters.find_map(|local| zone.from_local_datetime(&local).earliest());
    Timestamp::from_micros(found.map_or(i64::MAX, |moment| moment.timestamp_micros()))
}

fn is_separator(c: char) -> bool {
    c.is_whitespace() || matches!(c, '-' | '‐' | '‑' | '–' | '—' | '.' | '_')
}

fn value(c: char) -> Option<u32> {
    let upper = c.to_ascii_uppercase();
    let at = ALPHABET.iter().position(|letter| *letter == upper)?;
    u32::try_from(at).ok()
}

fn character(value: u32) -> Option<char> {
    ALPHABET.get(usize::try_from(value).ok()?).copied()
}

/// The sum of the characters' values, weighted by their place from 1 on, modulo 31.
fn check_of(values: &[u32]) -> u32 {
    values.iter().zip(1..).map(|(value, weight)| value * weight).sum::<u32>() % LETTERS
}

/// What a code is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodePurpose {
    /// Making one's account.
    Register,
    /// Giving one's account a new password and a new factor, after the operator took the lost one away.
    RecoverFactor,
}

impl CodePurpose {
    /// Every purpose.
    pub const ALL: [Self; 2] = [Self::Register, Self::RecoverFactor];

    /// The name in the database and in commands.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Register => "register",
            Self::RecoverFactor => "recover_factor",
        }
    }

    /// Reads the name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|purpose| purpose.as_str() == text)
    }
}

/// Why a code was withdrawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Revocation {
    /// A newer code took its place.
    Replaced,
    /// Its person left the fund.
    Left,
    /// Its person has died.
    Deceased,
    /// The account that it was to bring back was given up.
    AccountClosed,
    /// An older copy of the database was restored: it may have been used since.
    Restored,
}

impl Revocation {
    /// Every reason.
    pub const ALL: [Self; 5] = [Self::Replaced, Self::Left, Self::Deceased, Self::AccountClosed, Self::Restored];

    /// The name in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Replaced => "replaced",
            Self::Left => "left",
            Self::Deceased => "deceased",
            Self::AccountClosed => "account_closed",
            Self::Restored => "restored",
        }
    }
}

/// Where a code stands. Whether it has expired is asked of the clock, never stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeState {
    /// It can be used until it expires.
    Active,
    /// It made this account, or brought it back. There is none between the two writes of the transaction that redeems.
    Redeemed {
        /// The account.
        account: Option<AccountId>,
    },
    /// It was withdrawn.
    Revoked {
        /// Why.
        reason: Revocation,
        /// The code that took its place.
        replaced_by: Option<CodeId>,
    },
}

/// An activation code as it is kept: all but the code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code {
    /// Names the code; no secret.
    pub id: CodeId,
    /// What it is good for.
    pub purpose: CodePurpose,
    /// The population whose pages take it.
    pub population: String,
    /// The entry of the registry it was issued to.
    pub entry: EntryId,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// The first moment at which it is no longer valid.
    pub expires_at: Timestamp,
    /// Where it stands.
    pub state: CodeState,
    /// The latest enrollment that began with it.
    pub enrollment: Option<EnrollmentId>,
}

impl Code {
    /// Whether it can be redeemed now, as far as the code itself goes.
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.state == CodeState::Active && now < self.expires_at
    }
}
