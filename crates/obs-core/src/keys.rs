//! Every attribute and field key that obs writes. Nobody spells a key anywhere else.

/// Resource: name of the service.
pub const SERVICE_NAME: &str = "service.name";
/// Resource: version of the service.
pub const SERVICE_VERSION: &str = "service.version";
/// Resource: this process among its like.
pub const SERVICE_INSTANCE_ID: &str = "service.instance.id";
/// Resource: deployment environment, current spelling.
pub const DEPLOYMENT_ENVIRONMENT_NAME: &str = "deployment.environment.name";
/// Resource: deployment environment, spelling before semantic conventions 1.27.
pub const DEPLOYMENT_ENVIRONMENT: &str = "deployment.environment";
/// Resource: which library recorded.
pub const SDK_NAME: &str = "telemetry.sdk.name";
/// Resource: its language.
pub const SDK_LANGUAGE: &str = "telemetry.sdk.language";
/// Resource: its version.
pub const SDK_VERSION: &str = "telemetry.sdk.version";
/// Resource: name of the host.
pub const HOST_NAME: &str = "host.name";
/// Resource: architecture of the host.
pub const HOST_ARCH: &str = "host.arch";
/// Resource: id of the host, which stays when its name changes.
pub const HOST_ID: &str = "host.id";
/// Resource: kind of operating system.
pub const OS_TYPE: &str = "os.type";
/// Resource: the operating system and its version, for people.
pub const OS_DESCRIPTION: &str = "os.description";
/// Resource: number of the process.
pub const PROCESS_PID: &str = "process.pid";
/// Resource: name of the program's file.
pub const PROCESS_EXECUTABLE_NAME: &str = "process.executable.name";
/// Resource: what the program was written in.
pub const PROCESS_RUNTIME_NAME: &str = "process.runtime.name";
/// Resource: the container.
pub const CONTAINER_ID: &str = "container.id";
/// Resource: name of the Kubernetes pod.
pub const K8S_POD_NAME: &str = "k8s.pod.name";
/// Resource: id of the Kubernetes pod.
pub const K8S_POD_UID: &str = "k8s.pod.uid";
/// Resource: Kubernetes namespace of the pod.
pub const K8S_NAMESPACE_NAME: &str = "k8s.namespace.name";
/// Resource: Kubernetes node that the pod runs on.
pub const K8S_NODE_NAME: &str = "k8s.node.name";

/// Database span: the product, such as `sqlite`.
pub const DB_SYSTEM_NAME: &str = "db.system.name";
/// Database span: the statement's verb, such as `INSERT`.
pub const DB_OPERATION_NAME: &str = "db.operation.name";
/// Database span: the table.
pub const DB_COLLECTION_NAME: &str = "db.collection.name";
/// Database span: the statement, without its literals.
pub const DB_QUERY_TEXT: &str = "db.query.text";
/// HTTP span: the method.
pub const HTTP_REQUEST_METHOD: &str = "http.request.method";
/// HTTP span: the method as it came, when it is none that is known.
pub const HTTP_REQUEST_METHOD_ORIGINAL: &str = "http.request.method_original";
/// HTTP span: the pattern the path matched.
pub const HTTP_ROUTE: &str = "http.route";
/// HTTP span: the answer's status.
pub const HTTP_RESPONSE_STATUS_CODE: &str = "http.response.status_code";
/// HTTP span: the path of the request.
pub const URL_PATH: &str = "url.path";
/// Client span: name of the other side.
pub const SERVER_ADDRESS: &str = "server.address";
/// Client span: port of the other side.
pub const SERVER_PORT: &str = "server.port";
/// Model span: what was asked for, such as `chat`.
pub const GEN_AI_OPERATION_NAME: &str = "gen_ai.operation.name";
/// Model span: who runs the model, such as `openai`.
pub const GEN_AI_PROVIDER_NAME: &str = "gen_ai.provider.name";
/// Model span: the model that was asked.
pub const GEN_AI_REQUEST_MODEL: &str = "gen_ai.request.model";
/// Model span: tokens of the question.
pub const GEN_AI_USAGE_INPUT_TOKENS: &str = "gen_ai.usage.input_tokens";
/// Model span: tokens of the answer.
pub const GEN_AI_USAGE_OUTPUT_TOKENS: &str = "gen_ai.usage.output_tokens";
/// Model span: what it was asked, where that may be recorded.
pub const GEN_AI_INPUT_MESSAGES: &str = "gen_ai.input.messages";
/// Model span: what it answered, where that may be recorded.
pub const GEN_AI_OUTPUT_MESSAGES: &str = "gen_ai.output.messages";
/// Model span: the tool that was run.
pub const GEN_AI_TOOL_NAME: &str = "gen_ai.tool.name";

