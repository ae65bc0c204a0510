use codecommit_helper::endpoint::{Endpoint, Partition, without_port};

use super::ApiService;
use crate::authn::verdict::{Reason, Refusal};
use crate::world::World;

/// What a host name stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Host {
    /// This machine, where the path has to tell the service.
    Loopback,
    /// A Git endpoint of CodeCommit, in its Region.
    Git(String),
    /// An endpoint of another service, in the Region that requests to it are signed for.
    Api(ApiService, String),
}

impl Host {
    /// Reads a `Host` header or the target of a `CONNECT`.
    pub(super) fn parse(world: &World, authority: &str) -> Result<Self, Refusal> {
        let host = without_port(authority).to_ascii_lowercase();
        if ["localhost", "127.0.0.1", "[::1]"].contains(&&*host) {
            return Ok(Self::Loopback);
        }
        if let Some((service, region)) = api(&host) {
            return if has_region(world, region) {
                Ok(Self::Api(service, region.to_owned()))
            } else {
                Err(unknown(format!("there is no Region {region}")))
            };
        }
        if host.is_empty() {
            return Err(unknown("the request names no host".to_owned()));
        }
        let endpoint = Endpoint::parse(authority).ok_or_else(|| {
            unknown(format!(
                "{} is not a Git endpoint of CodeCommit",
                printable(without_port(authority))
            ))
        })?;
        let region = endpoint.region();
        if world.regions().any(|known| known == region) {
            Ok(Self::Git(region.to_owned()))
        } else {
            Err(unknown(format!("CodeCommit has no Region {region}")))
        }
    }
}

/// Source: the endpoint rules of botocore 1.44 for `sts`, `sso`, `sso-oidc` and `signin`.
fn api(host: &str) -> Option<(ApiService, &str)> {
    // The global endpoint is signed for as us-east-1.
    if host == "sts.amazonaws.com" {
        return Some((ApiService::Sts, "us-east-1"));
    }
    if let Some(region) = host.strip_suffix(".signin.aws.amazon.com") {
        return Some((ApiService::SignIn, region));
    }
    let (labels, in_china) = match host.strip_suffix(".amazonaws.com.cn") {
        Some(labels) => (labels, true),
        None => (host.strip_suffix(".amazonaws.com")?, false),
    };
    let labels: Vec<&str> = labels.split('.').collect();
    let (service, region) = match labels[..] {
        ["sts" | "sts-fips", region] => (ApiService::Sts, region),
        ["portal", "sso", region] => (ApiService::SsoPortal, region),
        ["oidc", region] => (ApiService::SsoOidc, region),
        _ => return None,
    };
    let is_chinese = Partition::of_region(region) == Partition::AwsCn;
    (in_china == is_chinese).then_some((service, region))
}

/// CodeCommit's Regions, and those that the world has beyond them.
fn has_region(world: &World, region: &str) -> bool {
    let of_sso = world.sso.iter().map(|sso| &*sso.region);
    let of_instance = world.instance.iter().map(|instance| &*instance.region);
    world
        .regions()
        .chain(of_sso)
        .chain(of_instance)
        .any(|known| known == region)
}

fn unknown(detail: String) -> Refusal {
    Refusal::new(Reason::HostUnknown, detail).with_help(
        "the laboratory plays https://git-codecommit[-fips].REGION.amazonaws.com and its VPC endpoints, STS, IAM Identity \
         Center and Sign-In; nothing else is served, and nothing leaves this machine",
    )
}

/// A host from the wire, fit for a sentence.
fn printable(host: &str) -> String {
    host.chars()
        .take(255)
        .flat_map(char::escape_default)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hosts_of_the_services_that_are_played() {
        let world = World::demo();
        let api = |service, region: &str| Host::Api(service, region.to_owned());
        let git = |region: &str| Host::Git(region.to_owned());
        for (host, expected) in [
            ("git-codecommit.us-east-2.amazonaws.com", git("us-east-2")),
            (
                "git-codecommit-fips.us-gov-west-1.amazonaws.com:443",
                git("us-gov-west-1"),
            ),
            ("sts.amazonaws.com:443", api(ApiService::Sts, "us-east-1")),
            (
                "STS.us-east-2.amazonaws.com",
                api(ApiService::Sts, "us-east-2"),
            ),
            (
                "sts-fips.us-east-2.amazonaws.com",
                api(ApiService::Sts, "us-east-2"),
            ),
            (
                "sts.cn-north-1.amazonaws.com.cn",
                api(ApiService::Sts, "cn-north-1"),
            ),
            (
                "portal.sso.eu-west-1.amazonaws.com",
                api(ApiService::SsoPortal, "eu-west-1"),
            ),
            (
                "oidc.eu-west-1.amazonaws.com",
                api(ApiService::SsoOidc, "eu-west-1"),
            ),
            (
                "us-east-2.signin.aws.amazon.com",
                api(ApiService::SignIn, "us-east-2"),
            ),
            ("localhost:8080", Host::Loopback),
            ("[::1]:8080", Host::Loopback),
        ] {
            assert_eq!(Host::parse(&world, host), Ok(expected), "{host}");
        }
        for host in [
            "",
            "github.com:443",
            "localhost.evil.example",
            "git-codecommit.mars-1.amazonaws.com",
            "sts.mars-1.amazonaws.com",
            "sts.cn-north-1.amazonaws.com",
            "sts.us-east-2.amazonaws.com.cn",
            "sts.us-east-2.amazonaws.com.evil.example",
            "s3.us-east-2.amazonaws.com",
            "169.254.169.254",
        ] {
            let refused = Host::parse(&world, host).map_err(|refusal| refusal.reason);
            assert_eq!(refused, Err(Reason::HostUnknown), "{host}");
        }
    }
}
