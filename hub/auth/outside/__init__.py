"""People who sign in at the regency's own OpenID provider: the hub as a careful client of it."""
