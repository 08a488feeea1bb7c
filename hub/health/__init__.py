"""Is the hub alive, can it do its work, and what does it count: for those who run it."""
