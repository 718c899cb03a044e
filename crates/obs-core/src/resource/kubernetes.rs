//! `k8s.*`: from the variables that a pod's specification hands down, and the namespace of its service account.

use super::{Attribute, Surroundings, present};
use crate::keys;

const ACCOUNT: &str = "var/run/secrets/kubernetes.io/serviceaccount";

pub(super) fn detect(place: &Surroundings<'_>) -> Vec<Attribute> {
    // Outside a cluster such names mean other things: a build server's `NODE_NAME` is a build machine.
    if place.variable(&["KUBERNETES_SERVICE_HOST"]).is_none() && !place.exists(ACCOUNT) {
        return Vec::new();
    }
    let variable = |names: &[&str]| place.variable(names);
    let namespace = variable(&["K8S_NAMESPACE_NAME", "K8S_NAMESPACE", "POD_NAMESPACE", "MY_POD_NAMESPACE"])
        .or_else(|| place.value(&format!("{ACCOUNT}/namespace")));
    present([
        (keys::K8S_POD_NAME, variable(&["K8S_POD_NAME", "POD_NAME", "MY_POD_NAME"])),
        (keys::K8S_POD_UID, variable(&["K8S_POD_UID", "POD_UID", "MY_POD_UID"])),
        (keys::K8S_NAMESPACE_NAME, namespace),
        (keys::K8S_NODE_NAME, variable(&["K8S_NODE_NAME", "NODE_NAME", "MY_NODE_NAME"])),
    ])
}
