"""A write that is sent again takes effect once and gets the same answer."""
