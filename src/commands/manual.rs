//! `patience completions` and `patience man`: what packagers put beside the binary, made from the command line itself.

use std::{
    io::{self, Write},
    path::Path,
};

use clap::CommandFactory;
use clap_complete::Shell;

use super::{Cli, Failure};

pub(super) fn completions(shell: Shell) -> Result<(), Failure> {
    // The generator does not give back errors of what it writes to.
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "patience", &mut script);
    Ok(io::stdout().write_all(&script)?)
}

pub(super) fn man(folder: Option<&Path>) -> Result<(), Failure> {
    match folder {
        Some(folder) => clap_mangen::generate_to(Cli::command(), folder)
            .map_err(|error| Failure::new(format!("cannot write to {}: {error}", folder.display()))),
        None => Ok(clap_mangen::Man::new(Cli::command()).render(&mut io::stdout())?),
    }
}

#[cfg(test)]
mod tests {
    use clap::{Command, CommandFactory, Parser};

    use super::Cli;

    /// The calls of patience in a help text, with what a shell would make of their words.
    fn calls(help: &str) -> Vec<Vec<String>> {
        let lines = help.lines().filter_map(|line| line.find("patience ").map(|at| &line[at..]));
        lines
            .map(|call| call.split(['|', '>']).next().unwrap_or_default())
            .map(|call| call.split_whitespace().map(str::to_owned).collect())
            .collect()
    }

    fn each(command: &Command, see: &mut impl FnMut(&Command)) {
        see(command);
        command.get_subcommands().for_each(|command| each(command, see));
    }

    #[test]
    fn every_command_has_an_example_that_is_understood() {
        each(&Cli::command(), &mut |command| {
            let name = command.get_name();
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            let calls = calls(&help);
            assert!(!calls.is_empty(), "{name} has no example");
            for call in calls {
                let read = Cli::try_parse_from(&call);
                assert!(read.is_ok(), "{call:?}: {}", read.unwrap_err());
                assert!(
                    name == "patience" || call.iter().any(|word| word == name),
                    "{call:?} is not of {name}"
                );
            }
        });
    }
}
