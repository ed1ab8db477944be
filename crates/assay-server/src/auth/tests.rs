//! The table is whole, and choices of tenants are read as they should be.

use axum::http::HeaderMap;

use super::{choice::chosen_tenant, table::TABLE};

#[test]
fn every_route_of_the_document_has_its_line_and_every_line_its_route() {
    let document = serde_json::to_value(crate::openapi()).unwrap();
    let mut routes: Vec<(String, String)> = document["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, methods)| {
            let methods = methods.as_object().unwrap().keys();
            methods.map(move |method| (method.to_uppercase(), path.clone()))
        })
        .collect();
    let own = ["/", "/app/{*path}", "/docs", "/docs/page.js", "/docs/page.css", "/openapi.json"];
    routes.extend(own.map(|path| ("GET".to_owned(), path.to_owned())));
    let mut lines: Vec<(String, String)> =
        TABLE.iter().map(|(method, path, ..)| ((*method).to_owned(), (*path).to_owned())).collect();
    routes.sort();
    lines.sort();
    assert_eq!(routes, lines);
}

fn chosen(headers: &[(&'static str, &str)]) -> Result<Option<String>, String> {
    let headers: HeaderMap = headers
        .iter()
        .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
        .collect();
    chosen_tenant(&headers, "assay.test").map_err(|error| error.to_string())
}

#[test]
fn header_subdomain_and_cookie_choose_and_must_not_contradict() {
    let some = |name: &str| Ok(Some(name.to_owned()));
    assert_eq!(chosen(&[("host", "assay.test")]), Ok(None));
    assert_eq!(chosen(&[("host", "www.assay.test:8080")]), Ok(None));
    assert_eq!(chosen(&[("host", "Acme.assay.test:8080")]), some("acme"));
    assert_eq!(chosen(&[("x-tenant-id", "acme")]), some("acme"));
    assert_eq!(chosen(&[("cookie", "a=b; assay_tenant=acme")]), some("acme"));
    assert_eq!(chosen(&[("x-tenant-id", "acme"), ("host", "acme.assay.test")]), some("acme"));
    // What cannot be read is nobody's tenant, never the default one.
    assert_eq!(chosen(&[("x-tenant-id", "é")]), some("?"));
    assert_eq!(chosen(&[("x-tenant-id", "")]), some(""));
    assert_eq!(chosen(&[("host", "a.b.assay.test")]), some("a.b"));
    let two = chosen(&[("x-tenant-id", "acme"), ("host", "globex.assay.test")]);
    assert!(two.unwrap_err().contains("by the header X-Tenant-Id and by the subdomain"));
    assert!(chosen(&[("x-tenant-id", "acme"), ("x-tenant-id", "globex")]).is_err());
    assert!(chosen(&[("x-tenant-id", "acme"), ("cookie", "assay_tenant=globex")]).is_err());
}
