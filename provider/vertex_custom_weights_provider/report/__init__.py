"""What a preview does to endpoints, for people: read, put together, and written as a page."""
