//! Which hosts it answers for, and with what.

use super::{configured, source, trial};
use crate::conformance::helper::Trial;
use crate::conformance::helper::bench::HelperBench;
use crate::conformance::world::{DEMO, Remote};
use crate::conformance::{Finding, Judged};

const EUROPE: Remote = Remote {
    host: "git-codecommit.eu-west-1.amazonaws.com",
    region: "eu-west-1",
    name: "EuropeRepo",
};
const CHINA: Remote = Remote {
    host: "git-codecommit.cn-north-1.amazonaws.com.cn",
    region: "cn-north-1",
    name: "ChinaRepo",
};
const GOVERNMENT: Remote = Remote {
    host: "git-codecommit.us-gov-west-1.amazonaws.com",
    region: "us-gov-west-1",
    name: "GovRepo",
};
const FIPS: Remote = Remote {
    host: "git-codecommit-fips.us-east-2.amazonaws.com",
    ..DEMO
};
const VPC: Remote = Remote {
    host: "vpce-0b47ea360adebf88a-jkl88hez.git-codecommit.us-east-2.vpce.amazonaws.com",
    ..DEMO
};
const CAPITALS: Remote = Remote {
    host: "Git-CodeCommit.US-East-2.amazonaws.com",
    ..DEMO
};
const PORT: Remote = Remote {
    host: "git-codecommit.us-east-2.amazonaws.com:443",
    ..DEMO
};

pub(super) fn trials() -> Vec<Trial> {
    vec![
        trial(
            "region-of-the-configuration",
            "Signs for a repository of the Region that is configured.",
            source::HELPER,
            configured,
            |helper| opens(helper, DEMO),
        ),
        trial(
            "region-of-the-host",
            "Signs for the Region in the host's name, whatever is configured.",
            source::REGIONS,
            configured,
            |helper| opens(helper, EUROPE),
        ),
        trial(
            "china",
            "Signs for `amazonaws.com.cn`.",
            source::REGIONS,
            configured,
            |helper| opens(helper, CHINA),
        ),
        trial(
            "govcloud",
            "Signs for AWS GovCloud.",
            source::REGIONS,
            configured,
            |helper| opens(helper, GOVERNMENT),
        ),
        trial(
            "fips-endpoint",
            "Signs for `git-codecommit-fips`.",
            source::REGIONS,
            configured,
            |helper| opens(helper, FIPS),
        ),
        trial(
            "vpc-endpoint",
            "Signs for the host of an interface VPC endpoint.",
            source::VPC,
            configured,
            |helper| opens(helper, VPC),
        ),
        trial(
            "host-in-capitals",
            "Signs for a host that the user typed with capital letters: git passes it on as it is.",
            source::HOST,
            configured,
            |helper| opens(helper, CAPITALS),
        ),
        trial(
            "host-with-a-port",
            "Signs for a host with `:443` behind it.",
            source::PROTOCOL,
            configured,
            |helper| opens(helper, PORT),
        ),
        trial(
            "other-hosts",
            "Says nothing for a host that is not AWS's, and ends well, so that git asks the next helper.",
            source::CUSTOM,
            configured,
            other_hosts,
        ),
        trial(
            "other-services-of-aws",
            "Says nothing for hosts of other AWS services.",
            source::CUSTOM,
            configured,
            |helper| {
                silent_for(
                    helper,
                    &[
                        "s3.us-east-2.amazonaws.com",
                        "codecommit.us-east-2.amazonaws.com",
                    ],
                )
            },
        ),
        trial(
            "look-alike-hosts",
            "Says nothing for hosts of others whose names contain CodeCommit's: an access key id and a session token would be theirs.",
            source::CUSTOM,
            configured,
            |helper| {
                silent_for(
                    helper,
                    &[
                        "git-codecommit.us-east-2.amazonaws.com.evil.example",
                        "notamazonaws.com.evil.example",
                        "evil-git-codecommit.us-east-2.amazonaws.com.example.org",
                    ],
                )
            },
        ),
        trial(
            "plain-http",
            "Says nothing for `http`: the password would travel in clear.",
            source::CUSTOM,
            configured,
            |helper| {
                let answer = helper.ask("get", "protocol=http\nhost=git-codecommit.us-east-2.amazonaws.com\npath=v1/repos/MyDemoRepo\n\n")?;
                match answer.login() {
                    None => Ok(Finding::pass()),
                    Some(_) => Err(Finding::fail("gives a password for plain HTTP")),
                }
            },
        ),
    ]
}

fn opens(helper: &mut HelperBench<'_>, remote: Remote) -> Judged {
    let answer = helper.get(&remote)?;
    helper.opens(&answer, &remote)?;
    Ok(Finding::pass())
}

fn other_hosts(helper: &mut HelperBench<'_>) -> Judged {
    for request in [
        "protocol=https\nhost=github.com\n\n",
        "protocol=https\nhost=github.com\npath=example/example.git\n\n",
    ] {
        let answer = helper.ask("get", request)?;
        if !answer.is_silent() {
            return Err(Finding::fail("answers for github.com"));
        }
        if !answer.done.is_ok() {
            return Err(Finding::fail(format!(
                "for github.com: {}",
                answer.done.ending()
            )));
        }
    }
    Ok(Finding::pass())
}

fn silent_for(helper: &mut HelperBench<'_>, hosts: &[&str]) -> Judged {
    for host in hosts {
        let request = format!("protocol=https\nhost={host}\npath=v1/repos/MyDemoRepo\n\n");
        if helper.ask("get", &request)?.login().is_some() {
            return Err(Finding::fail(format!("gives a password for {host}")));
        }
    }
    Ok(Finding::pass())
}
