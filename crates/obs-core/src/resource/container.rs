//! `container.id`: from the control groups (version 1), else from the mounts (version 2 shows a process no path).

use super::{Attribute, Surroundings, present};
use crate::keys;

pub(super) fn detect(place: &Surroundings<'_>) -> Vec<Attribute> {
    let from_groups = || place.read("proc/self/cgroup")?.lines().find_map(of_group);
    let from_mounts = || place.read("proc/self/mountinfo")?.lines().find_map(of_mount);
    present([(keys::CONTAINER_ID, from_groups().or_else(from_mounts))])
}

/// The id in a line of `/proc/self/cgroup`: `5:cpu:/docker/ID`, `1:name=systemd:/system.slice/docker-ID.scope`,
/// `…/kubepods/burstable/podUID/ID`, `…/cri-containerd-ID.scope`, `…/…:cri-containerd:ID`.
fn of_group(line: &str) -> Option<String> {
    let path = line.splitn(3, ':').nth(2)?;
    let last = path.trim_end_matches('/').rsplit('/').next()?;
    let last = last.strip_suffix(".scope").unwrap_or(last);
    // The task's id and a number: Amazon ECS.
    let id = if is_task(last) { last } else { last.rsplit(['-', ':']).next()? };
    (is_task(id) || is_id(id)).then(|| id.to_owned())
}

/// The id in a line of `/proc/self/mountinfo`, whose fourth field is the mounted folder or file and the fifth where it
/// is mounted: Docker and Podman mount files from a folder `…/containers/ID/` or `…-containers/ID/`.
fn of_mount(line: &str) -> Option<String> {
    let mut fields = line.split(' ').skip(3);
    let (source, target) = (fields.next()?, fields.next()?);
    if !matches!(target, "/etc/hostname" | "/etc/hosts" | "/etc/resolv.conf") {
        return None;
    }
    let mut parts = source.split('/');
    parts.by_ref().find(|part| *part == "containers" || part.ends_with("-containers"))?;
    // More than one folder may be called so: `/var/lib/containers/storage/overlay-containers/ID/userdata/hosts`.
    parts.find(|part| is_id(part)).map(str::to_owned)
}

/// 64 hexadecimal digits.
fn is_id(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

/// 32 hexadecimal digits, a dash and a number.
fn is_task(text: &str) -> bool {
    text.split_once('-').is_some_and(|(task, number)| {
        let hexadecimal = task.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        let digits = (1..=10).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit());
        task.len() == 32 && hexadecimal && digits
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "4f797c539e6c745de61a93ca3ff892358ecbcaccd8414d5db545c38428142970";

    #[test]
    fn the_id_is_found_in_the_groups_of_every_usual_runtime() {
        for path in [
            "/docker/ID",
            "/ID",
            "/system.slice/docker-ID.scope",
            "/machine.slice/libpod-ID.scope",
            "/kubepods/burstable/pod2c48913c-29d3-11e7-9350-020968147796/ID",
            "/kubepods.slice/kubepods-pod1.slice/cri-containerd-ID.scope",
            "/kubepods.slice/kubepods-pod1.slice/crio-ID.scope",
            "/system.slice/containerd.service/kubepods-pod1.slice:cri-containerd:ID",
        ] {
            let line = format!("7:cpu,cpuacct:{}", path.replace("ID", ID));
            assert_eq!(of_group(&line).as_deref(), Some(ID), "{line}");
        }
        let task = "34dc0b5e626f2c5c4c5170e34b10e765-1234567890";
        assert_eq!(
            of_group(&format!("9:cpu:/ecs/34dc0b5e626f2c5c4c5170e34b10e765/{task}")).as_deref(),
            Some(task)
        );
    }

    #[test]
    fn what_is_no_container_has_no_id() {
        for line in [
            "0::/",
            "0::/user.slice/user-1000.slice/session-2.scope",
            "1:name=systemd:/init.scope",
            "5:cpu:/docker/4f797c539e6c",
            &format!("5:cpu:/docker/{}", "g".repeat(64)),
            "5:cpu:/34dc0b5e626f2c5c4c5170e34b10e765-x",
            "nonsense",
            "",
        ] {
            assert_eq!(of_group(line), None, "{line}");
        }
    }

    #[test]
    fn the_id_is_found_in_the_mounts_of_docker_and_podman() {
        for source in [
            "/var/lib/docker/containers/ID/hostname",
            "/docker/containers/ID/resolv.conf",
            "/containers/storage/overlay-containers/ID/userdata/hosts",
        ] {
            let source = source.replace("ID", ID);
            let line = format!("983 961 254:1 {source} /etc/hostname rw,relatime - ext4 /dev/vda1 rw");
            assert_eq!(of_mount(&line).as_deref(), Some(ID), "{line}");
        }
    }

    #[test]
    fn mounts_that_are_not_the_containers_own_say_nothing() {
        for (source, target) in [
            // The sandbox that a pod's containers share is none of them.
            ("/var/lib/containerd/io.containerd.grpc.v1.cri/sandboxes/ID/hostname", "/etc/hostname"),
            ("/var/lib/docker/containers/ID/logs", "/logs"),
            ("/var/lib/docker/containers/short/hostname", "/etc/hostname"),
            ("/", "/etc/hostname"),
        ] {
            let line = format!("983 961 254:1 {} {target} rw - ext4 x rw", source.replace("ID", ID));
            assert_eq!(of_mount(&line), None, "{line}");
        }
        assert_eq!(of_mount("983 961"), None);
    }
}
