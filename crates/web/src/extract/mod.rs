//! What handlers ask of a request, each as a type in their signature.

mod api_caller;
mod brand;
mod client_address;
mod field;
mod idempotency;
mod json;
mod may;
mod path;
mod query;
pub mod request_id;

pub use api_caller::ApiCaller;
pub use brand::AtBrand;
pub(crate) use brand::{brand_named, host_named};
pub use client_address::ClientAddress;
pub(crate) use client_address::client_address_of;
pub(crate) use field::optional;
pub use field::{Field, FromText};
pub use idempotency::Key;
pub use json::Json;
pub use may::{May, Right, rights};
pub use path::Path;
pub use query::Query;
