//! [`SettingTexts`]: the argument of a builder's method whose setting is a list of texts.

/// A text of a policy: any type that is `AsRef<str>`, and the types that the frameworks have for
/// methods, header names and header values.
///
/// `M` tells implementations apart, so that an adapter can add the types of its framework. It is
/// inferred.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a text of a policy",
    note = "write a `&str` or a `String`, as in \"https://app.example.com\", or one of the framework's types for methods, header names and header values"
)]
pub trait SettingText<M> {
    /// Returns the text. Bytes that are not UTF-8 become U+FFFD, which no setting accepts.
    fn to_setting(&self) -> String;
}

/// A marker for the texts that are `AsRef<str>`.
#[derive(Debug)]
#[non_exhaustive]
pub struct AsText;

impl<T: AsRef<str> + ?Sized> SettingText<AsText> for T {
    fn to_setting(&self) -> String {
        self.as_ref().to_owned()
    }
}

/// A list of texts of a policy: an array, a slice, a `Vec` or any other iterator.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a list of texts",
    label = "this setting takes a list",
    note = "write a list, for one item too: [\"https://app.example.com\"]"
)]
pub trait SettingTexts<M> {
    /// Adds the texts to a list.
    fn push_to(self, list: &mut Vec<String>);
}

#[diagnostic::do_not_recommend]
impl<M, T: SettingText<M>, I: IntoIterator<Item = T>> SettingTexts<M> for I {
    fn push_to(self, list: &mut Vec<String>) {
        list.extend(self.into_iter().map(|text| text.to_setting()));
    }
}
