//! The objects of a PDF, with streams as they are read, so that changes reach what they say.

use std::io::Read;

use flate2::read::ZlibDecoder;

use crate::change::Dice;

/// Most bytes of one stream that are unpacked.
const STREAM_MAX: u64 = 256 << 10;

#[derive(Clone)]
struct Object {
    number: usize,
    /// Everything but the stream.
    head: Vec<u8>,
    stream: Option<Vec<u8>>,
}

/// The objects, and which of them is the root.
pub(crate) struct Objects {
    objects: Vec<Object>,
    root: String,
}

impl Objects {
    /// Finds the objects by their marks, without the table at the end.
    pub(crate) fn of(bytes: &[u8]) -> Option<Self> {
        let mut objects = Vec::new();
        let mut root = None;
        for piece in split(bytes, b"endobj") {
            root = root.or_else(|| root_of(piece));
            let Some(object) = object(piece) else { continue };
            if holds(&object.head, b"/ObjStm") {
                objects.extend(inner(&object).unwrap_or_default());
            } else if !holds(&object.head, b"/XRef") {
                objects.push(object);
            }
        }
        Some(Self { objects, root: root? }).filter(|own| !own.objects.is_empty())
    }

    /// A file with one or two objects changed.
    pub(crate) fn changed(&self, dice: &mut Dice) -> Vec<u8> {
        let mut objects = self.objects.clone();
        for _ in 0..=dice.below(2) {
            let other = dice.pick(&self.objects).map(|o| o.head.clone()).unwrap_or_default();
            let at = dice.below(objects.len());
            let Some(object) = objects.get_mut(at) else { continue };
            match &mut object.stream {
                Some(stream) if dice.below(3) > 0 => *stream = dice.change(stream, &other),
                _ => object.head = dice.change(&object.head, &other),
            }
        }
        self.file(&objects)
    }

    fn file(&self, objects: &[Object]) -> Vec<u8> {
        let mut file = b"%PDF-1.7\n".to_vec();
        let last = objects.iter().map(|object| object.number).max().unwrap_or(0);
        let mut places = vec![0; last + 1];
        for Object { number, head, stream } in objects {
            if let Some(place) = places.get_mut(*number) {
                *place = file.len();
            }
            file.extend_from_slice(format!("{number} 0 obj\n").as_bytes());
            match stream {
                Some(stream) => {
                    let head = String::from_utf8_lossy(head);
                    let size = format!("<< /Length {} ", stream.len());
                    file.extend_from_slice(head.replacen("<<", &size, 1).as_bytes());
                    file.extend_from_slice(b"\nstream\n");
                    file.extend_from_slice(stream);
                    file.extend_from_slice(b"\nendstream");
                }
                None => file.extend_from_slice(head),
            }
            file.extend_from_slice(b"\nendobj\n");
        }
        let start = file.len();
        let mut tail = format!("xref\n0 {}\n0000000000 65535 f \n", last + 1);
        for place in places.iter().skip(1) {
            tail.push_str(&format!("{place:010} 00000 {} \n", if *place > 0 { 'n' } else { 'f' }));
        }
        tail.push_str(&format!(
            "trailer << /Size {} /Root {} >>\nstartxref\n{start}\n%%EOF",
            last + 1,
            self.root
        ));
        file.extend_from_slice(tail.as_bytes());
        file
    }
}

fn holds(bytes: &[u8], word: &[u8]) -> bool {
    find(bytes, word).is_some()
}

fn find(bytes: &[u8], word: &[u8]) -> Option<usize> {
    bytes.windows(word.len()).position(|window| window == word)
}

fn split<'a>(mut bytes: &'a [u8], word: &[u8]) -> Vec<&'a [u8]> {
    let mut pieces = Vec::new();
    while let Some(at) = find(bytes, word) {
        let (piece, rest) = bytes.split_at(at);
        pieces.push(piece);
        bytes = rest.get(word.len()..).unwrap_or_default();
    }
    pieces.push(bytes);
    pieces
}

/// The reference behind `/Root`.
fn root_of(bytes: &[u8]) -> Option<String> {
    let rest = bytes.get(find(bytes, b"/Root")? + 5..)?;
    let rest = String::from_utf8_lossy(rest.get(..rest.len().min(40))?).into_owned();
    let number: usize = rest.split_whitespace().next()?.parse().ok()?;
    Some(format!("{number} 0 R"))
}

/// The object in a piece of the file; its stream unpacked, where that is simple.
fn object(piece: &[u8]) -> Option<Object> {
    let mark = find(piece, b" obj")?;
    let before = String::from_utf8_lossy(piece.get(..mark)?).into_owned();
    let number = before.split_whitespace().rev().nth(1)?.parse().ok()?;
    let body = piece.get(mark + 4..)?;
    let is_sane = number < 1_000_000;
    let Some(at) = find(body, b"stream") else {
        return is_sane.then(|| Object { number, head: body.to_vec(), stream: None });
    };
    let head = String::from_utf8_lossy(body.get(..at)?).into_owned();
    let raw = body.get(at + 6..)?;
    let raw = raw.strip_prefix(b"\r").unwrap_or(raw);
    let raw = raw.strip_prefix(b"\n").unwrap_or(raw);
    let raw = raw.get(..find(raw, b"endstream").unwrap_or(raw.len()))?;
    let mut head = head.replace("/Length ", "/Packed ");
    let mut stream = raw.to_vec();
    if head.matches("Decode").count() == 1 && head.contains("/FlateDecode") {
        let mut unpacked = Vec::new();
        let read = ZlibDecoder::new(raw).take(STREAM_MAX).read_to_end(&mut unpacked);
        if read.is_ok() {
            head = head.replace("/Filter", "/Was").replace("/FlateDecode", "/Packed");
            stream = unpacked;
        }
    }
    is_sane.then(|| Object { number, head: head.into_bytes(), stream: Some(stream) })
}

/// The objects in an object stream.
fn inner(object: &Object) -> Option<Vec<Object>> {
    let head = String::from_utf8_lossy(&object.head).into_owned();
    let first: usize = head.split("/First").nth(1)?.split_whitespace().next()?.parse().ok()?;
    let stream = object.stream.as_deref()?;
    let list = String::from_utf8_lossy(stream.get(..first)?).into_owned();
    let numbers: Vec<usize> = list.split_whitespace().filter_map(|n| n.parse().ok()).collect();
    let pairs: Vec<(usize, usize)> = numbers
        .chunks_exact(2)
        .filter_map(|pair| Some((*pair.first()?, *pair.last()? + first)))
        .collect();
    let ends = pairs.iter().skip(1).map(|(_, start)| *start).chain([stream.len()]);
    let objects = pairs.iter().zip(ends).filter_map(|((number, start), end)| {
        let head = stream.get(*start..end)?.to_vec();
        Some(Object { number: *number, head, stream: None })
    });
    Some(objects.collect())
}
