//! The report: one page without scripts and without anything from elsewhere.

use std::fmt::Write as _;

use assay_answer::eval::{CitedQuote, Comparison, QuestionResult, QuestionRun};

use super::{questions::name, table};

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;\
padding:0 1rem;color:#1a1a1a;background:#fff}h1{font-size:1.5rem}h2{font-size:1.2rem;margin-top:2rem}\
table{border-collapse:collapse}td,th{padding:.15rem .8rem .15rem 0;text-align:left}\
td.n{text-align:right;font-variant-numeric:tabular-nums}details{border:1px solid #ccc;\
border-radius:6px;margin:.5rem 0;padding:.4rem .8rem}summary{cursor:pointer}\
.bad>summary::before{content:'✗ ';color:#b00020}.good>summary::before{content:'✓ ';color:#0a7a2f}\
.open>summary::before{content:'? ';color:#666}.why{color:#b00020}blockquote{margin:.5rem 0;\
padding-left:.8rem;border-left:3px solid #ccc;white-space:pre-wrap}mark{background:#fff1a8}\
.dim{color:#595959}@media(prefers-color-scheme:dark){body{color:#e6e6e6;background:#161616}\
mark{background:#665500;color:#fff}.why{color:#ff8a8a}.dim{color:#a6a6a6}}";

/// The report of a run, with its comparison when there is one.
pub(super) fn page(run: &QuestionRun, compared: &[Comparison]) -> String {
    let mut page = String::new();
    // Writing to a string cannot fail.
    let _ = write!(
        page,
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
         style-src 'unsafe-inline'\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>Assay evaluation</title><style>{STYLE}</style></head><body>\
         <h1>Evaluation</h1><p class=\"dim\">Assay {}, {}</p><table>",
        escaped(&run.version),
        escaped(&name(run)),
    );
    for (label, value) in table::figures(run) {
        let _ = write!(
            page,
            "<tr><th scope=\"row\">{}</th><td class=\"n\">{}</td></tr>",
            escaped(label),
            escaped(&value)
        );
    }
    page.push_str("</table>");
    comparison(&mut page, compared);
    let failed = run.questions.iter().filter(|one| !one.failures.is_empty()).count();
    let _ = write!(page, "<h2>{failed} failed of {} questions</h2>", run.questions.len());
    for one in &run.questions {
        question(&mut page, one);
    }
    page.push_str("</body></html>\n");
    page
}

fn comparison(page: &mut String, compared: &[Comparison]) {
    if compared.is_empty() {
        return;
    }
    page.push_str("<h2>Comparison</h2><ul>");
    for one in compared {
        let _ = write!(page, "<li>{}</li>", escaped(&one.words));
    }
    page.push_str("</ul>");
}

fn question(page: &mut String, one: &QuestionResult) {
    let class = match (one.failures.is_empty(), one.expected.is_judged()) {
        (false, _) => "bad",
        (true, true) => "good",
        (true, false) => "open",
    };
    let _ = write!(
        page,
        "<details class=\"{class}\"{}><summary>{} <span class=\"dim\">{}</span></summary>",
        if class == "bad" { " open" } else { "" },
        escaped(&one.expected.question),
        escaped(&one.expected.id),
    );
    for failure in &one.failures {
        let _ = write!(page, "<p class=\"why\">{}</p>", escaped(failure));
    }
    expected(page, one);
    let _ = write!(
        page,
        "<p><b>Reply</b> <span class=\"dim\">{}</span><br>{}</p>",
        escaped(&one.reply.state),
        escaped(&one.reply.answer)
    );
    for citation in &one.reply.citations {
        quote(page, citation, one);
    }
    if !one.reply.ranking.is_empty() && !one.failures.is_empty() {
        page.push_str("<p class=\"dim\">Found: ");
        let names = one.reply.ranking.iter().take(10).map(|document| escaped(&document.title));
        page.push_str(&names.collect::<Vec<_>>().join(" · "));
        page.push_str("</p>");
    }
    page.push_str("</details>");
}

fn expected(page: &mut String, one: &QuestionResult) {
    let mut line = |label: &str, texts: &[String]| {
        if !texts.is_empty() {
            let texts: Vec<String> = texts.iter().map(|text| escaped(text)).collect();
            let _ = write!(page, "<p><b>{label}</b> {}</p>", texts.join(" <i>or</i> "));
        }
    };
    line("Expected", &one.expected.answers);
    if !one.expected.documents.is_empty() {
        line("From", &[one.expected.documents.join(", ")]);
    }
    if one.expected.not_in_sources {
        line("Expected", &["that the sources do not hold an answer".to_owned()]);
    }
}

/// The quote in its passage, open when it lies in no expected document.
fn quote(page: &mut String, citation: &CitedQuote, one: &QuestionResult) {
    let documents = &one.expected.documents;
    let right = documents.iter().any(|name| citation.document.is_called(name));
    let _ = write!(
        page,
        "<details{}><summary>[{}] {} <span class=\"dim\">{} {:.2}{}</span></summary>\
         <blockquote>{}<mark>{}</mark>{}</blockquote></details>",
        if documents.is_empty() || right { "" } else { " open" },
        citation.number,
        escaped(&citation.document.title),
        escaped(&citation.verdict),
        citation.confidence,
        if documents.is_empty() || right { "" } else { ", not an expected document" },
        escaped(&citation.before),
        escaped(&citation.quote),
        escaped(&citation.after),
    );
}

/// The text with everything escaped that HTML would read as more than text.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}
