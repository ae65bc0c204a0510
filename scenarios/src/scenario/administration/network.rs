//! What may pass through VPC endpoints.

use codecommit_mock::document::{DocumentError, Source, Spanned};
use codecommit_mock::world::{World, endpoint_policy};
use schemars::JsonSchema;
use serde::Deserialize;

use super::lookup::one;

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct VpcEndpointFile {
    /// Its id, `vpce-...`.
    id: Spanned<String>,
    /// A policy document in JSON.
    pub(super) policy: Spanned<String>,
}

impl VpcEndpointFile {
    pub(super) fn modify(
        &self,
        document: &Source,
        world: &mut World,
    ) -> Result<String, DocumentError> {
        let policy = endpoint_policy(document, &self.policy)?;
        let endpoints = world.vpc_endpoints.iter_mut();
        let endpoint = one(document, "VPC endpoint", &self.id, endpoints, |it| &it.id)?;
        if endpoint.policy.as_ref() == Some(&policy) {
            let message = "this changes nothing: the endpoint's policy is that already";
            return Err(document.error_at(self.policy.span(), message, None));
        }
        endpoint.policy = Some(policy);
        Ok(format!(
            "changes the policy of VPC endpoint {}",
            endpoint.id
        ))
    }
}
