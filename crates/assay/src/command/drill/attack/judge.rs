//! Whether a text still acts where it is shown, judged apart from the guard: by what a browser
//! does with HTML and what renderers do with Markdown.

/// Elements that run or load something by themselves, or change what is around them.
const ACTIVE: [&str; 16] = [
    "script", "iframe", "object", "embed", "applet", "link", "meta", "base", "style", "svg",
    "math", "frame", "form", "template", "portal", "isindex",
];
/// Attributes that make a browser fetch something or send something off.
const FETCHING: [&str; 8] =
    ["src=", "srcset=", "poster=", "background=", "action=", "data=", "url(", "xlink:href="];
/// Addresses that run script.
const SCHEMES: [&str; 4] = ["javascript:", "vbscript:", "data:text/html", "data:image/svg"];

/// How the text acts, when it does.
pub(super) fn acts(text: &str) -> Option<&'static str> {
    // Browsers skip tabs and line ends inside of addresses.
    let lower: String = text
        .chars()
        .filter(|c| !matches!(c, '\t' | '\n' | '\r'))
        .collect::<String>()
        .to_lowercase();
    if SCHEMES.iter().any(|scheme| lower.contains(scheme)) {
        return Some("scheme");
    }
    let mut rest = lower.as_str();
    while let Some((_, behind)) = rest.split_once('<') {
        rest = behind;
        let tag = behind.split('>').next().unwrap_or_default();
        // What closes an element that was not opened does nothing.
        let name: String = tag.chars().take_while(|c| c.is_ascii_alphanumeric()).collect();
        if name.is_empty() {
            continue;
        }
        if ACTIVE.contains(&name.as_str()) {
            return Some("element");
        }
        if has_handler(tag) {
            return Some("handler");
        }
        if FETCHING.iter().any(|attribute| leads_away(tag, attribute)) {
            return Some("fetch");
        }
    }
    let image = lower.split("![").skip(1).filter_map(|rest| rest.split_once("]("));
    if image.into_iter().any(|(_, target)| !target.starts_with(['[', ')'])) {
        return Some("image");
    }
    let mut definitions = text.lines().filter_map(|line| line.trim().strip_prefix('['));
    let leads_away = |line: &str| {
        let target = line.split_once("]:").map(|(_, target)| target.trim_start());
        target.is_some_and(|target| target.starts_with("http") || target.starts_with("//"))
    };
    if definitions.any(leads_away) {
        return Some("reference");
    }
    None
}

/// Whether the value of an attribute names another host.
fn leads_away(tag: &str, attribute: &str) -> bool {
    tag.split(attribute).skip(1).any(|value| {
        let value = value.trim_start_matches(['"', '\'', ' ']);
        value.starts_with("//") || value.starts_with("http")
    })
}

/// Whether a tag has an attribute that runs script on an event.
fn has_handler(tag: &str) -> bool {
    tag.match_indices("on").any(|(at, _)| {
        let before = tag.get(..at).and_then(|before| before.chars().next_back());
        let rest = tag.get(at + 2..).unwrap_or_default();
        let name = rest.chars().take_while(char::is_ascii_lowercase).count();
        let behind = rest.get(name..).unwrap_or_default().trim_start();
        before.is_some_and(|c| c.is_whitespace() || matches!(c, '/' | '"' | '\''))
            && name >= 3
            && behind.starts_with('=')
    })
}
