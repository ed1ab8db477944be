//! Small pieces of HTML inside JSON: entities in titles, text put into a document.

/// A title as a person reads it: interfaces send `&quot;` and `&#39;` in fields that are no HTML.
pub(crate) fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        plain.push_str(before);
        // The longest entity that is known here has six letters.
        let entity = after.split_once(';').filter(|(name, _)| name.len() <= 8);
        match entity.and_then(|(name, behind)| Some((character(name)?, behind))) {
            Some((c, behind)) => {
                plain.push(c);
                rest = behind;
            }
            None => {
                plain.push('&');
                rest = after;
            }
        }
    }
    plain.push_str(rest);
    plain
}

fn character(entity: &str) -> Option<char> {
    if let Some(number) = entity.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => number.parse().ok()?,
        };
        return char::from_u32(code).filter(|c| !c.is_control());
    }
    Some(match entity {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => '\u{a0}',
        "hellip" => '…',
        "ndash" => '–',
        "mdash" => '—',
        _ => return None,
    })
}

/// Text as it may stand between tags.
pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    //! Entities in and out.

    use super::*;

    #[test]
    fn entities_become_characters_and_the_rest_stays() {
        let text = "What&#39;s &quot;a &amp;&amp; b&quot; &x; &#0; & &#xe9;t&eacute;";
        assert_eq!(unescaped(text), "What's \"a && b\" &x; &#0; & ét&eacute;");
        assert_eq!(unescaped(&escaped("a<b> & c")), "a<b> & c");
    }
}
