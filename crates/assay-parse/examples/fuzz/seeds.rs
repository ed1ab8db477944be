//! The files that the changes start from.

use std::{error::Error, fs, io::Cursor, path::Path};

use image::{DynamicImage, ImageFormat};

use crate::{
    compound, mutation,
    package::{Parts, zipped},
};

/// The targets: an ending of file names for each format.
pub(crate) const TARGETS: &[&str] = &[
    "pdf", "docx", "pptx", "xlsx", "xls", "odt", "ods", "odp", "epub", "html", "md", "txt", "csv",
    "tsv", "json", "jsonl", "yaml", "xml", "py", "eml", "msg", "mbox", "zip", "tar", "png", "jpg",
    "tiff", "webp", "bmp", "gif",
];

/// Larger files are left out: changes rarely hit what matters, and each takes long.
const SEED_MAX: usize = 256 << 10;

/// A file to start from.
pub(crate) struct Seed {
    pub(crate) bytes: Vec<u8>,
    /// Its parts, if it is made of such.
    pub(crate) parts: Option<Parts>,
}

/// The files of a target: those made here, and those of a folder.
pub(crate) fn of(target: &str, folder: Option<&Path>) -> Result<Vec<Seed>, Box<dyn Error>> {
    let mut files = made(target);
    for path in folder.map(mutation::files).unwrap_or_default() {
        if path.extension().is_some_and(|ending| ending == target) {
            let bytes = fs::read(path)?;
            if bytes.len() <= SEED_MAX {
                files.push(bytes);
            }
        }
    }
    let seed = |bytes: Vec<u8>| Seed { parts: Parts::of(&bytes), bytes };
    Ok(files.into_iter().filter(|bytes| !bytes.is_empty()).map(seed).collect())
}

fn made(target: &str) -> Vec<Vec<u8>> {
    match target {
        "pdf" => vec![PDF.as_bytes().to_vec()],
        "docx" => vec![package(DOCX)],
        "pptx" => vec![package(PPTX)],
        "xlsx" => vec![package(XLSX)],
        "xls" => vec![xls()],
        "odt" => vec![package(&[
            ("mimetype", "application/vnd.oasis.opendocument.text"),
            ("content.xml", ODT),
            ("meta.xml", META),
        ])],
        "ods" => vec![package(&[
            ("mimetype", "application/vnd.oasis.opendocument.spreadsheet"),
            ("content.xml", ODS),
            ("meta.xml", META),
        ])],
        "odp" => vec![package(&[
            ("mimetype", "application/vnd.oasis.opendocument.presentation"),
            ("content.xml", ODP),
            ("meta.xml", META),
        ])],
        "epub" => vec![package(EPUB)],
        "msg" => vec![msg()],
        "zip" => vec![package(&[("a.txt", "text"), ("b/c.html", HTML), ("m.eml", EML)])],
        "tar" => vec![tar()],
        "png" => picture(ImageFormat::Png),
        "jpg" => picture(ImageFormat::Jpeg),
        "tiff" => picture(ImageFormat::Tiff),
        "webp" => picture(ImageFormat::WebP),
        "bmp" => picture(ImageFormat::Bmp),
        "gif" => picture(ImageFormat::Gif),
        target => text(target).into_iter().map(|text| text.as_bytes().to_vec()).collect(),
    }
}

fn text(target: &str) -> Vec<&'static str> {
    match target {
        "html" => vec![HTML],
        "md" => vec![MARKDOWN],
        "txt" => {
            vec!["Title\n=====\n\nA line.\nAnother; with 1,000.5 numbers.\n\n  - item\n\n\u{c}Ünï"]
        }
        "csv" => vec!["a,b,c\n1,\"x, y\",3\n4,\"a \"\"q\"\"\nz\",6\n", "a;b\n1,5;2,5\n"],
        "tsv" => vec!["a\tb\n1\t2\n\t\n3\t\"4\"\n"],
        "json" => vec![
            "{\"a\": [1, -2.5e3, true, null], \"b\": {\"c\": \"d\\u00e9\\n\"}, \"rows\": \
            [{\"x\": 1, \"y\": \"z\"}, {\"x\": 2, \"y\": \"w\"}]}",
        ],
        "jsonl" => vec!["{\"a\": 1}\n{\"a\": [2, {}]}\n\n\"text\"\n"],
        "yaml" => vec![
            "a: &x 1\nb: *x\nlist:\n  - one\n  - {two: [3, 4]}\ntext: |\n  lines\n---\n? k\n: v\n",
        ],
        "xml" => vec![
            "<?xml version='1.0'?><a x='1'><b>text &amp; more</b><c/><![CDATA[raw]]></a>",
            FEED,
        ],
        "py" => vec![
            "#!/usr/bin/env python\nimport x\n\nclass A:\n    \"\"\"Doc.\"\"\"\n    def f(self):\n        return 1\n",
        ],
        "eml" => vec![EML],
        "mbox" => vec![
            "From a@b.c Mon Jan  1 10:00:00 2024\nSubject: one\n\n>From x\ntext\n\n\
            From d@e.f Tue Jan  2 10:00:00 2024\nFrom: d@e.f\nSubject: two\n\nmore\n",
        ],
        _ => Vec::new(),
    }
}