/// Prefix that a caller's own attribute keys get.
pub const NAMESPACE: &str = "acm.";
/// Span: name of the equipment.
pub const EQUIPMENT: &str = "acm.equipment";
/// Span: number of the equipment.
pub const EQUIP_ID: &str = "acm.equip_id";
/// Span: the run.
pub const RUN_ID: &str = "acm.run_id";
/// Span: first part of the span name.
pub const CATEGORY: &str = "acm.category";
/// Span: name of the service.
pub const SERVICE: &str = "acm.service";
/// Span: phase of the run.
pub const PHASE: &str = "acm.phase";
/// Span: number of the batch, from 1.
pub const BATCH_NUM: &str = "acm.batch_num";
/// Span: how many batches there are.
pub const BATCH_TOTAL: &str = "acm.batch_total";
/// Span: rows at work.
pub const N_SAMPLES: &str = "acm.n_samples";
/// Span: columns at work.
pub const N_FEATURES: &str = "acm.n_features";
/// Span: detectors at work.
pub const N_DETECTORS: &str = "acm.n_detectors";
/// Span: the detector.
pub const DETECTOR: &str = "acm.detector";
/// Span: version of the model.
pub const MODEL_VERSION: &str = "acm.model_version";
/// Span: `success`, `fail`, `noop` or `skip`.
pub const OUTCOME: &str = "acm.outcome";
/// Span: type of the error.
pub const ERROR_TYPE: &str = "acm.error_type";
/// Span: type of the error, as OpenTelemetry names it.
pub const OTEL_ERROR_TYPE: &str = "error.type";
/// Span: what the error says.
pub const ERROR_MESSAGE: &str = "error.message";
/// Event `exception`: type of the error.
pub const EXCEPTION_TYPE: &str = "exception.type";
/// Event `exception`: what the error says.
pub const EXCEPTION_MESSAGE: &str = "exception.message";
/// Event `exception`: the chain of causes, and a backtrace where one is asked for.
pub const EXCEPTION_STACKTRACE: &str = "exception.stacktrace";
/// Span of a traced function: `success`, `error`, or `cancelled` for a future that was dropped before it was done.
pub const STATUS: &str = "acm.status";
/// Span of a traced function: its module and name.
pub const FUNCTION_NAME: &str = "function.name";
/// Span: the request.
pub const REQUEST_ID: &str = "acm.request_id";
/// Span: the tenant.
pub const TENANT_ID: &str = "acm.tenant_id";
/// Span: the component.
pub const COMPONENT: &str = "acm.component";
/// Span: the operation.
pub const OPERATION: &str = "acm.operation";
/// Span, log line: prefix of keys of baggage that a policy allowed to be recorded.
pub const BAGGAGE_PREFIX: &str = "baggage.";
/// Span: id that joins a profile to its root span in Grafana.
pub const PYROSCOPE_PROFILE_ID: &str = "pyroscope.profile.id";
/// Span: resident memory of the process at its end, MB.
pub const MEM_MB: &str = "acm.mem_mb";
/// Span: by how much that grew, MB.
pub const MEM_DELTA_MB: &str = "acm.mem_delta_mb";
/// Span: processor time of the process, percent of one processor.
pub const CPU_PCT: &str = "acm.cpu_pct";
/// Span: its length, seconds.
pub const DURATION_S: &str = "acm.duration_s";
/// Root span: spans of its trace that were not recorded because there were too many.
pub const DROPPED_SPANS: &str = "obs.dropped_spans";

/// The keys that obs writes on spans by itself, from name, run context and outcome.
pub const AUTOMATIC: [&str; 13] = [
    CATEGORY,
    SERVICE,
    PHASE,
    RUN_ID,
    EQUIPMENT,
    REQUEST_ID,
    TENANT_ID,
    COMPONENT,
    OPERATION,
    EQUIP_ID,
    BATCH_NUM,
    BATCH_TOTAL,
    OUTCOME,
];
