use hyper::Method;
use percent_encoding::percent_decode_str;

use crate::authn::verdict::{Reason, Refusal};

/// A request to the Git endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct GitRoute {
    /// Host, and port if the request named one.
    pub(crate) authority: String,
    /// The Region of the host.
    pub(crate) region: String,
    /// The repository's path, percent-decoded, without what Git puts behind it: this is what a password signs.
    pub(crate) repository_path: String,
    /// Which half of which conversation.
    pub(crate) operation: Operation,
}

/// What is asked of a repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    /// `GET .../info/refs?service=...`.
    Advertise(Service),
    /// `POST .../git-upload-pack` or `.../git-receive-pack`.
    Exchange(Service),
}

/// One of Git's two services.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Service {
    /// Fetching.
    UploadPack,
    /// Pushing.
    ReceivePack,
}

impl Service {
    /// `git-upload-pack` or `git-receive-pack`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::UploadPack => "git-upload-pack",
            Self::ReceivePack => "git-receive-pack",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        [Self::UploadPack, Self::ReceivePack]
            .into_iter()
            .find(|service| service.name() == name)
    }
}

impl GitRoute {
    /// The last part of the repository's path.
    pub(crate) fn repository_name(&self) -> &str {
        self.repository_path.rsplit('/').next().unwrap_or_default()
    }
}

impl Operation {
    pub(crate) fn service(self) -> Service {
        match self {
            Self::Advertise(service) | Self::Exchange(service) => service,
        }
    }
}

/// Reads the target of a request to a Git endpoint of this Region.
pub(super) fn read(
    region: &str,
    authority: &str,
    method: &Method,
    path: &str,
    query: Option<&str>,
) -> Result<GitRoute, Refusal> {
    let decoded = percent_decode_str(path).decode_utf8().map_err(|_| {
        Refusal::new(
            Reason::RequestMalformed,
            "the path is not UTF-8 once it is percent-decoded",
        )
    })?;
    if decoded.contains(|c: char| c.is_control()) {
        return Err(Refusal::new(
            Reason::RequestMalformed,
            "the path has a control character in it",
        ));
    }
    let (repository_path, operation) = operation(method, &decoded, query)?;
    Ok(GitRoute {
        authority: authority.to_owned(),
        region: region.to_owned(),
        repository_path: repository_path.to_owned(),
        operation,
    })
}

fn operation<'a>(
    method: &Method,
    path: &'a str,
    query: Option<&str>,
) -> Result<(&'a str, Operation), Refusal> {
    if let Some(repository) = path.strip_suffix("/info/refs") {
        let named = query
            .unwrap_or_default()
            .split('&')
            .find_map(|pair| pair.strip_prefix("service="));
        return match (named.and_then(Service::from_name), method) {
            (Some(service), &Method::GET) => Ok((repository, Operation::Advertise(service))),
            (Some(_), _) => Err(wrong_method(method, "GET")),
            (None, _) => Err(Refusal::new(
                Reason::PathUnknown,
                match named {
                    Some(_) => "info/refs was asked for with a service that is not one of Git's",
                    None => "info/refs was asked for without a service: the endpoint speaks smart HTTP only",
                },
            )
            .with_help("the services are git-upload-pack, to fetch, and git-receive-pack, to push")),
        };
    }
    let exchange = path
        .rsplit_once('/')
        .and_then(|(repository, name)| Some((repository, Service::from_name(name)?)));
    match (exchange, method) {
        (Some((repository, service)), &Method::POST) => {
            Ok((repository, Operation::Exchange(service)))
        }
        (Some(_), _) => Err(wrong_method(method, "POST")),
        (None, _) => Err(
            Refusal::new(Reason::PathUnknown, "this is not a path that Git asks for").with_help(
                "a repository's URL is https://git-codecommit.REGION.amazonaws.com/v1/repos/NAME",
            ),
        ),
    }
}

fn wrong_method(method: &Method, expected: &str) -> Refusal {
    Refusal::new(
        Reason::RequestMalformed,
        format!("the method is {method}; Git uses {expected} here"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route(method: &Method, path: &str, query: Option<&str>) -> Result<GitRoute, Reason> {
        let host = "git-codecommit.us-east-2.amazonaws.com";
        read("us-east-2", host, method, path, query).map_err(|refusal| refusal.reason)
    }

    #[test]
    fn the_repository_path_is_what_is_left_of_the_request_path() {
        let query = Some("service=git-upload-pack");
        for (path, expected) in [
            ("/v1/repos/MyDemoRepo/info/refs", "/v1/repos/MyDemoRepo"),
            (
                "/v1/repos/MyDemoRepo.git/info/refs",
                "/v1/repos/MyDemoRepo.git",
            ),
            ("/v1/repos/MyDemoRepo//info/refs", "/v1/repos/MyDemoRepo/"),
            ("/v1/repos/My%20Repo/info/refs", "/v1/repos/My Repo"),
            ("/MyDemoRepo/info/refs", "/MyDemoRepo"),
        ] {
            let route = route(&Method::GET, path, query).unwrap();
            assert_eq!(route.repository_path, expected);
            assert_eq!(route.operation, Operation::Advertise(Service::UploadPack));
        }
    }

    #[test]
    fn requests_that_git_does_not_make_are_named() {
        for (method, path, query, reason) in [
            (Method::GET, "/", None, Reason::PathUnknown),
            (
                Method::GET,
                "/v1/repos/MyDemoRepo/info/refs",
                None,
                Reason::PathUnknown,
            ),
            (
                Method::GET,
                "/v1/repos/MyDemoRepo/info/refs",
                Some("service=git-evil"),
                Reason::PathUnknown,
            ),
            (
                Method::GET,
                "/v1/repos/MyDemoRepo/objects/info/packs",
                None,
                Reason::PathUnknown,
            ),
            (
                Method::PUT,
                "/v1/repos/MyDemoRepo/git-upload-pack",
                None,
                Reason::RequestMalformed,
            ),
            (
                Method::GET,
                "/v1/repos/%ff/info/refs",
                Some("service=git-upload-pack"),
                Reason::RequestMalformed,
            ),
            (
                Method::GET,
                "/v1/repos/a%00b/info/refs",
                Some("service=git-upload-pack"),
                Reason::RequestMalformed,
            ),
        ] {
            assert_eq!(route(&method, path, query), Err(reason), "{method} {path}");
        }
    }
}
