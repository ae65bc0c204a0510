//! Breaks the endpoint on purpose, one way at a time, and looks which scenarios notice. See `docs/mutations.md`.

mod catalog;
mod scratch;

use std::collections::BTreeMap;
use std::error::Error;
use std::io::{self, Write as _};
use std::process::ExitCode;
use std::time::Instant;

use codecommit_tests::mutation::{self, Mutation};

use catalog::Outcome;
use scratch::Scratch;

/// Leaves out the run of the unbroken endpoint, for who has just seen the whole catalog pass.
const NO_BASELINE: &str = "--no-baseline";

type Outcomes = BTreeMap<String, Outcome>;

fn main() -> ExitCode {
    match run(&std::env::args().skip(1).collect::<Vec<_>>()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: failed to {error}");
            ExitCode::from(2)
        }
    }
}

/// Whether each breakage was noticed by the scenarios that are listed for it, and by no others.
fn run(arguments: &[String]) -> Result<bool, Box<dyn Error>> {
    let mutations = mutation::read()?;
    let mut out = io::stdout();
    if let [option] = arguments
        && option == "--document"
    {
        out.write_all(mutation::document(&mutations).as_bytes())?;
        return Ok(true);
    }
    let (options, names): (Vec<&String>, Vec<&String>) = arguments
        .iter()
        .partition(|argument| argument.starts_with('-'));
    if let Some(unknown) = options.iter().find(|option| **option != NO_BASELINE) {
        return Err(format!(
            "understand `{unknown}`; there are: {NO_BASELINE}, and --document by itself"
        )
        .into());
    }
    let chosen = choose(&mutations, &names)?;
    let scratch = Scratch::make()?;
    if options.is_empty() {
        play_as_it_is(&scratch, &mut out)?;
    }
    let mut all_as_listed = true;
    for mutation in chosen {
        let began = Instant::now();
        scratch.put(&mutation.file, &mutation.changed(mutation::root())?)?;
        let found = outcomes(&scratch);
        scratch.restore(&mutation.file)?;
        let found = found?;
        let red = reds(&found);
        let seconds = began.elapsed().as_secs();
        writeln!(out, "{} -> {} ({seconds} s)", mutation.name, red.join(", "))?;
        for complaint in complaints(mutation, &found, &red) {
            all_as_listed = false;
            writeln!(out, "  WRONG: {complaint}")?;
        }
        out.flush()?;
    }
    Ok(all_as_listed)
}

/// Nothing can be said of a breakage where the catalog fails without it.
fn play_as_it_is(scratch: &Scratch, out: &mut impl io::Write) -> Result<(), Box<dyn Error>> {
    let began = Instant::now();
    let baseline = outcomes(scratch)?;
    let unwell = reds(&baseline);
    if !unwell.is_empty() {
        return Err(format!(
            "begin: the catalog fails before anything is broken: {}",
            unwell.join(", ")
        )
        .into());
    }
    writeln!(
        out,
        "as it is: {} scenarios pass ({} s)",
        baseline.len(),
        began.elapsed().as_secs()
    )?;
    Ok(())
}

fn choose<'a>(mutations: &'a [Mutation], names: &[&String]) -> Result<Vec<&'a Mutation>, String> {
    if names.is_empty() {
        return Ok(mutations.iter().collect());
    }
    names
        .iter()
        .map(|name| {
            let found = mutations.iter().find(|mutation| mutation.name == **name);
            found.ok_or_else(|| {
                let known: Vec<&str> = mutations.iter().map(|known| &*known.name).collect();
                format!("find a mutation `{name}`; there are: {}", known.join(", "))
            })
        })
        .collect()
}

fn outcomes(scratch: &Scratch) -> Result<Outcomes, Box<dyn Error>> {
    Ok(catalog::run(&scratch.build()?)?)
}

fn reds(outcomes: &Outcomes) -> Vec<&str> {
    outcomes
        .iter()
        .filter(|(_, outcome)| **outcome == Outcome::Red)
        .map(|(id, _)| &**id)
        .collect()
}

/// The lists are exact, so that the table can be believed: nothing may be missing, and nothing more may fail.
fn complaints(mutation: &Mutation, found: &Outcomes, red: &[&str]) -> Vec<String> {
    let mut complaints = Vec::new();
    if red.is_empty() {
        complaints.push("it survives: no scenario notices".to_owned());
    }
    for id in &mutation.red {
        match found.get(id) {
            Some(Outcome::Red | Outcome::Skipped) => {}
            Some(Outcome::Green) => complaints.push(format!("`{id}` does not notice")),
            None => complaints.push(format!("there is no scenario `{id}`")),
        }
    }
    let unlisted: Vec<String> = red
        .iter()
        .filter(|id| !mutation.red.iter().any(|listed| listed == *id))
        .map(|id| format!("\"{id}\","))
        .collect();
    if !unlisted.is_empty() {
        complaints.push(format!(
            "not listed, and red; if they should be, add to `red`: {}",
            unlisted.join(" ")
        ));
    }
    complaints
}
