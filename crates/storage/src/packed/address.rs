//! An IPv4 address as text and as a number.

/// Bytes of the shortest text.
const SHORTEST: usize = "0.0.0.0".len();
/// Bytes of the longest text.
const LONGEST: usize = "255.255.255.255".len();
/// Bytes that are written for a text: the longest one, and a dot that is not part of it.
pub(crate) const SPACE: usize = LONGEST + 1;

/// The text of each part of an address and the dot after it, in the first bytes, and how many these are.
const PARTS: [([u8; 4], u8); 256] = {
    let mut parts = [([0; 4], 0); 256];
    let mut part = 0;
    while part < parts.len() {
        let (hundreds, tens, ones) =
            (b'0' + (part / 100) as u8, b'0' + (part / 10 % 10) as u8, b'0' + (part % 10) as u8);
        parts[part] = match part {
            0..10 => ([ones, b'.', 0, 0], 2),
            10..100 => ([tens, ones, b'.', 0], 3),
            _ => ([hundreds, tens, ones, b'.'], 4),
        };
        part += 1;
    }
    parts
};

/// The number of an address in its one form: four decimal numbers without leading zeros. All other texts have none, so that a number
/// comes back as the text that it was.
pub(crate) fn number_of(text: &str) -> Option<u32> {
    if !(SHORTEST..=LONGEST).contains(&text.len()) {
        return None;
    }
    let (mut number, mut part, mut digits, mut dots) = (0u32, 0u32, 0, 0);
    for byte in text.bytes() {
        match byte {
            b'0'..=b'9' if digits == 0 || part != 0 => {
                part = part * 10 + u32::from(byte - b'0');
                digits += 1;
                if part > 255 {
                    return None;
                }
            }
            b'.' if digits > 0 && dots < 3 => {
                number = number << 8 | part;
                dots += 1;
                (part, digits) = (0, 0);
            }
            _ => return None,
        }
    }
    (dots == 3 && digits > 0).then_some(number << 8 | part)
}

/// Writes the text of a number and gives its length; what follows in the space is of no meaning.
pub(crate) fn write_text(number: u32, space: &mut [u8; SPACE]) -> usize {
    let mut end = 0;
    for part in number.to_be_bytes() {
        let (text, length) = PARTS[usize::from(part)];
        // Three parts before it take at most twelve bytes.
        space[end..end + 4].copy_from_slice(&text);
        end += usize::from(length);
    }
    end - 1
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text(number: u32) -> String {
        let mut space = [0; SPACE];
        let length = write_text(number, &mut space);
        str::from_utf8(&space[..length]).expect("digits and dots").to_owned()
    }

    #[test]
    fn only_the_one_form_of_an_address_is_a_number() {
        for (address, number) in
            [("0.0.0.0", 0), ("1.2.3.4", 0x0102_0304), ("10.20.100.200", 0x0A14_64C8), ("255.255.255.255", u32::MAX)]
        {
            assert_eq!(number_of(address), Some(number), "{address}");
            assert_eq!(text(number), address);
        }
        for other in [
            "",
            "-",
            "::1",
            "1.2.3",
            "1.2.3.4.5",
            "1.2.3.",
            ".1.2.3",
            "1..2.3",
            "01.2.3.4",
            "1.2.3.00",
            "256.1.1.1",
            "1.2.3.4 ",
            " 1.2.3.4",
            "1.2.3.4:80",
            "1.2.3.x",
            "::ffff:1.2.3.4",
            "999999999999999",
            "1.2.3.1000",
        ] {
            assert_eq!(number_of(other), None, "{other}");
        }
    }

    proptest! {
        #[test]
        fn numbers_come_back(number: u32) {
            prop_assert_eq!(text(number), std::net::Ipv4Addr::from(number).to_string());
            prop_assert_eq!(number_of(&text(number)), Some(number));
        }

        #[test]
        fn a_text_with_a_number_is_the_text_of_the_number(address in "[0-9.]{5,16}") {
            if let Some(number) = number_of(&address) {
                prop_assert_eq!(text(number), address);
            }
        }
    }
}
