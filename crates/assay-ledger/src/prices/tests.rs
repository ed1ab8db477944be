//! Price lists as they are published, and what is found in a table made of them.

use assay_core::NanoUsd;
use proptest::prelude::*;

use super::{
    Amount, PriceFile, PriceOverride, PriceRow, PriceTable,
    decimal::{DOLLARS_A_MILLION, DOLLARS_A_TOKEN, scaled},
    genai, litellm,
    literal::Literal,
};
use crate::{UnknownAction, UnknownModel, Usage};

/// Entries in the form of the package litellm 1.102.4.
const LITELLM: &str = r#"{
  "sample_spec": {"litellm_provider": "one of", "mode": "chat", "input_cost_per_token": 0.0, "output_cost_per_token": 0.0},
  "gpt-4o": {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": 2.5e-06, "output_cost_per_token": 1e-05, "cache_read_input_token_cost": 1.25e-06, "max_input_tokens": 128000, "max_output_tokens": 16384, "supports_vision": true},
  "gemini/gemini-2.5-pro": {"litellm_provider": "gemini", "mode": "chat", "input_cost_per_token": 1.25e-06, "output_cost_per_token": 1e-05, "input_cost_per_token_above_200k_tokens": 2.4999999999999998e-06, "output_cost_per_token_above_200k_tokens": 1.5e-05},
  "rerank-v3.5": {"litellm_provider": "cohere", "mode": "rerank", "input_cost_per_query": 0.002, "input_cost_per_token": 0.0, "output_cost_per_token": 0.0},
  "text-embedding-3-small": {"litellm_provider": "openai", "mode": "embedding", "input_cost_per_token": 2e-08},
  "nobody-looked": {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": 0.0, "output_cost_per_token": 0.0},
  "no-output": {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": 1e-06},
  "openrouter/some/model:free": {"litellm_provider": "openrouter", "mode": "chat", "input_cost_per_token": 0.0, "output_cost_per_token": 0.0},
  "reasoner": {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": 1e-06, "output_cost_per_token": 2e-06, "output_cost_per_reasoning_token": 3e-06},
  "picture": {"litellm_provider": "openai", "mode": "image_generation", "input_cost_per_token": 1e-06}
}"#;

/// Models in the form of the package genai-prices 0.2.3.
const GENAI: &str = "import x\nproviders: list[Provider] = [\n Provider(id='google', models=[
  ModelInfo(id='gemini-x', match=ClauseOr(or_=[ClauseEquals(equals='gemini-x'), ClauseEquals(equals='gemini-x-001'), ClauseStartsWith(starts_with='gem')]),
   name='It\\'s', context_window=1000, prices=[
    ConditionalPrice(prices=ModelPrice(input_mtok=Decimal('1'), output_mtok=Decimal('2'))),
    ConditionalPrice(constraint=StartDateConstraint(start_date=datetime.date(2026, 3, 1)), prices=ModelPrice(
      input_mtok=TieredPrices(base=Decimal('0.0375'), tiers=[Tier(start=200000, price=Decimal('0.075'))]), output_mtok=Decimal('4'), cache_read_mtok=Decimal('0.01'))),
    ConditionalPrice(constraint=StartDateConstraint(start_date=datetime.date(2027, 1, 1)), prices=ModelPrice(input_mtok=Decimal('9'))),
    ]),
  ModelInfo(id='by-hour', match=ClauseEquals(equals='h'), prices=[
    ConditionalPrice(prices=ModelPrice(input_mtok=Decimal('1'))),
    ConditionalPrice(constraint=TimeOfDateConstraint(start_time=datetime.time(0, 30, tzinfo=timezone.utc), end_time=datetime.time(16)), prices=ModelPrice(input_mtok=Decimal('8')))]),
  ModelInfo(id='no-tokens', match=ClauseEquals(equals='n'), prices=ModelPrice(web_searches_kcount=Decimal('10'))),
 ], price_variants=[{'a': 1, 'b': None}]),
 Provider(id='huggingface_groq', models=[ModelInfo(id='meta/M', match=ClauseEquals(equals='meta/M'), prices=ModelPrice(input_mtok=Decimal('0.1'), output_mtok=Decimal('0.2')))]),
]\n";

fn find<'a>(rows: &'a [PriceRow], model: &str) -> Option<&'a PriceRow> {
    rows.iter().find(|row| row.model == model)
}

