//! A change on terminals that show more than ASCII, that do not, and that have room.

use super::sandbox::{Run, Sandbox};

/// What `platform plan --from former.yaml` prints below the plan itself.
fn change(arguments: &[&str], locale: &str) -> String {
    let sandbox = Sandbox::with_example();
    let example = sandbox.read("platform.yaml");
    let former = example
        .replace("count: 4", "count: 2")
        .replace("cpu: 64", "cpu: 32")
        .replace("ml/api-key", "ml/old")
        .replace("groups: [platform-admins]", "groups: [platform-admins, oidc:ops]")
        .replace("engine: kyverno", "engine: kyverno\n  podSecurity: restricted");
    sandbox.write("former.yaml", &former);
    let mut command = sandbox.command(&[&["plan", "--from", "former.yaml"], arguments].concat());
    command.env("LC_ALL", locale);
    let run: Run = Sandbox::finish(&mut command);
    assert_eq!(run.code, 1, "{run:?}");
    let at = run.stdout.find("Teams\n").unwrap_or_else(|| panic!("{run:?}"));
    run.stdout[at..].to_owned()
}

#[test]
fn signs_are_those_that_the_locale_can_show() {
    let utf8 = "\
Teams
TEAM    CHANGE   DETAILS
team-a  touched

Controls
CHANGE       CONTROL                                    BEFORE      AFTER
▼ loosened   policy.podSecurity of tenant namespaces    restricted  baseline
▲ tightened  admins.groups of oidc:ops                  excepted    -

Quotas
CLUSTER  TEAM    NAMESPACE  CHANGE
fra1     team-a  team-a     cpu: 32 → 64, nvidia.com/mig-3g.40gb: 2 → 4

Secrets
CLUSTER  TEAM    NAMESPACE  CHANGE
fra1     team-a  team-a     + secret/data/tenants/team-a/ml/api-key from vault-prod, - secret/data/tenants/team-a/ml/old from vault-prod

GPUs
CLUSTER  POOL      CHANGE   DETAILS
fra1     h100-mig  changed  GPUs used: 1 of 32 → 2 of 32; 1 GPU rebuilt, 1 node affected (0)
";
    let squeezed = |text: &str| {
        text.split(' ')
            .filter(|word| !word.is_empty())
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(squeezed(&change(&[], "C.UTF-8")), squeezed(utf8));
    let ascii = utf8.replace('▼', "v").replace('▲', "^").replace('→', "->");
    assert_eq!(squeezed(&change(&[], "C")), squeezed(&ascii));
}

#[test]
fn with_room_each_item_has_its_own_row() {
    let wide = change(&["-o", "wide"], "C.UTF-8");
    for row in [
        "fra1     team-a  team-a     cpu: 32 → 64\n",
        "fra1     team-a  team-a     nvidia.com/mig-3g.40gb: 2 → 4\n",
        "fra1     team-a  team-a     + secret/data/tenants/team-a/ml/api-key from vault-prod\n",
    ] {
        assert!(wide.contains(row), "{row:?} in\n{wide}");
    }
}
