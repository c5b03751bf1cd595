"""Components over pulumi-gcp's resources."""
