use super::*;

#[test]
fn environment_wins_over_configuration_over_fallback() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config");
    let text = |name: &str| Some(name.to_owned());
    let full = GitNames {
        author_name: text("Env A"),
        author_email: text("a@env"),
        committer_name: text("Env C"),
        committer_email: text("c@env"),
    };
    let hostile = GitNames {
        author_name: text("x> 0 +0000\ncommitter <y"),
        ..GitNames::default()
    };
    let user = "[user]\n\tname = User\n\temail = u@conf\n";
    for (config, names, author, committer, is_fallback) in [
        (
            "",
            &GitNames::default(),
            "platform <platform@localhost>",
            "platform <platform@localhost>",
            true,
        ),
        (
            user,
            &GitNames::default(),
            "User <u@conf>",
            "User <u@conf>",
            false,
        ),
        (user, &full, "Env A <a@env>", "Env C <c@env>", false),
        ("", &full, "Env A <a@env>", "Env C <c@env>", false),
        (
            "[user]\n\tname = User\n",
            &GitNames::default(),
            "User <platform@localhost>",
            "User <platform@localhost>",
            true,
        ),
        (
            "[user]\n\tname = User\n\temail = u@conf\n[author]\n\tname = Writer\n",
            &GitNames::default(),
            "Writer <u@conf>",
            "User <u@conf>",
            false,
        ),
        (
            user,
            &hostile,
            "x 0 +0000committer y <u@conf>",
            "User <u@conf>",
            false,
        ),
        (
            "[user]\n\tname = \" .\"\n\temail = u@conf\n",
            &GitNames::default(),
            "platform <u@conf>",
            "platform <u@conf>",
            true,
        ),
    ] {
        std::fs::write(&file, config).unwrap();
        let got = identity(&Config::open(&file).unwrap(), names);
        let show = |person: &Person| format!("{} <{}>", person.name, person.email);
        assert_eq!(
            (show(&got.author).as_str(), show(&got.committer).as_str()),
            (author, committer),
            "{config}"
        );
        assert_eq!(got.is_fallback, is_fallback, "{config}");
    }
}
