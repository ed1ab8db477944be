//! Languages by the names of files, and what little of their syntax cutting needs.

/// A language.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Language {
    /// Its name as Markdown fences have it.
    pub(super) name: &'static str,
    extensions: &'static [&'static str],
    pub(super) family: Family,
    pub(super) comments: Comments,
    /// Words that open a definition; those of [`CONTAINERS`] hold further ones.
    pub(super) keywords: &'static [&'static str],
}

/// How a language marks where a definition ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    /// Braces; functions need a keyword.
    Brace,
    /// Braces; functions are also a name, parameters and a body.
    TypedBrace,
    /// Indentation, perhaps with a closing `end`.
    Indent,
    /// The next definition at the left margin.
    Margin,
    /// Statements up to a semicolon.
    Statement,
    /// Lines `[section]`.
    Section,
    /// Nothing is cut but at blank lines.
    Plain,
}

/// How comments look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comments {
    /// `// …` and `/* … */`.
    C,
    /// Those of C and `# …`.
    Php,
    /// `# …`.
    Hash,
    /// `-- …`, `/* … */`.
    Sql,
    /// `-- …`, `--[[ … ]]`.
    Lua,
    /// `-- …`, `{- … -}`.
    Haskell,
    /// `(* … *)`.
    Ml,
    /// `% …`.
    Percent,
    /// `; …`.
    Semicolon,
    /// `; …` and `# …`.
    Ini,
    /// None.
    None,
}

/// Words of definitions that hold further definitions.
pub(super) const CONTAINERS: &[&str] = &[
    "class",
    "impl",
    "trait",
    "interface",
    "namespace",
    "module",
    "mod",
    "object",
    "struct",
    "enum",
    "protocol",
    "extension",
    "defmodule",
    "service",
    "record",
    "mixin",
    "actor",
    "defprotocol",
    "defimpl",
    "union",
    "library",
    "contract",
];

macro_rules! languages {
    ($($name:literal $extensions:expr, $family:ident $comments:ident $keywords:expr;)*) => {
        &[$(Language {
            name: $name,
            extensions: &$extensions,
            family: Family::$family,
            comments: Comments::$comments,
            keywords: &$keywords,
        }),*]
    };
}

const LANGUAGES: &[Language] = languages![
    "rust" ["rs"], Brace C ["fn", "struct", "enum", "trait", "impl", "mod", "union", "type",
        "macro_rules!"];
    "python" ["py", "pyi", "pyw"], Indent Hash ["def", "class"];
    "javascript" ["js", "mjs", "cjs", "jsx"], TypedBrace C ["function", "function*", "class"];
    "typescript" ["ts", "tsx", "mts", "cts"], TypedBrace C ["function", "function*", "class",
        "interface", "enum", "type", "namespace", "module"];
    "go" ["go"], Brace C ["func", "type"];
    "java" ["java"], TypedBrace C ["class", "interface", "enum", "record", "@interface"];
    "kotlin" ["kt", "kts"], Brace C ["fun", "class", "interface", "object", "typealias"];
    "c" ["c", "h"], TypedBrace C ["struct", "enum", "union"];
    "cpp" ["cpp", "cc", "cxx", "hpp", "hh", "hxx", "ino", "cu"], TypedBrace C ["class", "struct",
        "enum", "union", "namespace"];
    "csharp" ["cs"], TypedBrace C ["class", "interface", "enum", "struct", "record", "namespace"];
    "swift" ["swift"], Brace C ["func", "class", "struct", "enum", "protocol", "extension",
        "actor", "init"];
    "scala" ["scala", "sc"], Brace C ["def", "class", "object", "trait", "enum"];
    "dart" ["dart"], TypedBrace C ["class", "mixin", "enum", "extension"];
    "groovy" ["groovy", "gradle"], TypedBrace C ["class", "interface", "enum", "trait", "def"];
    "php" ["php", "phtml"], Brace Php ["function", "class", "interface", "trait", "enum"];
    "perl" ["pl", "pm"], Brace Hash ["sub", "package"];
    "r" ["r"], Brace Hash [];
    "bash" ["sh", "bash", "zsh", "ksh"], TypedBrace Hash ["function"];
    "powershell" ["ps1", "psm1"], Brace Hash ["function", "class", "filter"];
    "ruby" ["rb", "rake", "gemspec"], Indent Hash ["def", "class", "module"];
    "lua" ["lua"], Indent Lua ["function"];
    "elixir" ["ex", "exs"], Indent Hash ["defmodule", "def", "defp", "defmacro", "defprotocol",
        "defimpl"];
    "julia" ["jl"], Indent Hash ["function", "struct", "module", "macro"];
    "haskell" ["hs"], Margin Haskell ["data", "newtype", "type", "class", "instance"];
    "ocaml" ["ml", "mli"], Margin Ml ["let", "type", "module", "class", "exception", "and"];
    "fsharp" ["fs", "fsx", "fsi"], Margin C ["let", "type", "module"];
    "erlang" ["erl", "hrl"], Margin Percent [];
    "clojure" ["clj", "cljs", "cljc", "edn"], Margin Semicolon ["(defn", "(defn-", "(def",
        "(defmacro", "(defprotocol", "(defrecord"];
    "lisp" ["lisp", "el", "scm", "rkt"], Margin Semicolon ["(defun", "(defmacro", "(define",
        "(defvar", "(defclass"];
    "zig" ["zig"], Brace C ["fn"];
    "solidity" ["sol"], Brace C ["contract", "library", "interface", "function", "struct", "enum",
        "modifier"];
    "sql" ["sql", "ddl"], Statement Sql ["create"];
    "protobuf" ["proto"], Brace C ["message", "service", "enum", "rpc"];
    "graphql" ["graphql", "gql"], Brace Hash ["type", "input", "enum", "interface", "union",
        "query", "mutation", "subscription", "fragment", "scalar", "schema"];
    "hcl" ["tf", "tfvars", "hcl"], Brace Hash ["resource", "data", "variable", "output", "module",
        "provider", "locals", "terraform"];
    "toml" ["toml"], Section Hash [];
    "ini" ["ini", "cfg", "conf", "properties", "editorconfig"], Section Ini [];
    "dockerfile" ["dockerfile"], Margin Hash ["FROM"];
    "makefile" ["mk", "mak"], Margin Hash [];
    "cmake" ["cmake"], Margin Hash ["function", "macro"];
    "css" ["css"], Plain C [];
    "scss" ["scss", "sass", "less"], Plain C [];
    "batch" ["bat", "cmd"], Plain None [];
    "vue" ["vue", "svelte"], Plain None [];
    "diff" ["diff", "patch"], Plain None [];
];

