//! Every example in the help works as it is pasted.

use super::sandbox::Sandbox;

#[test]
fn every_example_works_as_pasted() {
    let sandbox = Sandbox::new();
    assert_eq!(
        sandbox.run(&["init", "--yes", "repository"]).code,
        0,
        "a repository"
    );
    sandbox.write("repository/.config/fish/completions/.keep", "");
    let binary = std::path::Path::new(env!("CARGO_BIN_EXE_platform"));
    let path = format!(
        "{}:{}",
        binary.parent().unwrap().display(),
        std::env::var("PATH").unwrap_or_default()
    );
    let reference = sandbox.run(&["man", "--format", "markdown"]).stdout;
    let blocks = reference
        .split("```sh\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next());
    let lines = blocks.flat_map(str::lines).filter(|line| !line.starts_with('#'));
    let mut tried = 0;
    for line in lines {
        // The half that another shell runs is that shell's.
        let line = line.split(" | Out-String").next().unwrap_or(line);
        let mut command = assert_cmd::Command::new("bash");
        command
            .args(["--norc", "--noprofile", "-c", line])
            .current_dir(sandbox.path("repository"))
            .env_clear()
            .env("PATH", &path)
            .env("HOME", sandbox.path("repository"))
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1");
        let run = Sandbox::finish(&mut command);
        // No kubeconfig here: what needs a cluster says so, after it understood its arguments.
        let live = ["platform apply", "platform verify", "platform check"];
        let allowed: &[i32] = if live.iter().any(|start| line.starts_with(start)) {
            &[1, 6]
        } else {
            &[0]
        };
        assert!(allowed.contains(&run.code), "`{line}`: {run:?}");
        tried += 1;
    }
    assert!(tried >= 20, "only {tried} examples were found");
}
