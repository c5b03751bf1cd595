"""Vertex AI (aiplatform v1beta1) as the lifecycle needs it: a thin REST client and a waiter."""
