//! Tests of shapes: nothing of a literal shows, whatever the statement looks like.

use super::without_literals;
use proptest::prelude::*;

const SYSTEMS: [&str; 7] =
    ["postgresql", "mysql", "mariadb", "sqlite", "microsoft.sql_server", "oracle.db", "other_sql"];

fn check(system: &str, rows: &[(&str, &str)]) {
    for (sql, shape) in rows {
        assert_eq!(without_literals(sql, system), *shape, "{system}: {sql}");
    }
}

/// TRC-14
#[test]
fn literals_become_question_marks_in_every_product() {
    for system in SYSTEMS {
        check(
            system,
            &[
                ("", ""),
                ("SELECT 1", "SELECT ?"),
                ("a = 'x' AND b = 'it''s' AND c = ''", "a = ? AND b = ? AND c = ?"),
                ("VALUES (N'Ä', b'01', X'1F', e'a')", "VALUES (?, ?, ?, ?)"),
                ("VALUES (-1.5e-3, .5, 0x1F, 1_000, 7)", "VALUES (-?, ?, ?, ?, ?)"),
                ("t1.c2 = 3 AND x IN (1,2)", "t1.c2 = ? AND x IN (?,?)"),
                ("DATE '2020-01-01'", "DATE ?"),
                ("_utf8'x' || U&'y'", "_utf8? || U&?"),
                ("a = :id AND b = @id AND c = ?", "a = :id AND b = @id AND c = ?"),
                ("a /* secret */ = -- Ada's\n  1", "a = ?"),
                ("IN'x'", "IN?"),
                ("x = 5 - 3", "x = ? - ?"),
                ("SELECT `a b` FROM `c``d`", "SELECT `a b` FROM `c``d`"),
                ("a=$$it's$$ AND b=$t$x$$y$t$", "a=? AND b=?"),
                ("1'x'", "??"),
                ("schema.5", "schema.?"),
            ],
        );
    }
}

/// TRC-14
#[test]
fn names_in_quotes_stay_where_they_are_names() {
    for system in ["postgresql", "sqlite", "microsoft.sql_server", "oracle.db"] {
        check(system, &[(r#""a b"."c""d" = "x'y""#, r#""a b"."c""d" = "x'y""#)]);
    }
    for system in ["mysql", "mariadb", "other_sql"] {
        check(system, &[(r#"a = "it's" AND b = "q""q""#, "a = ? AND b = ?")]);
    }
    check("microsoft.sql_server", &[("[it's].[a]]b] = 'x'", "[it's].[a]]b] = ?"), ("#temp1", "#temp1")]);
    check("sqlite", &[("[it's] = 'x'", "[it's] = ?")]);
    check("postgresql", &[("a[1] = ARRAY['x', 'y']", "a[?] = ARRAY[?, ?]"), ("a = $1", "a = $1")]);
    check("other_sql", &[("[a b] = a[1]", "[a b] = a[?]"), ("price = $12.50", "price = ?")]);
    check("microsoft.sql_server", &[("price = $12.50", "price = ?")]);
    check("mysql", &[("a # it's\n = 1", "a = ?"), ("5--3", "?")]);
}

/// TRC-14
#[test]
fn what_could_be_read_in_several_ways_hides_the_rest() {
    let doubtful = [
        r"a = 'it\'s', 'secret'",
        r"a = 'C:\', 'secret'",
        r#"a = "it\"s", 'secret'"#,
        "a = 'secret",
        "a = /* secret",
        "a = /* x /* y */ 'a */ secret'",
        "a = /*!50000 'secret */",
        "a = q'[it's secret]'",
        "a = '''it's secret'''",
        "a = $t$ secret",
        "a = `secret",
        "a = -- x\rdon't\n ' secret'",
    ];
    for system in SYSTEMS {
        for sql in doubtful {
            let shape = without_literals(sql, system);
            assert!(
                shape.starts_with("a = ") && shape.ends_with('?') && !shape.contains("secret"),
                "{shape}"
            );
        }
    }
    for sql in ["ARRAY['secret']", "[it's], 'secret'", "5--'a\nsecret'", "5 # don't\n 'secret'"] {
        let shape = without_literals(sql, "other_sql");
        assert!(!shape.contains("secret"), "{shape}");
    }
}

/// A literal of each product, spelled correctly.
fn literal(system: &str, text: &str) -> Vec<String> {
    let doubled = text.replace('\'', "''");
    let mut all = vec![format!("'{doubled}'"), format!("N'{doubled}'")];
    match system {
        "postgresql" => {
            let escaped = text.replace('\\', r"\\").replace('\'', r"\'");
            all.extend([format!("E'{escaped}'"), format!("$q${text}$q$")]);
        }
        "mysql" | "mariadb" => {
            let escaped = text.replace('\\', r"\\");
            let single = escaped.replace('\'', r"\'");
            let double = escaped.replace('"', "\"\"");
            all = vec![format!("'{single}'"), format!("\"{double}\"")];
        }
        _ => {}
    }
    all
}

proptest! {
    /// TRC-14: whatever surrounds a correctly spelled literal, nothing of it shows.
    #[test]
    fn nothing_of_a_literal_shows(
        system in prop::sample::select(&SYSTEMS[..6]),
        before in r#"[a-z'"\\ /*#$-]{0,6}"#,
        after in r#"[a-z'"\\ /*#$-]{0,6}"#,
        other in r#"[a-z'"\\ \[\]`\n-]{0,8}"#,
        form in 0..4_usize,
    ) {
        prop_assume!(!before.contains("$q$") && !after.contains("$q$"));
        let secret = format!("{before}SECRET{after}");
        for first in literal(system, &other.replace("$q$", "")) {
            let second = literal(system, &secret);
            let second = &second[form % second.len()];
            let sql = format!("INSERT INTO t (a, b) VALUES ({first}, {second}) RETURNING a");
            let shape = without_literals(&sql, system);
            prop_assert!(!shape.contains("SECRET"), "{} became {}", sql, shape);
        }
    }

    #[test]
    fn any_text_has_a_shape(sql in r#"[a-zäN0-9'"\\ \[\]`\n\r$#/*.@:eE-]{0,40}"#, system in prop::sample::select(&SYSTEMS[..])) {
        let shape = without_literals(&sql, system);
        prop_assert!(!shape.bytes().any(|b| matches!(b, b'\n' | b'\r')) || shape.contains(['"', '`', '[']));
    }
}
