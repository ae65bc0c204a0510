//! Being asked to stop.

#[cfg(not(unix))]
pub(super) use other::{Forwarding, wait_for_stop};
#[cfg(unix)]
pub(super) use unix::{Forwarding, wait_for_stop};

#[cfg(unix)]
mod unix {
    use std::io;
    use std::process::{Child, Command};
    use std::thread;

    use rustix::process::{Pid, Signal, kill_process};
    use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
    use signal_hook::iterator::{Handle, Signals};

    /// Signals that ask to stop, from the moment of this call on.
    pub(in crate::command) fn wait_for_stop() -> io::Result<impl FnOnce()> {
        let mut signals = Signals::new([SIGINT, SIGQUIT, SIGTERM, SIGHUP])?;
        Ok(move || {
            signals.forever().next();
        })
    }

    /// Passes SIGTERM and SIGHUP on to a command until it is dropped. SIGINT and SIGQUIT only do not end us: a terminal
    /// sends them to the command as well.
    pub(in crate::command) struct Forwarding(Handle);

    impl Forwarding {
        /// Starts the command. Signals that come meanwhile are for it, too.
        pub(in crate::command) fn start(mut command: Command) -> io::Result<(Child, Self)> {
            let mut signals = Signals::new([SIGINT, SIGQUIT, SIGTERM, SIGHUP])?;
            let child = command.spawn()?;
            let handle = signals.handle();
            let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
            thread::spawn(move || {
                for signal in signals.forever() {
                    let signal = match signal {
                        SIGTERM => Signal::TERM,
                        SIGHUP => Signal::HUP,
                        _ => continue,
                    };
                    if let Some(pid) = pid {
                        // It may have ended meanwhile.
                        let _ = kill_process(pid, signal);
                    }
                }
            });
            Ok((child, Self(handle)))
        }
    }

    impl Drop for Forwarding {
        fn drop(&mut self) {
            self.0.close();
        }
    }
}

#[cfg(not(unix))]
mod other {
    use std::io;
    use std::process::{Child, Command};
    use std::thread;

    /// Ctrl-C ends the process itself.
    pub(in crate::command) fn wait_for_stop() -> io::Result<impl FnOnce()> {
        Ok(|| {
            loop {
                thread::park();
            }
        })
    }

    pub(in crate::command) struct Forwarding;

    impl Forwarding {
        pub(in crate::command) fn start(mut command: Command) -> io::Result<(Child, Self)> {
            Ok((command.spawn()?, Self))
        }
    }
}
