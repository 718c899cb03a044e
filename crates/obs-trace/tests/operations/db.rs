//! Statements.

use crate::{only, own, text};
use obs_core::names::SpanKind;
use obs_core::{RunContext, active, keys};
use obs_trace::{Outcome, Tracer, operations};

/// TRC-14, TRC-17, NAME-30
#[test]
fn a_statement_is_a_client_span_with_table_operation_and_rows() {
    let tracer = Tracer::for_tests();
    drop(operations::db(&tracer, "insert", "scenario").system("postgresql").rows(3).start());
    let span = only(&tracer);
    assert_eq!((span.name.as_ref(), span.kind), ("sql.insert", SpanKind::Client));
    let expected = [
        ("acm.n_rows", 3.into()),
        ("acm.table", text("scenario")),
        ("db.collection.name", text("scenario")),
        ("db.operation.name", text("INSERT")),
        ("db.system.name", text("postgresql")),
    ];
    assert_eq!(own(&span), expected.into());
}

/// NAME-30: the product is always there, under the name that the conventions have for it.
#[test]
fn products_have_the_names_of_the_conventions() {
    let tracer = Tracer::for_tests();
    for (given, recorded) in [
        ("mssql", "microsoft.sql_server"),
        ("sqlserver", "microsoft.sql_server"),
        ("postgres", "postgresql"),
        ("sqlite", "sqlite"),
    ] {
        drop(operations::db(&tracer, "select", "t").system(given).start());
        assert_eq!(own(&only(&tracer))[keys::DB_SYSTEM_NAME], text(recorded));
    }
    drop(operations::db(&tracer, "select", "t").start());
    assert_eq!(own(&only(&tracer))[keys::DB_SYSTEM_NAME], text("other_sql"));
}

#[test]
fn an_operation_that_is_no_name_makes_a_query_and_an_own_one_keeps_its_name() {
    let tracer = Tracer::for_tests();
    for (operation, name) in [
        ("UPDATE", "sql.update"),
        ("merge", "sql.merge"),
        ("CREATE TABLE", "sql.query"),
        ("a.b", "sql.query"),
        ("", "sql.query"),
        ("7", "sql.query"),
    ] {
        drop(operations::db(&tracer, operation, "").start());
        let span = only(&tracer);
        assert_eq!(span.name, name, "{operation}");
        assert!(span.attribute(keys::DB_COLLECTION_NAME).is_none());
    }
}

/// TRC-14
#[test]
fn the_statement_is_recorded_only_when_asked_for_and_without_its_literals() {
    let tracer = Tracer::for_tests();
    drop(operations::db(&tracer, "select", "users").start());
    assert!(only(&tracer).attribute(keys::DB_QUERY_TEXT).is_none());
    let sql = "SELECT * FROM users WHERE name = 'Ada' AND pin = 1234";
    let query = operations::db(&tracer, "select", "users").system("sqlite").statement(sql);
    assert!(!format!("{query:?}").contains("Ada"), "{query:?}");
    drop(query.start());
    assert_eq!(
        own(&only(&tracer))[keys::DB_QUERY_TEXT],
        text("SELECT * FROM users WHERE name = ? AND pin = ?")
    );
    drop(operations::db(&tracer, "select", "t").statement(format!("SELECT {}", "ä, ".repeat(5000))).start());
    let span = only(&tracer);
    let text = span.attribute(keys::DB_QUERY_TEXT).and_then(|v| v.as_str()).unwrap();
    assert!(text.len() <= 4096 && text.len() > 4090, "{}", text.len());
}

/// TRC-17, CTX-04
#[test]
fn the_tenant_is_on_the_span_and_in_the_context_of_what_happens_within() {
    let tracer = Tracer::for_tests();
    let context = RunContext { tenant_id: Some("t0".into()), equip_id: Some(7), ..RunContext::default() };
    let _context = active::attach_context(Some(context.share()));
    {
        let _query = operations::db(&tracer, "select", "scenario").tenant("t1").start();
        assert_eq!(active::context().and_then(|c| c.tenant_id.clone()).as_deref(), Some("t1"));
    }
    assert_eq!(active::context().and_then(|c| c.tenant_id.clone()).as_deref(), Some("t0"));
    let span = only(&tracer);
    own(&span);
    assert_eq!(span.attribute(keys::TENANT_ID), Some(&text("t1")));
    assert_eq!(span.attribute(keys::EQUIP_ID), Some(&7.into()));
}

/// TRC-17
#[test]
fn a_query_in_async_code_learns_its_rows_from_what_came_of_it() {
    let tracer = Tracer::for_tests();
    let query = operations::db(&tracer, "select", "scenario").scope_with(
        async {
            let here = active::span();
            drop(operations::cache(&tracer, "get", "scenario", "k").start());
            here.ok_or("not within a span").map(|_| vec![1, 2, 3])
        },
        |work, rows: &Result<Vec<i32>, &str>| work.rows(rows.as_ref().map_or(0, Vec::len) as u64),
    );
    assert!(active::span().is_none(), "not active before it is polled");
    futures_executor::block_on(query).unwrap();
    assert!(active::span().is_none());
    let spans = tracer.take_finished();
    assert_eq!(spans[0].parent, Some(spans[1].span_id));
    assert_eq!(own(&spans[1])["acm.n_rows"], 3.into());
}

#[test]
fn work_moves_to_another_thread_and_records_its_errors() {
    let tracer = Tracer::for_tests();
    let mut work = operations::db(&tracer, "delete", "scenario").detached();
    assert!(active::span().is_none());
    std::thread::spawn(move || {
        work.record_error(&std::io::Error::other("connection lost"));
        let id = work.span_id();
        work.within(|| assert_eq!(active::span().map(|s| s.span_id), id));
    })
    .join()
    .unwrap();
    assert_eq!(only(&tracer).outcome, Outcome::Fail);
}

#[test]
fn a_panic_fails_the_work_also_where_it_is_caught() {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    let tracer = Tracer::for_tests();
    let mut work = operations::db(&tracer, "delete", "scenario").detached();
    let panic = AssertUnwindSafe(|| work.within(|| std::panic::resume_unwind(Box::new("broken"))));
    assert!(catch_unwind(panic).is_err());
    drop(work);
    let span = only(&tracer);
    assert_eq!(span.outcome, Outcome::Fail);
    assert_eq!(span.attribute("error.type"), Some(&text("panic")));
}

#[test]
fn a_tracer_that_is_off_costs_nothing_but_keeps_the_context() {
    let query = operations::db(&Tracer::off(), "select", "scenario").tenant("t1").start();
    assert!(!query.is_recording() && active::span().is_none());
    assert_eq!(active::context().and_then(|c| c.tenant_id.clone()).as_deref(), Some("t1"));
}
