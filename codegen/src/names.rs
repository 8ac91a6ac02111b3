//! The only module that spells identifiers, file names and tool names.
//!
//! A [`Name`] is made from a vendor's spelling once and spells itself on demand. Everything it
//! spells is legal Rust: keywords are escaped, names of the prelude and of generated members are
//! avoided, all by fixed rules. Two names of one [`Scope`] that end up spelled alike are reported.

use std::collections::BTreeMap;

use heck::ToSnakeCase;
use proc_macro2::{Ident, Span as Site};

use crate::report::{Problem, Report, Rule, Span};

/// Rules about names.
pub const RULES: &[Rule] = &[
    Rule {
        code: "name-collision",
        why: "Two things of one scope cannot be spelled alike.",
    },
    Rule {
        code: "tool-name-length",
        why: "Clients refuse tool names beyond 64 characters and cut long ones.",
    },
    Rule {
        code: "tool-name-form",
        why: "Tool names consist of lower-case letters, digits and underscores.",
    },
];

/// Longest tool name that is accepted.
pub const TOOL_NAME_MOST: usize = 64;
/// Longest tool name that is accepted without a warning.
pub const TOOL_NAME_COMFORTABLE: usize = 52;

/// A name that spells itself on demand.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name {
    words: Vec<String>,
    wire: String,
}

impl Name {
    /// Reads the words out of any spelling: snake, kebab, camel, Pascal, symbols, any script.
    pub fn new(wire: impl Into<String>) -> Self {
        let wire = wire.into();
        Self {
            words: words(&wire),
            wire,
        }
    }

    /// A name spelled otherwise than the vendor spells it.
    pub fn renamed(spelling: &str, wire: impl Into<String>) -> Self {
        Self {
            words: words(spelling),
            wire: wire.into(),
        }
    }

    /// A longer name, such as that of a type inside another.
    #[must_use]
    pub fn join(&self, inner: &Name) -> Self {
        let words = self.words.iter().chain(&inner.words).cloned().collect();
        Self {
            words,
            wire: inner.wire.clone(),
        }
    }

    /// The words, lower-case letters and digits, never empty.
    pub fn words(&self) -> &[String] {
        &self.words
    }

    /// The vendor's spelling.
    pub fn wire(&self) -> &str {
        &self.wire
    }

    /// `snake_case`, unescaped: for text, not for Rust.
    pub fn snake(&self) -> String {
        self.words.join("_")
    }

    /// Words with blanks and a capital at the start: for titles.
    pub fn title(&self) -> String {
        capitalized(&self.words.join(" "))
    }

    /// Name of a struct or enum.
    pub fn type_name(&self) -> String {
        let name = self.pascal();
        match PRELUDE.contains(&name.as_str()) {
            true => format!("{name}Type"),
            false => name,
        }
    }

    /// Name of a variant of an enum.
    pub fn variant(&self) -> String {
        let name = self.pascal();
        match RESERVED_VARIANTS.contains(&name.as_str()) {
            true => format!("{name}Value"),
            false => name,
        }
    }

    /// Name of a member of a struct.
    pub fn field(&self) -> String {
        let name = self.leading_letter();
        match RESERVED_FIELDS.contains(&name.as_str()) {
            true => name + "_",
            false => escaped(name),
        }
    }

    /// Name of a function or method.
    pub fn method(&self) -> String {
        let name = self.leading_letter();
        match RESERVED_METHODS.contains(&name.as_str()) {
            true => name + "_",
            false => escaped(name),
        }
    }

    /// Name of a constant.
    pub fn constant(&self) -> String {
        let name = self.leading_letter().to_ascii_uppercase();
        match RESERVED_CONSTANTS.contains(&name.as_str()) {
            true => name + "_",
            false => name,
        }
    }

    /// Name of a module. Never raw, so that it equals the name of its file.
    pub fn module(&self) -> String {
        let name = self.leading_letter();
        let taken = KEYWORDS.contains(&name.as_str()) || RESERVED_FILES.contains(&name.as_str());
        if taken { name + "_" } else { name }
    }

    /// Name of a file without its ending.
    pub fn file(&self) -> String {
        self.module()
    }

    fn pascal(&self) -> String {
        let mut name = String::new();
        for word in &self.words {
            // `V2` and `1` would become one number.
            if name.ends_with(|c: char| c.is_ascii_digit()) && word.starts_with(|c: char| c.is_ascii_digit()) {
                name.push('_');
            }
            name.push_str(&capitalized(word));
        }
        match name.starts_with(|c: char| c.is_ascii_digit()) {
            true => format!("N{name}"),
            false => name,
        }
    }