#[test]
fn the_list_of_litellm_is_read_to_the_digit() {
    let rows = litellm::rows(LITELLM, "litellm 1", "2026-10-08").unwrap();
    let names: Vec<_> = rows.iter().map(|row| format!("{}/{}", row.provider, row.model)).collect();
    assert_eq!(
        names,
        [
            "gemini/gemini-2.5-pro",
            "openai/gpt-4o",
            "openrouter/some/model:free",
            "openai/reasoner",
            "cohere/rerank-v3.5",
            "openai/text-embedding-3-small"
        ]
    );
    let gpt = find(&rows, "gpt-4o").unwrap();
    assert_eq!(
        (gpt.pricing.rates.input, gpt.pricing.rates.output),
        (2_500_000_000, 10_000_000_000)
    );
    assert_eq!(gpt.pricing.rates.cache_read, Some(1_250_000_000));
    assert_eq!((gpt.context, gpt.max_output), (Some(128_000), Some(16_384)));
    let long = find(&rows, "gemini-2.5-pro").unwrap().pricing.long.unwrap();
    assert_eq!((long.above, long.rates.input), (200_000, 2_500_000_000));
    assert_eq!(find(&rows, "rerank-v3.5").unwrap().pricing.per_call.nanos(), 2_000_000);
    assert_eq!(find(&rows, "reasoner").unwrap().pricing.rates.output, 3_000_000_000);
    assert!(litellm::rows("[]", "", "").is_err());
}

#[test]
fn the_list_of_genai_prices_is_read_as_of_its_day() {
    let rows = genai::rows(GENAI, "genai-prices 0", "2026-11-21").unwrap();
    let names: Vec<_> = rows.iter().map(|row| format!("{}/{}", row.provider, row.model)).collect();
    assert_eq!(names, ["gemini/gemini-x", "gemini/gemini-x-001", "huggingface/meta/M:groq"]);
    let model = &rows[1];
    assert_eq!(
        (model.pricing.rates.input, model.pricing.rates.output),
        (37_500_000, 4_000_000_000)
    );
    assert_eq!(model.pricing.rates.cache_read, Some(10_000_000));
    let long = model.pricing.long.unwrap();
    assert_eq!(
        (long.above, long.rates.input, long.rates.output),
        (200_000, 75_000_000, 4_000_000_000)
    );
    assert_eq!((model.date.as_str(), model.context), ("2026-03-01", Some(1000)));
    let early = genai::rows(GENAI, "", "2026-01-01").unwrap();
    assert_eq!(early[0].pricing.rates.input, 1_000_000_000);
    for broken in ["", "providers: list[Provider] = [Provider(id='x'"] {
        assert!(genai::rows(broken, "", "").is_err());
    }
    let deep = format!("providers: list[Provider] = {}", "[".repeat(100_000));
    assert!(genai::rows(&deep, "", "").is_err());
}

#[test]
fn a_model_is_found_by_name_or_as_a_dated_version_and_never_guessed() {
    let rows = litellm::rows(LITELLM, "litellm 1", "2026-10-08").unwrap();
    let file = PriceFile { rows, ..PriceFile::default() };
    let dear = PriceOverride {
        provider: "openai".to_owned(),
        model: "own-*".to_owned(),
        input: Amount("7".parse().unwrap()),
        ..PriceOverride::default()
    };
    let refuse = UnknownModel::default();
    let table = PriceTable::new(&file, std::slice::from_ref(&dear), &refuse);
    let input = |provider: &str, model: &str| {
        let found = table.find(provider, model);
        found.ok().map(|price| price.row.pricing.rates.input / 1_000_000)
    };
    for (model, expected) in [
        ("gpt-4o", Some(2_500)),
        ("GPT-4o", Some(2_500)),
        ("gpt-4o-2024-08-06", Some(2_500)),
        ("gpt-4o-20240806", Some(2_500)),
        ("gpt-4o-latest", Some(2_500)),
        ("gpt-4o-mini", None),
        ("gpt-4o-1999-08-06", None),
        ("gpt-4", None),
        ("own-model", Some(7_000)),
        ("own", None),
        ("", None),
        ("é2024-08-06", None),
    ] {
        assert_eq!(input("openai", model), expected, "{model}");
    }
    assert_eq!(input("azure", "gpt-4o"), None, "another provider has its own prices");
    assert_eq!(input("assay", "extractive"), Some(0));
    let charge = UnknownModel { action: UnknownAction::Charge, ..UnknownModel::default() };
    let table = PriceTable::new(&file, &[], &charge);
    let cost = table.find("who", "knows").unwrap().row.pricing.cost(&Usage::tokens(1, 1));
    assert_eq!(cost, NanoUsd::from_nanos(1_000_000), "200 and 800 dollars a million");
}

