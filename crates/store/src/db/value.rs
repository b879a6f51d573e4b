//! The four value types that both engines share, and a row that both drivers fill.

use std::borrow::Cow;

use super::StoreError;

/// A value on its way into a statement: text, a 64-bit integer, bytes or nothing.
#[derive(Clone, Debug)]
pub enum Value<'a> {
    /// TEXT: ids, enums, names, JSON.
    Text(Cow<'a, str>),
    /// BIGINT: counts, versions, times in microseconds UTC.
    Integer(i64),
    /// BLOB / BYTEA: MACs, hashes, sealed secrets.
    Bytes(Cow<'a, [u8]>),
    /// SQL NULL.
    Null,
}

impl Value<'_> {
    /// The same value, owning its data, for a statement that runs later.
    #[must_use]
    pub fn into_owned(self) -> Value<'static> {
        match self {
            Value::Text(text) => Value::Text(Cow::Owned(text.into_owned())),
            Value::Integer(number) => Value::Integer(number),
            Value::Bytes(bytes) => Value::Bytes(Cow::Owned(bytes.into_owned())),
            Value::Null => Value::Null,
        }
    }
}

/// What can stand in a statement's parameter list.
pub trait ToValue {
    /// The value as one of the four types.
    fn to_value(&self) -> Value<'_>;
}

impl ToValue for str {
    fn to_value(&self) -> Value<'_> {
        Value::Text(Cow::Borrowed(self))
    }
}

impl ToValue for String {
    fn to_value(&self) -> Value<'_> {
        Value::Text(Cow::Borrowed(self))
    }
}

impl ToValue for i64 {
    fn to_value(&self) -> Value<'_> {
        Value::Integer(*self)
    }
}

impl ToValue for u32 {
    fn to_value(&self) -> Value<'_> {
        Value::Integer(i64::from(*self))
    }
}

impl ToValue for bool {
    fn to_value(&self) -> Value<'_> {
        Value::Integer(i64::from(*self))
    }
}

/// Versions and sequence numbers: they start at 0 and count up one by one, so they stay far below 2^63; a number
/// that does not is stored as the greatest one, which no guard ever matches.
impl ToValue for u64 {
    fn to_value(&self) -> Value<'_> {
        Value::Integer(i64::try_from(*self).unwrap_or(i64::MAX))
    }
}

impl ToValue for [u8] {
    fn to_value(&self) -> Value<'_> {
        Value::Bytes(Cow::Borrowed(self))
    }
}

impl<const N: usize> ToValue for [u8; N] {
    fn to_value(&self) -> Value<'_> {
        Value::Bytes(Cow::Borrowed(self))
    }
}

impl ToValue for Vec<u8> {
    fn to_value(&self) -> Value<'_> {
        Value::Bytes(Cow::Borrowed(self))
    }
}

impl<T: ToValue> ToValue for Option<T> {
    fn to_value(&self) -> Value<'_> {
        self.as_ref().map_or(Value::Null, ToValue::to_value)
    }
}

impl<T: ToValue + ?Sized> ToValue for &T {
    fn to_value(&self) -> Value<'_> {
        (**self).to_value()
    }
}

macro_rules! text_values {
    ($($type:ty),+ $(,)?) => {$(
        impl ToValue for $type {
            fn to_value(&self) -> Value<'_> {
                Value::Text(Cow::Owned(self.to_string()))
            }
        }
    )+};
}

use countersign_domain::ids::{
    AccountId, ApiClientId, BrandId, ConversationId, DeviceId, EventId, HolderId, MessageId, OneTimePinId,
    PersonId, SessionId, StaffId, SubjectId,
};

text_values!(
    AccountId,
    ApiClientId,
    BrandId,
    ConversationId,
    DeviceId,
    EventId,
    HolderId,
    MessageId,
    OneTimePinId,
    PersonId,
    SessionId,
    StaffId,
    SubjectId,
);

impl ToValue for countersign_domain::time::Timestamp {
    fn to_value(&self) -> Value<'_> {
        Value::Integer(self.micros())
    }
}

