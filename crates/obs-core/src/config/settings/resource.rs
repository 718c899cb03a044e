//! `resource.*`: what traces and metrics say of where they come from, beside the service.

use super::{BASE, Setting};
use crate::config::{parse, resource};

pub(super) const SETTINGS: [Setting; 2] = [
    Setting {
        key: "resource.attributes",
        env: "OTEL_RESOURCE_ATTRIBUTES",
        accepts: resource::PAIR,
        doc: "resource attributes as key=value pairs separated by commas; of what a detector finds too, this value counts; \
              service.name, service.version, service.instance.id and deployment.environment.name in it count where their \
              own settings are unset; a bad pair is warned of and left out",
        set: |c, v| {
            resource::read(v, &mut c.raw);
            Some(())
        },
        ..BASE
    },
    Setting {
        key: "resource.detectors",
        env: "OBS_RESOURCE_DETECTORS",
        default: "host,process,container,k8s",
        accepts: "names out of host, process, container and k8s separated by commas, or none",
        doc: "what is found out about where the program runs",
        set: |c, v| parse::detectors(v).map(|v| c.detectors = v),
        ..BASE
    },
];
