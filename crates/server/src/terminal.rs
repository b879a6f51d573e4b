//! What a command says and asks.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

use anyhow::{Context as _, bail};
use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
use zeroize::Zeroizing;

/// Says a line on standard output. Nobody listening (a closed pipe) is no error of the command's.
pub(crate) fn say(text: &str) {
    let _ = writeln!(io::stdout().lock(), "{text}");
}

/// Complains on standard error.
pub(crate) fn complain(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Whether somebody sits there who can be asked.
pub(crate) fn somebody_is_there() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Whether standard error is a terminal: then colours and a progress bar make sense.
pub(crate) fn errors_are_seen() -> bool {
    io::stderr().is_terminal()
}

/// Asks for a line; an empty one stands for `usual`.
///
/// # Errors
/// When nobody is there and there is nothing usual; `flag` says how to answer beforehand.
pub(crate) fn ask(question: &str, usual: Option<&str>, flag: &str) -> anyhow::Result<String> {
    if !somebody_is_there() {
        return match usual {
            Some(usual) => Ok(usual.to_owned()),
            None => bail!("{question}: nobody can be asked here; give {flag}"),
        };
    }
    loop {
        let mut err = io::stderr().lock();
        match usual {
            Some(usual) => write!(err, "{question} [{usual}]: ")?,
            None => write!(err, "{question}: ")?,
        }
        err.flush()?;
        let mut line = String::new();
        if io::stdin().lock().read_line(&mut line)? == 0 {
            bail!("{question}: the input ended");
        }
        let line = line.trim();
        match (line.is_empty(), usual) {
            (false, _) => return Ok(line.to_owned()),
            (true, Some(usual)) => return Ok(usual.to_owned()),
            (true, None) => {}
        }
    }
}

/// Asks whether to go on; only `yes`, in full, is a yes.
///
/// # Errors
/// When nobody is there to be asked; `--yes` answers beforehand.
pub(crate) fn confirmed(question: &str) -> anyhow::Result<bool> {
    Ok(ask(&format!("{question} Type yes to go on"), None, "--yes")?.eq_ignore_ascii_case("yes"))
}

/// Asks for a password, twice and without showing it; where nobody sits there, takes the first line of standard input.
/// Never an argument: arguments stand in the list of processes.
///
/// # Errors
/// When the two differ, or the input ends.
pub(crate) fn ask_password(question: &str) -> anyhow::Result<String> {
    if !io::stdin().is_terminal() {
        let line = read_line()?;
        return Ok(line.to_string());
    }
    let first = read_hidden(question)?;
    let second = read_hidden("Once more")?;
    if *first != *second {
        bail!("the two passwords differ; nothing was changed");
    }
    Ok(first.to_string())
}

fn read_line() -> anyhow::Result<Zeroizing<String>> {
    let mut line = Zeroizing::new(String::new());
    if io::stdin().lock().read_line(&mut line)? == 0 {
        bail!("a password was to come on standard input, but nothing came");
    }
    // A password may end with a space; only the line's own end goes.
    Ok(Zeroizing::new(line.trim_end_matches(['\r', '\n']).to_owned()))
}

fn read_hidden(question: &str) -> anyhow::Result<Zeroizing<String>> {
    let stdin = io::stdin();
    {
        let mut err = io::stderr().lock();
        write!(err, "{question}: ")?;
        err.flush()?;
    }
    let before = tcgetattr(&stdin).context("the terminal does not answer")?;
    let mut hidden = before.clone();
    hidden.local_modes.remove(LocalModes::ECHO);
    tcsetattr(&stdin, OptionalActions::Flush, &hidden)?;
    let line = read_line();
    tcsetattr(&stdin, OptionalActions::Flush, &before)?;
    complain("");
    line
}

/// A number with the right form of the word: `1 event`, `2 events`.
pub(crate) fn counted(number: impl Into<u128>, one: &str, more: &str) -> String {
    let number = number.into();
    format!("{number} {}", if number == 1 { one } else { more })
}
