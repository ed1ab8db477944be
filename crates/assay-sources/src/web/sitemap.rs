//! Sitemaps: lists of pages, and lists of such lists.

use assay_net::{HttpError, unpack, xml::each_text};
use reqwest::Url;

/// Bytes of one sitemap, unpacked; the limit of the protocol.
pub(super) const BYTES_MAX: u64 = 50 << 20;
/// Entries read of one sitemap; the limit of the protocol.
const ENTRIES_MAX: usize = 50_000;
/// A longer address is not one.
const URL_BYTES_MAX: usize = 2_048;

/// What a sitemap lists.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Sitemap {
    /// Pages.
    pub(super) pages: Vec<Url>,
    /// Other sitemaps.
    pub(super) sitemaps: Vec<Url>,
}

/// Reads a sitemap as XML, gzipped XML, or plain text with an address on each line.
///
/// An error says that the list is not complete, so that nothing may be concluded from an address
/// that is not in it.
pub(super) fn read(bytes: &[u8], bytes_max: u64) -> Result<Sitemap, String> {
    if bytes.starts_with(&[0x1f, 0x8b]) {
        let unpacked = unpack(bytes, bytes_max).map_err(|error: HttpError| error.to_string())?;
        return text(&unpacked);
    }
    text(bytes)
}

fn text(bytes: &[u8]) -> Result<Sitemap, String> {
    let text = String::from_utf8_lossy(bytes);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    if text.starts_with('<') { listed(text) } else { Ok(plain(text)) }
}

fn plain(text: &str) -> Sitemap {
    let pages = text.lines().take(ENTRIES_MAX).filter_map(address);
    Sitemap { pages: pages.collect(), sitemaps: Vec::new() }
}

fn listed(text: &str) -> Result<Sitemap, String> {
    let mut sitemap = Sitemap::default();
    let mut entries = 0;
    each_text(text, &mut |parent, name, text| {
        entries += usize::from(name == "loc");
        match (parent, name) {
            _ if entries > ENTRIES_MAX => {
                return Err(format!("it has more than {ENTRIES_MAX} entries"));
            }
            ("url", "loc") => sitemap.pages.extend(address(text)),
            ("sitemap", "loc") => sitemap.sitemaps.extend(address(text)),
            _ => {}
        }
        Ok(())
    })?;
    Ok(sitemap)
}

fn address(text: &str) -> Option<Url> {
    let text = text.trim();
    if text.is_empty() || text.len() > URL_BYTES_MAX {
        return None;
    }
    let mut url = Url::parse(text).ok()?;
    url.set_fragment(None);
    Some(url)
}

#[cfg(test)]
mod tests {
    //! Sitemaps, well-formed and not.
    use std::io::Write;

    use flate2::{Compression, write::GzEncoder};

    use super::Sitemap;

    fn read(bytes: &[u8]) -> Result<Sitemap, String> {
        super::read(bytes, 1_000_000)
    }

    fn pages(text: &str) -> Vec<String> {
        read(text.as_bytes()).unwrap().pages.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn pages_and_indexes_are_told_apart() {
        let map = "<?xml version='1.0'?><urlset xmlns='s' xmlns:i='i'><url><lastmod>2026</lastmod>\
                   <loc> https://e.com/a?x=1&amp;y=2 </loc><i:image><i:loc>https://e.com/i</i:loc>\
                   </i:image></url><url><loc><![CDATA[https://e.com/b#c]]></loc></url></urlset>";
        assert_eq!(pages(map), ["https://e.com/a?x=1&y=2", "https://e.com/b"]);
        let index = "<sitemapindex><sitemap><loc>https://e.com/m.gz</loc></sitemap></sitemapindex>";
        let read = read(index.as_bytes()).unwrap();
        assert_eq!(read.sitemaps.len(), 1);
        assert!(read.pages.is_empty());
    }

    #[test]
    fn text_and_gzip_are_read() {
        let text = "\u{feff}https://e.com/a\nno address\n\nhttps://e.com/b\n";
        assert_eq!(pages(text), ["https://e.com/a", "https://e.com/b"]);
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        gzip.write_all(text.as_bytes()).unwrap();
        assert_eq!(read(&gzip.finish().unwrap()).unwrap().pages.len(), 2);
    }

    #[test]
    fn what_is_incomplete_is_an_error() {
        let map = "<urlset><url><loc>https://e.com/a</loc></url></urlset>";
        for end in 1..map.len() {
            assert!(read(&map.as_bytes()[..end]).is_err(), "{end}");
        }
        assert!(read("<a>".repeat(100_000).as_bytes()).is_err());
        let long = format!("<urlset>{}</urlset>", "<url><loc>x</loc></url>".repeat(50_001));
        assert!(read(long.as_bytes()).unwrap_err().contains("50000"));
    }

    #[test]
    fn a_bomb_is_not_unpacked() {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
        for _ in 0..2 {
            gzip.write_all(&vec![b' '; 1 << 20]).unwrap();
        }
        let bomb = gzip.finish().unwrap();
        assert!(bomb.len() < 100_000);
        assert!(read(&bomb).unwrap_err().contains("more than"));
        assert!(read(&bomb[..bomb.len() / 2]).is_err());
    }
}
