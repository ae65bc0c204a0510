//! Whom roles trust.

use codecommit_mock::document::{DocumentError, Source, Spanned};
use codecommit_mock::world::World;
use schemars::JsonSchema;
use serde::Deserialize;

use super::lookup::role_itself;

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct TrustFile {
    /// The role.
    role: Spanned<String>,
    /// Who may assume it from here on: ARNs, account ids, names of services.
    trusted: Spanned<Vec<String>>,
}

impl TrustFile {
    pub(super) fn update(
        &self,
        document: &Source,
        world: &mut World,
    ) -> Result<String, DocumentError> {
        let role = role_itself(document, world, &self.role)?;
        let trusted = self.trusted.get_ref();
        if role.trusted == *trusted {
            let message = "this changes nothing: the role trusts them already";
            return Err(document.error_at(self.trusted.span(), message, None));
        }
        role.trusted.clone_from(trusted);
        let whom = match &trusted[..] {
            [] => "nobody".to_owned(),
            them => them.join(" and "),
        };
        Ok(format!("lets role {} trust {whom}", role.name))
    }
}
