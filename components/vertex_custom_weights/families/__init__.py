"""One component per model family."""
