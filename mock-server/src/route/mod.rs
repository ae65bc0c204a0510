//! From a host and a path to what is asked for.

mod git;
mod host;

use hyper::Method;

pub(crate) use self::git::{GitRoute, Operation, Service};
use self::host::Host;
use crate::authn::verdict::{Reason, Refusal};
use crate::world::World;

/// What a request asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    /// Git.
    Git(GitRoute),
    /// An API of AWS.
    Api(ApiRoute),
    /// What only the machine itself can ask.
    Metadata(Metadata),
}

/// A request to an API of AWS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ApiRoute {
    pub(crate) service: ApiService,
    /// The Region of the host; none on loopback, where no host name tells it.
    pub(crate) region: Option<String>,
}

/// The APIs that give credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ApiService {
    /// Security Token Service.
    Sts,
    /// AWS Sign-In, which `aws login` uses.
    SignIn,
    /// IAM Identity Center's portal: role credentials for an access token.
    SsoPortal,
    /// IAM Identity Center's OpenID Connect: access tokens.
    SsoOidc,
}

/// The two places where a machine finds credentials of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Metadata {
    /// The metadata service of an EC2 instance.
    Instance,
    /// The credentials endpoint of an ECS task or EKS pod.
    Container,
}

/// A request's target.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked<'a> {
    /// Whether TLS lies around the request.
    pub(crate) encrypted: bool,
    pub(crate) authority: &'a str,
    pub(crate) method: &'a Method,
    pub(crate) path: &'a str,
    pub(crate) query: Option<&'a str>,
}

/// The path of the container's credentials: in `AWS_CONTAINER_CREDENTIALS_FULL_URI`, where any path may stand.
pub(crate) const CONTAINER_CREDENTIALS: &str = "/container-credentials";

/// Whether a `CONNECT` to this host and port may open a tunnel: the laboratory plays the host, and AWS answers there.
pub(crate) fn serves(world: &World, authority: &str) -> Result<(), Refusal> {
    let host = Host::parse(world, authority)?;
    let port = authority.rsplit_once(':').map(|(_, port)| port);
    if host != Host::Loopback && port.is_some_and(|port| port != "443") {
        return Err(
            Refusal::new(Reason::HostUnknown, "AWS answers on port 443 only")
                .with_help("take the port out of the URL"),
        );
    }
    Ok(())
}

/// Reads a request's target. `loopback_region` is the Region of Git requests straight to 127.0.0.1 or localhost.
pub(crate) fn read(
    world: &World,
    loopback_region: &str,
    asked: &Asked<'_>,
) -> Result<Route, Refusal> {
    let plain_http = || {
        Refusal::new(
            Reason::PlainHttp,
            "this port takes HTTPS, or CONNECT from a client that uses it as its proxy",
        )
        .with_help("use https:// in the repository's URL")
    };
    let host = Host::parse(world, asked.authority)?;
    // The metadata services have no TLS at AWS either, and an endpoint that a user sets to this machine may go without.
    if host == Host::Loopback
        && let Some(route) = by_path(asked.path)
    {
        return Ok(route);
    }
    if !asked.encrypted {
        return Err(plain_http());
    }
    let region = match host {
        Host::Api(service, region) => {
            return Ok(Route::Api(ApiRoute {
                service,
                region: Some(region),
            }));
        }
        Host::Git(region) => region,
        Host::Loopback => loopback_region.to_owned(),
    };
    git::read(
        &region,
        asked.authority,
        asked.method,
        asked.path,
        asked.query,
    )
    .map(Route::Git)
}

/// The services other than Git, told by their paths. No repository is at any of them.
fn by_path(path: &str) -> Option<Route> {
    let api = |service| {
        Some(Route::Api(ApiRoute {
            service,
            region: None,
        }))
    };
    match path {
        CONTAINER_CREDENTIALS => Some(Route::Metadata(Metadata::Container)),
        "/" => api(ApiService::Sts),
        "/v1/token" => api(ApiService::SignIn),
        "/token" => api(ApiService::SsoOidc),
        _ if path.starts_with("/federation/") => api(ApiService::SsoPortal),
        _ if path.starts_with("/latest/") => Some(Route::Metadata(Metadata::Instance)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route(encrypted: bool, authority: &str, path: &str) -> Result<Route, Reason> {
        let asked = Asked {
            encrypted,
            authority,
            method: &Method::GET,
            path,
            query: Some("service=git-upload-pack"),
        };
        read(&World::demo(), "us-east-2", &asked).map_err(|refusal| refusal.reason)
    }

    #[test]
    fn on_loopback_the_path_tells_the_service_with_and_without_tls() {
        let api = |service| {
            Ok(Route::Api(ApiRoute {
                service,
                region: None,
            }))
        };
        for encrypted in [true, false] {
            let at = |path| route(encrypted, "127.0.0.1:8080", path);
            assert_eq!(at("/"), api(ApiService::Sts));
            assert_eq!(at("/v1/token"), api(ApiService::SignIn));
            assert_eq!(at("/token"), api(ApiService::SsoOidc));
            assert_eq!(at("/federation/credentials"), api(ApiService::SsoPortal));
            assert_eq!(
                at("/latest/api/token"),
                Ok(Route::Metadata(Metadata::Instance))
            );
            assert_eq!(
                at("/container-credentials"),
                Ok(Route::Metadata(Metadata::Container))
            );
        }
        assert!(matches!(
            route(true, "127.0.0.1:8080", "/v1/repos/MyDemoRepo/info/refs"),
            Ok(Route::Git(_))
        ));
    }

    #[test]
    fn without_tls_nothing_else_is_served() {
        for (authority, path) in [
            ("127.0.0.1:8080", "/v1/repos/MyDemoRepo/info/refs"),
            ("127.0.0.1:8080", "/elsewhere"),
            ("sts.us-east-2.amazonaws.com", "/"),
            ("git-codecommit.us-east-2.amazonaws.com", "/"),
        ] {
            let refused = route(false, authority, path);
            assert_eq!(refused, Err(Reason::PlainHttp), "{authority}{path}");
        }
        for authority in ["169.254.169.254", "example.com"] {
            let refused = route(false, authority, "/latest/api/token");
            assert_eq!(refused, Err(Reason::HostUnknown), "{authority}");
        }
    }

    #[test]
    fn a_tunnel_leads_to_the_https_port_only() {
        let world = World::demo();
        let opens = |authority| serves(&world, authority).is_ok();
        assert!(opens("git-codecommit.us-east-2.amazonaws.com:443"));
        assert!(opens("git-codecommit.us-east-2.amazonaws.com"));
        assert!(!opens("git-codecommit.us-east-2.amazonaws.com:8443"));
        assert!(!opens("git-codecommit.us-east-2.amazonaws.com:22"));
    }

    #[test]
    fn metadata_is_for_the_machine_itself_only() {
        assert_eq!(
            route(
                true,
                "git-codecommit.us-east-2.amazonaws.com",
                "/latest/api/token"
            ),
            Err(Reason::PathUnknown)
        );
    }
}
