//! CodeCommit's Git hosts: from a host name to a Region, and nothing for look-alikes.

use std::fmt;

/// A Git connection endpoint of CodeCommit, read from a host name.
///
/// Shapes (CodeCommit user guide, "Regions and Git connection endpoints" and "Using with interface VPC endpoints"):
///
/// | kind | host |
/// | --- | --- |
/// | standard | `git-codecommit.REGION.amazonaws.com` |
/// | FIPS | `git-codecommit-fips.REGION.amazonaws.com` |
/// | VPC endpoint | `vpce-ID-SUFFIX[-ZONE].git-codecommit[-fips].REGION.vpce.amazonaws.com` |
/// | China | any of these, ending in `.amazonaws.com.cn` |
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    host: String,
    region: String,
    fips: bool,
    vpc_endpoint: Option<String>,
    partition: Partition,
}

/// A group of Regions with a DNS suffix and an ARN prefix of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Partition {
    /// `aws`.
    Aws,
    /// `aws-cn`: the Regions in China, under `amazonaws.com.cn`.
    AwsCn,
    /// `aws-us-gov`: GovCloud (US).
    AwsUsGov,
}

impl Partition {
    /// The partition that a Region's name belongs to.
    pub fn of_region(region: &str) -> Self {
        if region.starts_with("cn-") {
            Self::AwsCn
        } else if region.starts_with("us-gov-") {
            Self::AwsUsGov
        } else {
            Self::Aws
        }
    }

    /// `amazonaws.com` or `amazonaws.com.cn`.
    pub fn dns_suffix(self) -> &'static str {
        match self {
            Self::AwsCn => "amazonaws.com.cn",
            Self::Aws | Self::AwsUsGov => "amazonaws.com",
        }
    }
}

/// As it stands in an ARN.
impl fmt::Display for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Aws => "aws",
            Self::AwsCn => "aws-cn",
            Self::AwsUsGov => "aws-us-gov",
        })
    }
}

impl Endpoint {
    /// Reads a host name, with or without a port. `None` if it is not a Git endpoint of CodeCommit.
    ///
    /// The whole name is compared, from its first label to its last and in any case, so that
    /// `git-codecommit.us-east-1.amazonaws.com.evil.example` is nobody we sign for. (The AWS CLI asks only whether
    /// `amazonaws.com` occurs somewhere in the name.)
    pub fn parse(host: &str) -> Option<Self> {
        let name = without_port(host);
        let lower = name.to_ascii_lowercase();
        let (labels, in_china) = match lower.strip_suffix(".amazonaws.com.cn") {
            Some(labels) => (labels, true),
            None => (lower.strip_suffix(".amazonaws.com")?, false),
        };
        let labels: Vec<&str> = labels.split('.').collect();
        let (service, region, vpc_endpoint) = match labels[..] {
            [service, region] => (service, region, None),
            [id, service, region, "vpce"] if id.starts_with("vpce-") => {
                (service, region, Some(id.to_owned()))
            }
            _ => return None,
        };
        let fips = match service {
            "git-codecommit" => false,
            "git-codecommit-fips" => true,
            _ => return None,
        };
        let is_label = |label: &str| {
            !label.is_empty()
                && label
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        };
        let partition = Partition::of_region(region);
        if !is_label(region)
            || !vpc_endpoint.as_deref().is_none_or(is_label)
            || in_china != (partition == Partition::AwsCn)
        {
            return None;
        }
        Some(Self {
            host: name.to_owned(),
            region: region.to_owned(),
            fips,
            vpc_endpoint,
            partition,
        })
    }

    /// The host to sign: as it was written, without a port.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The Region, in lower case.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// Whether this is a FIPS endpoint.
    pub fn is_fips(&self) -> bool {
        self.fips
    }

    /// The first label of a VPC endpoint's host, `vpce-...`.
    pub fn vpc_endpoint(&self) -> Option<&str> {
        self.vpc_endpoint.as_deref()
    }

    /// The partition of the Region.
    pub fn partition(&self) -> Partition {
        self.partition
    }
}

/// The host without `:port`. What is left of an IPv6 literal keeps its brackets.
pub fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_documented_shape_is_read() {
        for (host, region, fips, vpc) in [
            (
                "git-codecommit.us-east-2.amazonaws.com",
                "us-east-2",
                false,
                None,
            ),
            (
                "git-codecommit.us-east-2.amazonaws.com:443",
                "us-east-2",
                false,
                None,
            ),
            (
                "GIT-CODECOMMIT.US-EAST-2.AMAZONAWS.COM",
                "us-east-2",
                false,
                None,
            ),
            (
                "git-codecommit-fips.us-gov-west-1.amazonaws.com",
                "us-gov-west-1",
                true,
                None,
            ),
            (
                "git-codecommit.cn-north-1.amazonaws.com.cn",
                "cn-north-1",
                false,
                None,
            ),
            (
                "vpce-0b47ea360adebf88a-jkl88hez.git-codecommit.us-east-1.vpce.amazonaws.com",
                "us-east-1",
                false,
                Some("vpce-0b47ea360adebf88a-jkl88hez"),
            ),
            (
                "vpce-0b47-jkl-us-east-1a.git-codecommit-fips.us-east-1.vpce.amazonaws.com",
                "us-east-1",
                true,
                Some("vpce-0b47-jkl-us-east-1a"),
            ),
        ] {
            let endpoint = Endpoint::parse(host).unwrap_or_else(|| panic!("{host}"));
            assert_eq!(endpoint.region(), region, "{host}");
            assert_eq!(endpoint.is_fips(), fips, "{host}");
            assert_eq!(endpoint.vpc_endpoint(), vpc, "{host}");
        }
    }

    #[test]
    fn look_alikes_are_not_endpoints() {
        for host in [
            "",
            "github.com",
            "amazonaws.com",
            "git-codecommit.amazonaws.com",
            "s3.us-west-2.amazonaws.com",
            "codecommit.us-east-1.amazonaws.com",
            "notamazonaws.com.evil.example",
            "git-codecommit.us-east-1.amazonaws.com.evil.example",
            "evil-git-codecommit.us-east-1.amazonaws.com",
            "x.git-codecommit.us-east-1.amazonaws.com",
            "x.git-codecommit.us-east-1.vpce.amazonaws.com",
            "git-codecommit..amazonaws.com",
            "git-codecommit.us-east-1.amazonaws.com.",
            "git-codecommit.us-east-1.amazonaws.com.cn",
            "git-codecommit.cn-north-1.amazonaws.com",
            "git-codecommit.us-east-1.amazonaws.com:443:443",
            "user@git-codecommit.us-east-1.amazonaws.com",
            "git-codecommit.us-east-1\u{2024}evil.amazonaws.com",
        ] {
            assert_eq!(Endpoint::parse(host), None, "{host}");
        }
    }

    #[test]
    fn the_signed_host_is_the_one_that_was_typed() {
        let endpoint = Endpoint::parse("Git-CodeCommit.us-east-2.amazonaws.com:8443").unwrap();
        assert_eq!(endpoint.host(), "Git-CodeCommit.us-east-2.amazonaws.com");
    }
}
