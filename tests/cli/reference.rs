//! `docs/cli.md` and `docs/spec.md` are what the program says of itself; manual pages for every command.

use super::sandbox::Sandbox;

#[test]
fn the_generated_documents_are_up_to_date() {
    let sandbox = Sandbox::new();
    for (file, arguments) in [
        ("cli.md", ["man", "--format", "markdown"]),
        ("spec.md", ["schema", "--format", "markdown"]),
    ] {
        let run = sandbox.run(&arguments);
        assert_eq!(run.code, 0, "{run:?}");
        let path = format!("{}/docs/{file}", env!("CARGO_MANIFEST_DIR"));
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            std::fs::write(&path, &run.stdout).unwrap();
        }
        let there = std::fs::read_to_string(&path).unwrap_or_default();
        let difference = similar::TextDiff::from_lines(&there, &run.stdout);
        assert!(
            there == run.stdout,
            "docs/{file} is not what `platform {}` says; UPDATE_GOLDEN=1 rewrites it\n{}",
            arguments.join(" "),
            difference.unified_diff()
        );
    }
}

#[test]
fn every_command_has_its_page() {
    let sandbox = Sandbox::new();
    let run = sandbox.run(&["man", "--out", "man1"]);
    assert_eq!(run.code, 0, "{run:?}");
    let pages = sandbox.files("man1");
    let reference = sandbox.run(&["man", "--format", "markdown"]).stdout;
    let commands: Vec<&str> = reference
        .lines()
        .filter_map(|line| line.strip_prefix("## "))
        .collect();
    assert!(commands.len() > 15, "{commands:?}");
    assert_eq!(pages.len(), commands.len(), "a page each");
    for command in commands {
        let name = command.replace(' ', "-");
        let page = pages.iter().find(|(file, _)| *file == format!("{name}.1"));
        let text = page
            .map(|(_, bytes)| String::from_utf8_lossy(bytes).into_owned())
            .unwrap_or_default();
        assert!(text.contains(&format!(".TH {name} 1")), "{name}: {text:.200}");
        for section in [".SH NAME", ".SH SYNOPSIS", ".SH DESCRIPTION"] {
            assert!(text.contains(section), "{name} has no {section}");
        }
    }
    let one = sandbox.run(&["man", "blueprint", "export"]);
    assert!(one.stdout.contains(".TH platform-blueprint-export 1"), "{one:?}");
    let run = sandbox.run(&["man", "frobnicate"]);
    assert_eq!(run.code, 2, "{run:?}");
}
