"""How results look: one neutral document, written as text, LaTeX, PDF, HTML and Markdown; tables and plots."""
