//! Leaving the wizard: nothing is written, and the terminal is as it was before.

use super::pty::{CTRL_C, CTRL_D, DOWN, ENTER, Pty};
use super::sandbox::Sandbox;

/// The questions of a short run, with the keys that answer them.
const QUESTIONS: [(&str, &str); 15] = [
    ("Name of the platform", ENTER),
    ("Admin groups", ENTER),
    ("GitOps engine", ENTER),
    ("URL of the Git repository", ENTER),
    ("Branch", ENTER),
    ("Policy engine", ENTER),
    ("Policy mode", ENTER),
    ("Compliance presets", ENTER),
    ("Name of the cluster", ENTER),
    ("Context", ENTER),
    ("Clusters", ENTER),
    ("GPU pools", DOWN),
    ("Secret backend", ENTER),
    ("Name of the team", ENTER),
    ("Groups", ENTER),
];

/// Goes to a question of the list and leaves there.
fn leave_at(question: usize, how: &dyn Fn(&mut Pty)) {
    let sandbox = Sandbox::new();
    let own = sandbox.write("demo/notes.txt", "mine\n");
    let before = sandbox.files("");
    let mut pty = Pty::start(&sandbox, 80, &["init", "demo"]);
    for (prompt, keys) in &QUESTIONS[..question] {
        pty.answer(prompt, keys);
        if *keys == DOWN {
            // Around the end of the list: `None`.
            pty.press(ENTER);
        }
    }
    let (prompt, _) = QUESTIONS[question];
    pty.asked(prompt);
    how(&mut pty);
    assert_eq!(pty.ended(), 130, "{prompt}: {}", pty.screen());
    assert_eq!(sandbox.files(""), before, "{prompt}: nothing is written");
    assert!(own.exists(), "{prompt}: what was there is there");
    assert!(!pty.cursor_is_hidden(), "{prompt}: the cursor is back");
}

#[test]
fn ctrl_c_at_any_question_writes_nothing() {
    for question in 0..QUESTIONS.len() {
        leave_at(question, &|pty| {
            pty.press(CTRL_C);
            pty.shows("nothing was written");
        });
    }
}

#[test]
fn the_end_of_input_writes_nothing() {
    for question in [0, 2, 7, 10] {
        leave_at(question, &|pty| {
            pty.press(CTRL_D);
            pty.shows("nothing was written");
        });
    }
}

#[test]
fn a_signal_restores_the_terminal() {
    for question in [1, 2] {
        leave_at(question, &|pty| {
            let process = rustix::process::Pid::from_raw(pty.process().cast_signed()).expect("a process");
            rustix::process::kill_process(process, rustix::process::Signal::INT).expect("it runs");
        });
    }
}

#[test]
fn what_is_typed_ahead_waits_for_its_question() {
    let sandbox = Sandbox::new();
    let mut pty = Pty::start(&sandbox, 80, &["init", "demo"]);
    pty.asked("Name of the platform");
    assert!(!pty.echoes(), "the terminal is quiet while questions are asked");
    pty.press("acme\rone,two\r\r\rtrunk\r");
    pty.asked("Policy engine");
    let screen = pty.screen();
    for line in [
        "✔ Name of the platform: acme",
        "✔ Admin groups: one,two",
        "✔ Branch that the clusters follow: trunk",
    ] {
        assert!(screen.contains(line), "{line} is in\n{screen}");
    }
    pty.press(CTRL_C);
    assert_eq!(pty.ended(), 130, "{}", pty.screen());
}
