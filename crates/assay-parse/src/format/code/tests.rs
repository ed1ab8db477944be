//! Definitions of several languages; nothing lost, nothing changed.

use assay_core::{Origin, ParseLimits};

use crate::{BlockKind, FileHint, MediaType, Parsed, parse};

fn read(name: &str, code: &str) -> Parsed {
    let hint = FileHint { name: Some(name), media_type: None };
    let parsed = parse(code.as_bytes(), &hint, &ParseLimits::default()).unwrap();
    check_whole(code, &parsed);
    parsed
}

/// Every line that is not blank stands in one block of code, as it was and where it was.
#[track_caller]
fn check_whole(code: &str, parsed: &Parsed) {
    let mut seen = Vec::new();
    for block in parsed.blocks.iter().filter(|block| matches!(block.kind, BlockKind::Code { .. })) {
        let Some(Origin::Bytes { start, end }) = block.origin else { panic!("no origin") };
        let source = &code[usize::try_from(start).unwrap()..usize::try_from(end).unwrap()];
        let text = block.range.of(&parsed.text);
        assert_eq!(text, source.trim_end().trim_start_matches('\n'));
        seen.extend(text.lines().filter(|line| !line.trim().is_empty()));
    }
    let lines: Vec<&str> = code.lines().filter(|line| !line.trim().is_empty()).collect();
    assert_eq!(seen, lines);
}

/// The headings with their levels, and the first lines of what stands below.
#[track_caller]
fn check(name: &str, code: &str, expected: &[(u8, &str, &str)]) {
    let parsed = read(name, code);
    assert_eq!(parsed.media_type, MediaType::Code);
    let mut found = Vec::new();
    for pair in parsed.blocks.windows(2) {
        if let BlockKind::Heading { level } = pair[0].kind {
            let below = pair[1].range.of(&parsed.text).lines().next().unwrap().trim();
            found.push((level, pair[0].range.of(&parsed.text), below));
        }
    }
    assert_eq!(found, expected);
}

#[test]
fn rust() {
    check(
        "a.rs",
        "//! Doc.\nuse a::b;\n\n/// Parses.\n#[inline]\npub(crate) fn parse<'a>(x: &'a str) -> char {\n    \
         // }\n    let y = r#\"}\"#;\n    '}'\n}\n\nstruct Unit;\n\nimpl<'a, T: X> fmt::Display for Foo<'a> {\n    \
         const A: u8 = 1;\n\n    /// Shows.\n    fn fmt(&self) {}\n}\n\nconst LAST: &str = \"{\";\n\n\
         #[cfg(test)]\nmod tests {\n    #[test]\n    fn works() {}\n}\n",
        &[
            (1, "fn parse", "/// Parses."),
            (1, "struct Unit", "struct Unit;"),
            (
                1,
                "impl<'a, T: X> fmt::Display for Foo<'a>",
                "impl<'a, T: X> fmt::Display for Foo<'a> {",
            ),
            (2, "Foo::fmt", "/// Shows."),
            (1, "const LAST: &str = \"{\"", "const LAST: &str = \"{\";"),
            (1, "mod tests", "#[cfg(test)]"),
            (2, "tests::works", "#[test]"),
        ],
    );
}

#[test]
fn python() {
    check(
        "a.py",
        "\"\"\"Doc.\"\"\"\nimport os\n\n# about f\n@decorator\ndef f(\n    a,\n):\n    \"\"\"Text\ndef no():\n\"\"\"\n    \
         return a\n\nclass Foo(Base):\n    x = 1\n\n    def bar(self):\n        def inner(): pass\n\n    \
         async def baz(self): pass\n\nif __name__ == \"__main__\":\n    f(1)\n",
        &[
            (1, "def f", "# about f"),
            (1, "class Foo", "class Foo(Base):"),
            (2, "Foo.bar", "def bar(self):"),
            (2, "Foo.baz", "async def baz(self): pass"),
            (1, "if __name__ == \"__main__\":", "if __name__ == \"__main__\":"),
        ],
    );
}

#[test]
fn languages_with_braces() {
    check(
        "a.ts",
        "import x from 'y';\nexport const add = (a: number) => a + 1;\nexport default class Foo extends B {\n  \
         constructor(a) {\n    super(a);\n  }\n  async run(): void {\n    const re = /[\"{]/;\n    return `${re} {`;\n  }\n}\n\
         function top() { return 1 }\nexport interface I { a: string }\n",
        &[
            (1, "add", "export const add = (a: number) => a + 1;"),
            (1, "class Foo", "export default class Foo extends B {"),
            (2, "Foo.constructor", "constructor(a) {"),
            (2, "Foo.run", "async run(): void {"),
            (1, "function top", "function top() { return 1 }"),
            (1, "interface I", "export interface I { a: string }"),
        ],
    );
    check(
        "A.java",
        "package p;\n\n/** Doc. */\n@Entity\npublic class A<T> {\n    private int x = f(1);\n\n    @Override\n    \
         public String name(int a,\n            int b) throws E {\n        if (a) { return \"}\"; }\n    }\n}\n",
        &[(1, "class A", "/** Doc. */"), (2, "A.name", "@Override")],
    );
    check(
        "a.c",
        "#include <x.h>\n\nint later(int a);\n\n/* Adds. */\nstatic int\nadd(int a)\n{\n    return a;\n}\n\nint main(void) {\n    add(1);\n}\n",
        &[(1, "add", "/* Adds. */"), (1, "main", "int main(void) {")],
    );
    check(
        "a.go",
        "package p\n\n// T is.\ntype T struct {\n\tx int\n}\n\nfunc (t *T) Name(a int) string {\n\treturn `{`\n}\n",
        &[(1, "type T", "// T is."), (1, "func T.Name", "func (t *T) Name(a int) string {")],
    );
    check(
        "a.sh",
        "#!/bin/sh\nset -e\n\n# Runs.\nrun() {\n  echo \"${x#}}\" $#\n}\n\nrun \"$@\"\n",
        &[(1, "run", "# Runs."), (1, "run \"$@\"", "run \"$@\"")],
    );
}

