//! Processes that have left their group, found by a variable in their environment.

#[cfg(target_os = "linux")]
use std::{
    fs, io,
    path::Path,
    thread,
    time::{Duration, Instant},
};

/// All processes whose environment has a certain variable, whatever group they have gone to. Ended on drop, on Linux; other
/// systems do not show environments.
#[derive(Debug)]
pub struct Marked {
    #[cfg_attr(
        not(target_os = "linux"),
        expect(dead_code, reason = "only Linux shows environments")
    )]
    entry: Vec<u8>,
}

impl Marked {
    /// Those with this variable.
    pub fn new(name: &str, value: &str) -> Self {
        Self {
            entry: format!("{name}={value}").into_bytes(),
        }
    }

    /// Ends those that are there now; whether there were any, or may have been.
    #[cfg(target_os = "linux")]
    fn end(&self) -> bool {
        use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};

        let mut found = false;
        for process in fs::read_dir("/proc").into_iter().flatten().flatten() {
            let name = process.file_name();
            let number = name.to_str().and_then(|name| name.parse().ok());
            let Some(pid) = number.and_then(Pid::from_raw) else {
                continue;
            };
            // Opened before its environment is read: no other process that gets its number later is ended.
            let Ok(handle) = pidfd_open(pid, PidfdFlags::empty()) else {
                continue;
            };
            found |= match environment(&process.path()) {
                Ok(Environment::Of(variables)) => {
                    let mut variables = variables.split(|byte| *byte == 0);
                    variables.any(|variable| variable == self.entry)
                        && pidfd_send_signal(handle, Signal::KILL).is_ok()
                }
                Ok(Environment::NotYet) => true,
                // It has ended, or is somebody else's.
                Err(_) => false,
            };
        }
        found
    }
}

/// The environment of a process, as `/proc` shows it.
#[cfg(target_os = "linux")]
enum Environment {
    /// Variables, each followed by a NUL.
    Of(Vec<u8>),
    /// The process is in the middle of `execve`: its new program is known, but has neither arguments nor environment yet. On a
    /// busy machine that can last.
    NotYet,
}

#[cfg(target_os = "linux")]
fn environment(process: &Path) -> io::Result<Environment> {
    let variables = fs::read(process.join("environ"))?;
    if !variables.is_empty() {
        return Ok(Environment::Of(variables));
    }
    // A thread of the kernel and a zombie have no program.
    fs::read_link(process.join("exe"))?;
    if fs::read(process.join("cmdline"))?.is_empty() {
        return Ok(Environment::NotYet);
    }
    // Arguments come with the environment: either it came between the two looks, or there is none.
    fs::read(process.join("environ")).map(Environment::Of)
}

#[cfg(target_os = "linux")]
impl Drop for Marked {
    fn drop(&mut self) {
        // Again, for those that were started meanwhile behind our back: twice without any is the end. What starts itself faster
        // than it is ended does not hold us up for ever.
        let began = Instant::now();
        let mut quiet = 0;
        while began.elapsed() < Duration::from_secs(5) {
            quiet = if self.end() { 0 } else { quiet + 1 };
            if quiet == 2 {
                break;
            }
            thread::sleep(Duration::from_millis(1));
        }
    }
}

#[cfg(target_os = "linux")]
#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt;
    use std::process::Command;

    use super::*;

    #[test]
    fn a_process_that_left_its_group_is_ended_by_its_mark() {
        let folder = tempfile::tempdir().unwrap();
        let value = folder.path().to_str().unwrap();
        let start = |variable: &str| {
            let mut command = Command::new("setsid");
            command
                .args(["sleep", "60"])
                .env("PROCESS_TEST_MARK", variable);
            command.spawn().unwrap()
        };
        let (mut marked, mut other) = (start(value), start("another"));
        drop(Marked::new("PROCESS_TEST_MARK", value));
        assert_eq!(marked.wait().unwrap().signal(), Some(9));
        assert!(other.try_wait().unwrap().is_none());
        other.kill().unwrap();
        other.wait().unwrap();
    }
}
