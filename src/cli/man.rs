//! `platform man`: manual pages and the reference of all commands, from the definition of the arguments.

use std::process::ExitCode;

use clap::Command;
use clap_mangen::Man;
use serde_json::json;

use super::args::{Global, ManArgs, ManFormat};
use super::failure::Failure;
use super::render::WAIT;
use super::{command, markdown, output};
use crate::edge::disk;
use crate::tree::{File, Tree};
use crate::units::RelPath;

pub(super) fn run(global: &Global, args: &ManArgs) -> Result<ExitCode, Failure> {
    let mut root = command::definition();
    root.build();
    if let Some(out) = &args.out {
        let mut tree = Tree::default();
        pages(&root, &mut tree)?;
        if !global.dry_run {
            disk::replace_directory(out, &tree, WAIT)?;
        }
        let files: Vec<String> = tree.iter().map(|(path, _)| path.to_string()).collect();
        let document = json!({
            "apiVersion": "tenancy.platform/v1alpha1",
            "kind": "ManualPages",
            "out": out,
            "written": !global.dry_run,
            "files": files,
        });
        output::document(global, &document, || {
            let verb = if global.dry_run { "would write" } else { "wrote" };
            format!("{verb} {} pages to {}\n", files.len(), out.display())
        })?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut found = &root;
    for name in &args.command {
        found = found.find_subcommand(name).ok_or_else(|| {
            let names: Vec<&str> = found.get_subcommands().map(Command::get_name).collect();
            Failure::usage(format!("command `{}` does not exist", name.escape_debug()))
                .hint(format!("commands: {}", names.join(", ")))
        })?;
    }
    let text = match args.format {
        ManFormat::Roff => page(found)?,
        ManFormat::Markdown => markdown::reference(found),
    };
    output::answer(&text)?;
    Ok(ExitCode::SUCCESS)
}

/// The page of one command.
fn page(command: &Command) -> Result<String, Failure> {
    let name = title(command);
    // clap_mangen takes the title from the name; the bin name has blanks where pages have hyphens.
    let mut bytes = Vec::new();
    Man::new(command.clone())
        .title(name)
        // The date of a page would be the day of its build: pages are the same bytes for everybody.
        .date("")
        .manual("platform")
        .render(&mut bytes)
        .map_err(|error| Failure::bug(error.to_string()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// `platform-team-add`.
fn title(command: &Command) -> String {
    command
        .get_bin_name()
        .unwrap_or_else(|| command.get_name())
        .replace(' ', "-")
}

fn pages(command: &Command, tree: &mut Tree) -> Result<(), Failure> {
    let path = format!("{}.1", title(command));
    let path = RelPath::parse(&path).map_err(|error| Failure::bug(error.to_string()))?;
    let file = File {
        bytes: page(command)?.into_bytes(),
        origin: "man",
    };
    if tree.insert(path, file).is_some() {
        return Err(Failure::bug("two commands have one page"));
    }
    let below = command
        .get_subcommands()
        .filter(|below| !below.is_hide_set() && below.get_name() != "help");
    for subcommand in below {
        pages(subcommand, tree)?;
    }
    Ok(())
}
