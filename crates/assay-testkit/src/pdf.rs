//! PDF files that take a parser its time.

/// A PDF of `pages` pages, each full of lines of text.
#[must_use]
pub fn long_pdf(pages: usize) -> Vec<u8> {
    let lines: Vec<String> = (0..60)
        .map(|line| {
            let y = 780 - 12 * line;
            format!("BT /F1 10 Tf 50 {y} Td (Words of a page that takes its time to read.) Tj ET")
        })
        .collect();
    let page = lines.join("\n");
    let kids: Vec<String> = (0..pages).map(|number| format!("{} 0 R", 5 + number)).collect();
    let mut objects = vec![
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        format!("<< /Type /Pages /Kids [{}] /Count {pages} >>", kids.join(" ")),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
        format!("<< /Length {} >> stream\n{page}\nendstream", page.len()),
    ];
    let leaf = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R \
                /Resources << /Font << /F1 3 0 R >> >> >>";
    objects.extend((0..pages).map(|_| leaf.to_owned()));
    let mut file = "%PDF-1.4\n".to_owned();
    let mut offsets = Vec::new();
    for (number, object) in objects.iter().enumerate() {
        offsets.push(file.len());
        file.push_str(&format!("{} 0 obj\n{object}\nendobj\n", number + 1));
    }
    let (start, size) = (file.len(), objects.len() + 1);
    file.push_str(&format!("xref\n0 {size}\n0000000000 65535 f \n"));
    for offset in offsets {
        file.push_str(&format!("{offset:010} 00000 n \n"));
    }
    file.push_str(&format!("trailer << /Size {size} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF"));
    file.into_bytes()
}
