//! `hash_md5`, `hash_sha1` and `hash_sha256` of a value's text.

use arrow::array::ArrayRef;
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256};

use crate::Type::String as Text;
use crate::column::{Strings, result_rows, written_strings};
use crate::definition::Definition;
use crate::{Arg, ArgumentInfo, EvalContext, FunctionError, Resolved, signature};

pub(super) static HASH_MD5: Definition = Definition::new("hash_md5", resolve, |args, _, ctx| digest::<Md5>(args, ctx));
pub(super) static HASH_SHA1: Definition =
    Definition::new("hash_sha1", resolve, |args, _, ctx| digest::<Sha1>(args, ctx));
pub(super) static HASH_SHA256: Definition =
    Definition::new("hash_sha256", resolve, |args, _, ctx| digest::<Sha256>(args, ctx));

fn resolve(args: &[ArgumentInfo]) -> Result<Resolved, FunctionError> {
    signature::count(args, 1, 1)?;
    signature::not_dynamic(args)?;
    Ok(Resolved { parameters: vec![Text], result: Text })
}

fn digest<D: Digest>(args: &[Arg], ctx: &EvalContext) -> ArrayRef {
    let texts = Strings::of(&args[0]);
    let digit = |value: u8| char::from_digit(value.into(), 16).unwrap_or('0');
    written_strings(result_rows(args, ctx), |row, out| {
        let hash = D::digest(texts.text(row));
        out.extend(hash.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]));
    })
}

#[cfg(test)]
mod tests {
    use crate::scalar::testing::{check, text};

    #[test]
    fn digests_are_in_hexadecimal() {
        check("hash_md5", &[text("World")], text("f5a7924e621e84c9280a9a27e1bcb7f6"));
        check("hash_sha1", &[text("World")], text("70c07ec18ef89c5309bbb0937f3a6342411e1fdd"));
        let sha256 = "78ae647dc5544d227130a0682a51e30bc7777fbb6d8a8f17007463a3ecd1d524";
        check("hash_sha256", &[text("World")], text(sha256));
    }
}
