"""The conversation, and the service around it."""