fn package(parts: &[(&str, &str)]) -> Vec<u8> {
    let part = |(name, content): &(&str, &str)| ((*name).to_owned(), content.as_bytes().to_vec());
    zipped(&parts.iter().map(part).collect::<Vec<_>>()).unwrap_or_default()
}

/// A workbook of one sheet with one number (MS-XLS: BOF, BoundSheet8, EOF, BOF, Number, EOF).
fn xls() -> Vec<u8> {
    let record = |kind: u16, data: &[u8]| {
        [&kind.to_le_bytes()[..], &(data.len() as u16).to_le_bytes(), data].concat()
    };
    let bof = |kind: u8| record(0x0809, &[&[0, 6, kind, 0][..], &[0; 12]].concat());
    let start = 20 + 13 + 4 + 4;
    let stream = [
        bof(5),
        record(0x0085, &[start, 0, 0, 0, 0, 0, 1, 0, b'S']),
        record(0x000a, &[]),
        bof(0x10),
        record(0x0203, &[&[0, 0, 0, 0, 0, 0][..], &1.5_f64.to_le_bytes()].concat()),
        record(0x0204, &[1, 0, 0, 0, 0, 0, 2, 0, 0, b'h', b'i']),
        record(0x000a, &[]),
    ];
    compound::file(&[("/Workbook".to_owned(), stream.concat())]).unwrap_or_default()
}

/// A mail with a subject and a text in UTF-16 (MS-OXMSG).
fn msg() -> Vec<u8> {
    let utf_16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let streams = [
        ("/__properties_version1.0", vec![0; 32]),
        ("/__substg1.0_0037001F", utf_16("Subject")),
        ("/__substg1.0_1000001F", utf_16("The text.\r\n\r\nBye")),
        (
            "/__substg1.0_007D001F",
            utf_16("From: a@b.c\r\nDate: Mon, 06 May 2024 07:08:09 +0200\r\n"),
        ),
        ("/__attach_version1.0_#00000000/__properties_version1.0", vec![0; 8]),
        ("/__attach_version1.0_#00000000/__substg1.0_3707001F", utf_16("a.txt")),
        ("/__attach_version1.0_#00000000/__substg1.0_37010102", b"attached".to_vec()),
    ];
    let streams = streams.map(|(path, content)| (path.to_owned(), content));
    compound::file(&streams).unwrap_or_default()
}

fn tar() -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    for (name, content) in [("a.txt", "text"), ("b/c.html", HTML)] {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        // What does not fit is left out.
        let _ = archive.append_data(&mut header, name, content.as_bytes());
    }
    archive.into_inner().unwrap_or_default()
}

fn picture(format: ImageFormat) -> Vec<Vec<u8>> {
    let mut file = Cursor::new(Vec::new());
    match DynamicImage::new_rgb8(12, 9).write_to(&mut file, format) {
        Ok(()) => vec![file.into_inner()],
        Err(_) => Vec::new(),
    }
}

const PDF: &str = "%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R /Lang (en) >>\nendobj\n\
2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj\n\
3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 300] /Contents 4 0 R /Resources \
<< /Font << /F1 5 0 R >> >> >>\nendobj\n\
4 0 obj\n<< /Length 130 >>\nstream\nBT /F1 12 Tf 20 250 Td (Some text) Tj 0 -20 Td [(mo) -20 (re)] TJ ET\n\
20 200 100 50 re S 20 225 m 120 225 l S 70 200 m 70 250 l S\nendstream\nendobj\n\
5 0 obj\n<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>\nendobj\n\
trailer << /Size 6 /Root 1 0 R >>\nstartxref\n0\n%%EOF";

