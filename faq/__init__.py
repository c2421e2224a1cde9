"""The city's knowledge: entries, garbage, search and its evaluation. It does not know that chat exists."""
