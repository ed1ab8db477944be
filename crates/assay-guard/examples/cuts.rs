//! Cuts texts at random and compares: `cuts [TEXTS] [CUTS]`, 1,000 and 100,000 when absent.
//!
//! Each text is made of findings, near misses and prose by a seeded generator. It is cut
//! CUTS/TEXTS times; the first cut of each text is one byte at a time. What left the stream must be
//! the redaction of the whole text, and must hold nothing of what the whole text hides. Prints the
//! counts, the most that was held back and the time a piece takes.

use std::{collections::BTreeMap, io::Write, time::Instant};

use assay_guard::{Action, Guard, GuardSettings, GuardStream, Pseudonyms, Scope};

/// What a text is made of.
const PARTS: &[&str] = &[
    "My name is Donald van der Voet and ",
    "please write to julian.galvez@rhyta.com today. ",
    "card 4111 1111 1111 1111 ",
    "4111111111111112 ",
    "call (978)645-9740x11144\n",
    "ghp_16C7e42F292c6912E7710c838347Ae178B4a ",
    " IBAN DE89 3704 0044 0532 0130 00, ",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIn0.dozjgNryP4J3jVmNHl0w5N ",
    "-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA1c7+9z5Pad7OejecsQ0bu3aumoyf\n\
     -----END RSA PRIVATE KEY-----\n",
    "-----BEGIN PRIVATE KEY-----\nMIIEowIBAAKCAQEA1c7",
    "<script src=x>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "![a](https://evil.example/?q=1)",
    " pass\u{200B}\u{200B}word ",
    "\u{202E}",
    "İstanbul ﬁne ﷺ ",
    "Please return to 2657 Koontz Lane Apt. 602, Delta, Austria 29614 in case of an issue. ",
    "postgres://app:s3cr3tpw@db.internal:5432/app ",
    "password = \"hunter2x\"\n",
    "the quick brown fox jumps over the lazy dog. ",
    "日本語のテキスト",
    " ",
    "\n",
    "{\"name\": \"Ann Lee\", \"token\": \"AKIA2E0A8F3B244C9986\"}",
    "her SSN is 308-63-0237. ",
    "born on 12 March 1980 in Zurich ",
    "We measured 41.4 % against 29.3 % in the second trial of 2021. ",
    "fn main() { println!(\"{}\", 42); } ",
    "https://example.org/a/very/long/path/that/goes/on/and/on/and/on/and/on/and/on/and/on/and/on",
    "passport C01X00T47, ",
    "192.168.17.3 ",
];

/// Numbers that look random and are the same in each run (SplitMix64).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % bound.max(1) as u64).unwrap_or(0)
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1).map(|text| text.parse::<usize>());
    let texts = arguments.next().transpose()?.unwrap_or(1_000);
    let cuts = arguments.next().transpose()?.unwrap_or(100_000);
    let actions = ["pii", "secret", "output", "unicode"]
        .map(|family| (family, Action::Redact.as_str()))
        .into_iter()
        .chain([("pii.person", "pseudonymise"), ("pii.email", "pseudonymise")]);
    let actions: BTreeMap<&str, &str> = actions.collect();
    let settings = serde_json::json!({ "actions": actions });
    let guard = Guard::new(serde_json::from_value::<GuardSettings>(settings)?)?;
    let mut random = Random(20_261_121);
    let mut sums = Sums::default();
    for _ in 0..texts {
        let count = 2 + random.below(14);
        let text: String =
            (0..count).filter_map(|_| PARTS.get(random.below(PARTS.len())).copied()).collect();
        let whole = guard.redact(&text, Scope::Outgoing, &mut Pseudonyms::new());
        let hidden: Vec<&str> = whole
            .findings
            .iter()
            .map(|finding| finding.span.of(&text))
            .filter(|text| text.len() >= 6 && !whole.text.contains(text))
            .collect();
        for cut in 0..cuts.div_ceil(texts.max(1)) {
            let longest = if cut == 0 { 1 } else { 1 + random.below(80) };
            let out = sums.cut(&guard, &text, longest, &mut random);
            sums.differences += usize::from(out != whole.text);
            sums.leaks += usize::from(hidden.iter().any(|hidden| out.contains(hidden)));
        }
    }
    sums.print(texts)
}

#[derive(Default)]
struct Sums {
    cuts: usize,
    pieces: usize,
    differences: usize,
    leaks: usize,
    held: usize,
    nanos: Vec<u32>,
}

impl Sums {
    /// What leaves when `text` comes in pieces of up to `longest` bytes.
    fn cut(&mut self, guard: &Guard, text: &str, longest: usize, random: &mut Random) -> String {
        self.cuts += 1;
        let mut stream = GuardStream::new(guard);
        let (mut out, mut at) = (String::new(), 0);
        while at < text.len() {
            let end = (at + 1 + random.below(longest)).min(text.len());
            let end = text.ceil_char_boundary(end);
            let start = Instant::now();
            out.push_str(&stream.push(text.get(at..end).unwrap_or("")));
            self.nanos.push(u32::try_from(start.elapsed().as_nanos()).unwrap_or(u32::MAX));
            self.held = self.held.max(stream.held_back().saturating_sub(end - at));
            self.pieces += 1;
            at = end;
        }
        out.push_str(&stream.finish());
        out
    }

    fn print(mut self, texts: usize) -> Result<(), Box<dyn std::error::Error>> {
        self.nanos.sort_unstable();
        let share = |share: usize| {
            let at = (self.nanos.len() * share / 1000).min(self.nanos.len().saturating_sub(1));
            f64::from(self.nanos.get(at).copied().unwrap_or(0)) / 1e3
        };
        let figures = serde_json::json!({
            "texts": texts, "cuts": self.cuts, "pieces": self.pieces,
            "differences": self.differences, "leaks": self.leaks, "held_back_max": self.held,
            "piece_p50_us": share(500), "piece_p99_us": share(990), "piece_p999_us": share(999),
        });
        writeln!(std::io::stdout(), "{figures}")?;
        let wrong = self.differences + self.leaks;
        if wrong == 0 { Ok(()) } else { Err(format!("{wrong} cuts were not as the whole").into()) }
    }
}