const DOCX: &[(&str, &str)] = &[
    ("[Content_Types].xml", "<Types/>"),
    (
        "word/document.xml",
        "<w:document><w:body><w:p><w:pPr><w:pStyle w:val=\"Heading1\"/></w:pPr><w:r><w:t>Head</w:t>\
         </w:r></w:p><w:p><w:pPr><w:numPr><w:ilvl w:val=\"0\"/><w:numId w:val=\"1\"/></w:numPr></w:pPr>\
         <w:r><w:t>Item</w:t></w:r></w:p><w:tbl><w:tr><w:tc><w:tcPr><w:gridSpan w:val=\"2\"/></w:tcPr>\
         <w:p><w:r><w:t>A</w:t></w:r></w:p></w:tc></w:tr><w:tr><w:tc><w:tcPr><w:vMerge/></w:tcPr><w:p/>\
         </w:tc><w:tc><w:p><w:r><w:t>B</w:t></w:r></w:p></w:tc></w:tr></w:tbl><w:p><m:oMath><m:f>\
         <m:num><m:r><m:t>1</m:t></m:r></m:num><m:den><m:r><m:t>2</m:t></m:r></m:den></m:f></m:oMath>\
         </w:p></w:body></w:document>",
    ),
    (
        "word/numbering.xml",
        "<w:numbering><w:abstractNum w:abstractNumId=\"0\"><w:lvl w:ilvl=\"0\"><w:start w:val=\"1\"/>\
         <w:numFmt w:val=\"decimal\"/><w:lvlText w:val=\"%1.\"/></w:lvl></w:abstractNum><w:num \
         w:numId=\"1\"><w:abstractNumId w:val=\"0\"/></w:num></w:numbering>",
    ),
    (
        "word/styles.xml",
        "<w:styles><w:style w:styleId=\"Heading1\"><w:name w:val=\"heading 1\"/></w:style></w:styles>",
    ),
    ("docProps/core.xml", "<cp:coreProperties><dc:title>T</dc:title></cp:coreProperties>"),
];

const PPTX: &[(&str, &str)] = &[
    ("[Content_Types].xml", "<Types/>"),
    (
        "ppt/presentation.xml",
        "<p:presentation><p:sldIdLst><p:sldId id=\"256\" r:id=\"r1\"/></p:sldIdLst></p:presentation>",
    ),
    (
        "ppt/_rels/presentation.xml.rels",
        "<Relationships><Relationship Id=\"r1\" Type=\"http://schemas.openxmlformats.org/\
         officeDocument/2006/relationships/slide\" Target=\"slides/slide1.xml\"/></Relationships>",
    ),
    (
        "ppt/slides/slide1.xml",
        "<p:sld><p:cSld><p:spTree><p:sp><p:nvSpPr><p:nvPr><p:ph type=\"title\"/></p:nvPr></p:nvSpPr>\
         <p:txBody><a:p><a:r><a:t>Title</a:t></a:r></a:p></p:txBody></p:sp><p:grpSp><p:sp><p:spPr>\
         <a:xfrm><a:off x=\"1\" y=\"2\"/><a:ext cx=\"3\" cy=\"4\"/></a:xfrm></p:spPr><p:txBody><a:p>\
         <a:pPr lvl=\"1\"><a:buAutoNum type=\"arabicPeriod\"/></a:pPr><a:r><a:t>Item</a:t></a:r></a:p>\
         </p:txBody></p:sp></p:grpSp><p:graphicFrame><a:graphic><a:graphicData><a:tbl><a:tblGrid>\
         <a:gridCol/></a:tblGrid><a:tr><a:tc gridSpan=\"1\"><a:txBody><a:p><a:r><a:t>Cell</a:t></a:r>\
         </a:p></a:txBody></a:tc></a:tr></a:tbl></a:graphicData></a:graphic></p:graphicFrame>\
         </p:spTree></p:cSld></p:sld>",
    ),
];

const XLSX: &[(&str, &str)] = &[
    ("[Content_Types].xml", "<Types/>"),
    (
        "xl/workbook.xml",
        "<workbook><sheets><sheet name=\"S\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>",
    ),
    (
        "xl/_rels/workbook.xml.rels",
        "<Relationships><Relationship Id=\"r1\" Type=\"http://schemas.openxmlformats.org/\
         officeDocument/2006/relationships/worksheet\" Target=\"worksheets/sheet1.xml\"/>\
         <Relationship Id=\"r2\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/\
         relationships/sharedStrings\" Target=\"sharedStrings.xml\"/><Relationship Id=\"r3\" \
         Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles\" \
         Target=\"styles.xml\"/></Relationships>",
    ),
    ("xl/sharedStrings.xml", "<sst count=\"1\"><si><t>Name</t></si></sst>"),
    (
        "xl/styles.xml",
        "<styleSheet><numFmts><numFmt numFmtId=\"164\" formatCode=\"yyyy-mm-dd\"/></numFmts><cellXfs>\
         <xf numFmtId=\"0\"/><xf numFmtId=\"164\"/><xf numFmtId=\"9\"/></cellXfs></styleSheet>",
    ),
    (
        "xl/worksheets/sheet1.xml",
        "<worksheet><sheetData><row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"B1\" s=\"1\">\
         <v>45000.5</v></c></row><row r=\"3\"><c r=\"A3\" t=\"inlineStr\"><is><t>x</t></is></c><c \
         r=\"D3\" s=\"2\"><f>A1</f><v>0.5</v></c></row></sheetData><mergeCells><mergeCell \
         ref=\"A1:C2\"/></mergeCells></worksheet>",
    ),
];

