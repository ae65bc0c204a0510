//! `/_lab/`, as a program in another language meets it: curl here, over plain HTTP and over TLS.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use codecommit_mock::{Limits, MockServer};
use codecommit_tests::{HOST, Lab, PATH, url, wire};
use serde_json::{Value, json};

struct Caller<'a> {
    lab: &'a Lab,
    authorization: String,
}

/// The status and the JSON of an answer.
type Heard = (u16, Value);

impl<'a> Caller<'a> {
    fn new(lab: &'a Lab) -> Self {
        let token = lab.server.control().token.expose().to_owned();
        Self {
            lab,
            authorization: format!("Authorization: Bearer {token}"),
        }
    }

    fn curl(&self, arguments: &[&str]) -> Heard {
        let mut command = self.lab.command("curl");
        command.args(["-sS", "--noproxy", "*", "-w", "\n%{http_code}"]);
        let output = command.args(arguments).output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        let (body, status) = said.rsplit_once('\n').unwrap_or_else(|| {
            let error = String::from_utf8_lossy(&output.stderr).into_owned();
            unreachable!("{error}")
        });
        (
            status.parse().unwrap(),
            serde_json::from_str(body).unwrap_or(Value::Null),
        )
    }

    fn call(&self, method: &str, path: &str, body: Option<&Value>) -> Heard {
        let target = format!("{}{path}", self.lab.server.control().url);
        let text = body.map(Value::to_string);
        let mut arguments = vec!["-X", method, "-H", &self.authorization, &target];
        if let Some(text) = &text {
            arguments.extend(["--data-binary", text]);
        }
        self.curl(&arguments)
    }

    fn ok(&self, method: &str, path: &str, body: Value) -> Value {
        let (status, value) = self.call(method, path, Some(&body).filter(|body| !body.is_null()));
        assert!(
            (200..300).contains(&status),
            "{method} {path}: {status} {value}"
        );
        value
    }
}

#[test]
fn nobody_without_the_token_and_a_loopback_host_is_heard() {
    let lab = Lab::demo();
    let caller = Caller::new(&lab);
    let target = format!("{}/clock", lab.server.control().url);
    let (status, said) = caller.curl(&[&target]);
    assert_eq!(status, 401);
    assert!(
        said["error"]["help"]
            .as_str()
            .unwrap()
            .contains("Authorization: Bearer")
    );
    let (status, _) = caller.curl(&["-H", "Authorization: Bearer wrong", &target]);
    assert_eq!(status, 401);
    let token = lab.server.control().token.expose().to_owned();
    let lower = format!("authorization: bearer {token}");
    assert_eq!(caller.curl(&["-H", &lower, &target]).0, 200);
    // By hand: curl sends one of two Host headers.
    for twice in ["Host: evil.example", "Authorization: Bearer wrong"] {
        let said = wire::say(
            &lab,
            &format!(
                "GET /_lab/clock HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n{}\r\n{twice}\r\nConnection: close\r\n\r\n",
                lab.server.port(),
                caller.authorization
            ),
        );
        assert!(said.starts_with("HTTP/1.1 400 "), "{said}");
    }
    // As after DNS rebinding: the right address under another name, with all that a browser would send.
    for host in [
        "evil.example",
        "127.0.0.1",
        "127.0.0.1:1",
        "localhost.evil.example",
    ] {
        let host = format!("Host: {host}");
        let (status, said) = caller.curl(&["-H", &host, "-H", &caller.authorization, &target]);
        assert_eq!(status, 403, "{host} {said}");
    }
    let localhost = format!("Host: localhost:{}", lab.server.port());
    let (status, _) = caller.curl(&["-H", &localhost, "-H", &caller.authorization, &target]);
    assert_eq!(status, 200);
    assert!(
        lab.exchanges().is_empty(),
        "control calls are not in the journal"
    );
}

#[test]
fn it_is_served_over_tls_as_well() {
    let lab = Lab::demo();
    let caller = Caller::new(&lab);
    let target = format!("https://127.0.0.1:{}/_lab/clock", lab.server.port());
    let (status, said) = caller.curl(&["-H", &caller.authorization, &target]);
    assert_eq!(status, 200, "{said}");
}

#[test]
fn the_clock_is_read_and_moved() {
    let lab = Lab::demo();
    let caller = Caller::new(&lab);
    let at = caller.ok(
        "POST",
        "/clock",
        json!({ "move": "frozen@2026-01-01T00:00:00Z" }),
    );
    assert_eq!(at["now"], "2026-01-01T00:00:00Z");
    assert_eq!(caller.ok("GET", "/clock", Value::Null)["frozen"], true);
    assert_eq!(at["helper_clock"], "2026-01-01T00:00:00Z");
    assert_eq!(
        lab.server.clock().timestamp().to_string(),
        "2026-01-01T00:00:00Z"
    );
    let (status, said) = caller.call("POST", "/clock", Some(&json!({ "move": "tomorrow" })));
    assert_eq!(status, 400);
    assert!(
        said["error"]["help"].as_str().unwrap().contains("skew=+6m"),
        "{said}"
    );
}

