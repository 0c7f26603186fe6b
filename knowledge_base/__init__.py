"""What is known: guideline digests, condition table, scores, word tables, and the search over them."""
