//! Moments of the use cases as moments of a page.

use countersign_domain::time::Timestamp;

use crate::views::layout::Moment;

/// The moment as a page shows it.
pub(crate) fn moment(at: Timestamp) -> Moment {
    Moment::from_micros(at.micros())
}
