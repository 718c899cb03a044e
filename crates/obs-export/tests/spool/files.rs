//! Files and folders of the spool: whose they are, what they are called, and what if they cannot be made.

use crate::support::*;
use obs_export::{SpoolError, SpoolOptions};
use std::os::unix::fs::PermissionsExt;

#[test]
fn nobody_else_may_read_what_is_in_the_spool() {
    let home = Home::new();
    let options = SpoolOptions { dir: home.dir.path().join("deep/er"), ..home.options.clone() };
    let home = Home { options, ..home };
    let lane = home.lane();
    append(&lane, 0..1);
    let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
    for file in home.files("") {
        assert_eq!(mode(&file), 0o600, "{file:?}");
        let above: Vec<_> = file.ancestors().skip(1).take_while(|dir| *dir != home.dir.path()).collect();
        assert!(above.len() >= 4 && above.iter().all(|dir| mode(dir) == 0o700), "{file:?}");
    }
    assert_eq!(home.files("").len(), 2, "the lock and the segment");
}

#[test]
fn any_name_of_a_lane_gets_a_folder_of_its_own_inside() {
    let home = Home::new();
    let spool = home.open();
    let long = "x".repeat(10_000);
    let names = ["", ".", "..", "../..", "/", ".lock", "a\0b", "a/b", "a-b", &long, &long[1..]];
    for (name, item) in names.iter().zip(0..) {
        append(&spool.lane(name).unwrap(), item..item + 1);
    }
    drop(spool);
    assert!(home.files(".seg").iter().all(|path| path.ancestors().nth(4) == Some(home.dir.path())));
    let spool = home.open();
    for (name, item) in names.iter().zip(0..) {
        assert_eq!(drain(&spool.lane(name).unwrap(), 9), [item], "{name:?}");
    }
}

#[test]
fn a_lane_is_opened_once() {
    let home = Home::new();
    let spool = home.open();
    let lane = spool.lane("a").unwrap();
    drop(lane);
    let error = spool.lane("a").unwrap_err();
    assert!(matches!(&error, SpoolError::LaneTaken { name } if name == "a"));
    assert_eq!(error.to_string(), "spool: lane `a` has been opened before; each lane is opened once");
}

#[test]
fn a_folder_that_cannot_be_made_is_one_error_that_names_it() {
    let home = Home::new();
    let file = home.dir.path().join("file");
    std::fs::write(&file, "").unwrap();
    let options = SpoolOptions { dir: file.clone(), ..home.options.clone() };
    let error = Home { options, ..home }.try_open().unwrap_err().to_string();
    let begins = format!("spool: cannot create folder {}: ", file.join("svc").display());
    assert!(error.starts_with(&begins), "{error}");
}

#[test]
fn a_folder_that_cannot_be_written_to_is_one_error_that_names_it() {
    let home = Home::new();
    let set = |mode| std::fs::set_permissions(home.dir.path(), PermissionsExt::from_mode(mode)).unwrap();
    set(0o500);
    let opened = home.try_open();
    set(0o700);
    // To root no folder is closed.
    if let Err(error) = opened {
        assert!(error.to_string().contains(home.dir.path().to_str().unwrap()), "{error}");
    }
}
