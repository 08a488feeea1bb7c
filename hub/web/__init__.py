"""Pages for people, over the same services as the API: server-rendered, working without a script."""
