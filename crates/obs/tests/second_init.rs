//! One guard a process. Alone in its process.

use obs::{InitError, LogOutput};

#[test]
fn a_second_init_is_an_error_until_the_first_guard_is_gone() {
    let quiet = || obs::builder("acm-batch").logs(LogOutput::None);
    let first = quiet().init().unwrap();
    let second = quiet().init();
    assert!(matches!(second, Err(InitError::AlreadyRunning)), "{second:?}");
    assert_eq!(
        second.unwrap_err().to_string(),
        "telemetry was started before in this process: keep one guard and start once"
    );
    assert!(
        obs::builder("other").logs(LogOutput::None).build().is_ok(),
        "a value of its own is always possible"
    );
    assert!(quiet().init().is_err(), "the refusals changed nothing");
    drop(first);
    let third = quiet().init().unwrap();
    assert_eq!(third.identity().name, "acm-batch");
    drop(third);
    // A start that fails leaves the place free.
    assert!(quiet().set("log.level", "loud").init().is_err());
    assert!(quiet().init().is_ok());
}