#[test]
fn faults_come_and_go() {
    let lab = Lab::demo();
    lab.log_in_as_alice();
    let caller = Caller::new(&lab);
    let ls = || lab.git(&["ls-remote", &url(HOST, PATH)]);
    let id = caller.ok(
        "POST",
        "/faults",
        json!({ "status": 503, "path": "/v1/repos/*" }),
    )["id"]
        .clone();
    ls().fails(128, "error: 503");
    let list = caller.ok("GET", "/faults", Value::Null);
    assert_eq!(
        (&list["faults"][0]["fired"], &list["faults"][0]["id"]),
        (&json!(1), &id)
    );
    caller.ok("DELETE", &format!("/faults/{id}"), Value::Null);
    ls().ok();
    caller.ok(
        "PUT",
        "/faults",
        json!({ "faults": [{ "status": 500 }, { "tls": "expired", "host": "sts.*" }] }),
    );
    ls().fails(128, "error: 500");
    caller.ok("DELETE", "/faults", Value::Null);
    ls().ok();
    let (status, said) = caller.call("POST", "/faults", Some(&json!({ "stauts": 503 })));
    assert_eq!(status, 400);
    assert_eq!(said["error"]["help"], "did you mean `status`?");
    assert_eq!(caller.call("DELETE", "/faults/99", None).0, 404);
}

#[test]
fn what_the_journal_does_not_keep_is_told() {
    let limits = Limits {
        exchanges: 2,
        ..Limits::default()
    };
    let lab = Lab::start(MockServer::builder().limits(limits));
    let caller = Caller::new(&lab);
    for _ in 0..5 {
        wire::say(
            &lab,
            "GET / HTTP/1.1\r\nHost: nowhere\r\nConnection: close\r\n\r\n",
        );
    }
    lab.exchanges();
    let all = caller.ok("GET", "/journal", Value::Null);
    assert_eq!(all["dropped"], 3, "{all}");
    assert_eq!(all["next"], 5);
    assert_eq!(all["exchanges"][0]["number"], 4);
    let rest = caller.ok("GET", "/journal?since=3", Value::Null);
    assert!(rest.get("dropped").is_none(), "{rest}");
    // What was cleared is not missed.
    caller.ok("DELETE", "/journal", Value::Null);
    let none = caller.ok("GET", "/journal", Value::Null);
    assert!(none.get("dropped").is_none(), "{none}");
}

#[test]
fn the_journal_is_read_waited_for_and_cleared() {
    let lab = Lab::demo();
    lab.log_in_as_alice();
    let caller = Caller::new(&lab);
    assert_eq!(caller.ok("GET", "/journal", Value::Null)["next"], 0);
    let waited = std::thread::scope(|scope| {
        let waiting = scope.spawn(|| caller.ok("GET", "/journal?since=0&wait=20", Value::Null));
        lab.git(&["ls-remote", &url(HOST, PATH)]).ok();
        waiting.join().unwrap()
    });
    assert_eq!(
        waited["exchanges"][0]["verdict"]["id"],
        "credentials-missing"
    );
    let all = caller.ok("GET", "/journal", Value::Null);
    let next = all["next"].as_u64().unwrap();
    assert_eq!(all["exchanges"].as_array().unwrap().len() as u64, next);
    let rest = caller.ok("GET", &format!("/journal?since={next}"), Value::Null);
    assert_eq!(rest["exchanges"], json!([]));
    caller.ok("DELETE", "/journal", Value::Null);
    assert_eq!(
        caller.ok("GET", "/journal", Value::Null)["exchanges"],
        json!([])
    );
    assert_eq!(caller.call("GET", "/journal?sincd=1", None).0, 400);
    // What is forgotten is nothing to be told at once.
    let waited = std::thread::scope(|scope| {
        let waiting = scope.spawn(|| caller.ok("GET", "/journal?since=0&wait=20", Value::Null));
        lab.git(&["ls-remote", &url(HOST, PATH)]).ok();
        waiting.join().unwrap()
    });
    assert_eq!(waited["exchanges"][0]["number"], next + 1);
    let (status, said) = caller.call("GET", "/journal?since=99999", None);
    assert_eq!(status, 400);
    assert!(
        said["error"]["help"].as_str().unwrap().contains("since=0"),
        "{said}"
    );
}

