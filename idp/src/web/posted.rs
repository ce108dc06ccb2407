//! A form as a browser posted it.

/// A posted form. A field that stands twice has its first value; what is missing is empty.
pub struct Posted(Vec<(String, String)>);

impl Posted {
    /// Reads the body of a form. A NUL, which nobody types and not every database takes, is read as the character for what cannot be
    /// shown.
    #[must_use]
    pub fn parse(body: &[u8]) -> Self {
        let plain = |text: std::borrow::Cow<'_, str>| text.replace('\0', "\u{FFFD}");
        Self(form_urlencoded::parse(body).map(|(name, value)| (plain(name), plain(value))).collect())
    }

    /// The value of a field.
    #[must_use]
    pub fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value.as_str())
    }
}
