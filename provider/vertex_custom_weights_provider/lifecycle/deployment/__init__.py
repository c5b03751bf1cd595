"""CustomWeightsDeployment."""
