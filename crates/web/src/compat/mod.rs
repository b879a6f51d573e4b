//! The wire of other systems, exactly: so that programs written for them speak with us unchanged. One folder for each; its
//! failures have that system's form, and none of it stands in our own API's description.

pub(crate) mod phone_pin;