#[test]
fn the_list_of_faults_can_be_put_back() {
    let lab = Lab::demo();
    let caller = Caller::new(&lab);
    let endings = ["reset", "close", "stall"];
    let certificates = [
        "wrong-host",
        "expired",
        "not-yet-valid",
        "unknown-ca",
        "cut",
    ];
    let mut sent = vec![
        json!({ "stall": 7, "direction": "request", "probability": 0.5, "seed": 3 }),
        json!({ "latency": "1s", "jitter": "20ms" }),
        json!({ "latency": "1m1s" }),
        json!({ "bandwidth": 9 }),
        json!({ "status": 503 }),
        json!({ "status": 429, "retry_after": 2, "body": "slow \"down\"\n", "times": 2 }),
        json!({ "first_byte": "3s", "method": "POST" }),
        json!({ "truncate": 5, "path": "/v1/repos/*" }),
    ];
    sent.extend(endings.map(|ending| json!({ "refuse": ending, "host": "git-*", "nth": 2 })));
    sent.extend(endings.map(|ending| json!({ ending: 0 })));
    sent.extend(certificates.map(|flaw| json!({ "tls": flaw })));
    sent.extend(["pkt-line", "side-band", "pack"].map(|place| json!({ "corrupt": place })));
    for fault in sent {
        caller.ok("POST", "/faults", fault);
    }
    let plan = |lab: &Lab| -> Vec<_> {
        let list = lab.server.faults().list();
        list.into_iter().map(|status| status.fault).collect()
    };
    let before = plan(&lab);
    let list = caller.ok("GET", "/faults", Value::Null);
    assert_eq!(list["faults"][0]["stall"], 7);
    caller.ok("PUT", "/faults", list);
    assert_eq!(plan(&lab), before);
}

#[test]
fn a_number_beyond_all_numbers_is_out_of_range() {
    let lab = Lab::demo();
    let fault = json!({ "reset": 18_446_744_073_709_551_616_f64 });
    let (status, said) = Caller::new(&lab).call("POST", "/faults", Some(&fault));
    assert_eq!(status, 400);
    let message = said["error"]["message"].as_str().unwrap();
    assert!(
        message.starts_with("`reset`: this number is out of range"),
        "{said}"
    );
}

/// A script whose id is empty sends this.
#[test]
fn an_empty_id_takes_no_fault_away_and_a_query_that_means_nothing_is_refused() {
    let lab = Lab::demo();
    let caller = Caller::new(&lab);
    caller.ok("POST", "/faults", json!({ "status": 503 }));
    for (path, status) in [("/faults/", 404), ("/faults?id=1", 400)] {
        let (found, said) = caller.call("DELETE", path, None);
        assert_eq!(found, status, "{said}");
        assert!(said["error"]["help"].is_string(), "{said}");
        assert_eq!(lab.server.faults().list().len(), 1);
    }
    caller.ok("DELETE", "/faults", Value::Null);
    assert!(lab.server.faults().list().is_empty());
    // As the ready line has it.
    assert!(caller.ok("GET", "", Value::Null)["endpoints"].is_array());
}

#[test]
fn a_move_out_of_the_clocks_range_is_refused_and_moves_nothing() {
    let lab = Lab::demo();
    let caller = Caller::new(&lab);
    for way in ["-100000d", "skew=-100000d", "10000-01-01T00:00:00Z"] {
        let (status, said) = caller.call("POST", "/clock", Some(&json!({ "move": way })));
        let message = said["error"]["message"].to_string();
        assert_eq!(status, 400, "{said}");
        assert!(message.contains("out of a clock's range"), "{message}");
    }
    let clock = caller.ok("GET", "/clock", Value::Null);
    assert_eq!(clock["helper_clock"], Value::Null);
    assert_eq!(clock["offset_seconds"], 0.0);
}

#[test]
fn no_fault_keeps_out_who_is_to_take_it_away() {
    let lab = Lab::demo();
    lab.log_in_as_alice();
    let caller = Caller::new(&lab);
    for fault in [
        json!({ "refuse": "reset" }),
        json!({ "refuse": "close" }),
        json!({ "reset": 0 }),
        json!({ "status": 503 }),
    ] {
        caller.ok("POST", "/faults", fault);
    }
    let target = format!("{}/faults", lab.server.control().url);
    let proxy = lab.server.url();
    let through_the_proxy = ["--noproxy", "", "-x", &proxy, "-H", &caller.authorization];
    let (status, list) = caller.curl(&[&through_the_proxy[..], &[&target]].concat());
    assert_eq!(status, 200);
    let met = |fault: &Value| fault["met"] != 0;
    assert!(
        !list["faults"].as_array().unwrap().iter().any(met),
        "{list}"
    );
    lab.git(&["ls-remote", &url(HOST, PATH)]).fails(128, "");
    caller.ok("DELETE", "/faults", Value::Null);
    lab.git(&["ls-remote", &url(HOST, PATH)]).ok();
}

