// A Llama of one's own behind one private endpoint, called from the networks of two projects.
package main

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"
	vcw "github.com/vertex-custom-weights/vertex-custom-weights/sdk/go/vcw/m"
)

func main() {
	pulumi.Run(program)
}

func program(ctx *pulumi.Context) error {
	settings := config.New(ctx, "")
	models := config.New(ctx, "vcw").Require("project")
	shop := settings.Require("consumerProject")

	support, err := vcw.NewLlama(ctx, "support", &vcw.LlamaArgs{
		WeightsUri: pulumi.String(settings.Require("weightsUri")),
		BaseModel:  pulumi.StringRef("llama-3.2-1b"),
		Replicas:   &vcw.ReplicasArgs{Min: pulumi.Int(1), Max: pulumi.Int(3)},
		// Nobody else may connect. The list cannot be changed later without a new endpoint.
		PrivateServiceConnect: &vcw.PrivateAccessArgs{
			AllowedProjects: pulumi.ToStringArray([]string{models, shop}),
			Network:         pulumi.String("apps"),
			Subnetwork:      pulumi.String("apps-us-central1"),
			// A literal, so that firewalls and callers know it before there is an endpoint.
			IpAddress: pulumi.String("10.128.0.42"),
		},
		Labels: pulumi.StringMap{"team": pulumi.String("support")},
	})
	if err != nil {
		return err
	}

	// The shop's own address for the same endpoint, in the shop's network.
	storefront, err := vcw.NewConnection(ctx, "storefront", &vcw.ConnectionArgs{
		ServiceAttachment: support.ServiceAttachment,
		Project:           pulumi.String(shop),
		Network:           pulumi.String("storefront"),
		Subnetwork:        pulumi.String("storefront-us-central1"),
		IpAddress:         pulumi.String("10.130.0.42"),
		Labels:            pulumi.StringMap{"team": pulumi.String("shop")},
	})
	if err != nil {
		return err
	}

	ctx.Export("endpointName", support.EndpointName)
	ctx.Export("openaiBaseUrl", support.OpenaiBaseUrl)
	ctx.Export("storefrontAddress", storefront.PscIpAddress)
	ctx.Export("storefrontConnection", storefront.PscConnectionStatus)
	return nil
}
