"""What the law on personal data asks of the hub: subject access, breach reports, retention."""