    fn leading_letter(&self) -> String {
        let name = self.snake();
        match name.starts_with(|c: char| c.is_ascii_digit()) {
            true => format!("n{name}"),
            false => name,
        }
    }
}

/// The spelling as a token; `r#` makes it raw.
pub fn ident(spelling: &str) -> Ident {
    match spelling.strip_prefix("r#") {
        Some(raw) => Ident::new_raw(raw, Site::call_site()),
        None => Ident::new(spelling, Site::call_site()),
    }
}

/// Strict and reserved keywords of all editions up to 2024.
const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do", "dyn", "else",
    "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro", "match", "mod",
    "move", "mut", "override", "priv", "pub", "ref", "return", "self", "static", "struct", "super", "trait", "true",
    "try", "type", "typeof", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// Keywords that cannot be raw.
const NEVER_RAW: &[&str] = &["crate", "self", "super"];

/// Types, traits and variants that every module sees, or that generated code mentions.
const PRELUDE: &[&str] = &[
    "AsMut",
    "AsRef",
    "Box",
    "Clone",
    "Copy",
    "Debug",
    "Default",
    "Display",
    "Drop",
    "Eq",
    "Err",
    "Error",
    "Extend",
    "Fn",
    "FnMut",
    "FnOnce",
    "From",
    "FromIterator",
    "Future",
    "Hash",
    "Into",
    "IntoFuture",
    "IntoIterator",
    "Iterator",
    // A constructor `new` may not be called like its type.
    "New",
    "None",
    "Ok",
    "Option",
    "Ord",
    "PartialEq",
    "PartialOrd",
    "Result",
    "Self",
    "Send",
    "Sized",
    "Some",
    "String",
    "Sync",
    "ToOwned",
    "ToString",
    "TryFrom",
    "TryInto",
    "Unpin",
    "Vec",
    "BTreeMap",
    "File",
    "Page",
    "Patch",
    "Redirect",
    "Value",
    "Api",
    "Client",
];

/// Variants that open enums have of their own, and the one word that cannot be a variant.
const RESERVED_VARIANTS: &[&str] = &["Self", "Unknown"];
/// Members that records have of their own.
const RESERVED_FIELDS: &[&str] = &["extra"];
/// Functions that records and clients have of their own.
const RESERVED_METHODS: &[&str] = &["new", "send", "pages", "clone", "default"];
/// Constants that records have of their own.
const RESERVED_CONSTANTS: &[&str] = &["SHAPE", "TABLE"];
/// File names with a meaning to Rust or to Windows.
const RESERVED_FILES: &[&str] = &[
    "aux", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8", "com9", "con", "lib", "lpt1", "lpt2",
    "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9", "main", "nul", "prn",
];

fn escaped(name: String) -> String {
    if NEVER_RAW.contains(&name.as_str()) {
        name + "_"
    } else if KEYWORDS.contains(&name.as_str()) {
        format!("r#{name}")
    } else {
        name
    }
}

fn capitalized(word: &str) -> String {
    let mut letters = word.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}

/// Words of any text, lower-case ASCII letters and digits; at least one.
fn words(text: &str) -> Vec<String> {
    let mut plain = String::new();
    // Where capitals mislead the splitting of words.
    let tamed = text
        .replace("OAuth", "Oauth")
        .replace("IDs", "Ids")
        .replace("URLs", "Urls");
    let letters: Vec<char> = tamed.chars().collect();
    let has_word = letters.iter().any(|c| c.is_alphanumeric());
    for (index, letter) in letters.iter().enumerate() {
        let before = index.checked_sub(1).and_then(|at| letters.get(at));
        let after = letters.get(index + 1);
        match letter {
            c if c.is_ascii_alphanumeric() => plain.push(*c),
            // Apostrophes, and accents that follow their letter.
            '\'' | '’' | '\u{300}'..='\u{36f}' => {}
            // A sign, not a hyphen.
            '-' if after.is_some_and(char::is_ascii_digit) && !before.is_some_and(|c| c.is_alphanumeric()) => {
                plain.push_str(" minus ");
            }
            c if c.is_ascii() => {
                match symbol(*c).filter(|_| !has_word || !matches!(c, '-' | '_' | ' ' | '.' | '/' | ':')) {
                    Some(word) => plain.extend([" ", word, " "]),
                    None => plain.push(' '),
                }
            }
            c if c.is_alphabetic() => plain.push_str(&ascii(*c)),
            c => plain.extend([" ", &ascii(*c), " "]),
        }
    }
    let words: Vec<String> = plain
        .to_snake_case()
        .split('_')
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect();
    match (words.is_empty(), text.is_empty()) {
        (false, _) => words,
        (true, true) => vec!["empty".to_owned()],
        (true, false) => text.chars().map(|c| format!("u{:x}", u32::from(c))).collect(),
    }
}

