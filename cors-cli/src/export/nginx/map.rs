//! [`Map`]: a `map` of nginx.

/// A `map`: from the values of some variables to the value of another.
///
/// Every rule is a regular expression. Plain keys would be compared without regard to upper and
/// lower case.
#[derive(Debug)]
pub(super) struct Map {
    what: &'static str,
    key: String,
    variable: String,
    default: Value,
    rules: Vec<(String, Value)>,
}

/// What a rule gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    /// This text.
    Text(String),
    /// What a variable has.
    Variable(String),
}

impl Map {
    /// Begins a map; `what` is what it gives.
    pub(super) const fn new(what: &'static str) -> Self {
        Self {
            what,
            key: String::new(),
            variable: String::new(),
            default: Value::Text(String::new()),
            rules: Vec::new(),
        }
    }

    /// Sets what the rules match, and the variable that has the result.
    pub(super) fn of(&mut self, key: &str, variable: &str) {
        self.key = key.to_owned();
        self.variable = variable.to_owned();
    }

    pub(super) fn default(&mut self, value: Value) {
        self.default = value;
    }

    /// Adds a rule, behind those that are there.
    pub(super) fn rule(&mut self, expression: impl Into<String>, value: Value) {
        self.rules.push((expression.into(), value));
    }

    pub(super) fn variable(&self) -> &str {
        &self.variable
    }

    /// Returns whether a text of the map has the sign with which variables begin.
    pub(super) fn has_dollar(&self) -> bool {
        let mut values = self.rules.iter().map(|(_, value)| value);
        values.any(|value| matches!(value, Value::Text(text) if text.contains('$')))
    }

    /// Returns the map as it is written.
    pub(super) fn text(&self) -> String {
        let Self {
            what,
            key,
            variable,
            default,
            rules,
        } = self;
        let mut text = format!("# {what}\nmap \"{key}\" ${variable} {{\n");
        text += &format!("    default {};\n", default.written());
        for (expression, value) in rules {
            let expression = quoted(&format!("~{expression}"));
            text += &format!("    {expression} {};\n", value.written());
        }
        text + "}\n"
    }
}

impl Value {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    fn written(&self) -> String {
        match self {
            // nginx knows no escape for the sign.
            Self::Text(text) => quoted(text).replace('$', "${cors_dollar}"),
            Self::Variable(name) => format!("${name}"),
        }
    }
}

/// Returns whether a text or an expression can be a word, with some bytes around it. nginx reads
/// its configuration by 4096 bytes, and no word can be longer.
pub(super) fn fits(text: &str) -> bool {
    const MAX_BYTES: usize = 4000;
    Value::text(text).written().len() <= MAX_BYTES
}

/// Returns a word of the configuration.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', r"\\").replace('"', "\\\""))
}
