"""Rules across fields, asked of columns: suspicion by column first, exact arithmetic for the suspects alone."""
