//! Sources as the rules see them: paths with their line, comments and strings blanked, tests marked.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::Path,
};

/// The folders whose Rust files are judged.
const JUDGED: &[&str] = &["src", "idp/src", "idp/protocol/src", "admin/src", "examples"];

/// Names by the folder they lie in.
pub(super) type Folders = BTreeMap<String, BTreeSet<String>>;

/// What the rules judge: the sources, and the names of other files.
pub(super) struct House {
    pub(super) sources: Vec<Source>,
    /// Folder names below `migrations/<database>`.
    pub(super) migrations: Folders,
    /// File names below `templates/locales/<language>`.
    pub(super) locales: Folders,
}

/// One Rust file.
pub(super) struct Source {
    /// From the top of the repository, with `/`.
    pub(super) path: String,
    pub(super) text: String,
    /// Paths as written in `use` lines and in code, attributes left out.
    pub(super) mentions: Vec<Mention>,
    /// Macros called, without the `!`.
    pub(super) macros: Vec<(usize, String)>,
    /// Lines that are not in a test module.
    pub(super) lines: usize,
}

/// A path that a source mentions, made absolute: `["crate", "web", "csrf"]` or `["axum", "Router"]`.
pub(super) struct Mention {
    pub(super) path: Vec<String>,
    pub(super) line: usize,
    pub(super) in_tests: bool,
}

impl House {
    /// Reads the repository at `root`.
    pub(super) fn read(root: &Path) -> io::Result<Self> {
        let mut files = Vec::new();
        for folder in JUDGED {
            collect(root, folder, &mut files)?;
        }
        let names: BTreeSet<String> = files.iter().map(|(path, _)| path.clone()).collect();
        Ok(Self {
            sources: files.into_iter().map(|(path, text)| Source::parse(path, text, &names)).collect(),
            migrations: children_by_folder(&root.join("migrations"))?,
            locales: children_by_folder(&root.join("templates/locales"))?,
        })
    }

    /// A house of invented sources, for showing that a rule can fail.
    pub(super) fn invented(files: &[(&str, &str)]) -> Self {
        let names: BTreeSet<String> = files.iter().map(|(path, _)| (*path).to_owned()).collect();
        Self {
            sources: files.iter().map(|(path, text)| Source::parse((*path).to_owned(), (*text).to_owned(), &names)).collect(),
            migrations: Folders::new(),
            locales: Folders::new(),
        }
    }

    /// Whether a path that ends at this inner module can only mean an item of the same name that the room exports (`pub use
    /// routes::routes`): the module itself is private, so the compiler keeps others out.
    pub(super) fn exports_namesake(&self, inner: &[String]) -> bool {
        let Some((name, room)) = inner.split_last() else { return false };
        let private = format!("mod {name};");
        let parent = self.sources.iter().find(|s| s.path.starts_with("idp/src/") && s.module() == room);
        parent.is_some_and(|parent| parent.text.lines().any(|line| line == private))
    }

    /// Whether the module of `poterne-idp` with these segments is a file or a folder.
    pub(super) fn has_idp_module(&self, segments: &[String]) -> bool {
        let stem = format!("idp/src/{}", segments.join("/"));
        self.sources.iter().any(|s| s.path == format!("{stem}.rs") || s.path == format!("{stem}/mod.rs"))
    }
}

impl Source {
    fn parse(path: String, text: String, names: &BTreeSet<String>) -> Self {
        let tokens = tokens(&blank(&text));
        let read = Reader::new(&path, names).read(&tokens);
        let lines = text.lines().count().saturating_sub(read.test_lines);
        Self { mentions: read.mentions, macros: read.macros, lines, path, text }
    }

    /// Whether the whole file is tests.
    pub(super) fn is_tests(&self) -> bool {
        self.path.ends_with("/tests.rs") || self.path.contains("/tests/")
    }

    /// Mentions outside tests.
    pub(super) fn uses(&self) -> impl Iterator<Item = &Mention> {
        let whole = self.is_tests();
        self.mentions.iter().filter(move |m| !whole && !m.in_tests)
    }

