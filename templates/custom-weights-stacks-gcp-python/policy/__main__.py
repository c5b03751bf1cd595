"""The policy pack that `pulumi preview --policy-pack policy` starts."""

from endpoint_policy.pack import pack

pack()