/// A character of another script in ASCII letters; its number when it has no transcription.
fn ascii(letter: char) -> String {
    let mut spelled = String::new();
    for c in deunicode::deunicode_char(letter).unwrap_or_default().chars() {
        match c {
            c if c.is_ascii_alphanumeric() => spelled.push(c),
            '+' => spelled.push_str(" plus "),
            _ => spelled.push(' '),
        }
    }
    match spelled.trim().is_empty() && !letter.is_whitespace() {
        true => format!(" u{:x} ", u32::from(letter)),
        false => spelled,
    }
}

fn symbol(letter: char) -> Option<&'static str> {
    Some(match letter {
        '+' => "plus",
        '-' => "minus",
        '*' => "star",
        '/' => "slash",
        '.' => "dot",
        ':' => "colon",
        '_' => "underscore",
        ' ' => "space",
        '@' => "at",
        '&' => "and",
        '%' => "percent",
        '#' => "hash",
        '$' => "dollar",
        '<' => "less",
        '>' => "greater",
        '=' => "equal",
        '!' => "not",
        '?' => "question",
        '~' => "tilde",
        '|' => "or",
        '^' => "caret",
        _ => return None,
    })
}

/// A set of spellings that have to differ.
#[derive(Clone, Debug)]
pub struct Scope {
    what: String,
    fold_case: bool,
    taken: BTreeMap<String, (String, Span)>,
}

impl Scope {
    /// A scope where case tells names apart: members, variants, items of a module.
    pub fn new(what: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            fold_case: false,
            taken: BTreeMap::new(),
        }
    }

    /// A scope where it does not: files and tool names.
    pub fn ignoring_case(what: impl Into<String>) -> Self {
        Self {
            fold_case: true,
            ..Self::new(what)
        }
    }

    /// Takes a spelling for the generator itself.
    pub fn reserve(&mut self, spelling: &str, why: &str) {
        self.taken.insert(self.key(spelling), (why.to_owned(), Span::nowhere()));
    }

    /// Takes a spelling for `origin` (what it is in the spec) and reports when it is taken already.
    pub fn claim(&mut self, spelling: &str, origin: &str, span: &Span, report: &Report) -> bool {
        let key = self.key(spelling);
        if let Some((earlier, place)) = self.taken.get(&key) {
            let message = format!(
                "`{origin}` and `{earlier}` are both spelled `{spelling}` in {}",
                self.what
            );
            let problem =
                Problem::error("name-collision", span, message).help("give one of them another name in the spec");
            report.push(match place.is_known() {
                true => problem.also(place, format!("`{earlier}` takes the name here")),
                false => problem,
            });
            return false;
        }
        self.taken.insert(key, (origin.to_owned(), span.clone()));
        true
    }

    fn key(&self, spelling: &str) -> String {
        let plain = spelling.strip_prefix("r#").unwrap_or(spelling);
        match self.fold_case {
            true => plain.to_lowercase(),
            false => plain.to_owned(),
        }
    }
}

/// Words of an integration's slug: split where letters meet digits too.
pub fn integration_words(slug: &str) -> Vec<String> {
    let mut spaced = String::new();
    let mut last: Option<char> = None;
    for letter in slug.chars() {
        let meets = last.is_some_and(|l| {
            l.is_alphabetic() && letter.is_ascii_digit() || l.is_ascii_digit() && letter.is_alphabetic()
        });
        if meets {
            spaced.push('_');
        }
        spaced.push(letter);
        last = Some(letter);
    }
    words(&spaced)
}

/// Name of the tool for a method of a resource.
///
/// `singular` overrides the guess of [`singular`] for the whole resource. A method that bears the resource's own name is
/// all that there is to do with it, and the name is said once.
pub fn tool_name(integration: &[String], resource: &str, method: &str, singular: Option<&str>) -> String {
    let i = integration.join("_");
    let resource = words(resource).join("_");
    let one = || singular.map_or_else(|| self::singular(&resource), |given| words(given).join("_"));
    match method {
        "list" => format!("list_all_{i}_{resource}"),
        "get" => format!("get_single_{i}_{}_by_id", one()),
        "create" => format!("create_a_{i}_{}", one()),
        "update" => format!("update_a_{i}_{}_by_id", one()),
        "delete" => format!("delete_a_{i}_{}_by_id", one()),
        other => match words(other).join("_") {
            method if method == resource => format!("{i}_{resource}"),
            method => format!("{i}_{resource}_{method}"),
        },
    }
}

