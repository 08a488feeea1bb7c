"""One module a page; each reads the request, calls services, renders a template."""
