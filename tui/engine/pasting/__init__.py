"""From what a user pasted to a reference: texts, URLs, curl commands."""
