//! Machines of every kind, each in a folder of its own.

use super::*;
use std::collections::HashMap;
use std::fs;
use std::path::Path;

const ID: &str = "4f797c539e6c745de61a93ca3ff892358ecbcaccd8414d5db545c38428142970";

struct Machine {
    folder: tempfile::TempDir,
    variables: HashMap<&'static str, &'static str>,
}

impl Machine {
    fn new(files: &[(&str, &[u8])], variables: &[(&'static str, &'static str)]) -> Self {
        let machine =
            Self { folder: tempfile::tempdir().unwrap(), variables: variables.iter().copied().collect() };
        for (path, content) in files {
            let path = machine.folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        machine
    }

    fn root(&self) -> &Path {
        self.folder.path()
    }

    fn detect(&self, detectors: &[Detector]) -> HashMap<String, String> {
        let env = |name: &str| self.variables.get(name).map(|v| (*v).to_owned());
        detect(detectors, &Surroundings { root: self.root(), env: &env }).into_iter().collect()
    }
}

fn get<'a>(found: &'a HashMap<String, String>, key: &str) -> Option<&'a str> {
    found.get(key).map(String::as_str)
}

#[test]
fn a_host_has_name_id_architecture_and_system() {
    let machine = Machine::new(
        &[
            ("proc/sys/kernel/hostname", b"press-7\n"),
            ("etc/hostname", b"other\n"),
            ("etc/machine-id", b"0123456789abcdef0123456789abcdef\n"),
            ("etc/os-release", b"ID=debian\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n"),
        ],
        &[],
    );
    let found = machine.detect(&[Detector::Host]);
    assert_eq!(get(&found, "host.name"), Some("press-7"));
    assert_eq!(get(&found, "host.id"), Some("0123456789abcdef0123456789abcdef"));
    assert_eq!(get(&found, "os.description"), Some("Debian GNU/Linux 12 (bookworm)"));
    assert!(found.contains_key("host.arch") && found.contains_key("os.type"), "{found:?}");
}

#[test]
fn a_machine_that_was_never_started_has_no_id() {
    for content in ["uninitialized\n", "", "0123\n"] {
        let machine = Machine::new(&[("etc/machine-id", content.as_bytes())], &[]);
        assert_eq!(get(&machine.detect(&[Detector::Host]), "host.id"), None, "{content}");
    }
    let machine = Machine::new(&[("var/lib/dbus/machine-id", b"0123456789abcdef0123456789abcdef")], &[]);
    assert!(machine.detect(&[Detector::Host]).contains_key("host.id"));
}

#[test]
fn a_host_without_files_has_the_name_of_its_environment() {
    let machine = Machine::new(&[], &[("COMPUTERNAME", "PRESS7")]);
    assert_eq!(get(&machine.detect(&[Detector::Host]), "host.name"), Some("PRESS7"));
}

/// SEC-07
#[test]
fn a_process_is_named_without_its_arguments() {
    let found =
        Machine::new(&[("proc/self/cmdline", b"x\0--token=hunter2")], &[]).detect(&[Detector::Process]);
    assert_eq!(get(&found, "process.pid"), Some(std::process::id().to_string().as_str()));
    assert_eq!(get(&found, "process.runtime.name"), Some("rust"));
    assert!(get(&found, "process.executable.name").is_some_and(|name| !name.contains('/')), "{found:?}");
    assert!(!format!("{found:?}").contains("hunter2"));
}

#[cfg(unix)]
#[test]
fn a_program_whose_file_was_replaced_keeps_its_name() {
    let machine = Machine::new(&[("proc/self/status", b"")], &[]);
    std::os::unix::fs::symlink("/opt/acm/acm (deleted)", machine.root().join("proc/self/exe")).unwrap();
    assert_eq!(get(&machine.detect(&[Detector::Process]), "process.executable.name"), Some("acm"));
}

