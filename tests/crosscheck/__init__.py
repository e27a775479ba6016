"""Generated hierarchies and handshakes, judged by certpath and by others: see ``__main__.py``."""
