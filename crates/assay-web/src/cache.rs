//! Answers that are remembered for a while, for the tenant that asked.

use std::{
    num::NonZeroUsize,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use assay_core::TenantId;
use lru::LruCache;

use crate::{ProviderName, WebPage, WebQuery};

/// Bytes of all remembered pages together.
const BYTES_MAX: usize = 32 << 20;

/// What an answer is remembered under.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    tenant: TenantId,
    provider: ProviderName,
    words: String,
    language: String,
    results: usize,
}

impl Key {
    pub(crate) fn of(tenant: TenantId, provider: ProviderName, query: &WebQuery) -> Self {
        Self {
            tenant,
            provider,
            words: query.words.to_lowercase(),
            language: query.language.clone(),
            results: query.results,
        }
    }
}

type Pages = Arc<[WebPage]>;

/// The answers, the one used longest ago first to go.
pub(crate) struct Cache {
    keep: Duration,
    inner: Mutex<Inner>,
}

struct Inner {
    answers: LruCache<Key, (Instant, Pages)>,
    bytes: usize,
}

impl Cache {
    pub(crate) fn new(entries: usize, keep: Duration) -> Self {
        let entries = NonZeroUsize::new(entries).unwrap_or(NonZeroUsize::MIN);
        let inner = Inner { answers: LruCache::new(entries), bytes: 0 };
        Self { keep, inner: Mutex::new(inner) }
    }

    pub(crate) fn get(&self, key: &Key, now: Instant) -> Option<Pages> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, pages) = inner.answers.get(key)?;
        if now.saturating_duration_since(*at) < self.keep {
            return Some(Arc::clone(pages));
        }
        inner.remove(key);
        None
    }

    pub(crate) fn put(&self, key: Key, pages: Pages, now: Instant) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.bytes += size(&pages);
        if let Some((_, (_, old))) = inner.answers.push(key, (now, pages)) {
            inner.bytes -= size(&old);
        }
        while inner.bytes > BYTES_MAX {
            let Some((_, (_, old))) = inner.answers.pop_lru() else { return };
            inner.bytes -= size(&old);
        }
    }
}

impl Inner {
    fn remove(&mut self, key: &Key) {
        if let Some((_, old)) = self.answers.pop(key) {
            self.bytes -= size(&old);
        }
    }
}

fn size(pages: &[WebPage]) -> usize {
    pages.iter().map(|page| page.content.len() + page.title.len() + page.url.len()).sum()
}

#[cfg(test)]
mod tests {
    //! Whose answers, how long, how many.

    use assay_core::TenantScope;

    use super::*;
    use crate::PageFormat;

    fn pages(bytes: usize) -> Pages {
        let content = "x".repeat(bytes);
        let url = "https://example.org/";
        WebPage::new(ProviderName::Mdn, url, "t", content, PageFormat::Text).into_iter().collect()
    }

    fn key(words: &str) -> Key {
        let query = WebQuery { words: words.to_owned(), language: "en".to_owned(), results: 6 };
        Key::of(TenantScope::built_in().tenant(), ProviderName::Mdn, &query)
    }

    #[test]
    fn an_answer_is_the_tenants_own_and_grows_old() {
        let cache = Cache::new(10, Duration::from_secs(3_600));
        let now = Instant::now();
        cache.put(key("Fetch"), pages(10), now);
        assert!(cache.get(&key("fetch"), now + Duration::from_secs(3_599)).is_some());
        let other = Key { tenant: TenantId::from_u128(7), ..key("fetch") };
        assert!(cache.get(&other, now).is_none());
        assert!(cache.get(&key("fetch"), now + Duration::from_secs(3_600)).is_none());
        assert!(cache.get(&key("fetch"), now).is_none(), "what was too old is gone");
    }

    #[test]
    fn entries_and_bytes_are_bounded() {
        let cache = Cache::new(1_000, Duration::from_secs(3_600));
        let now = Instant::now();
        for number in 0..2_000 {
            cache.put(key(&number.to_string()), pages(40_000), now);
        }
        let inner = cache.inner.lock().unwrap();
        assert!(inner.bytes <= BYTES_MAX && inner.answers.len() > 700, "{}", inner.bytes);
        let counted: usize = inner.answers.iter().map(|(_, (_, pages))| size(pages)).sum();
        assert_eq!(counted, inner.bytes);
    }
}
