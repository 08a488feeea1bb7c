"""Register before you collect: named reviewers see who holds it already, before a dataset or a field begins."""
