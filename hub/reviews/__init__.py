"""Register before you collect: who holds a variable already, and the reviewers of a new one."""
