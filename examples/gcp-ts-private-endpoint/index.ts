// A Llama of one's own behind one private endpoint, called from the networks of two projects.
import * as pulumi from "@pulumi/pulumi";
import * as vcw from "vertex-custom-weights";

const config = new pulumi.Config();
const models = new pulumi.Config("vcw").require("project");
const shop = config.require("consumerProject");

const support = new vcw.m.Llama("support", {
    weightsUri: config.require("weightsUri"),
    baseModel: "llama-3.2-1b",
    replicas: { min: 1, max: 3 },
    // Nobody else may connect. The list cannot be changed later without a new endpoint.
    privateServiceConnect: {
        allowedProjects: [models, shop],
        network: "apps",
        subnetwork: "apps-us-central1",
        // A literal, so that firewalls and callers know it before there is an endpoint.
        ipAddress: "10.128.0.42",
    },
    labels: { team: "support" },
});

// The shop's own address for the same endpoint, in the shop's network.
const storefront = new vcw.m.Connection("storefront", {
    serviceAttachment: support.serviceAttachment,
    project: shop,
    network: "storefront",
    subnetwork: "storefront-us-central1",
    ipAddress: "10.130.0.42",
    labels: { team: "shop" },
});

export const endpointName = support.endpointName;
export const openaiBaseUrl = support.openaiBaseUrl;
export const storefrontAddress = storefront.pscIpAddress;
export const storefrontConnection = storefront.pscConnectionStatus;
