"""The aiplatform surface: deployments, endpoints, models, operations, predictions."""