#[test]
fn the_world_is_shown_without_secrets_replaced_and_reset() {
    let lab = Lab::demo();
    lab.log_in_as_alice();
    let caller = Caller::new(&lab);
    let before = caller.ok("GET", "/world", Value::Null);
    assert_eq!(before["accounts"][0]["users"][0]["name"], "alice");
    for secret in lab.server.secrets() {
        assert!(!before.to_string().contains(&secret.expose().to_owned()));
    }
    let toml = "extends = 'demo'\n[[account]]\nid = '111122223333'\n[[account.repository]]\nname = 'New'\nregion = 'us-east-2'\n";
    let after = caller.ok("PUT", "/world", json!({ "toml": toml }));
    assert_eq!(after["accounts"][0]["repositories"][1]["name"], "New");
    let (status, said) = caller.call("PUT", "/world", Some(&json!({ "toml": "extnds = 'demo'" })));
    assert_eq!(status, 400);
    assert_eq!(said["error"]["help"], "did you mean `extends`?");
    caller.ok("POST", "/clock", json!({ "move": "+2h" }));
    caller.ok("POST", "/faults", json!({ "status": 503 }));
    caller.ok("POST", "/reset", Value::Null);
    assert_eq!(caller.ok("GET", "/world", Value::Null), before);
    assert_eq!(
        caller.ok("GET", "/clock", Value::Null)["offset_seconds"],
        0.0
    );
    assert_eq!(
        caller.ok("GET", "/faults", Value::Null)["faults"],
        json!([])
    );
    lab.git(&["ls-remote", &url(HOST, PATH)]).ok();
}

#[test]
fn what_cannot_be_done_is_said_with_what_can() {
    let lab = Lab::demo();
    let caller = Caller::new(&lab);
    let (status, said) = caller.call("PATCH", "/clock", None);
    assert_eq!(
        (status, &said["error"]["help"]),
        (405, &json!("the methods here are GET, POST"))
    );
    assert_eq!(caller.call("GET", "/nothing", None).0, 404);
    let told = |path: &str, body: Value| {
        let (status, said) = caller.call("POST", path, Some(&body));
        let error = &said["error"];
        let told = format!("{status} {}; {}", error["message"], error["help"]);
        told.replace('"', "")
    };
    let misspelt = told("/clock", json!({ "mov": "+1m" }));
    assert_eq!(misspelt, "400 unknown key `mov`; the key here is `move`");
    let list = told("/faults", json!({ "faults": [] }));
    assert!(list.contains("PUT takes a list"), "{list}");
    let below = told("/faults", json!({ "status": -1 }));
    assert!(
        below.starts_with("400 `status`: this number is out of range"),
        "{below}"
    );
    let list = told("/faults", json!([{ "status": 503 }]));
    assert!(list.contains("PUT takes a list"), "{list}");
    let put = |body: &str| {
        let target = format!("{}/faults", lab.server.control().url);
        let head = ["-X", "PUT", "-H", &caller.authorization, "--data-binary"];
        let (status, said) = caller.curl(&[&head[..], &[body, &target]].concat());
        let error = &said["error"];
        format!("{status} {}; {}", error["message"], error["help"]).replace('"', "")
    };
    for (body, wanted) in [
        (
            r#"{"faults":[{"status":503},{"stauts":503}]}"#,
            "400 fault 2 of 2: unknown key `stauts`; did you mean `status`?",
        ),
        (
            r#"[{"status":503}]"#,
            "400 the body is a list, and the list belongs into an object; send",
        ),
        (
            r#"{"faults":[{"status":503,"status":500}]}"#,
            "400 the key `status` is there twice",
        ),
        (
            r#"{"faults":[{"reset":18446744073709551616}]}"#,
            "400 fault 1 of 1: `reset`: ",
        ),
    ] {
        let told = put(body);
        assert!(told.starts_with(wanted), "{told}");
    }
    assert!(lab.server.faults().list().is_empty());
    // A null is what other languages write for a key that is not there.
    caller.ok("POST", "/faults", json!({ "status": 503, "path": null }));
    assert_eq!(lab.server.faults().list()[0].fault.path, None);
    let nothing = told("/faults", json!({ "status": null }));
    assert!(
        nothing.starts_with("400 a fault that does nothing"),
        "{nothing}"
    );
    assert_eq!(caller.call("POST", "/clock", Some(&json!("x"))).0, 400);
    let large = json!({ "toml": "#".repeat(16 << 20) }).to_string();
    let file = lab.home().join("large.json");
    std::fs::write(&file, large).unwrap();
    let target = format!("{}/world", lab.server.control().url);
    let data = format!("@{}", file.display());
    let (status, _) = caller.curl(&[
        "-X",
        "PUT",
        "-H",
        &caller.authorization,
        "--data-binary",
        &data,
        &target,
    ]);
    assert_eq!(status, 413);
    assert!(caller.ok("GET", "/", Value::Null)["endpoints"].is_array());
}
