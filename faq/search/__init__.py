"""Finding the right answer: words, sounds and meanings of a question against every entry, fused into one probability."""
