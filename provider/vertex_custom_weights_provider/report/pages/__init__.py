"""The report as Markdown, HTML and pictures."""
