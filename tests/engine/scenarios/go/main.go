// Twenty ways to declare endpoints, in Go.
package main

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/vertex-custom-weights/vertex-custom-weights/sdk/go/vcw"
	"github.com/vertex-custom-weights/vertex-custom-weights/sdk/go/vcw/m"
)

var (
	weights = pulumi.String("gs://weights/llama")
	yes     = true
	machine = m.MachineArgs{
		Type:             pulumi.String("g2-standard-12"),
		Accelerator:      pulumi.String("NVIDIA_L4"),
		AcceleratorCount: pulumi.Int(1),
	}
)

func main() {
	pulumi.Run(program)
}

// llama declares a public endpoint, unless its arguments connect it to networks.
func llama(ctx *pulumi.Context, name string, args m.LlamaArgs, options ...pulumi.ResourceOption) *m.Llama {
	args.BaseModel = pulumi.StringRef("llama-3.2-1b")
	if args.PrivateServiceConnect == nil {
		args.Public = &yes
	}
	if args.Versions == nil {
		args.WeightsUri = weights
	}
	made, err := m.NewLlama(ctx, name, &args, options...)
	must(err)
	return made
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func program(ctx *pulumi.Context) error {
	raw, err := m.NewEndpoint(ctx, "raw", &m.EndpointArgs{
		DedicatedEndpointEnabled: pulumi.Bool(true),
		Labels:                   pulumi.StringMap{"team": pulumi.String("raw")},
		Description:              pulumi.ToSecret("hush-hush").(pulumi.StringOutput),
	})
	must(err)
	plain := llama(ctx, "plain", m.LlamaArgs{})
	llama(ctx, "machine", m.LlamaArgs{Machine: machine})
	llama(ctx, "whole-output", m.LlamaArgs{Machine: raw.EndpointName.ApplyT(func(string) m.Machine {
		accelerator, count := "NVIDIA_L4", 1
		return m.Machine{Type: "g2-standard-12", Accelerator: &accelerator, AcceleratorCount: &count}
	}).(m.MachineOutput)})
	replicas := m.ReplicasArgs{Min: pulumi.Int(2), Max: pulumi.Int(3)}
	llama(ctx, "secret-replicas", m.LlamaArgs{
		Replicas: pulumi.ToSecret(replicas.ToReplicasOutput()).(m.ReplicasOutput),
	})
	llama(ctx, "other-labels", m.LlamaArgs{Labels: raw.Labels})
	llama(ctx, "versions", m.LlamaArgs{Versions: map[string]m.VersionArgs{
		"v1": {WeightsUri: weights, Traffic: 90},
		"v2": {
			WeightsUri: pulumi.String("gs://weights/next"),
			Traffic:    10,
			Replicas:   m.ReplicasArgs{Min: pulumi.Int(2)},
		},
	}})
	networks(ctx)
	elsewhere(ctx)
	deployments(ctx)
	_, err = m.NewDeployment(ctx, "on-raw", &m.DeploymentArgs{
		GcsUri:    weights,
		Endpoint:  raw.EndpointName,
		SmokeTest: m.SmokeTestArgs{Enabled: pulumi.Bool(false)},
	})
	must(err)
	_, err = m.NewQwen(ctx, "qwen", &m.QwenArgs{
		WeightsUri: pulumi.String("gs://weights/qwen"),
		BaseModel:  pulumi.StringRef("qwen3-0.6b"),
		Public:     &yes,
		Deployment: &m.DeploymentOptionsArgs{
			Generation: pulumi.Int(2),
			Preflight:  pulumi.String("warn"),
		},
	}, pulumi.DependsOn([]pulumi.Resource{plain}))
	return err
}

func networks(ctx *pulumi.Context) {
	local := pulumi.ToStringArray([]string{"local-project"})
	private := llama(ctx, "private", m.LlamaArgs{PrivateServiceConnect: &m.PrivateAccessArgs{
		AllowedProjects: local,
		Network:         pulumi.String("apps"),
		Subnetwork:      pulumi.String("apps-us-central1"),
		IpAddress:       pulumi.String("10.128.0.42"),
		GlobalAccess:    pulumi.Bool(true),
	}})
	llama(ctx, "shared", m.LlamaArgs{PrivateServiceConnect: &m.PrivateAccessArgs{
		AllowedProjects: local,
		SharedWith: m.SharedConnectionArgs{
			PscIpAddress:        private.PscIpAddress,
			PscConnectionStatus: private.PscConnectionStatus,
		},
	}})
	llama(ctx, "two-networks", m.LlamaArgs{PrivateServiceConnect: &m.PrivateAccessArgs{
		AllowedProjects: pulumi.ToStringArray([]string{"local-project", "shop-project"}),
		Connections: []m.ConnectionOptionsArgs{
			{Network: pulumi.String("apps"), Subnetwork: pulumi.String("apps-us-central1")},
			{
				Name:       pulumi.StringRef("shop"),
				Project:    pulumi.String("shop-project"),
				Network:    pulumi.String("shop"),
				Subnetwork: pulumi.String("shop-us-central1"),
			},
		},
	}})
	_, err := m.NewConnection(ctx, "second-network", &m.ConnectionArgs{
		ServiceAttachment: private.ServiceAttachment,
		Network:           pulumi.String("second"),
		Subnetwork:        pulumi.String("second-us-central1"),
		Labels:            pulumi.StringMap{"team": pulumi.String("second")},
	})
	must(err)
}

func elsewhere(ctx *pulumi.Context) {
	europe, err := vcw.NewProvider(ctx, "europe", &vcw.ProviderArgs{
		Project:               pulumi.String("other-project"),
		Region:                pulumi.String("europe-west4"),
		Backend:               pulumi.String("emulator"),
		EmulatorState:         pulumi.String("emulator.db"),
		EmulatorBuckets:       pulumi.String(`{"weights": "weights"}`),
		EmulatorDeploySeconds: pulumi.String("0"),
	})
	must(err)
	llama(ctx, "elsewhere", m.LlamaArgs{Machine: machine}, pulumi.Provider(europe))
}

func deployments(ctx *pulumi.Context) {
	llama(ctx, "timeouts", m.LlamaArgs{Deployment: &m.DeploymentOptionsArgs{
		Timeouts: m.TimeoutsArgs{
			Create: pulumi.String("45m"),
			Update: pulumi.String("30m"),
			Delete: pulumi.String("10m"),
		},
	}})
	llama(ctx, "container", m.LlamaArgs{Machine: machine, Deployment: &m.DeploymentOptionsArgs{
		Container: m.ModelContainerSpecArgs{
			ImageUri:           pulumi.String("us-docker.pkg.dev/local-project/serving/vllm:1"),
			Args:               pulumi.ToStringArray([]string{"--max-model-len=4096"}),
			Env:                m.EnvVarArray{m.EnvVarArgs{Name: pulumi.String("LOG_LEVEL"), Value: pulumi.String("debug")}},
			Ports:              m.PortArray{m.PortArgs{ContainerPort: pulumi.Int(7080)}},
			PredictRoute:       pulumi.String("/generate"),
			HealthRoute:        pulumi.String("/ping"),
			SharedMemorySizeMb: pulumi.Int(2048),
		},
	}})
	llama(ctx, "scaling", m.LlamaArgs{Replicas: m.ReplicasArgs{
		Min: pulumi.Int(1),
		Max: pulumi.Int(4),
		Targets: m.ScalingTargetsArgs{
			CpuUtilization:    pulumi.Int(70),
			RequestsPerMinute: pulumi.Int(120),
		},
	}})
	llama(ctx, "same-endpoint", m.LlamaArgs{Deployment: &m.DeploymentOptionsArgs{
		Rollout:   pulumi.StringRef("same-endpoint"),
		SmokeTest: m.SmokeTestArgs{Enabled: pulumi.Bool(false)},
	}})
	spot := machine
	spot.Spot = pulumi.Bool(true)
	llama(ctx, "spot", m.LlamaArgs{Machine: spot})
	llama(ctx, "identity", m.LlamaArgs{Deployment: &m.DeploymentOptionsArgs{
		ServiceAccount:   pulumi.String("serving@local-project.iam.gserviceaccount.com"),
		ContainerLogging: pulumi.Bool(true),
	}})
}
