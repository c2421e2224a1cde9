"""What the service knows of languages: system texts, utterances, tests, the embedding model. Data only."""
