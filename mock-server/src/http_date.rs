use codecommit_helper::timestamp::Timestamp;
use hyper::Response;
use hyper::header::{DATE, HeaderValue};
use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

/// `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, section 5.6.7).
const FORMAT: &[BorrowedFormatItem<'_>] = format_description!(
    "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
);

/// A `Date` header. Clients look at it: AWS's SDKs correct their clocks by it when a signature is refused for its time.
pub(crate) fn http_date(at: Timestamp) -> Option<HeaderValue> {
    let at = OffsetDateTime::from_unix_timestamp(at.unix_seconds()).ok()?;
    HeaderValue::from_str(&at.format(FORMAT).ok()?).ok()
}

/// An answer of this time.
pub(crate) fn dated<B>(mut response: Response<B>, date: Option<HeaderValue>) -> Response<B> {
    if let Some(date) = date {
        response.headers_mut().insert(DATE, date);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_rfc() {
        let at = Timestamp::parse_compact("19941106T084937").unwrap();
        assert_eq!(http_date(at).unwrap(), "Sun, 06 Nov 1994 08:49:37 GMT");
    }
}
