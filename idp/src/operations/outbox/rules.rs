//! Where a message goes, and how an address or number is shown to those who need not know it.

/// Where a message goes.
#[derive(Clone, PartialEq, Eq)]
pub enum Target {
    /// An e-mail address.
    Mail(String),
    /// A phone number in E.164 form, such as `+41790000001`.
    Sms(String),
}

impl Target {
    /// The address or number without what would tell it to a stranger: `m•••@lac.example`, `+41 79 ••• •• 01`.
    #[must_use]
    pub fn masked(&self) -> String {
        match self {
            Self::Mail(address) => masked_address(address),
            Self::Sms(number) => masked_number(number),
        }
    }
}

fn masked_address(address: &str) -> String {
    match address.rsplit_once('@') {
        Some((name, host)) => format!("{}•••@{host}", name.chars().next().map(String::from).unwrap_or_default()),
        None => "•••".to_owned(),
    }
}

fn masked_number(number: &str) -> String {
    let digits: Vec<char> = number.chars().filter(char::is_ascii_digit).collect();
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or_default().iter().collect::<String>();
    let end = part(digits.len().saturating_sub(2), digits.len());
    match digits.len() {
        // The country's own grouping: +41 79 123 45 67.
        11 if part(0, 2) == "41" => format!("+41 {} ••• •• {end}", part(2, 4)),
        8.. => format!("+{} ••• {end}", part(0, 2)),
        _ => "•••".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_numbers_are_masked() {
        let cases = [
            (Target::Mail("marie.favre@lac.example".into()), "m•••@lac.example"),
            (Target::Mail("é@lac.example".into()), "é•••@lac.example"),
            (Target::Mail("\"a@b\"@lac.example".into()), "\"•••@lac.example"),
            (Target::Mail("@lac.example".into()), "•••@lac.example"),
            (Target::Mail("nothing".into()), "•••"),
            (Target::Sms("+41791234501".into()), "+41 79 ••• •• 01"),
            (Target::Sms("+33612345678".into()), "+33 ••• 78"),
            (Target::Sms("+4179123".into()), "•••"),
            (Target::Sms(String::new()), "•••"),
        ];
        for (target, masked) in cases {
            assert_eq!(target.masked(), masked);
        }
    }
}
