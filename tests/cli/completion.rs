//! Completions: a real bash, and for the other shells what their scripts ask.

use super::sandbox::{Run, Sandbox};
use super::silent::kubeconfig;

/// What a shell's script asks: the words after `platform`, the last one being typed.
fn ask(sandbox: &Sandbox, shell: &str, words: &[&str]) -> Run {
    let mut command = sandbox.command(&[&["--", "platform"], words].concat());
    command
        .env("PLATFORM_COMPLETE", shell)
        .env("_CLAP_COMPLETE_INDEX", words.len().to_string())
        .env("_CLAP_IFS", "\n");
    Sandbox::finish(&mut command)
}

/// The words offered, without their help.
fn offered(run: &Run) -> Vec<&str> {
    let first = |line: &str| line.split(['\t', ':']).next().unwrap_or_default().len();
    run.stdout.lines().map(|line| &line[..first(line)]).collect()
}

const SHELLS: [&str; 4] = ["bash", "zsh", "fish", "powershell"];

#[test]
fn names_come_from_the_spec_that_the_line_means() {
    let sandbox = Sandbox::with_example();
    let example = sandbox.read("platform.yaml");
    sandbox.write(
        "other/platform.yaml",
        &example.replace("team-", "group-").replace("fra1", "ams1"),
    );
    kubeconfig(&sandbox, "kubeconfig", 1);
    let cases: [(&[&str], &[&str]); 12] = [
        (&["test", "--team", ""], &["team-a", "team-b", "team-c"]),
        (&["test", "--team", "team-b"], &["team-b"]),
        (
            &["-C", "other", "test", "--team", ""],
            &["group-a", "group-b", "group-c"],
        ),
        (
            &["-f", "other/platform.yaml", "apply", "--cluster", ""],
            &["ams1"],
        ),
        (&["check", "--cluster", "f"], &["fra1"]),
        (&["--kubeconfig", "kubeconfig", "--context", ""], &["fra1-admin"]),
        (
            &["init", "--preset", ""],
            &["gpu-tenancy", "multi-cluster", "single-cluster"],
        ),
        (&["explain", "teams.gp"], &["teams.gpus"]),
        (&["man", "verif"], &["verify"]),
        (
            &["gpu", "profiles", "h100"],
            &["h100-80gb", "h100-94gb", "h100-96gb"],
        ),
        (&["-f", "-", "test", "--team", ""], &[]),
        (&["-f", "absent.yaml", "test", "--team", ""], &[]),
    ];
    for shell in SHELLS {
        for (words, expected) in cases {
            let run = ask(&sandbox, shell, words);
            assert_eq!(
                (run.code, run.stderr.as_str()),
                (0, ""),
                "{shell} {words:?}: {run:?}"
            );
            assert_eq!(offered(&run), expected, "{shell} {words:?}");
        }
    }
}

#[test]
fn a_variable_names_the_spec_too() {
    let sandbox = Sandbox::with_example();
    let mut command = sandbox.command(&["--", "platform", "test", "--team", "team-c"]);
    let command = command
        .env("PLATFORM_COMPLETE", "fish")
        .env("PLATFORM_DIRECTORY", sandbox.path(""))
        .current_dir("/");
    assert_eq!(
        offered(&Sandbox::finish(command)),
        ["team-c"],
        "PLATFORM_DIRECTORY"
    );
}

#[test]
fn whatever_is_wrong_nothing_is_said() {
    let sandbox = Sandbox::new();
    for text in [
        "teams: [",
        "teams: 3",
        "teams: [{name: [a]}]",
        "\u{0}",
        "teams: [{name: \"$(id)\"}]",
    ] {
        sandbox.write("platform.yaml", text);
        for shell in SHELLS {
            let run = ask(&sandbox, shell, &["test", "--team", ""]);
            assert_eq!(
                (run.code, run.stdout.trim(), run.stderr.as_str()),
                (0, "", ""),
                "{shell} with {text:?}: {run:?}"
            );
        }
    }
    let run = ask(&sandbox, "nonsense", &["pl"]);
    assert_eq!(
        (run.code, run.stdout.as_str(), run.stderr.as_str()),
        (0, "", ""),
        "an unknown shell: {run:?}"
    );
}

/// Runs a script in bash as Tab would run it, and returns what would be offered.
fn in_bash(sandbox: &Sandbox, words: &[&str]) -> Vec<String> {
    let binary = std::path::Path::new(env!("CARGO_BIN_EXE_platform"));
    let script = r#"
        source <(platform completion bash) || exit 9
        COMP_WORDS=(platform "$@"); COMP_CWORD=$#; COMP_TYPE=9
        spec=$(complete -p platform) || exit 8
        function=${spec##*-F }; function=${function%% *}
        "$function" platform "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
        printf '%s\n' "${COMPREPLY[@]}"
    "#;
    let path = format!(
        "{}:{}",
        binary.parent().unwrap().display(),
        std::env::var("PATH").unwrap_or_default()
    );
    let mut command = assert_cmd::Command::new("bash");
    command
        .args(["--norc", "--noprofile", "-c", script, "bash"])
        .args(words)
        .env("PATH", path)
        .current_dir(sandbox.path(""));
    let run = Sandbox::finish(&mut command);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{words:?}: {run:?}");
    run.stdout.lines().map(str::to_owned).collect()
}

#[test]
fn a_real_bash_offers_the_same() {
    let sandbox = Sandbox::with_example();
    assert_eq!(
        in_bash(&sandbox, &["test", "--team", "team-"]),
        ["team-a", "team-b", "team-c"]
    );
    assert_eq!(in_bash(&sandbox, &["verify", "--cluster", ""]), ["fra1"]);
    assert_eq!(in_bash(&sandbox, &["valid"]), ["validate"]);
    assert_eq!(in_bash(&sandbox, &["plan", "--log-f"]), ["--log-format"]);
    assert_eq!(in_bash(&sandbox, &["plan", "-o", "j"]), ["json"]);
}

#[test]
fn every_shell_gets_a_script_that_asks_this_program() {
    let sandbox = Sandbox::new();
    for shell in SHELLS {
        let run = sandbox.run(&["completion", shell]);
        assert_eq!(run.code, 0, "{run:?}");
        assert!(
            run.stdout.contains("PLATFORM_COMPLETE") && run.stdout.contains("platform"),
            "{shell}: {run:?}"
        );
    }
}