#[test]
fn the_table_that_is_built_in_has_the_common_models() {
    let file = PriceFile::built_in().unwrap();
    let table = PriceTable::new(&file, &[], &UnknownModel::default());
    for (provider, model) in [
        ("openai", "gpt-4o-mini"),
        ("openai", "text-embedding-3-small"),
        ("anthropic", "claude-sonnet-4-5"),
        ("gemini", "gemini-2.5-flash"),
        ("mistral", "mistral-large-latest"),
        ("deepseek", "deepseek-chat"),
        ("cohere", "command-r-plus"),
        ("groq", "llama-3.3-70b-versatile"),
        ("azure", "gpt-4o"),
        ("bedrock", "anthropic.claude-3-haiku-20240307-v1:0"),
        ("openrouter", "openai/gpt-4o"),
    ] {
        let found = table.find(provider, model).unwrap_or_else(|error| panic!("{error}"));
        assert!(!found.row.pricing.is_free() && !found.row.date.is_empty(), "{model}");
    }
    let most = UnknownModel::default();
    for row in &file.rows {
        let rates = row.pricing.rates;
        let is_within =
            rates.input <= most.input.0.nanos() && rates.output <= most.output.0.nanos();
        assert!(is_within, "{} costs more than the stated maximum", row.model);
        assert!(row.model.ends_with(":free") || !row.pricing.is_free(), "{} is free", row.model);
        assert!(row.source.contains(' '), "{} has no version of its source", row.model);
    }
    assert!(file.sources.iter().all(|source| source.licence.starts_with("MIT")));
}

#[test]
fn a_table_that_was_changed_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("prices.json");
    let rows = litellm::rows(LITELLM, "litellm 1", "2026-10-08").unwrap();
    let file = PriceFile { rows, ..PriceFile::default() };
    file.save(&path).unwrap();
    assert_eq!(PriceFile::load(&path).unwrap(), file);
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace("2500000000", "2500000001")).unwrap();
    let refused = PriceFile::load(&path).unwrap_err().to_string();
    assert!(refused.contains("changed"), "{refused}");
    std::fs::write(&path, "{}").unwrap();
    assert!(PriceFile::load(&path).is_err());
    assert!(PriceFile::load(folder.path()).is_err());
}

#[test]
fn numbers_are_read_without_a_float_in_between() {
    for (text, places, expected) in [
        ("2.5e-06", DOLLARS_A_TOKEN, Some(2_500_000_000)),
        ("7.5E-8", DOLLARS_A_TOKEN, Some(75_000_000)),
        ("0.0", DOLLARS_A_TOKEN, Some(0)),
        ("1e-30", DOLLARS_A_TOKEN, Some(0)),
        ("2.4999999999999998e-07", DOLLARS_A_TOKEN, Some(250_000_000)),
        ("0.15", DOLLARS_A_MILLION, Some(150_000_000)),
        ("12", 0, Some(12)),
        ("1e30", DOLLARS_A_TOKEN, None),
        ("-1", 0, None),
        ("", 0, None),
        ("1.2.3", 0, None),
        ("1e99999999999", 0, None),
        ("nan", 0, None),
    ] {
        assert_eq!(scaled(text, places), expected, "{text}");
    }
}

proptest! {
    #[test]
    fn whole_numbers_stay_what_they_are(number in 0_u64..1_000_000_000_000) {
        prop_assert_eq!(scaled(&number.to_string(), 0), Some(number));
        prop_assert_eq!(scaled(&format!("{number}e-3"), 6), Some(number * 1_000));
        prop_assert_eq!(scaled(&format!("{number}000e-3"), 0), Some(number));
    }

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,60}") {
        let _ = scaled(&text, DOLLARS_A_TOKEN);
        let _ = Literal::parse(&text);
        let _ = litellm::rows(&text, "", "");
    }
}
