//! A form as a browser posted it.

/// A posted form. A field that stands twice has its first value; what is missing is empty.
pub struct Posted(Vec<(String, String)>);

impl Posted {
    /// Reads the body of a form.
    #[must_use]
    pub fn parse(body: &[u8]) -> Self {
        Self(form_urlencoded::parse(body).into_owned().collect())
    }

    /// The value of a field.
    #[must_use]
    pub fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value.as_str())
    }
}