#[test]
fn languages_with_end() {
    check(
        "a.rb",
        "module A\n  class B < C\n    attr_reader :x\n\n    # Doc\n    def self.x?\n      1\n    rescue E\n      2\n    end\n  end\nend\n",
        &[(1, "module A", "module A"), (2, "class A::B", "class B < C"), (3, "A::B::x?", "# Doc")],
    );
    check(
        "a.lua",
        "local M = {}\n\n-- Doc\nlocal function f(x)\n  return x\nend\n\nfunction M.g()\nend\nreturn M\n",
        &[
            (1, "function f", "-- Doc"),
            (1, "function M.g", "function M.g()"),
            (1, "return M", "return M"),
        ],
    );
}

#[test]
fn statements_sections_and_targets() {
    check(
        "a.sql",
        "-- users\nCREATE TABLE users (\n  name TEXT DEFAULT 'a;b' -- x;\n);\n\nSELECT 1;\n\nCREATE FUNCTION f() AS $$\nBEGIN\n  RETURN 1;\nEND;\n$$;\n",
        &[
            (1, "CREATE TABLE users", "-- users"),
            (1, "SELECT 1", "SELECT 1;"),
            (1, "CREATE FUNCTION f", "CREATE FUNCTION f() AS $$"),
        ],
    );
    check(
        "Cargo.toml",
        "a = 1\n\n# About\n[package]\nname = \"[x]\"\n\n[[bin]]\nb = 2\n",
        &[(1, "package", "# About"), (1, "bin", "[[bin]]")],
    );
    check(
        "Makefile",
        "X := 1\n\nall: a b\n\tcc a\n\n# Cleans.\nclean:\n\trm a\n",
        &[(1, "all", "all: a b"), (1, "clean", "# Cleans.")],
    );
    check(
        "main.tf",
        "resource \"aws_s3\" \"b\" {\n  x = \"}\"\n}\n",
        &[(1, "resource \"aws_s3\" \"b\"", "resource \"aws_s3\" \"b\" {")],
    );
    check(
        "a.hs",
        "f :: Int\nf = 1\n\ng :: Int\ng = 2\n",
        &[(1, "f", "f :: Int"), (1, "g", "g :: Int")],
    );
}

#[test]
fn odd_code_is_kept_whole() {
    for name in
        ["a.rs", "a.py", "a.js", "a.c", "a.rb", "a.sql", "a.toml", "a.css", "a.hs", "a.php", "a.sh"]
    {
        for code in [
            "}}}}\nfn a() {\n\"unclosed\n/* open\nclass B {\n",
            "def a\n'\n\"\"\"\n$$ x\nend\nend\n}\n",
            "\n\n\t\n  x\n   \n\ny",
            "é(\u{3000}{\r\nclass\u{a0}ü {\r\n  `\r\n",
            "class A {\nclass A {\nclass A {\nclass A {\nclass A {\nclass A {\nint f() {\n",
            "#!/usr/bin/x\n[a\n[a]\n(\n)\nr#\"\n",
        ] {
            let code = code.replace('\r', "");
            read(name, &code);
        }
    }
}

#[test]
fn deep_and_long_code_is_read_in_time() {
    for line in [
        "mod a {\n",
        "class A:\n",
        "f(\n",
        "int f(int a)\n",
        "\"",
        "/*",
        "$a",
        "R\"",
        "{",
        "    x\n",
    ] {
        for name in ["a.rs", "a.py", "a.c", "a.sql", "a.rb", "a.js"] {
            let code = line.repeat(10_000);
            let hint = FileHint { name: Some(name), media_type: None };
            assert!(
                parse(code.as_bytes(), &hint, &ParseLimits::default()).is_ok(),
                "{name} {line:?}"
            );
        }
    }
}

#[test]
fn names_tell_the_language() {
    let language = |name: &str, code: &str| match &read(name, code).blocks[0].kind {
        BlockKind::Code { language } => language.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(language("x/Dockerfile", "RUN a\n").as_deref(), Some("dockerfile"));
    assert_eq!(language("tool", "#!/usr/bin/env python3\nx = 1\n").as_deref(), Some("python"));
    assert_eq!(language("a.css", "a { b: c }\n").as_deref(), Some("css"));
}
