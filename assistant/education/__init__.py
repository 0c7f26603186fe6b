"""Patient education at a measured reading grade, from guideline statements."""
