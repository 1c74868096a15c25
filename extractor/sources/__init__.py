"""Where articles come from: local files, folders, archives, and the network (the only package that uses it)."""