#[test]
fn a_container_is_known_by_its_groups_then_by_its_mounts() {
    let groups = format!("12:pids:/\n11:cpu:/docker/{ID}\n");
    let mounts = format!(
        "960 1 0:2 / / rw - overlay overlay rw\n\
         983 960 254:1 /var/lib/docker/containers/{}/hostname /etc/hostname rw - ext4 /dev/vda1 rw\n",
        ID.replace('4', "0")
    );
    let container = |files: &[(&str, &[u8])]| {
        Machine::new(files, &[]).detect(&[Detector::Container]).remove("container.id")
    };
    let (groups, mounts) =
        (("proc/self/cgroup", groups.as_bytes()), ("proc/self/mountinfo", mounts.as_bytes()));
    assert_eq!(container(&[groups, mounts]).as_deref(), Some(ID));
    let second = ("proc/self/cgroup", b"0::/\n".as_slice());
    assert_eq!(container(&[second, mounts]), Some(ID.replace('4', "0")));
    assert_eq!(container(&[second]), None);
    assert_eq!(container(&[]), None);
}

#[test]
fn a_pod_is_named_by_what_its_specification_hands_down() {
    let variables = [
        ("KUBERNETES_SERVICE_HOST", "10.0.0.1"),
        ("POD_NAME", "acm-1"),
        ("POD_UID", "2c48913c-29d3-11e7-9350-020968147796"),
        ("NODE_NAME", "node-3"),
    ];
    let namespace = ("var/run/secrets/kubernetes.io/serviceaccount/namespace", b"plant".as_slice());
    let found = Machine::new(&[namespace], &variables).detect(&[Detector::Kubernetes]);
    assert_eq!(get(&found, "k8s.pod.name"), Some("acm-1"));
    assert_eq!(get(&found, "k8s.pod.uid"), Some("2c48913c-29d3-11e7-9350-020968147796"));
    assert_eq!(get(&found, "k8s.node.name"), Some("node-3"));
    assert_eq!(get(&found, "k8s.namespace.name"), Some("plant"));
    // The same names outside a cluster mean something else.
    assert_eq!(Machine::new(&[], &variables[1..]).detect(&[Detector::Kubernetes]), HashMap::new());
}

#[test]
fn hostile_files_give_nothing_or_a_short_value() {
    let huge = vec![b'a'; 10 << 20];
    let hostile: [&[u8]; 6] = [&huge, b"a\0b", b"\xff\xfe\xfd", b"", b"\n\n", b"a\x1b[31mb"];
    let paths = [
        "proc/sys/kernel/hostname",
        "etc/machine-id",
        "etc/os-release",
        "proc/self/cgroup",
        "proc/self/mountinfo",
        "var/run/secrets/kubernetes.io/serviceaccount/namespace",
    ];
    for content in hostile {
        let files: Vec<(&str, &[u8])> = paths.iter().map(|path| (*path, content)).collect();
        let found = Machine::new(&files, &[]).detect(&Detector::ALL);
        for (key, value) in &found {
            assert!(!value.is_empty() && value.len() <= 255, "{key}");
            assert!(!value.chars().any(|c| c.is_control() || c == '\u{fffd}'), "{key} = {value:?}");
        }
        assert_eq!(found.contains_key("host.name"), content == huge.as_slice());
        assert!(!found.contains_key("host.id") && !found.contains_key("container.id"));
    }
}

#[test]
fn of_a_huge_file_the_beginning_is_read() {
    let machine = Machine::new(&[("proc/self/mountinfo", &vec![b'a'; 10 << 20])], &[]);
    let place = Surroundings { root: machine.root(), env: &|_| None };
    assert_eq!(place.read("proc/self/mountinfo").map(|text| text.len()), Some(256 * 1024));
}

#[test]
fn a_folder_in_place_of_a_file_is_left_alone() {
    let machine = Machine::new(&[("etc/machine-id/x", b""), ("proc/sys/kernel/hostname/x", b"")], &[]);
    let found = machine.detect(&Detector::ALL);
    assert!(!found.contains_key("host.id") && !found.contains_key("host.name"), "{found:?}");
}

/// A read would wait for ever for something to write.
#[cfg(unix)]
#[test]
fn a_pipe_in_place_of_a_file_is_left_alone() {
    let machine = Machine::new(&[("etc/x", b"")], &[]);
    let made = std::process::Command::new("mkfifo").arg(machine.root().join("etc/machine-id")).status();
    assert!(made.unwrap().success());
    assert_eq!(get(&machine.detect(&[Detector::Host]), "host.id"), None);
}

#[test]
fn values_are_cut_between_characters() {
    let text = "ü".repeat(200);
    assert_eq!(surroundings::clean(&text), Some("ü".repeat(127)));
}