/// Builds a statement's parameters: `params![account, now, "active"]`.
#[macro_export]
macro_rules! params {
    () => { &[] as &[$crate::db::Value<'_>] };
    ($($value:expr),+ $(,)?) => { &[$($crate::db::ToValue::to_value(&$value)),+] as &[$crate::db::Value<'_>] };
}

/// A value that came out of a statement.
#[derive(Clone, Debug)]
pub enum Cell {
    /// TEXT.
    Text(String),
    /// BIGINT.
    Integer(i64),
    /// BLOB / BYTEA.
    Bytes(Vec<u8>),
    /// SQL NULL.
    Null,
}

/// One row of an answer; columns are taken by position, in the order of the statement's list.
#[derive(Clone, Debug)]
pub struct Row {
    cells: Vec<Cell>,
}

impl Row {
    pub(crate) const fn new(cells: Vec<Cell>) -> Self {
        Self { cells }
    }

    /// Takes the column at `index`.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when the column is missing, has another type, or holds what its type refuses.
    pub fn get<T: FromCell>(&self, index: usize) -> Result<T, StoreError> {
        let cell = self
            .cells
            .get(index)
            .ok_or_else(|| StoreError::corrupt("row", index, "no such column"))?;
        T::from_cell(cell).ok_or_else(|| StoreError::corrupt("row", index, "a value its type refuses"))
    }

    /// Takes the column at `index` as text and reads it with the type's own parser.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when the text is not one the type accepts.
    pub fn parse<T: std::str::FromStr>(&self, index: usize) -> Result<T, StoreError> {
        let text = self.text(index)?;
        text.parse()
            .map_err(|_| StoreError::corrupt("row", index, "text its type refuses"))
    }

    /// As [`Row::parse`], for a column that may be NULL.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when the text is not one the type accepts.
    pub fn parse_option<T: std::str::FromStr>(&self, index: usize) -> Result<Option<T>, StoreError> {
        match self.cells.get(index) {
            Some(Cell::Null) => Ok(None),
            _ => self.parse(index).map(Some),
        }
    }

    fn text(&self, index: usize) -> Result<&str, StoreError> {
        match self.cells.get(index) {
            Some(Cell::Text(text)) => Ok(text),
            _ => Err(StoreError::corrupt("row", index, "no text")),
        }
    }
}

/// What a column can be read as.
pub trait FromCell: Sized {
    /// The value, or nothing when the cell does not hold one of this type.
    fn from_cell(cell: &Cell) -> Option<Self>;
}

impl FromCell for String {
    fn from_cell(cell: &Cell) -> Option<Self> {
        if let Cell::Text(text) = cell {
            Some(text.clone())
        } else {
            None
        }
    }
}

impl FromCell for i64 {
    fn from_cell(cell: &Cell) -> Option<Self> {
        if let Cell::Integer(number) = cell {
            Some(*number)
        } else {
            None
        }
    }
}

impl FromCell for u64 {
    fn from_cell(cell: &Cell) -> Option<Self> {
        i64::from_cell(cell).and_then(|number| number.try_into().ok())
    }
}

impl FromCell for u32 {
    fn from_cell(cell: &Cell) -> Option<Self> {
        i64::from_cell(cell).and_then(|number| number.try_into().ok())
    }
}

impl FromCell for bool {
    fn from_cell(cell: &Cell) -> Option<Self> {
        i64::from_cell(cell).map(|number| number != 0)
    }
}

impl FromCell for Vec<u8> {
    fn from_cell(cell: &Cell) -> Option<Self> {
        if let Cell::Bytes(bytes) = cell {
            Some(bytes.clone())
        } else {
            None
        }
    }
}

impl<const N: usize> FromCell for [u8; N] {
    fn from_cell(cell: &Cell) -> Option<Self> {
        if let Cell::Bytes(bytes) = cell {
            bytes.as_slice().try_into().ok()
        } else {
            None
        }
    }
}

impl FromCell for countersign_domain::time::Timestamp {
    fn from_cell(cell: &Cell) -> Option<Self> {
        i64::from_cell(cell).map(Self::from_micros)
    }
}

impl<T: FromCell> FromCell for Option<T> {
    fn from_cell(cell: &Cell) -> Option<Self> {
        match cell {
            Cell::Null => Some(None),
            other => T::from_cell(other).map(Some),
        }
    }
}
