"""Publishing schema versions at run time, beside those that come with the package."""