const ODT: &str = "<office:document-content><office:automatic-styles><text:list-style style:name='N'>\
<text:list-level-style-number text:level='1' style:num-format='1'/></text:list-style>\
</office:automatic-styles><office:body><office:text><text:h text:outline-level='1'>Head</text:h>\
<text:p>Text<text:s text:c='3'/>more<text:note><text:note-body><text:p>Note</text:p></text:note-body>\
</text:note></text:p><text:list text:style-name='N'><text:list-item><text:p>Item</text:p>\
</text:list-item></text:list><table:table><table:table-row><table:table-cell \
table:number-columns-spanned='2' table:number-rows-spanned='2'><text:p>A</text:p></table:table-cell>\
<table:table-cell table:number-columns-repeated='3'/></table:table-row></table:table></office:text>\
</office:body></office:document-content>";

const ODS: &str = "<office:document-content><office:body><office:spreadsheet><table:table \
table:name='S'><table:table-row table:number-rows-repeated='2'><table:table-cell \
office:value-type='float' office:value='1.5'><text:p>1.5</text:p></table:table-cell>\
<table:table-cell table:number-columns-repeated='1000'/><table:table-cell><text:p>x</text:p>\
</table:table-cell></table:table-row></table:table></office:spreadsheet></office:body>\
</office:document-content>";

const ODP: &str = "<office:document-content><office:body><office:presentation><draw:page>\
<draw:frame presentation:class='title'><draw:text-box><text:p>Title</text:p></draw:text-box>\
</draw:frame><draw:g><draw:custom-shape><text:p>Shape</text:p></draw:custom-shape></draw:g>\
<presentation:notes><draw:frame><draw:text-box><text:p>Note</text:p></draw:text-box></draw:frame>\
</presentation:notes></draw:page></office:presentation></office:body></office:document-content>";

const META: &str = "<office:document-meta><office:meta><dc:title>T</dc:title><dc:date>2021-01-02\
</dc:date></office:meta></office:document-meta>";

const EPUB: &[(&str, &str)] = &[
    ("mimetype", "application/epub+zip"),
    (
        "META-INF/container.xml",
        "<container><rootfiles><rootfile full-path=\"b.opf\"/></rootfiles></container>",
    ),
    (
        "b.opf",
        "<package><metadata><dc:title>T</dc:title><dc:date>2021</dc:date></metadata><manifest><item \
         id=\"a\" href=\"a.xhtml\" media-type=\"application/xhtml+xml\"/></manifest><spine><itemref \
         idref=\"a\"/></spine></package>",
    ),
    ("a.xhtml", "<html><body><h1>One</h1><p>Text <b>bold</b></p></body></html>"),
];

const HTML: &str = "<!DOCTYPE html><html lang=en><head><title>T</title><meta name=author content=A>\
</head><body><nav><a href=x>N</a></nav><h1>Head</h1><p>Text <b>bold</b> &amp; <a href='y'>link</a>\
<ul><li>one<ol start=3><li>two</ol></ul><table><tr><th rowspan=2>A<th colspan=2>B<tr><td>1<td>2\
</table><pre>  code\n</pre><select><option>o</select></body></html>";

const MARKDOWN: &str = "---\ntitle: T\ntags: [a, b]\n---\n# Head\n\nText *with* `code` and [a](b).\n\n\
- one\n  1. two\n\n> quote\n\n| a | b |\n|---|:-:|\n| 1 | 2 |\n\n```rust\nfn f() {}\n```\n\n<div>x</div>\n";

const FEED: &str = "<rss version='2.0'><channel><title>T</title><item><title>One</title>\
<pubDate>Mon, 06 May 2024 07:08:09 +0200</pubDate><description>&lt;p&gt;x</description></item>\
</channel></rss>";

const EML: &str = "From: =?utf-8?Q?J=C3=B6rg?= <j@example.com>\nTo: a@b.c\nSubject: x\n\
Date: Mon, 06 May 2024 07:08:09 +0200\nMIME-Version: 1.0\n\
Content-Type: multipart/mixed; boundary=\"b\"\n\n--b\nContent-Type: text/html; charset=utf-8\n\
Content-Transfer-Encoding: quoted-printable\n\n<p>caf=C3=A9</p>\n--b\nContent-Type: text/plain; \
name=\"a.txt\"\nContent-Disposition: attachment\nContent-Transfer-Encoding: base64\n\naGVsbG8=\n\
--b\nContent-Type: message/rfc822\n\nSubject: inner\n\ntext\n--b--\n";