    /// The module path within its crate: `idp/src/onboarding/code/store.rs` is `onboarding, code, store`.
    pub(super) fn module(&self) -> Vec<String> {
        module_of(&self.path)
    }
}

fn module_of(path: &str) -> Vec<String> {
    let inner = path.split_once("src/").map_or(path, |(_, inner)| inner);
    let stem = inner.strip_suffix(".rs").unwrap_or(inner);
    let mut segments: Vec<String> = stem.split('/').map(str::to_owned).collect();
    let at_crate_root = segments.len() == 1;
    if segments.last().is_some_and(|s| s == "mod" || at_crate_root && (s == "lib" || s == "main")) {
        segments.pop();
    }
    segments
}

fn collect(root: &Path, folder: &str, files: &mut Vec<(String, String)>) -> io::Result<()> {
    let Ok(entries) = fs::read_dir(root.join(folder)) else { return Ok(()) };
    let mut names: Vec<_> = entries.collect::<io::Result<Vec<_>>>()?.into_iter().map(|e| e.file_name()).collect();
    names.sort();
    for name in names {
        let path = format!("{folder}/{}", name.to_string_lossy());
        if root.join(&path).is_dir() {
            collect(root, &path, files)?;
        } else if Path::new(&path).extension().is_some_and(|e| e == "rs") {
            let text = fs::read_to_string(root.join(&path))?;
            files.push((path, text));
        }
    }
    Ok(())
}

fn children_by_folder(folder: &Path) -> io::Result<Folders> {
    let mut found = Folders::new();
    let Ok(entries) = fs::read_dir(folder) else { return Ok(found) };
    for entry in entries {
        let entry = entry?;
        if entry.path().is_dir() {
            let children = fs::read_dir(entry.path())?.collect::<io::Result<Vec<_>>>()?;
            let names = children.iter().map(|c| c.file_name().to_string_lossy().into_owned()).collect();
            found.insert(entry.file_name().to_string_lossy().into_owned(), names);
        }
    }
    Ok(found)
}

/// The text with comments, strings and characters turned to blanks; line ends stay.
fn blank(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        let end = literal_end(&chars, at);
        if end == at {
            out.push(chars[at]);
            at += 1;
        } else {
            out.extend(chars[at..end.min(chars.len())].iter().map(|c| if *c == '\n' { '\n' } else { ' ' }));
            at = end;
        }
    }
    out
}

/// Where the comment, string or character that starts at `at` ends; `at` itself if none starts there.
fn literal_end(chars: &[char], at: usize) -> usize {
    let next = chars.get(at + 1).copied().unwrap_or(' ');
    match chars[at] {
        '/' if next == '/' => chars[at..].iter().position(|c| *c == '\n').map_or(chars.len(), |n| at + n),
        '/' if next == '*' => block_comment_end(chars, at),
        '"' => string_end(chars, at + 1),
        'r' if (next == '"' || next == '#') && !continues_a_word(chars, at) => raw_string_end(chars, at),
        // A lifetime has no closing quote: 'a, against 'a' and '\n'.
        '\'' if next == '\\' => chars[at + 3..].iter().position(|c| *c == '\'').map_or(chars.len(), |n| at + n + 4),
        '\'' if chars.get(at + 2) == Some(&'\'') => at + 3,
        _ => at,
    }
}

fn continues_a_word(chars: &[char], at: usize) -> bool {
    // `br"…"` is a raw string, `for"` cannot be.
    at > 0 && chars[at - 1] != 'b' && is_word(chars[at - 1])
}

