//! Which sources a request wants: files, some of their collections, public sources.

use assay_core::{CollectionId, TenantScope};
use assay_web::ProviderName;

use crate::{AnswerError, Engine, SearchQuery};

/// What is looked at.
#[derive(Debug, Default)]
pub(crate) struct Wanted {
    /// Whether the files are.
    pub(crate) files: bool,
    /// Collections that the sources name, besides those of the query; all when there is none.
    pub(crate) collections: Vec<CollectionId>,
    /// Public sources.
    pub(crate) providers: Vec<ProviderName>,
}

impl Engine {
    /// What a query wants. Without a word about sources that is everything, unless it names
    /// collections or documents or filters: then nothing leaves the machine.
    pub(crate) fn wanted(
        &self,
        scope: &TenantScope,
        query: &SearchQuery,
    ) -> Result<Wanted, AnswerError> {
        let all = self.web.as_ref().map(|lane| lane.web.names()).unwrap_or_default();
        if query.sources.is_empty() {
            let narrowed = !query.collections.is_empty()
                || !query.documents.is_empty()
                || query.options.filter.is_some();
            let providers = if narrowed { Vec::new() } else { all };
            return Ok(Wanted { files: true, providers, ..Wanted::default() });
        }
        let mut wanted = Wanted { files: !query.collections.is_empty(), ..Wanted::default() };
        let mut every_file = false;
        for name in &query.sources {
            match name.trim() {
                "all" => {
                    every_file = true;
                    wanted.providers.extend(&all);
                }
                "files" => every_file = true,
                "web" if all.is_empty() => return Err(not_set_up("web")),
                "web" => wanted.providers.extend(&all),
                name => self.add_named(scope, name, &all, &mut wanted)?,
            }
        }
        wanted.files |= every_file || !wanted.collections.is_empty();
        if every_file {
            wanted.collections.clear();
        }
        Ok(wanted)
    }

    /// A collection, else a provider of that name.
    fn add_named(
        &self,
        scope: &TenantScope,
        name: &str,
        all: &[ProviderName],
        wanted: &mut Wanted,
    ) -> Result<(), AnswerError> {
        let unknown = match self.store.tenant(scope)?.collection_named(name) {
            Ok(collection) => {
                wanted.collections.push(collection.id);
                return Ok(());
            }
            Err(error) => error,
        };
        match name.parse() {
            Ok(provider) if all.contains(&provider) => wanted.providers.push(provider),
            Ok(provider) => return Err(not_set_up(provider.as_str())),
            Err(()) => return Err(unknown.into()),
        }
        Ok(())
    }
}

fn not_set_up(name: &str) -> AnswerError {
    AnswerError::Invalid {
        what: format!("the source `{name}` is not set up"),
        hint: "`web.providers` in the configuration names the public sources that may be asked",
    }
}
