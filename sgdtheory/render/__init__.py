"""How statements, derivations and tables look: text, LaTeX, HTML."""
