"""Rules for endpoints of custom weights: `subject` reads resources, `rules` judges them."""
