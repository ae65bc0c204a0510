//! Multi-factor authentication: `SerialNumber` and `TokenCode`.

use hyper::StatusCode;
use subtle::ConstantTimeEq as _;

use super::signed::Caller;
use super::{Call, Fault};
use crate::authn::verdict::{Reason, Refusal};
use crate::world::Identity;

/// Whether the call came with a right code: `false` if it came without any.
pub(super) fn check(call: &Call<'_>, caller: &Caller<'_>) -> Result<bool, Fault> {
    let (serial, code) = match (call.parameter("SerialNumber"), call.parameter("TokenCode")) {
        (None, None) => return Ok(false),
        (Some(serial), Some(code)) => (serial, code),
        _ => {
            let message = "MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code.";
            return Err(denied(
                "only one of SerialNumber and TokenCode came",
                message,
            ));
        }
    };
    let Identity::User(user) = &caller.holder().identity else {
        return Err(denied(
            "a role has no MFA device: only a user can name one",
            UNKNOWN_DEVICE,
        ));
    };
    let device = user.mfa_devices.iter().find(|known| known.serial == serial);
    let Some(device) = device else {
        return Err(denied(
            &format!("user {} has no MFA device of this serial number", user.name),
            UNKNOWN_DEVICE,
        ));
    };
    let shown = device.token_code.expose().as_bytes();
    if bool::from(code.as_bytes().ct_eq(shown)) {
        return Ok(true);
    }
    Err(denied(
        &format!(
            "the code is not the one that the device of user {} shows",
            user.name
        ),
        "MultiFactorAuthentication failed with invalid MFA one time pass code. ",
    ))
}

const UNKNOWN_DEVICE: &str = "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial \
                              number is valid and associated with this user.";

fn denied(detail: &str, message: &str) -> Fault {
    Fault::new(
        Refusal::new(Reason::MfaWrong, detail),
        StatusCode::FORBIDDEN,
        "AccessDenied",
        message,
    )
}
