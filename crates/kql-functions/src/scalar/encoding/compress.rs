//! Compressed texts in base64: gzip (RFC 1952) and zlib (RFC 1950).

use std::io::{Read, Write};

use arrow::array::ArrayRef;
use base64::Engine;
use flate2::read::{GzDecoder, ZlibDecoder};
use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};

use super::base64_text::ENGINE;
use crate::Type::String as Text;
use crate::column::{Strings, result_rows, written_strings};
use crate::definition::{Definition, Kernel};
use crate::signature::fixed;
use crate::{Arg, EvalContext};

/// Most bytes that a text may have after decompression; larger ones give nothing.
const MAX_BYTES: u64 = 32 << 20;
/// Gzip's header: no name, no time, an unknown system.
const GZIP_HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
/// Zlib's header for the fastest level.
const ZLIB_HEADER: [u8; 2] = [0x78, 0x01];
/// Most bytes in a stored block of deflate.
const STORED_BLOCK: usize = 0xffff;

pub(super) static GZIP_COMPRESS: Definition = text_to_text("gzip_compress_to_base64_string", |args, _, ctx| {
    encoded(args, ctx, |text| {
        let mut crc = Crc::new();
        crc.update(text);
        [&GZIP_HEADER[..], &deflated(text), &crc.sum().to_le_bytes(), &crc.amount().to_le_bytes()].concat()
    })
});

pub(super) static ZLIB_COMPRESS: Definition = text_to_text("zlib_compress_to_base64_string", |args, _, ctx| {
    encoded(args, ctx, |text| [&ZLIB_HEADER[..], &deflated(text), &adler32(text).to_be_bytes()].concat())
});

pub(super) static GZIP_DECOMPRESS: Definition = text_to_text("gzip_decompress_from_base64_string", |args, _, ctx| {
    decoded(args, ctx, |bytes| read(GzDecoder::new(bytes)))
});

pub(super) static ZLIB_DECOMPRESS: Definition = text_to_text("zlib_decompress_from_base64_string", |args, _, ctx| {
    decoded(args, ctx, |bytes| read(ZlibDecoder::new(bytes)))
});

const fn text_to_text(name: &'static str, kernel: Kernel) -> Definition {
    Definition::new(name, |args| fixed(args, &[Text], 1, Text), kernel)
}

fn encoded(args: &[Arg], ctx: &EvalContext, compress: impl Fn(&[u8]) -> Vec<u8>) -> ArrayRef {
    let texts = Strings::of(&args[0]);
    written_strings(result_rows(args, ctx), |row, out| ENGINE.encode_string(compress(texts.text(row).as_bytes()), out))
}

/// Nothing for what is no base64, not compressed, or no text.
fn decoded(args: &[Arg], ctx: &EvalContext, decompress: impl Fn(&[u8]) -> Option<String>) -> ArrayRef {
    let texts = Strings::of(&args[0]);
    written_strings(result_rows(args, ctx), |row, out| {
        let bytes = ENGINE.decode(texts.text(row)).ok();
        out.push_str(&bytes.and_then(|bytes| decompress(&bytes)).unwrap_or_default());
    })
}

fn read(source: impl Read) -> Option<String> {
    let mut text = String::new();
    let length = source.take(MAX_BYTES + 1).read_to_string(&mut text).ok()?;
    (length as u64 <= MAX_BYTES).then_some(text)
}

/// Compressed by deflate, or stored where that does not pay.
fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
    match encoder.write_all(bytes).and_then(|()| encoder.finish()) {
        Ok(compressed) if compressed.len() < bytes.len() => compressed,
        _ => stored(bytes),
    }
}

fn stored(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() + 5);
    let blocks = bytes.len().div_ceil(STORED_BLOCK).max(1);
    for block in 0..blocks {
        let part = &bytes[block * STORED_BLOCK..bytes.len().min((block + 1) * STORED_BLOCK)];
        let length = u16::try_from(part.len()).unwrap_or(u16::MAX);
        out.push(u8::from(block + 1 == blocks));
        out.extend(length.to_le_bytes());
        out.extend((!length).to_le_bytes());
        out.extend(part);
    }
    out
}

/// The checksum of RFC 1950.
fn adler32(bytes: &[u8]) -> u32 {
    const MODULUS: u32 = 65_521;
    let (mut a, mut b) = (1_u32, 0_u32);
    for byte in bytes {
        a = (a + u32::from(*byte)) % MODULUS;
        b = (b + a) % MODULUS;
    }
    (b << 16) | a
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Value;
    use crate::scalar::testing::{check, results, text};

    #[test]
    fn texts_come_back() {
        let long = "abc ".repeat(50_000);
        for (pack, unpack) in [
            ("gzip_compress_to_base64_string", "gzip_decompress_from_base64_string"),
            ("zlib_compress_to_base64_string", "zlib_decompress_from_base64_string"),
        ] {
            for plain in ["", "héllo", long.as_str()] {
                let Value::String(packed) = results(pack, &[text(plain)])[0].clone() else { panic!("no text") };
                check(unpack, &[text(&packed)], text(plain));
            }
            check(unpack, &[text("x0x0x0")], text(""));
        }
        assert_eq!(stored(&[7; 70_000]).len(), 70_010);
    }
}
