"""Google's discovery documents, and how requests and answers are held to them."""
