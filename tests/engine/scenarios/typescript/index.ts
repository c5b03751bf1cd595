// Twenty ways to declare endpoints, in TypeScript.
import * as pulumi from "@pulumi/pulumi";
import { m, Provider } from "vertex-custom-weights";

const weightsUri = "gs://weights/llama";
const baseModel = "llama-3.2-1b";
const open = { weightsUri, baseModel, public: true };
const machine = { type: "g2-standard-12", accelerator: "NVIDIA_L4", acceleratorCount: 1 };

const raw = new m.Endpoint("raw", {
    dedicatedEndpointEnabled: true,
    labels: { team: "raw" },
    description: pulumi.secret("hush-hush"),
});
const plain = new m.Llama("plain", open);
new m.Llama("machine", { ...open, machine });
new m.Llama("whole-output", { ...open, machine: raw.endpointName.apply(() => machine) });
new m.Llama("secret-replicas", { ...open, replicas: pulumi.secret({ min: 2, max: 3 }) });
new m.Llama("other-labels", { ...open, labels: raw.labels.apply((labels) => labels ?? {}) });
new m.Llama("versions", {
    baseModel,
    public: true,
    versions: {
        v1: { weightsUri, traffic: 90 },
        v2: { weightsUri: "gs://weights/next", traffic: 10, replicas: { min: 2 } },
    },
});
const privately = new m.Llama("private", {
    weightsUri,
    baseModel,
    privateServiceConnect: {
        allowedProjects: ["local-project"],
        network: "apps",
        subnetwork: "apps-us-central1",
        ipAddress: "10.128.0.42",
        globalAccess: true,
    },
});
new m.Llama("shared", {
    weightsUri,
    baseModel,
    privateServiceConnect: {
        allowedProjects: ["local-project"],
        sharedWith: {
            pscIpAddress: privately.pscIpAddress,
            pscConnectionStatus: privately.pscConnectionStatus,
        },
    },
});
new m.Llama("two-networks", {
    weightsUri,
    baseModel,
    privateServiceConnect: {
        allowedProjects: ["local-project", "shop-project"],
        connections: [
            { network: "apps", subnetwork: "apps-us-central1" },
            { name: "shop", project: "shop-project", network: "shop", subnetwork: "shop-us-central1" },
        ],
    },
});
const europe = new Provider("europe", {
    project: "other-project",
    region: "europe-west4",
    backend: "emulator",
    emulatorState: "emulator.db",
    emulatorBuckets: JSON.stringify({ weights: "weights" }),
    emulatorDeploySeconds: "0",
});
new m.Llama("elsewhere", { ...open, machine }, { provider: europe });
new m.Llama("timeouts", {
    ...open,
    deployment: { timeouts: { create: "45m", update: "30m", delete: "10m" } },
});
new m.Llama("container", {
    ...open,
    machine,
    deployment: {
        container: {
            imageUri: "us-docker.pkg.dev/local-project/serving/vllm:1",
            args: ["--max-model-len=4096"],
            env: [{ name: "LOG_LEVEL", value: "debug" }],
            ports: [{ containerPort: 7080 }],
            predictRoute: "/generate",
            healthRoute: "/ping",
            sharedMemorySizeMb: 2048,
        },
    },
});
new m.Llama("scaling", {
    ...open,
    replicas: { min: 1, max: 4, targets: { cpuUtilization: 70, requestsPerMinute: 120 } },
});
new m.Llama("same-endpoint", {
    ...open,
    deployment: { rollout: "same-endpoint", smokeTest: { enabled: false } },
});
new m.Llama("spot", { ...open, machine: { ...machine, spot: true } });
new m.Llama("identity", {
    ...open,
    deployment: {
        serviceAccount: "serving@local-project.iam.gserviceaccount.com",
        containerLogging: true,
    },
});
new m.Deployment("on-raw", {
    gcsUri: weightsUri,
    endpoint: raw.endpointName,
    smokeTest: { enabled: false },
});
new m.Connection("second-network", {
    serviceAttachment: privately.serviceAttachment,
    network: "second",
    subnetwork: "second-us-central1",
    labels: { team: "second" },
});
new m.Qwen(
    "qwen",
    {
        weightsUri: "gs://weights/qwen",
        baseModel: "qwen3-0.6b",
        public: true,
        deployment: { generation: 2, preflight: "warn" },
    },
    { dependsOn: [plain] },
);
