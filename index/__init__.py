"""From items to answers: passages, words, vectors, and the search over both. A cache of the archive."""