/// Reports a tool name (or alias) that clients would not accept.
pub fn check_tool_name(name: &str, span: &Span, report: &Report) {
    let legal = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if name.is_empty() || !name.chars().all(legal) || !name.starts_with(|c: char| c.is_ascii_lowercase()) {
        let message = format!("the tool name `{name}` has characters other than a to z, digits and `_`");
        report.error("tool-name-form", span, message);
    }
    let length = name.chars().count();
    let help = "shorten the resource, the method or the singular";
    if length > TOOL_NAME_MOST {
        let message = format!("the tool name `{name}` has {length} characters, more than {TOOL_NAME_MOST}");
        report.push(Problem::error("tool-name-length", span, message).help(help));
    } else if length > TOOL_NAME_COMFORTABLE {
        let message =
            format!("the tool name `{name}` has {length} characters; some clients cut beyond {TOOL_NAME_COMFORTABLE}");
        report.push(Problem::warning("tool-name-length", span, message).help(help));
    }
}

/// One of several: the last word of a snake-case name in the singular.
pub fn singular(plural: &str) -> String {
    let (head, last) = match plural.rfind('_') {
        Some(at) => plural.split_at(at + 1),
        None => ("", plural),
    };
    format!("{head}{}", singular_word(last))
}

/// Plurals that follow no rule, and words whose end only looks like a plural.
const IRREGULAR: &[(&str, &str)] = &[
    ("alias", "alias"),
    ("aliases", "alias"),
    ("analyses", "analysis"),
    ("analytics", "analytics"),
    ("appendices", "appendix"),
    ("aws", "aws"),
    ("axes", "axis"),
    ("bases", "base"),
    ("basics", "basics"),
    ("bus", "bus"),
    ("buses", "bus"),
    ("caches", "cache"),
    ("campus", "campus"),
    ("campuses", "campus"),
    ("canvas", "canvas"),
    ("children", "child"),
    ("cms", "cms"),
    ("cookies", "cookie"),
    ("corpora", "corpus"),
    ("crises", "crisis"),
    ("criteria", "criterion"),
    ("data", "datum"),
    ("diagnoses", "diagnosis"),
    ("dns", "dns"),
    ("echoes", "echo"),
    ("feet", "foot"),
    ("gas", "gas"),
    ("geese", "goose"),
    ("gps", "gps"),
    ("graphics", "graphics"),
    ("halves", "half"),
    ("headaches", "headache"),
    ("heroes", "hero"),
    ("https", "https"),
    ("indices", "index"),
    ("ios", "ios"),
    ("knives", "knife"),
    ("leaves", "leaf"),
    ("lens", "lens"),
    ("lenses", "lens"),
    ("lies", "lie"),
    ("lives", "life"),
    ("logistics", "logistics"),
    ("mathematics", "mathematics"),
    ("matrices", "matrix"),
    ("media", "medium"),
    ("men", "man"),
    ("mice", "mouse"),
    ("movies", "movie"),
    ("news", "news"),
    ("people", "person"),
    ("phenomena", "phenomenon"),
    ("physics", "physics"),
    ("pies", "pie"),
    ("politics", "politics"),
    ("potatoes", "potato"),
    ("quizzes", "quiz"),
    ("saas", "saas"),
    ("series", "series"),
    ("shelves", "shelf"),
    ("sms", "sms"),
    ("species", "species"),
    ("teeth", "tooth"),
    ("ties", "tie"),
    ("tls", "tls"),
    ("vertices", "vertex"),
    ("vetoes", "veto"),
    ("viruses", "virus"),
    ("wives", "wife"),
    ("women", "woman"),
];

fn singular_word(word: &str) -> String {
    if let Some((_, one)) = IRREGULAR.iter().find(|(many, _)| *many == word) {
        return (*one).to_owned();
    }
    let without = |ending: &str| word.strip_suffix(ending).filter(|stem| stem.len() > 1);
    if let Some(stem) = without("ies") {
        return format!("{stem}y");
    }
    // statuses, boxes, classes, dishes, branches; but houses and clauses
    let keeps_e = ["auses", "ouses"].iter().any(|ending| word.ends_with(ending));
    for ending in ["sses", "shes", "ches", "xes", "zzes", "uses"] {
        if without(ending).is_some() && !keeps_e {
            return word.strip_suffix("es").unwrap_or(word).to_owned();
        }
    }
    let stays = ["ss", "us", "is"].iter().any(|ending| word.ends_with(ending));
    match without("s") {
        Some(stem) if !stays => stem.to_owned(),
        _ => word.to_owned(),
    }
}

#[cfg(test)]
mod tests;
