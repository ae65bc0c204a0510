//! Plays scenarios, several at a time, and tells what happens in one orderly stream of events.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;

use crate::event::{Event, Summary};
use crate::play::{left_out, play};
use crate::scenario::Scenario;
use crate::stop::Stop;
use crate::toolbox::Toolbox;

/// How to run.
#[derive(Clone, Debug)]
pub struct Options {
    /// How many scenarios at a time; at least one.
    pub jobs: usize,
    /// Whether to leave the sandboxes' folders for inspection.
    pub keep: bool,
    /// Ends the run early: what is going on is ended and cleaned up, what has not begun is reported as not run.
    pub stop: Stop,
}

/// Plays the scenarios. `listen` is given the events; those of one scenario come together, in the order of the selection.
pub fn run(
    scenarios: &[Arc<Scenario>],
    toolbox: &Toolbox,
    options: &Options,
    mut listen: impl FnMut(&Event),
) -> Summary {
    listen(&Event::RunStarted {
        scenarios: scenarios.len(),
        helper: toolbox.helper,
        helper_version: toolbox.helper_version.clone(),
        git_version: toolbox.git_version.clone(),
    });
    let mut summary = Summary::default();
    let next = AtomicUsize::new(0);
    let (sender, receiver) = mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..options.jobs.clamp(1, scenarios.len().max(1)) {
            let sender = sender.clone();
            let next = &next;
            scope.spawn(move || {
                while !options.stop.is_asked() {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(scenario) = scenarios.get(index) else {
                        break;
                    };
                    if sender
                        .send((index, play(scenario, toolbox, options)))
                        .is_err()
                    {
                        break;
                    }
                }
            });
        }
        drop(sender);
        let mut tell = |events: &[Event]| {
            for event in events {
                if let Event::ScenarioFinished(report) = event {
                    summary.count(&report.outcome);
                }
                listen(event);
            }
        };
        let mut waiting = BTreeMap::new();
        let mut due = 0;
        for (index, events) in receiver {
            waiting.insert(index, events);
            while let Some(events) = waiting.remove(&due) {
                tell(&events);
                due += 1;
            }
        }
        // Only a run that was stopped leaves any.
        for (index, scenario) in scenarios.iter().enumerate().skip(due) {
            let events = waiting.remove(&index);
            tell(&events.unwrap_or_else(|| left_out(scenario)));
        }
    });
    listen(&Event::RunFinished(summary));
    summary
}
