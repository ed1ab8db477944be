//! Pictures of every format, pages of a TIFF, and files that are out to do harm.

use std::io::Cursor;

use assay_core::ParseLimits;
use image::{DynamicImage, GrayImage, ImageFormat, Luma, Rgba, RgbaImage};

use crate::{FileHint, MediaType, PageImage, ParseError, ProblemCode, page_images, parse};

/// White with one dark pixel near the upper left corner.
fn picture() -> GrayImage {
    let mut picture = GrayImage::from_pixel(40, 30, Luma([255]));
    picture.put_pixel(3, 2, Luma([0]));
    picture
}

fn encoded(format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    // Not every encoder takes grey.
    let picture = DynamicImage::ImageLuma8(picture()).into_rgb8();
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn draw(bytes: &[u8], pages: &[u32]) -> Vec<Result<PageImage, ParseError>> {
    let limits = ParseLimits::default();
    page_images(bytes, &FileHint::default(), &limits, pages).unwrap().collect()
}

#[test]
fn every_format_is_decoded() {
    let formats = [
        (ImageFormat::Png, MediaType::Png),
        (ImageFormat::Jpeg, MediaType::Jpeg),
        (ImageFormat::Tiff, MediaType::Tiff),
        (ImageFormat::WebP, MediaType::Webp),
        (ImageFormat::Bmp, MediaType::Bmp),
        (ImageFormat::Gif, MediaType::Gif),
    ];
    for (format, media_type) in formats {
        let bytes = encoded(format);
        let parsed = parse(&bytes, &FileHint::default(), &ParseLimits::default()).unwrap();
        assert_eq!((parsed.media_type, parsed.pages), (media_type, Some(1)));
        assert_eq!(parsed.pages_to_read(), [1]);
        assert!(parsed.text.is_empty());
        let images = draw(&bytes, &[1]);
        let image = images[0].as_ref().unwrap();
        assert_eq!((image.page, image.width, image.height, image.scale), (1, 40, 30, 1.0));
        let dark = image.pixels[2 * 40 + 3];
        let light = image.pixels[20 * 40 + 30];
        assert!(dark < 120 && light > 240, "{format:?}: {dark} {light}");
    }
}

#[test]
fn what_is_transparent_is_white() {
    let mut bytes = Cursor::new(Vec::new());
    let clear = RgbaImage::from_pixel(5, 5, Rgba([0, 0, 0, 0]));
    clear.write_to(&mut bytes, ImageFormat::Png).unwrap();
    assert!(draw(&bytes.into_inner(), &[1])[0].as_ref().unwrap().pixels.iter().all(|p| *p == 255));
}

/// A TIFF of grey pages, each of one shade, with an orientation.
fn tiff(pages: &[(u8, u16)]) -> Vec<u8> {
    let mut bytes = b"II*\0".to_vec();
    let mut link = 4;
    bytes.extend([0; 4]);
    for (shade, orientation) in pages {
        let data = bytes.len() as u32;
        bytes.extend([*shade; 6]);
        bytes[link..link + 4].copy_from_slice(&(data + 6).to_le_bytes());
        let entries: [(u16, u32); 9] = [
            (256, 3),
            (257, 2),
            (258, 8),
            (259, 1),
            (262, 1),
            (273, data),
            (274, u32::from(*orientation)),
            (278, 2),
            (279, 6),
        ];
        bytes.extend((entries.len() as u16).to_le_bytes());
        for (tag, value) in entries {
            bytes.extend(tag.to_le_bytes());
            bytes.extend(4_u16.to_le_bytes());
            bytes.extend(1_u32.to_le_bytes());
            bytes.extend(value.to_le_bytes());
        }
        link = bytes.len();
        bytes.extend([0; 4]);
    }
    bytes
}

#[test]
fn each_page_of_a_tiff_is_a_page() {
    let bytes = tiff(&[(10, 1), (20, 6), (30, 1)]);
    let parsed = parse(&bytes, &FileHint::default(), &ParseLimits::default()).unwrap();
    assert_eq!(parsed.pages, Some(3));
    assert_eq!(parsed.pages_to_read(), [1, 2, 3]);
    let images = draw(&bytes, &[3, 2, 4]);
    let third = images[0].as_ref().unwrap();
    assert_eq!((third.page, third.pixels.as_slice()), (3, &[30; 6][..]));
    let second = images[1].as_ref().unwrap();
    assert_eq!((second.width, second.height), (2, 3), "turned as its orientation says");
    assert!(images[2].is_err(), "there are three pages");
}

#[test]
fn a_chain_of_pages_in_a_circle_ends() {
    let mut bytes = tiff(&[(10, 1), (20, 1)]);
    let end = bytes.len() - 4;
    let first: [u8; 4] = bytes[4..8].try_into().unwrap();
    bytes[end..].copy_from_slice(&first);
    let parsed = parse(&bytes, &FileHint::default(), &ParseLimits::default()).unwrap();
    assert_eq!(parsed.pages, Some(2));
}

#[test]
fn a_bomb_is_refused_by_what_it_promises() {
    let mut bytes = encoded(ImageFormat::Png);
    bytes[16..20].copy_from_slice(&25_000_u32.to_be_bytes());
    bytes[20..24].copy_from_slice(&25_000_u32.to_be_bytes());
    let check = crc(&bytes[12..29]);
    bytes[29..33].copy_from_slice(&check.to_be_bytes());
    assert!(parse(&bytes, &FileHint::default(), &ParseLimits::default()).is_err());
}

/// The checksum of a chunk of PNG.
fn crc(bytes: &[u8]) -> u32 {
    let step = |sum: u32, byte: &u8| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
            if sum & 1 == 1 { sum >> 1 ^ 0xedb8_8320 } else { sum >> 1 }
        })
    };
    !bytes.iter().fold(u32::MAX, step)
}

#[test]
fn damaged_pictures_never_panic() {
    let formats = [
        ImageFormat::Png,
        ImageFormat::Jpeg,
        ImageFormat::Tiff,
        ImageFormat::WebP,
        ImageFormat::Bmp,
        ImageFormat::Gif,
    ];
    let mut seed = 7_u64;
    for format in formats {
        let whole = encoded(format);
        let mut cases: Vec<Vec<u8>> =
            (1..8).map(|n| whole[..whole.len() * n / 8].to_vec()).collect();
        for _ in 0..40 {
            let mut bytes = whole.clone();
            for _ in 0..3 {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                let at = (seed >> 33) as usize % bytes.len();
                bytes[at] ^= (seed >> 20) as u8 | 1;
            }
            cases.push(bytes);
        }
        for bytes in cases {
            let limits = ParseLimits { unpacked_bytes: 1 << 20, ..ParseLimits::default() };
            if let Ok(parsed) = parse(&bytes, &FileHint::default(), &limits) {
                let no_text = |p: &crate::Problem| p.code == ProblemCode::NoText;
                let is_picture = parsed.media_type.is_picture();
                assert!(!is_picture || parsed.problems.iter().any(no_text));
            }
            if let Ok(images) = page_images(&bytes, &FileHint::default(), &limits, &[1, 2]) {
                images.flatten().for_each(|image| {
                    assert_eq!(image.pixels.len(), (image.width * image.height) as usize);
                });
            }
        }
    }
}
