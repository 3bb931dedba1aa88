// A program like any other: reads JSON from its standard input or from files, shows what lies at a path, indented, with sorted keys, and packs what
// it shows where --pack names a file. It knows nothing of moonlet.
//
//   rustc --edition 2021 --target wasm32-wasip1 -O -o query.wasm examples/wasi-rust/main.rs
//   echo '{"moons": [{"name": "Io"}]}' | npx moonlet run query.wasm -- .moons.0.name
use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;
use std::io::{self, Read};
use std::{env, fs, process};

enum Json {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    List(Vec<Json>),
    Map(BTreeMap<String, Json>),
}

struct Parser<'a> {
    text: &'a [u8],
    at: usize,
}

type Parsed = Result<Json, String>;

impl Parser<'_> {
    fn whole(text: &str) -> Parsed {
        let mut parser = Parser { text: text.as_bytes(), at: 0 };
        let value = parser.value()?;
        match parser.next() {
            None => Ok(value),
            Some(_) => Err(parser.expected("the end")),
        }
    }

    fn expected(&self, what: &str) -> String {
        format!("expected {} at byte {}", what, self.at)
    }

    /// What comes next behind white space.
    fn next(&mut self) -> Option<u8> {
        while self.text.get(self.at).map_or(false, u8::is_ascii_whitespace) {
            self.at += 1;
        }
        self.text.get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> bool {
        let found = self.next() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn value(&mut self) -> Parsed {
        match self.next() {
            Some(b'{') => self.map(),
            Some(b'[') => self.list(),
            Some(b'"') => self.text().map(Json::Text),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => self.word(),
        }
    }

    fn word(&mut self) -> Parsed {
        for (word, value) in [("null", Json::Null), ("true", Json::Bool(true)), ("false", Json::Bool(false))] {
            if self.text[self.at..].starts_with(word.as_bytes()) {
                self.at += word.len();
                return Ok(value);
            }
        }
        Err(self.expected("a value"))
    }

    fn number(&mut self) -> Parsed {
        let start = self.at;
        while self.text.get(self.at).map_or(false, |b| b"+-.eE0123456789".contains(b)) {
            self.at += 1;
        }
        let digits = std::str::from_utf8(&self.text[start..self.at]).unwrap_or("");
        digits.parse().map(Json::Number).map_err(|_| self.expected("a number"))
    }

    fn text(&mut self) -> Result<String, String> {
        self.at += 1;
        let mut bytes = Vec::new();
        loop {
            let byte = *self.text.get(self.at).ok_or_else(|| self.expected("the end of a text"))?;
            self.at += 1;
            match byte {
                b'"' => return String::from_utf8(bytes).map_err(|_| self.expected("UTF-8")),
                b'\\' => {
                    let escape = *self.text.get(self.at).ok_or_else(|| self.expected("an escape"))?;
                    self.at += 1;
                    match escape {
                        b'n' => bytes.push(b'\n'),
                        b't' => bytes.push(b'\t'),
                        b'u' => {
                            let digits = self.text.get(self.at..self.at + 4).unwrap_or(&[]);
                            let code = std::str::from_utf8(digits).ok().and_then(|d| u32::from_str_radix(d, 16).ok());
                            let letter = code.and_then(char::from_u32).ok_or_else(|| self.expected("four digits"))?;
                            bytes.extend(letter.to_string().bytes());
                            self.at += 4;
                        }
                        other => bytes.push(other),
                    }
                }
                other => bytes.push(other),
            }
        }
    }

    fn list(&mut self) -> Parsed {
        self.at += 1;
        let mut items = Vec::new();
        while !self.take(b']') {
            if !items.is_empty() && !self.take(b',') {
                return Err(self.expected("a comma"));
            }
            items.push(self.value()?);
        }
        Ok(Json::List(items))
    }

    fn map(&mut self) -> Parsed {
        self.at += 1;
        let mut map = BTreeMap::new();
        while !self.take(b'}') {
            if !map.is_empty() && !self.take(b',') {
                return Err(self.expected("a comma"));
            }
            if self.next() != Some(b'"') {
                return Err(self.expected("a key"));
            }
            let key = self.text()?;
            if !self.take(b':') {
                return Err(self.expected("a colon"));
            }
            map.insert(key, self.value()?);
        }
        Ok(Json::Map(map))
    }
}

impl Json {
    /// What lies at `.key.0.key`.
    fn find(&self, path: &str) -> Option<&Json> {
        path.split('.').filter(|step| !step.is_empty()).try_fold(self, |value, step| match value {
            Json::Map(map) => map.get(step),
            Json::List(items) => items.get(step.parse::<usize>().ok()?),
            _ => None,
        })
    }

    fn show(&self, indent: usize, to: &mut String) {
        let line = |to: &mut String, depth: usize| {
            to.push('\n');
            to.extend(std::iter::repeat(' ').take(depth));
        };
        let step = env::var("INDENT").ok().and_then(|text| text.parse().ok()).unwrap_or(2);
        match self {
            Json::Null => to.push_str("null"),
            Json::Bool(value) => write!(to, "{}", value).unwrap(),
            Json::Number(value) => write!(to, "{}", value).unwrap(),
            Json::Text(text) => write!(to, "{:?}", text).unwrap(),
            Json::List(items) => {
                to.push('[');
                for (n, item) in items.iter().enumerate() {
                    to.push_str(if n > 0 { "," } else { "" });
                    line(to, indent + step);
                    item.show(indent + step, to);
                }
                line(to, indent);
                to.push(']');
            }
            Json::Map(map) => {
                to.push('{');
                for (n, (key, value)) in map.iter().enumerate() {
                    to.push_str(if n > 0 { "," } else { "" });
                    line(to, indent + step);
                    write!(to, "{:?}: ", key).unwrap();
                    value.show(indent + step, to);
                }
                line(to, indent);
                to.push('}');
            }
        }
    }
}

/// LZW, with codes of two bytes.
fn pack(bytes: &[u8]) -> Vec<u8> {
    let mut known: HashMap<Vec<u8>, u16> = (0..=255).map(|byte| (vec![byte as u8], byte)).collect();
    let (mut word, mut out) = (Vec::new(), Vec::new());
    for &byte in bytes {
        let mut longer = word.clone();
        longer.push(byte);
        if known.contains_key(&longer) {
            word = longer;
            continue;
        }
        out.extend(known[&word].to_le_bytes());
        if let Ok(code) = u16::try_from(known.len()) {
            known.insert(longer, code);
        }
        word = vec![byte];
    }
    if let Some(code) = known.get(&word) {
        out.extend(code.to_le_bytes());
    }
    out
}

fn run(words: &[String]) -> Result<(), String> {
    let mut words = words.iter();
    let (mut path, mut files, mut packed) = (None, Vec::new(), None);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--pack" => packed = Some(words.next().ok_or("--pack needs a file")?),
            _ if path.is_none() => path = Some(word),
            _ => files.push(word),
        }
    }
    let path = path.ok_or("usage: query PATH [FILE ...] [--pack FILE]")?;
    let mut texts = Vec::new();
    for file in &files {
        texts.push(fs::read_to_string(file).map_err(|error| format!("{}: {}", file, error))?);
    }
    if files.is_empty() {
        let mut text = String::new();
        io::stdin().read_to_string(&mut text).map_err(|error| error.to_string())?;
        texts.push(text);
    }
    let mut shown = String::new();
    for text in &texts {
        let json = Parser::whole(text)?;
        json.find(path).ok_or_else(|| format!("nothing lies at {}", path))?.show(0, &mut shown);
        shown.push('\n');
    }
    print!("{}", shown);
    if let Some(file) = packed {
        let bytes = pack(shown.as_bytes());
        fs::write(file, &bytes).map_err(|error| format!("{}: {}", file, error))?;
        eprintln!("{} bytes packed into {}", shown.len(), bytes.len());
    }
    Ok(())
}

fn main() {
    let words: Vec<String> = env::args().skip(1).collect();
    if let Err(wrong) = run(&words) {
        eprintln!("{}", wrong);
        process::exit(2);
    }
}
