use super::*;

#[test]
fn sides_that_touch_other_lines_merge_and_the_same_line_conflicts() {
    let style = Style {
        ours: "main".to_owned(),
        with_base: false,
    };
    let base = "a\nb\nc\nd\ne\n";
    for (ours, theirs, wanted, is_clean) in [
        ("A\nb\nc\nd\ne\n", "a\nb\nc\nd\nE\n", "A\nb\nc\nd\nE\n", true),
        ("a\nb\nc\nd\ne\n", "a\nb\nc\n", "a\nb\nc\n", true),
        ("X\nb\nc\nd\ne\n", "X\nb\nc\nd\ne\n", "X\nb\nc\nd\ne\n", true),
        (
            "a\nX\nc\nd\ne\n",
            "a\nY\nc\nd\ne\n",
            "a\n<<<<<<< main\nX\n=======\nY\n>>>>>>> platform/rendered\nc\nd\ne\n",
            false,
        ),
        (
            "a\r\nb\r\nc\r\nd\r\nMINE\r\n",
            "THEIRS\nb\nc\nd\ne\n",
            "THEIRS\r\nb\r\nc\r\nd\r\nMINE\r\n",
            true,
        ),
    ] {
        let got = merge(
            "x",
            Some(base.as_bytes()),
            ours.as_bytes(),
            theirs.as_bytes(),
            &style,
        )
        .unwrap()
        .unwrap();
        assert_eq!(
            String::from_utf8(got.bytes).unwrap(),
            wanted,
            "{ours:?} and {theirs:?}"
        );
        assert_eq!(got.is_clean, is_clean, "{ours:?} and {theirs:?}");
    }
    let binary = merge("x", Some(b"a\0"), b"b", b"c", &style).unwrap();
    assert!(binary.is_none(), "content that is no text is not merged");
}