fn block_comment_end(chars: &[char], from: usize) -> usize {
    let (mut at, mut depth) = (from, 0);
    while at + 1 < chars.len() {
        match (chars[at], chars[at + 1]) {
            ('/', '*') => (depth, at) = (depth + 1, at + 2),
            ('*', '/') if depth == 1 => return at + 2,
            ('*', '/') => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
    }
    chars.len()
}

fn string_end(chars: &[char], from: usize) -> usize {
    let mut at = from;
    while at < chars.len() && chars[at] != '"' {
        at += if chars[at] == '\\' { 2 } else { 1 };
    }
    at + 1
}

fn raw_string_end(chars: &[char], at: usize) -> usize {
    let hashes = chars[at + 1..].iter().take_while(|c| **c == '#').count();
    let open = at + 1 + hashes;
    if chars.get(open) != Some(&'"') {
        return at; // a raw identifier: r#type
    }
    let closes = |n: &usize| chars[*n] == '"' && (1..=hashes).all(|h| chars.get(n + h) == Some(&'#'));
    (open + 1..chars.len()).find(closes).map_or(chars.len(), |n| n + 1 + hashes)
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

#[derive(Clone)]
struct Token {
    text: String,
    line: usize,
}

/// Words, `::`, and every other sign alone.
fn tokens(text: &str) -> Vec<Token> {
    let mut found: Vec<Token> = Vec::new();
    let mut word_open = false;
    let mut colon_open = false;
    let mut line = 1;
    for c in text.chars() {
        if is_word(c) && word_open {
            found.last_mut().expect("a word is open").text.push(c);
        } else if c == ':' && colon_open {
            found.last_mut().expect("a colon is open").text.push(c);
            colon_open = false;
            continue;
        } else if !c.is_whitespace() {
            found.push(Token { text: c.to_string(), line });
        }
        word_open = is_word(c);
        colon_open = c == ':';
        line += usize::from(c == '\n');
    }
    found
}

/// Walks the tokens of one file, with a stack of the inline modules it is in.
struct Reader<'a> {
    module: Vec<String>,
    names: &'a BTreeSet<String>,
    folder: String,
    /// Names brought in by `use`, with what they stand for.
    imports: BTreeMap<String, Vec<String>>,
    depth: usize,
    /// Inline modules: name, depth inside, line of the opening.
    inline: Vec<(String, usize, usize)>,
    read: Read,
}

#[derive(Default)]
struct Read {
    mentions: Vec<Mention>,
    macros: Vec<(usize, String)>,
    test_lines: usize,
}

impl<'a> Reader<'a> {
    fn new(path: &str, names: &'a BTreeSet<String>) -> Self {
        let module = module_of(path);
        let root = path.split_once("src/").map_or(String::new(), |(before, _)| format!("{before}src"));
        let folder = std::iter::once(root).chain(module.iter().cloned()).collect::<Vec<_>>().join("/");
        Self { module, names, folder, imports: BTreeMap::new(), depth: 0, inline: Vec::new(), read: Read::default() }
    }

    fn read(mut self, tokens: &[Token]) -> Read {
        let mut at = 0;
        // Imports first: a name may be used above the `use` that brings it.
        while at < tokens.len() {
            at = if tokens[at].text == "use" { self.use_tree(tokens, at + 1, &[]) } else { self.step(tokens, at, false) };
        }
        (self.depth, at) = (0, 0);
        self.inline.clear();
        self.read.test_lines = 0;
        while at < tokens.len() {
            at = self.step(tokens, at, true);
        }
        self.read
    }

    /// Takes what starts at `at`; returns where to go on.
    fn step(&mut self, tokens: &[Token], at: usize, note: bool) -> usize {
        let text = |n: usize| tokens.get(n).map_or("", |t| t.text.as_str());
        match text(at) {
            "#" if text(at + 1) == "[" || text(at + 2) == "[" => return attribute_end(tokens, at),
            "use" if note => return tokens[at..].iter().position(|t| t.text == ";").map_or(tokens.len(), |n| at + n),
            "mod" if text(at + 2) == "{" => {
                self.depth += 1;
                self.inline.push((text(at + 1).to_owned(), self.depth, tokens[at].line));
                return at + 3;
            }
            "{" => self.depth += 1,
            "}" => self.close(tokens[at].line),
            word if note && word.starts_with(is_word) => return self.path(tokens, at),
            _ => {}
        }
        at + 1
    }

    fn close(&mut self, line: usize) {
        if self.inline.last().is_some_and(|(_, depth, _)| *depth == self.depth)
            && let Some((name, _, opened)) = self.inline.pop()
            && name == "tests"
        {
            self.read.test_lines += line + 1 - opened;
        }
        self.depth = self.depth.saturating_sub(1);
    }

    /// A path in code, from its first word.
    fn path(&mut self, tokens: &[Token], from: usize) -> usize {
        let text = |n: usize| tokens.get(n).map_or("", |t| t.text.as_str());
        let mut segments = vec![text(from).to_owned()];
        let mut at = from + 1;
        while text(at) == "::" && text(at + 1).starts_with(is_word) {
            segments.push(text(at + 1).to_owned());
            at += 2;
        }
        if text(at) == "!" && text(at + 1) != "=" {
            self.read.macros.push((tokens[from].line, segments.last().cloned().unwrap_or_default()));
        }
        if segments.len() > 1 {
            self.mention(&segments, tokens[from].line);
        }
        at
    }

    /// One `use` tree from `at`, after `prefix`; returns the place of what ends it.
    fn use_tree(&mut self, tokens: &[Token], mut at: usize, prefix: &[String]) -> usize {
        let text = |n: usize| tokens.get(n).map_or("", |t| t.text.as_str());
        let mut segments = prefix.to_vec();
        let line = tokens.get(at).map_or(0, |t| t.line);
        loop {
            match text(at) {
                "{" => {
                    while !matches!(text(at), "}" | "") {
                        at = self.use_tree(tokens, at + 1, &segments);
                    }
                    return at + 1;
                }
                "::" => at += 1,
                "," | ";" | "}" | "" | "as" => break,
                word => {
                    segments.push(word.to_owned());
                    at += 1;
                }
            }
        }
        let mut name = segments.last().cloned().unwrap_or_default();
        if name == "self" && segments.len() > 1 {
            segments.pop();
            name = segments.last().cloned().unwrap_or_default();
        }
        if text(at) == "as" {
            text(at + 1).clone_into(&mut name);
            at += 2;
        }
        if !segments.is_empty() {
            self.mention(&segments, line);
            let absolute = self.absolute(&segments);
            self.imports.insert(name, absolute);
        }
        at
    }

    fn mention(&mut self, segments: &[String], line: usize) {
        let path = self.absolute(segments);
        let in_tests = self.inline.iter().any(|(name, ..)| name == "tests");
        self.read.mentions.push(Mention { path, line, in_tests });
    }

    /// Resolves `self`, `super`, imported names and child modules.
    fn absolute(&self, segments: &[String]) -> Vec<String> {
        let here = || {
            let inline = self.inline.iter().map(|(name, ..)| name.clone());
            std::iter::once("crate".to_owned()).chain(self.module.iter().cloned()).chain(inline).collect::<Vec<_>>()
        };
        let Some(first) = segments.first() else { return Vec::new() };
        if first == "self" || first == "super" {
            let ups = segments.iter().take_while(|s| *s == "super").count();
            let rest = segments.iter().skip_while(|s| *s == "self" || *s == "super").cloned();
            let mut base = here();
            base.truncate(base.len().saturating_sub(ups).max(1));
            return base.into_iter().chain(rest).collect();
        }
        if let Some(imported) = self.imports.get(first) {
            return imported.iter().chain(&segments[1..]).cloned().collect();
        }
        let child = format!("{}/{first}", self.folder);
        if self.names.contains(&format!("{child}.rs")) || self.names.contains(&format!("{child}/mod.rs")) {
            return here().into_iter().chain(segments.iter().cloned()).collect();
        }
        segments.to_vec()
    }
}

fn attribute_end(tokens: &[Token], from: usize) -> usize {
    let mut depth = 0;
    for (at, token) in tokens.iter().enumerate().skip(from + 1) {
        match token.text.as_str() {
            "[" => depth += 1,
            "]" if depth == 1 => return at + 1,
            "]" => depth -= 1,
            _ => {}
        }
    }
    tokens.len()
}
