//! A place in the bytes of a chunk.

/// Reads little-endian numbers one after another; `None` past the end.
#[derive(Debug, Clone, Copy)]
pub struct Bytes<'a> {
    data: &'a [u8],
    at: usize,
    end: usize,
}

impl<'a> Bytes<'a> {
    /// At `start`, for what stands before `end`; `None` when the data do not go so far.
    pub fn of(data: &'a [u8], start: usize, end: usize) -> Option<Self> {
        (start <= end && end <= data.len()).then_some(Self { data, at: start, end })
    }

    /// Offset in the chunk.
    pub fn at(&self) -> usize {
        self.at
    }

    /// What is left.
    pub fn rest(&self) -> &'a [u8] {
        &self.data[self.at..self.end]
    }

    /// The next bytes.
    pub fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let taken = self.rest().get(..count)?;
        self.at += count;
        Some(taken)
    }

    /// The next bytes as an array.
    pub fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    /// A byte.
    pub fn u8(&mut self) -> Option<u8> {
        self.array::<1>().map(|[byte]| byte)
    }

    /// Two bytes.
    pub fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_le_bytes)
    }

    /// Four bytes.
    pub fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    /// Four bytes, as a place or a length.
    pub fn place(&mut self) -> Option<usize> {
        self.u32().and_then(|place| usize::try_from(place).ok())
    }
}
