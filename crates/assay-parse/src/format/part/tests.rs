//! Trees of XML.

use std::{sync::Arc, time::Duration};

use assay_core::{Deadline, ParseLimits};

use super::Element;
use crate::parse::{Bytes, Input};

fn tree(xml: &str) -> Element {
    let input = Input {
        bytes: Arc::new(Bytes(Box::default())),
        name: None,
        charset: None,
        limits: ParseLimits::default(),
        deadline: Deadline::after(Duration::from_secs(60)),
        meter: Default::default(),
    };
    Element::parse(xml.as_bytes(), &input).unwrap()
}

const W: &str = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";

#[test]
fn namespaces_get_their_usual_prefix() {
    let root = tree(&format!(
        "<doc xmlns='{W}' xmlns:q='{W}'><body q:val='1' val='2'/><q:p/><x:p/></doc>"
    ));
    assert_eq!(root.name, "w:doc");
    let body = root.child("w:body").unwrap();
    assert_eq!((body.attribute("w:val"), body.attribute("val")), (Some("1"), Some("2")));
    let names: Vec<&str> = root.children().map(|child| child.name.as_str()).collect();
    assert_eq!(names, ["w:body", "w:p", "x:p"]);
}

#[test]
fn declarations_hold_inside_their_element_only() {
    let root = tree(&format!("<a><q:b xmlns:q='{W}'><q:c xmlns:q='urn:x'/><q:d/></q:b><q:e/></a>"));
    let names: Vec<&str> = root.descendants().map(|child| child.name.as_str()).collect();
    assert_eq!(names, ["w:b", "q:c", "w:d", "q:e"]);
}

#[test]
fn entities_and_sections_are_text() {
    assert_eq!(tree("<a>x &amp; &#65;<![CDATA[<b>]]></a>").text(), "x & A<b>");
}
