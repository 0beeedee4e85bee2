"""Route post-release customs work to the one Center of each importer."""