/// File names without an ending that tell the language.
const NAMES: &[(&str, &str)] = &[
    ("dockerfile", "dockerfile"),
    ("containerfile", "dockerfile"),
    ("makefile", "makefile"),
    ("gnumakefile", "makefile"),
    ("cmakelists.txt", "cmake"),
    ("rakefile", "ruby"),
    ("gemfile", "ruby"),
    ("vagrantfile", "ruby"),
    ("jenkinsfile", "groovy"),
    (".bashrc", "bash"),
    (".profile", "bash"),
    (".gitconfig", "ini"),
    (".env", "ini"),
];

/// Programs that first lines such as `#!/usr/bin/env python3` name.
const INTERPRETERS: &[(&str, &str)] = &[
    ("python", "python"),
    ("bash", "bash"),
    ("zsh", "bash"),
    ("/sh", "bash"),
    ("perl", "perl"),
    ("ruby", "ruby"),
    ("node", "javascript"),
    ("lua", "lua"),
    ("Rscript", "r"),
    ("php", "php"),
];

impl Language {
    /// A language without known definitions.
    pub(super) const fn plain(name: &'static str) -> Self {
        let (family, comments) = (Family::Plain, Comments::None);
        Self { name, extensions: &[], family, comments, keywords: &[] }
    }

    /// The language of a file by its name.
    pub(crate) fn of_name(name: &str) -> Option<&'static Self> {
        let name = name.rsplit(['/', '\\']).next()?.to_ascii_lowercase();
        if let Some((_, language)) = NAMES.iter().find(|(own, _)| *own == name) {
            return Self::named(language);
        }
        let (stem, extension) = name.rsplit_once('.')?;
        let by_extension = LANGUAGES.iter().find(|own| own.extensions.contains(&extension));
        let by_stem = || (stem == "dockerfile").then(|| Self::named("dockerfile")).flatten();
        by_extension.or_else(by_stem)
    }

    /// The language of a script by its first line.
    pub(crate) fn of_first_line(line: &str) -> Option<&'static Self> {
        let program = line.strip_prefix("#!")?.lines().next()?;
        let (_, language) = INTERPRETERS.iter().find(|(name, _)| program.contains(name))?;
        Self::named(language)
    }

    fn named(name: &str) -> Option<&'static Self> {
        LANGUAGES.iter().find(|language| language.name == name)
    }

    /// What stands between the name of a container and the name of a member.
    pub(super) fn separator(&self) -> &'static str {
        if matches!(self.name, "rust" | "cpp" | "php" | "perl" | "ruby") { "::" } else { "." }
    }

    /// Whether `'` opens a text, not only a character.
    pub(super) fn has_single_quotes(&self) -> bool {
        !matches!(self.name, "rust" | "haskell" | "ocaml" | "fsharp" | "clojure" | "lisp")
    }

    /// Whether `/` may open a regular expression.
    pub(super) fn has_regexes(&self) -> bool {
        matches!(self.name, "javascript" | "typescript")
    }
}
